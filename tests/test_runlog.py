"""The run directory: every number once, every file whole, every damage told in one line."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.grid import images_to_grid
from ganvas.recipe import Recipe
from ganvas.runlog import RunDirectory, new_run_directory, require_free_name

ODD = st.text(st.characters(exclude_categories=[]), max_size=300)
LINES = st.lists(st.integers(0, 1000), max_size=6).map(sorted)


def make(out: Path, name: str | None = None, *, data: str = "mnist", seed: int = 0) -> Path:
    return new_run_directory(out, data=data, recipe="swift", seed=seed, name=name)


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return RunDirectory(make(tmp_path / "runs"))


def test_runs_are_numbered_in_order(tmp_path: Path) -> None:
    names = [make(tmp_path / "a" / "b", seed=seed).name for seed in (0, 7, 0)]
    assert names == ["0001-mnist-swift-s0", "0002-mnist-swift-s7", "0003-mnist-swift-s0"]


@settings(max_examples=20, deadline=None)
@given(taken=st.sets(st.integers(1, 20_000), max_size=5), names=st.sets(ODD, max_size=3))
def test_the_next_number_is_above_all_that_are_there(
    taken: set[int], names: set[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("runs")
    for number in taken:
        (out / f"{number:04d}-x").mkdir()
    for name in ("mine", "5", "12-short", "x-0099-y", ".9000"):
        (out / name).mkdir()
    made = make(out)
    assert made.name == f"{max(taken, default=0) + 1:04d}-mnist-swift-s0"
    assert list(made.iterdir()) == []


def test_runs_that_start_together_get_numbers_of_their_own(tmp_path: Path) -> None:
    barrier = Barrier(8)

    def start(worker: int) -> list[Path]:
        barrier.wait(timeout=60)
        return [make(tmp_path, data=f"data{worker}", seed=i) for i in range(5)]

    with ThreadPoolExecutor(8) as pool:
        paths = [path for made in pool.map(start, range(8)) for path in made]
    assert len(set(paths)) == 40
    assert all(path.is_dir() for path in paths)
    assert len({path.name[:4] for path in paths}) == 40
    assert sorted(tmp_path.iterdir()) == sorted(paths)  # no claim is left


def test_a_number_that_a_killed_process_claimed_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".0001").touch()
    assert make(tmp_path).name == "0002-mnist-swift-s0"
    assert make(tmp_path).name == "0003-mnist-swift-s0"


@settings(max_examples=60, deadline=None)
@given(data=ODD, seed=st.integers(0, 2**63 - 1))
def test_any_name_of_data_makes_a_plain_folder(
    data: str, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.getbasetemp() / "odd"
    made = new_run_directory(out, data=data, recipe="dcgan-tf", seed=seed, name=None)
    assert made.parent == out
    assert made.is_dir()
    require_free_name(out.parent, made.name)  # a name that could have been given
    assert made.name.endswith(f"-s{seed}")


def test_a_name_is_taken_as_it_is(tmp_path: Path) -> None:
    assert make(tmp_path, "Digits_2.final-B") == tmp_path / "Digits_2.final-B"
    assert make(tmp_path, "n" * 100).is_dir()


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".x", "-x", "a/b", "/a", "a b", "é", "a\n", "n" * 101]
)
def test_a_name_that_is_no_plain_one_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"--name must be letters, digits"):
        make(tmp_path / "runs", name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["folder", "file", "dangling link"])
def test_a_taken_name_is_never_used_again(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "mine"
    if kind == "folder":
        path.mkdir()
        (path / "kept").touch()
    elif kind == "file":
        path.touch()
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"mine exists already; choose another --name"):
        make(tmp_path, "mine")
    assert [part.name for part in tmp_path.iterdir()] == ["mine"]


def test_one_name_asked_for_by_many_is_given_to_one(tmp_path: Path) -> None:
    barrier = Barrier(6)

    def start(_: int) -> str:
        barrier.wait(timeout=60)
        try:
            return make(tmp_path, "mine").name
        except UsageError as error:
            return str(error)

    with ThreadPoolExecutor(6) as pool:
        results = sorted(pool.map(start, range(6)))
    taken = f"{tmp_path / 'mine'} exists already; choose another --name"
    assert results == sorted([*[taken] * 5, "mine"])


@pytest.mark.parametrize("name", [None, "mine"])
@pytest.mark.parametrize("out", ["file", "file/below"])
def test_where_no_folder_can_be_is_one_clear_line(
    tmp_path: Path, out: str, name: str | None
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GanvasError, match=r"cannot make a run directory under .*file") as caught:
        make(tmp_path / out, name)
    assert not isinstance(caught.value, UsageError)


def test_the_recipe_comes_back(run: RunDirectory) -> None:
    recipe = Recipe(seed=2**63 - 1, batch_size=7)
    run.write_recipe(recipe)
    assert run.read_recipe() == recipe


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"sede": 1}', "unknown setting 'sede'; did you mean 'seed'"),
        ('{"zzz": 1}', "unknown setting 'zzz'; this version of ganvas has none such"),
        ('{"batch_size": true}', "batch_size must be a whole number, not True"),
        ('{"seed": -1}', "seed must be from 0"),
        ("[]", "recipe must be an object"),
        ("{", "is not valid JSON"),
        ("", "is not valid JSON"),
    ],
)
def test_an_odd_recipe_is_the_files_fault(run: RunDirectory, content: str, message: str) -> None:
    (run.path / "recipe.json").write_text(content)
    with pytest.raises(GanvasError, match=rf"recipe\.json.*{message}") as caught:
        run.read_recipe()
    assert caught.value.exit_code == 1


def test_status_and_environment_come_back(run: RunDirectory) -> None:
    run.write_status("finished", images=64, evaluation=None)
    assert run.read_status() == {"status": "finished", "images": 64, "evaluation": None}
    run.write_environment({"data_digest": "sha256:0", "versions": {"torch": "2"}})
    assert run.read_environment() == {"data_digest": "sha256:0", "versions": {"torch": "2"}}


@pytest.mark.parametrize("content", ["[]", "5", "null", "{}", '{"status": 5, "data_digest": null}'])
@pytest.mark.parametrize("name", ["status", "environment"])
def test_a_file_that_lacks_the_essential_is_one_clear_line(
    run: RunDirectory, content: str, name: str
) -> None:
    for file in ("status.json", "env.json"):
        (run.path / file).write_text(content)
    with pytest.raises(DataError, match=r"(status|env)\.json does not say '(status|data_digest)'"):
        getattr(run, f"read_{name}")()


@pytest.mark.parametrize("name", ["recipe", "status", "environment"])
def test_a_missing_file_is_named(run: RunDirectory, name: str) -> None:
    with pytest.raises(GanvasError, match=r"cannot read .*json: No such file"):
        getattr(run, f"read_{name}")()


def test_each_metric_line_is_one_json_object(run: RunDirectory) -> None:
    lines: list[dict[str, Any]] = [
        {"images": 64, "note": "a\nb\u2028é"},
        {"images": 128, "d": -0.0},
    ]
    for line in lines:
        run.append_metrics(line)
    written = (run.path / "metrics.jsonl").read_bytes()
    assert written.endswith(b"\n")
    assert [json.loads(line) for line in written.split(b"\n")[:-1]] == lines


def test_a_metric_that_is_not_finite_is_a_bug_of_ours(run: RunDirectory) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        run.append_metrics({"images": 1, "d_loss": math.nan})
    assert not (run.path / "metrics.jsonl").exists()


@settings(max_examples=40, deadline=None)
@given(lines=LINES, cut=st.integers(0, 1000), data=st.data())
def test_a_resumed_run_finds_whole_lines_up_to_its_images(
    lines: list[int], cut: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Wherever a kill cut the file, cutting and writing again gives what was never stopped."""
    run = RunDirectory(tmp_path_factory.mktemp("run"))
    path = run.path / "metrics.jsonl"
    path.touch()
    for images in lines:
        run.append_metrics({"images": images})
    whole = path.read_bytes()
    length = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:length])
    run.cut_metrics(cut)
    kept = path.read_bytes()
    assert whole.startswith(kept)
    assert kept.count(b"\n") == min(
        sum(images <= cut for images in lines), whole[:length].count(b"\n")
    )
    for images in lines[kept.count(b"\n") :]:
        run.append_metrics({"images": images})
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "garbage", [b"\x00" * 20, b"\xff\xfe", b"[]", b"5", b'{"images": "9"}', b'{"step": 1}', b""]
)
def test_garbage_after_a_power_cut_is_dropped_with_what_follows(
    run: RunDirectory, garbage: bytes
) -> None:
    (run.path / "metrics.jsonl").write_bytes(b'{"images": 1}\n' + garbage + b'\n{"images": 2}\n')
    run.cut_metrics(100)
    assert (run.path / "metrics.jsonl").read_bytes() == b'{"images": 1}\n'


