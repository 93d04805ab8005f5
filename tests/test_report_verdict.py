"""The words at the head of a report: a bad run never reads as a success."""

from dataclasses import replace
from typing import Any

import pytest

from ganvas.judge.untrained import RANDOM
from ganvas.report.likeness import Likeness
from ganvas.report.record import RunRecord, read_run
from ganvas.report.verdict import UNTRAINED, distance_of, verdict
from tests.report_helpers import EVALUATION, write_run

ALIKE = Likeness(spread=0.07, contrast=1.0)
VARIED = Likeness(spread=1.1, contrast=1.0)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    return read_run(write_run(tmp_path_factory.mktemp("runs") / "run").path)


def measured(record: RunRecord, metrics: dict[str, Any], kind: str = "judge") -> RunRecord:
    judge = {**EVALUATION["judge"], "kind": kind}
    evaluation = {**EVALUATION, "judge": judge, "metrics": metrics}
    return replace(record, head=replace(record.head, state="finished", evaluation=evaluation))


def distance(value: float, real: float | None = 1.0) -> dict[str, Any]:
    return {"fd": {"value": value, "real": real, "higher_is_better": False}}


@pytest.mark.parametrize(
    ("value", "level", "words"),
    [(0.9, "good", "As good as"), (1.2, "good", "As good as"), (2.9, "good", "Close"),
     (9.9, "fair", "still told"), (99.0, "poor", "Far from"), (600.0, "poor", "Very far from")],
)  # fmt: skip
def test_the_ladder_goes_by_the_distance_of_real_images(
    value: float, level: str, words: str, record: RunRecord
) -> None:
    told = verdict(measured(record, distance(value)), VARIED)
    assert (told.level, words in told.title) == (level, True)
    if value > 1.2:
        assert f"{value:.2g} times as far" in told.words or "600 times as far" in told.words


def test_worse_is_never_told_as_better(record: RunRecord) -> None:
    order = ["good", "fair", "poor"]
    levels = [
        order.index(verdict(measured(record, distance(10 ** (n / 10))), None).level)
        for n in range(-10, 40)
    ]
    assert levels == sorted(levels)


def test_one_picture_again_and_again_is_called_that(record: RunRecord) -> None:
    told = verdict(measured(record, distance(1133.0)), ALIKE)
    assert (told.level, told.title) == ("poor", "One picture, again and again")
    assert "no success" in told.words
    assert "1,133 times as far" in told.words
    empty = verdict(measured(record, distance(1500.0)), replace(ALIKE, contrast=0.01))
    assert empty.title == "An empty picture, again and again"
    unmeasured = replace(record, metrics=replace(record.metrics, quality=()))
    assert verdict(unmeasured, ALIKE).level == "poor"
    # Real images of one kind may look alike, too: what is as good as real is not blamed.
    assert verdict(measured(record, distance(1.1)), ALIKE).level == "good"


def test_without_an_end_the_last_look_counts(record: RunRecord) -> None:
    found = distance_of(record)
    assert found is not None
    assert (found.images, found.samples) == (12_000, 500)
    assert found.ratio == pytest.approx(10 / 12 / 0.5)
    assert verdict(record, VARIED).words.startswith("As of the last look, at 12,000 images: ")


@pytest.mark.parametrize(
    ("state", "words"),
    [("running", "no look at it yet"), ("finished", "ganvas eval"), ("diverged", "only its pict")],
)
def test_what_was_not_measured_is_not_judged(state: str, words: str, record: RunRecord) -> None:
    bare = replace(
        record,
        head=replace(record.head, state=state),
        metrics=replace(record.metrics, quality=()),
    )
    told = verdict(bare, VARIED)
    assert (told.level, told.title) == ("unknown", "Not measured")
    assert words in told.words
    unseen = replace(bare, head=replace(bare.head, newest_picture=None))
    assert ("no pictures" in verdict(unseen, None).words) == (state == "diverged")


@pytest.mark.parametrize("real", [None, 0.0, -0.5])
def test_a_distance_without_one_of_real_images_is_no_verdict(
    real: float | None, record: RunRecord
) -> None:
    assert verdict(measured(record, distance(3.0, real)), VARIED).level == "unknown"


def test_a_judge_of_random_weights_is_named_as_one(record: RunRecord) -> None:
    assert UNTRAINED == RANDOM
    assert "random weights" in verdict(measured(record, distance(2.0), RANDOM), VARIED).words
    assert "random weights" not in verdict(measured(record, distance(2.0)), VARIED).words


@pytest.mark.parametrize(
    ("modes", "near", "level"),
    [(1, 0.3, "poor"), (5, 0.9, "poor"), (7, 0.9, "fair"), (8, 0.6, "fair"), (8, 0.9, "good")],
)
def test_points_are_judged_by_their_modes(
    modes: int, near: float, level: str, record: RunRecord
) -> None:
    metrics = {
        "modes": {"value": modes, "real": 8, "higher_is_better": True},
        "high_quality": {"value": near, "real": 0.99, "higher_is_better": True},
    }
    told = verdict(measured(record, metrics, "law"), None)
    assert told.level == level
    assert f"{modes} of 8 modes" in told.words
