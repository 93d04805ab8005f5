"""What a report says to do next: other figures give other advice, and good runs are let alone."""

from dataclasses import replace
from typing import Any

import pytest

from ganvas.recipes import RECIPES, get_recipe
from ganvas.report.advice import advice
from ganvas.report.balance import share_right
from ganvas.report.findings import Finding
from ganvas.report.likeness import Likeness
from ganvas.report.lines import Line, Metrics
from ganvas.report.record import RunRecord, read_run
from tests.report_helpers import EVALUATION, write_run

ALIKE = Likeness(spread=0.05, contrast=1.0)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    """A finished run of which nothing is known but its end."""
    record = read_run(write_run(tmp_path_factory.mktemp("runs") / "run").path)
    head = replace(record.head, state="finished", evaluation=EVALUATION, images=100_000)
    return replace(record, head=head, metrics=Metrics())


def looks(record: RunRecord, kind: str, rows: list[dict[str, Any]]) -> RunRecord:
    lines = tuple(
        Line(images=1_000 * n, seconds=None, figures=row) for n, row in enumerate(rows, start=1)
    )
    changed: dict[str, Any] = {kind: lines}
    return replace(record, metrics=replace(record.metrics, **changed))


def distances(*values: float) -> list[dict[str, Any]]:
    return [{"fd": value, "real_fd": 0.5, "samples": 5, "judge": "x"} for value in values]


def finding(severity: str, **more: Any) -> Finding:
    plain = {
        "name": "x",
        "title": f"a {severity}",
        "since_images": 0,
        "images": 5,
        "evidence": {},
        "explanation": "",
        "remedies": (f"against a {severity}",),
    }
    return Finding(severity=severity, **{**plain, **more})


def test_a_good_run_is_let_alone(bare: RunRecord) -> None:
    assert len(advice(bare, None, "good")) == 1
    assert "Nothing has to be changed" in advice(bare, None, "good")[0]
    assert "longer" in advice(bare, None, "good")[0]  # at twice the distance of real images
    evaluation = {**EVALUATION, "metrics": {"fd": {"value": 0.25, "real": 0.25}}}
    close = replace(bare, head=replace(bare.head, evaluation=evaluation))
    assert "little is left to gain" in advice(close, None, "good")[0]
    falling = looks(close, "quality", distances(9, 8, 7, 6))
    assert advice(falling, None, "good") == advice(close, None, "good")


@pytest.mark.parametrize(
    ("state", "words"),
    [("running", "Let it run"), ("stopped", "Go on from its last"), ("interrupted", "Go on from"),
     ("failed", "Mend what made it fail"), ("finished", None), ("diverged", None)],
)  # fmt: skip
def test_a_run_that_is_not_over_is_told_how_to_go_on(
    state: str, words: str | None, bare: RunRecord
) -> None:
    run = replace(bare, head=replace(bare.head, state=state))
    told = advice(run, None, "unknown")
    assert told == [] if words is None else told[0].startswith(words)


def test_the_worst_open_finding_comes_first(bare: RunRecord) -> None:
    found = (
        finding("note"),
        finding("warning"),
        finding("error"),
        finding("error", title="over", resolved_images=5),
    )
    first = advice(replace(bare, findings=found), ALIKE, "poor")[0]
    assert "a error. What helps first: against a error." in first
    calm = replace(bare, findings=(finding("note"), found[3]))
    assert "against" not in " ".join(advice(calm, None, "good"))


def test_a_cause_goes_before_what_follows_from_it(bare: RunRecord) -> None:
    found = (
        finding("error", name="missing_class", title="a class is missing"),
        finding("error", name="mode_collapse", title="all the same"),
    )
    run = replace(bare, findings=found)
    assert "found: a class is missing." in advice(run, None, "poor")[0]
    assert "found: all the same." in advice(run, ALIKE, "poor")[0]
    high = finding("warning", name="learning_rate_high", title="a high rate")
    diverged = finding("error", name="diverged", title="not finite")
    run = replace(bare, findings=(high, diverged))
    assert "found: a high rate." in advice(run, None, "unknown")[0]
    assert "found: not finite." in advice(replace(run, findings=(diverged,)), None, "unknown")[0]


