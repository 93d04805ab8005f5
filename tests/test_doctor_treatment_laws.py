"""Laws of treatment: whatever is found, remedies have an end, an order, and one outcome each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ganvas.doctor import CATALOGUE, Finding
from ganvas.doctor.treatment import MOST_REMEDIES, Given, Order, decide
from ganvas.recipe import Recipe
from ganvas.recipes import RECIPES, get_recipe, make_recipe

SWIFT = make_recipe("swift", budget={})
CONSTANT = SWIFT.with_settings({"schedule.decay_from": 1.0})
EVERY, PATIENCE, LINES = 100, 300, 60
TOTAL = EVERY * (LINES + 1)

courses = st.lists(
    st.lists(st.sampled_from(sorted(CATALOGUE)), unique=True, max_size=4),
    min_size=1,
    max_size=LINES,
)
"""What is open at each line of a run; the last of them holds to its end."""


@dataclass(frozen=True)
class Course:
    orders: list[tuple[int, Order]]
    remedies: list[Given]


def go(
    open_: Sequence[Sequence[str]],
    recipe: Recipe,
    *,
    has_best: bool,
    remedies: list[Given] | None = None,
    changes: dict[str, Any] | None = None,
    first: int = 0,
    end: int = LINES,
) -> Course:
    """What is ordered at the lines from `first` to `end`; nothing after an order to stop."""
    remedies, changes = remedies or [], changes or {}
    orders: list[tuple[int, Order]] = []
    for number in range(first, end):
        names = open_[min(number, len(open_) - 1)]
        images = EVERY * (number + 1)
        order = decide(
            remedies,
            recipe=recipe,
            published=SWIFT,
            changes=changes,
            findings=[found(name) for name in names],
            images=images,
            total_images=TOTAL,
            patience=PATIENCE,
            has_best=has_best,
        )
        if order is not None:
            changes = dict(order.changes)
            orders.append((images, order))
            if order.stop:
                break
    return Course(orders, remedies)


def found(name: str) -> Finding:
    severity: Any = "note" if name == "no_progress" else "warning"
    return Finding(name=name, severity=severity, images=50, since_images=50, evidence={})


@given(courses, st.sampled_from([SWIFT, CONSTANT]), st.booleans())
def test_remedies_are_few_and_none_is_given_twice(
    open_: list[list[str]], recipe: Recipe, has_best: bool
) -> None:
    remedies = go(open_, recipe, has_best=has_best).remedies
    assert len(remedies) <= MOST_REMEDIES
    keys = [(one["finding"], one["remedy"]) for one in remedies]
    assert len(keys) == len(set(keys))
    assert [one["outcome"] for one in remedies[:-1]].count("trying") == 0
    if not has_best:
        assert not any(one["back"] for one in remedies)


@given(courses, st.sampled_from([SWIFT, CONSTANT]), st.booleans(), st.integers(0, LINES))
def test_a_resumed_run_is_treated_as_if_it_had_never_stopped(
    open_: list[list[str]], recipe: Recipe, has_best: bool, stopped_at: int
) -> None:
    whole = go(open_, recipe, has_best=has_best)
    before = go(open_, recipe, has_best=has_best, end=stopped_at)
    if before.orders and before.orders[-1][1].stop:
        return
    kept = json.loads(json.dumps(before.remedies))
    changes = dict(before.orders[-1][1].changes) if before.orders else {}
    after = go(open_, recipe, has_best=has_best, remedies=kept, changes=changes, first=stopped_at)
    assert before.orders + after.orders == whole.orders
    assert after.remedies == whole.remedies


few = ["no_progress", "modes_lost", "exploding_gradient", "frozen_network", "range_mismatch"]


@given(st.lists(st.sets(st.sampled_from(few), max_size=1), min_size=1, max_size=9))
def test_a_run_is_ended_only_after_all_else_against_all_that_is_open(
    others: list[set[str]],
) -> None:
    open_ = [["quality_lost", *more] for more in others]
    course = go(open_, CONSTANT, has_best=True)
    assume(course.orders[-1][1].stop)
    images = course.orders[-1][0]
    *earlier, final = course.remedies
    assert final["stop"]
    assert any(one["finding"] == final["finding"] for one in earlier)
    names = open_[min(images // EVERY - 1, len(open_) - 1)]
    for name in names:
        kept = any(one["outcome"] == "kept" for one in earlier if one["finding"] == name)
        tried = {one["remedy"] for one in earlier if one["finding"] == name}
        untried = [
            remedy
            for place, remedy in enumerate(CATALOGUE[name].remedies)
            if place not in tried and not remedy.stop and (remedy.restart or remedy.back)
        ]
        assert kept or not untried  # those always do something


@given(courses, st.sampled_from(sorted(RECIPES)), st.sampled_from(["class", "none"]))
def test_nothing_is_ordered_that_the_recipe_refuses(
    open_: list[list[str]], name: str, conditioning: str
) -> None:
    recipe = get_recipe(name).with_settings({"conditioning": conditioning})
    for _, order in go(open_, recipe, has_best=True).orders:
        recipe.with_settings(dict(order.changes))


def test_what_a_recipe_refuses_is_passed_over() -> None:
    cars = go([["d_overpowers_g"]], get_recipe("cifar-cars"), has_best=False)
    words = [one["words"] for one in cars.remedies]
    assert [word.partition(" (")[0] for word in words] == [
        "lower the discriminator's learning rate",  # schedule.gap_aware is not for it
        "add a gradient penalty",
        "teach it 0.9 instead of 1",
    ]


@given(st.integers(0, TOTAL - 1))
def test_what_falls_falls_at_once(images: int) -> None:
    order = decide(
        [],
        recipe=CONSTANT,
        published=SWIFT,
        changes={},
        findings=[found("no_progress")],
        images=images,
        total_images=TOTAL,
        patience=PATIENCE,
    )
    assert order is not None
    at = order.changes["schedule.decay_from"]
    assert at <= images / TOTAL < at + 0.001001