def test_there_is_nothing_to_cut_before_the_first_line(run: RunDirectory) -> None:
    run.cut_metrics(0)
    assert list(run.path.iterdir()) == []


def test_metrics_that_cannot_be_read_or_written_are_named(run: RunDirectory) -> None:
    (run.path / "metrics.jsonl").mkdir()
    with pytest.raises(GanvasError, match=r"cannot read .*metrics\.jsonl: Is a directory"):
        run.cut_metrics(0)
    with pytest.raises(GanvasError, match=r"cannot write .*metrics\.jsonl: Is a directory"):
        run.append_metrics({"images": 1})


def test_the_log_holds_sentences_with_a_time_and_a_zone(run: RunDirectory) -> None:
    run.log("training on cpu")
    run.log("saved /tmp/\udcff, größer")  # a path with odd bytes ends no run
    lines = (run.path / "log.txt").read_text(encoding="utf-8").splitlines()
    times, sentences = zip(*(line.split("  ", 1) for line in lines), strict=True)
    assert sentences == ("training on cpu", r"saved /tmp/\udcff, größer")
    assert all(datetime.fromisoformat(time).tzinfo is not None for time in times)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_grid_is_written_enlarged_by_a_whole_factor(run: RunDirectory, channels: int) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (7, channels, 9, 8), dtype=np.uint8)
    path, grid = run.write_grid("samples/000000064.png", images, 3)
    np.testing.assert_array_equal(grid, images_to_grid(images, 3))
    assert path == run.path / "samples" / "000000064.png"
    with Image.open(path) as picture:
        pixels = np.asarray(picture).reshape(picture.height, picture.width, channels)
    factor = pixels.shape[0] // grid.shape[0]
    assert abs(pixels.shape[1] - 900) <= grid.shape[1]
    np.testing.assert_array_equal(pixels, grid.repeat(factor, 0).repeat(factor, 1))


def test_a_grid_that_cannot_be_written_is_named(run: RunDirectory) -> None:
    (run.path / "samples").write_text("a file")
    images = np.zeros((1, 1, 8, 8), np.uint8)
    with pytest.raises(GanvasError, match=r"cannot (make|write) .*samples"):
        run.write_grid("samples/1.png", images, 1)


def test_parts_lie_where_others_look_for_them(run: RunDirectory) -> None:
    assert run.checkpoints == run.path / "checkpoints"
    assert run.model == run.path / "model"