def test_collapse_and_a_strong_discriminator_are_seen_without_a_doctor(bare: RunRecord) -> None:
    strong = looks(bare, "log", [{"d_accuracy_real": 1.0, "d_accuracy_fake": 0.96}] * 9)
    assert share_right(strong) == pytest.approx(0.98)
    assert "so easily that G learns little" in advice(strong, None, "poor")[0]
    assert "discriminator.pack=2" in advice(strong, ALIKE, "poor")[0]
    assert "--set" in advice(strong, ALIKE, "poor")[1]
    assert "easily" not in " ".join(advice(strong, None, "fair"))
    # The critic of a loss without boundary is to be right about all pairs: that teaches G best.
    pairs = {"d_accuracy_train": 1.0, "d_accuracy_fake": 1.0, "accuracy_of": "pairs"}
    critic = looks(strong, "validation", [pairs] * 9)
    assert "easily" not in " ".join(advice(critic, None, "poor"))
    even = looks(bare, "log", [{"d_accuracy_real": 0.7, "d_accuracy_fake": 0.7}] * 9)
    assert "easily" not in " ".join(advice(even, None, "poor"))


def test_looks_at_the_discriminator_go_before_its_log(bare: RunRecord) -> None:
    assert share_right(bare) is None
    learnt = looks(bare, "log", [{"d_accuracy_real": 1.0, "d_accuracy_fake": 1.0}] * 9)
    both = looks(learnt, "validation", [{"d_accuracy_train": 0.5, "d_accuracy_fake": 0.0}] * 9)
    assert share_right(both) == 0.25
    nothing_right = looks(
        learnt, "validation", [{"d_accuracy_train": 0.0, "d_accuracy_fake": 0.0}] * 9
    )
    assert share_right(nothing_right) == 0.0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((9, 8, 7, 6), "still falling"),
        ((9, 9, 9, 9), "nothing better"),
        ((9, 4, 6, 8), "least at 2,000 images"),
        ((9, 8, 7), None),
    ],
)
def test_the_course_says_whether_longer_helps(
    values: tuple[float, ...], words: str | None, bare: RunRecord
) -> None:
    told = " ".join(advice(looks(bare, "quality", distances(*values)), None, "poor"))
    for other in ("still falling", "nothing better", "least at 2,000 images"):
        assert (other in told) == (other == words)


def test_a_default_recipe_that_was_cut_short_is_to_be_trained_longer_first(
    bare: RunRecord,
) -> None:
    strong = looks(bare, "log", [{"d_accuracy_real": 1.0, "d_accuracy_fake": 1.0}] * 9)
    recipe = get_recipe("swift")
    assert recipe.budget.unit == "images"
    enough = round(recipe.budget.amount)
    for images, first in ((enough - 1, "This was a short run"), (enough, "D tells real")):
        run = replace(strong, head=replace(strong.head, recipe=recipe.to_json(), images=images))
        told = advice(run, None, "poor")
        assert told[0].startswith(first)
        assert ("easily" in " ".join(told)) == (images == enough)
        assert "short" not in " ".join(advice(run, None, "fair"))


def test_a_run_that_the_doctor_ended_was_not_short_for_want_of_time(bare: RunRecord) -> None:
    recipe = get_recipe("swift").to_json()
    head = replace(bare.head, recipe=recipe, images=1_000, state="finished")
    short = "This was a short run"
    assert short in " ".join(advice(replace(bare, head=head), None, "poor"))
    ended = replace(bare, head=replace(head, reason="the doctor ended it: it has been better"))
    assert short not in " ".join(advice(ended, None, "poor"))


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_published_recipe_that_is_far_off_is_told_its_own_budget(
    name: str, bare: RunRecord
) -> None:
    recipe = get_recipe(name).to_json()
    run = replace(bare, head=replace(bare.head, recipe=recipe))
    told = " ".join(advice(run, None, "poor"))
    published = name not in ("swift", "points")
    assert (RECIPES[name][1].published_budget in told) == published
    assert ("train the default, swift" in told) == published
    assert RECIPES[name][1].published_budget not in " ".join(advice(run, None, "good"))


@pytest.mark.parametrize(
    ("name", "images", "words"),
    [
        ("wgan-gp", 190_080, "This run came to 190,080 images in 594 updates of G."),
        ("lsgan", 64, "This run came to 64 images in 1 update of G."),
        ("dropout-cnn", 2_048, "This run came to 2,048 images in 8 rounds."),
        ("smooth-ez", 2_500_000, "This run came to 2.5 million images in 50,000 iterations."),
        ("wgan-gp", 0, "This run came to 0 images."),
    ],
)
def test_a_published_budget_stands_beside_the_runs_own_in_its_unit(
    name: str, images: int, words: str, bare: RunRecord
) -> None:
    recipe = get_recipe(name).to_json()
    run = replace(bare, head=replace(bare.head, recipe=recipe, images=images))
    assert words in " ".join(advice(run, None, "poor"))
    recipe["batch_size"] = "many"  # a file that somebody wrote
    recipe["procedure"]["round_images"] = -1
    odd = replace(bare, head=replace(bare.head, recipe=recipe, images=5))
    assert "This run came to 5 images. What" in " ".join(advice(odd, None, "poor"))
