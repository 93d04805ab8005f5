"""Sentences of a report: each follows from the figures, and other figures give other words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ganvas.report.commands import commands_of
from ganvas.report.lines import Line
from ganvas.report.readings import readings
from ganvas.report.record import RunRecord, read_run
from ganvas.report.story import ending, quality
from ganvas.report.words import clock, count
from tests.report_helpers import EVALUATION, write_run


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    return read_run(write_run(tmp_path_factory.mktemp("runs") / "a run").path)


def with_lines(record: RunRecord, kind: str, rows: list[dict[str, Any]]) -> RunRecord:
    lines = tuple(
        Line(images=1_000 * n, seconds=float(n), figures=row) for n, row in enumerate(rows, start=1)
    )
    changed: dict[str, Any] = {kind: lines}
    return replace(record, metrics=replace(record.metrics, **changed))


def test_numbers_are_said_as_a_person_would() -> None:
    assert [count(n) for n in (7, 25_440, 1_304_256)] == ["7", "25,440", "1.3 million"]
    said = ["0 s", "47 s", "10 min 22 s", "2 h 1 min"]
    assert [clock(seconds) for seconds in (-1, 47.4, 621.58, 7_300)] == said


@pytest.mark.parametrize(
    ("loss", "words"),
    [(0.3, "easily"), (1.3, "neither player had left"), (2.0, "often wrong")],
)
def test_ds_loss_is_read_beside_its_ideal(loss: float, words: str, record: RunRecord) -> None:
    told = " ".join(readings("losses", with_lines(record, "log", [{"d_loss": loss}] * 9)))
    assert (
        f"A D that cannot tell real from fake has a loss of 1.39 (dashed). At the end it was "
        f"{loss:.3g}:" in told
    )
    assert words in told


@pytest.mark.parametrize(("kind", "words"), [("images", "98% of real"), ("pairs", "98% of pairs")])
def test_how_often_d_is_right_is_said_of_images_or_of_pairs(
    kind: str, words: str, record: RunRecord
) -> None:
    looks = [{"d_accuracy_train": 0.98, "d_accuracy_fake": 0.98, "accuracy_of": kind}] * 9
    run = with_lines(with_lines(record, "validation", looks), "log", [{"d_loss": 0.9}] * 9)
    told = " ".join(readings("losses", run))
    assert words in told  # D is right, whatever its loss
    assert "easily" in told


def test_a_critics_loss_is_read_by_its_distance_from_0(record: RunRecord) -> None:
    recipe = {**record.head.recipe, "loss": {"name": "wasserstein"}}
    head = replace(record.head, recipe=recipe)
    run = with_lines(replace(record, head=head), "log", [{"d_loss": -5.5}] * 9)
    told = " ".join(readings("losses", run))
    assert "progress. At the end it was -5.5." in told
    assert "cannot tell" not in told


@pytest.mark.parametrize(
    ("value", "words"), [(0.02, "none to speak of"), (0.25, "some"), (0.8, "look much like fakes")]
)
def test_overfitting_is_read(value: float, words: str, record: RunRecord) -> None:
    looks: list[dict[str, Any]] = [{"d_loss_train": 1.0, "overfitting": value}] * 30
    told = " ".join(readings("validation", with_lines(record, "validation", looks)))
    assert f"Its overfitting was {value:.2f}" in told
    assert words in told
    few = " ".join(readings("validation", with_lines(record, "validation", looks[:3])))
    assert "overfitting was" not in few


@pytest.mark.parametrize(
    ("last", "words"), [(1.0, "1 times its median"), (1e-4, "vanished"), (1e4, "exploded")]
)
def test_gradients_are_read(last: float, words: str, record: RunRecord) -> None:
    norms = [1.0] * 8 + [last]
    rows = [{"g_gradient_norm": norm} for norm in norms]
    assert words in " ".join(readings("gradients", with_lines(record, "signals", rows)))


@pytest.mark.parametrize(
    ("distances", "words"),
    [
        ([9, 7, 5, 3, 2.0], "The last look was the best"),
        ([9, 2, 3, 4, 5.0], "It had been better: 2"),
    ],
)
def test_a_course_of_quality_is_read(distances: list[float], words: str, record: RunRecord) -> None:
    rows = [{"fd": fd, "real_fd": 0.5, "samples": 5, "judge": "x"} for fd in distances]
    told = " ".join(readings("quality", with_lines(record, "quality", rows)))
    assert words in told
    assert f"That is {distances[-1] / 0.5:g} times the distance of as many real images" in told


def test_missing_classes_are_named(record: RunRecord) -> None:
    assert "No sample showed: 1." in " ".join(readings("classes", record))


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.26, "as good as real"), (0.5, "close to"), (2.0, "still told"), (9, "far from"),
     (99, "very far from")],
)  # fmt: skip
def test_a_distance_is_judged_by_that_of_real_images(
    value: float, words: str, record: RunRecord
) -> None:
    evaluation = {**EVALUATION, "metrics": {"fd": {"value": value, "real": 0.25}}}
    told = quality(replace(record, head=replace(record.head, evaluation=evaluation)))
    assert words in " ".join(told)
    evaluation["metrics"] = {"fd": {"value": value, "real": None}}
    told = quality(replace(record, head=replace(record.head, evaluation=evaluation)))
    assert words not in " ".join(told)


def test_a_run_that_was_not_measured_says_so(record: RunRecord) -> None:
    assert "As of its last look, at 12,000 images" in quality(record)[0]
    assert "not been measured" in quality(with_lines(record, "quality", []))[0]


@pytest.mark.parametrize(
    ("state", "words"),
    [("finished", "--images 24000"), ("running", "ganvas report"), ("interrupted", "ganvas resume"),
     ("stopped", "ganvas resume")],
)  # fmt: skip
def test_the_commands_fit_the_state_and_are_quoted(
    state: str, words: str, record: RunRecord
) -> None:
    lines = [line for _, line in commands_of(replace(record.head, state=state))]
    assert words in lines[1]
    assert f"'{record.head.path}'" in lines[1]
    again = "ganvas train mnist --set batch_size=64 --seed 0 --images 12000"
    assert lines[0] == again


def test_a_run_that_diverged_is_tried_again_more_slowly(record: RunRecord) -> None:
    lines = [line for _, line in commands_of(replace(record.head, state="diverged"))]
    assert lines[1] == (
        f"{lines[0]} --set optimizer.generator.learning_rate=0.0001 "
        "--set optimizer.discriminator.learning_rate=0.0001"
    )
    assert "ganvas resume" in lines[2]


@pytest.mark.parametrize("command", ["the Python API", "ganvas resume x", "ganvas 'train", 3, None])
def test_a_run_that_no_command_began_gives_none(command: Any, record: RunRecord) -> None:
    head = replace(record.head, environment={"command": command})
    assert not any("ganvas train" in line for _, line in commands_of(head))


def test_seeds_are_told_to_the_last_digit(record: RunRecord) -> None:
    head = replace(record.head, recipe={**record.head.recipe, "seed": 2**62 + 1})
    assert f"--seed {2**62 + 1}" in commands_of(head)[0][1]


def test_a_path_to_the_run_is_what_commands_take(tmp_path: Path) -> None:
    run = write_run(tmp_path / "it's; rm -rf x")
    (_, again), (_, further), *_ = commands_of(read_run(run.path).head)
    assert "rm -rf" not in again
    assert further.count("'\"'\"'") == 1


@pytest.mark.parametrize(
    ("penalty", "words"),
    [
        ({"r1": 0.0, "gradient_penalty": 0.0}, "learning rate, or a gradient penalty, often helps"),
        ({"r1": 0.1}, "learning rate often helps"),  # it has a penalty already
        ({"gradient_penalty": 10.0}, "learning rate often helps"),
        ({"r2": 0.1}, "learning rate often helps"),
    ],
)
def test_what_helps_against_divergence_is_not_what_the_run_had(
    penalty: dict[str, float], words: str, record: RunRecord
) -> None:
    head = replace(record.head, state="diverged", recipe={**record.head.recipe, "penalty": penalty})
    assert words in ending(head)


def test_a_run_that_was_ended_early_says_why(record: RunRecord) -> None:
    head = replace(record.head, state="finished", images=12_000, target_images=24_000)
    assert "of 24,000" not in ending(head)
    told = ending(replace(head, reason="the doctor ended it: it has been better (quality_lost)"))
    assert "12,000 real images drawn of 24,000, 50%" in told
    assert told.endswith(". The doctor ended it: it has been better (quality_lost).")


@pytest.mark.parametrize("state", ["failed", "diverged"])
def test_a_run_that_never_learned_says_so(state: str, record: RunRecord) -> None:
    head = replace(record.head, state=state, images=0, seconds=None)
    assert "It had not begun to learn." in ending(head)
    assert "It had come to 12,000 real images drawn" in ending(replace(head, images=12_000))
