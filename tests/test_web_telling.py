"""What pages are told of runs, and how long curves are thinned."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.report.lines import Series
from ganvas.web.folder import RunsFolder
from ganvas.web.follower import Follower
from ganvas.web.telling import MOST_POINTS, thinned, to_row, to_run, to_standing, to_tail
from tests.run_helpers import write_finding, write_line, write_run, write_sample

FLOATS = st.floats(-1e6, 1e6)


@given(values=st.lists(FLOATS, max_size=3 * MOST_POINTS))
def test_a_thinned_curve_ends_where_the_long_one_does_and_hides_no_extreme(
    values: list[float],
) -> None:
    images = tuple(range(1, len(values) + 1))
    curve = thinned(Series(images=images, seconds=images, values=tuple(values)))
    assert len(curve["values"]) == min(len(values), MOST_POINTS)
    assert curve["images"][-1:] == list(images[-1:])
    assert curve["images"] == sorted(set(curve["images"]))
    if "low" in curve:
        assert min(curve["low"]) == min(values)
        assert max(curve["high"]) == max(values)
        for low, mean, high in zip(curve["low"], curve["values"], curve["high"], strict=True):
            room = 1e-5 * max(abs(low), abs(high))
            assert low - room <= mean <= high + room
    else:
        assert curve["values"] == values


def test_a_run_and_its_tail_add_up_to_the_run_later(tmp_path: Path) -> None:
    run = write_run(tmp_path, "a", images=1_000, samples=(1_000,))
    follower = Follower(RunsFolder(tmp_path), "a")
    before = follower.look()
    first = to_run(before)
    write_line(run, 1_100)
    run.append_metrics({"images": 1_100, "seconds": 1.1, "probe": {"fd": 4.0, "real_fd": 2.0}})
    write_sample(run, 2_000)
    write_finding(run, 1_100, "mode_collapse")
    now = follower.look()
    tail, later = to_tail(before, now), to_run(now)
    assert set(tail["added"]) == {"d_loss", "g_loss", "images_per_second", "fd"}
    for name, curve in tail["added"].items():
        for part in ("images", "seconds", "values"):
            assert first["curves"][name][part] + curve[part] == later["curves"][name][part]
    for name in ("samples", "findings", "images", "state", "quality", "real_fd", "loss"):
        assert tail[name] == later[name]
    assert later["real_fd"] == 2.0
    json.dumps([first, tail], allow_nan=False)


def test_the_ideal_of_the_logged_loss_follows_the_recipe(tmp_path: Path) -> None:
    run = write_run(tmp_path, "a", images=100, samples=())
    run.append_metrics({"images": 100, "seconds": 0.1, "validation": {"d_loss_ideal": 1.386}})
    follower = Follower(RunsFolder(tmp_path), "a")
    assert to_run(follower.look())["loss"]["logged_ideal"] == 1.386
    recipe = json.loads((run.path / "recipe.json").read_text())
    for change, expected in [
        ({"loss": {**recipe["loss"], "mean_over": "batch"}}, 0.693),
        ({"targets": {**recipe["targets"], "real": 0.9}}, None),
    ]:
        (run.path / "recipe.json").write_text(json.dumps({**recipe, **change}))
        assert (
            to_run(Follower(RunsFolder(tmp_path), "a").look())["loss"]["logged_ideal"] == expected
        )


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"budget": 3, "loss": null}', b"\xff"])
def test_a_damaged_run_is_shown_with_what_is_left(tmp_path: Path, damage: bytes) -> None:
    run = write_run(tmp_path, "a", images=1_000)
    for name in ("recipe.json", "env.json", "status.json", "best.json"):
        (run.path / name).write_bytes(damage)
    folder = RunsFolder(tmp_path)
    told = to_run(Follower(folder, "a").look())
    assert told["images"] == 1_000
    assert [images for images, _ in told["samples"]] == [1_000, 2_000, 3_000]
    json.dumps([told, to_row(folder.row("a"))], allow_nan=False)


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (
            "failed",
            "OSError: the disk is gone",
            "The run failed: OSError: the disk is gone. It had",
        ),
        (
            "diverged",
            "training diverged: d_loss is NaN at 900 images; try a lower learning rate",
            "no numbers any more (first seen: d_loss is NaN at 900 images). It had come to 1,000",
        ),
        ("running", None, "it was killed, or its machine went down"),  # and no process has its lock
        ("made up", None, "How the run stands is not known"),
        ("stopped", None, None),
        ("finished", None, None),
        ("finished", "the doctor ended it: why", "The doctor ended it: why."),
    ],
)
def test_an_end_that_needs_a_sentence_has_one(
    tmp_path: Path, status: str, reason: str | None, words: str | None
) -> None:
    run = write_run(tmp_path, "a", images=1_000, samples=())
    run.write_status(status, images=1_000, seconds=1.0, reason=reason)
    folder = RunsFolder(tmp_path)
    told = to_run(Follower(folder, "a").look())
    assert (told["ending"] is None) == (words is None)
    assert (words or "") in (told["ending"] or "")
    short = to_standing(folder.row("a").head)["reason"]
    assert short == (reason and reason.removeprefix("training diverged: ").partition(";")[0])


def test_only_a_run_that_diverged_is_offered_more_slowly(tmp_path: Path) -> None:
    run = write_run(tmp_path, "a", command="ganvas train mnist --quiet")
    follower = Follower(RunsFolder(tmp_path), "a")
    assert to_run(follower.look())["commands"]["slower"] is None
    run.write_status("diverged", images=3_000)
    commands = to_run(follower.look())["commands"]
    assert commands["slower"].startswith(f"{commands['reproduce']} --set optimizer.generator.")
    run.write_environment({"command": "script.py"})
    assert to_run(Follower(RunsFolder(tmp_path), "a").look())["commands"]["slower"] is None
