"""How findings are told: once, without flapping, in order, and the same however lines are read."""

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.doctor import Doctor, Finding, by_weight
from tests.doctor_helpers import EVERY, FACTS, SWIFT, TOTAL, always, course, told


def test_a_healthy_run_has_no_finding() -> None:
    doctor = Doctor(FACTS)
    assert doctor.begin() == []
    assert doctor.read_all(course(bad=lambda images: {})) == []
    assert doctor.open == []


def test_one_look_makes_no_finding_and_ends_none() -> None:
    spoiled = {"probe": {"feature_diversity": 0.2}}
    once = told(lambda images: spoiled if images in (30_000, 40_000) else {})
    assert once == []
    but_once = told(lambda images: spoiled if images > 20_000 and images != 40_000 else {})
    assert [(f.name, f.resolved) for f in but_once] == [("mode_collapse", False)]


@pytest.mark.parametrize(("diversity", "looks"), [(0.2, 2), (0.6, 3)])
def test_an_error_is_told_a_look_sooner(diversity: float, looks: int) -> None:
    spoiled = {"probe": {"feature_diversity": diversity}}
    (found,) = told(lambda images: spoiled if images > 40_000 else {})
    assert (found.since_images, found.images) == (42_000, 40_000 + looks * EVERY)


@pytest.mark.parametrize(("away", "is_told"), [(2, False), (3, True)])
def test_a_class_that_comes_at_the_third_look_is_not_missing(away: int, is_told: bool) -> None:
    """A young generator that knows classes draws one of them as its neighbour for a while."""
    began = 20_000
    missing = {"class_histogram": [0, 24] + [12] * 8, "class_accuracy": [0.0] + [0.98] * 9}

    def bad(images: int) -> dict[str, dict[str, Any]]:
        return {"probe": missing} if images < began + away * EVERY else {}

    doctor = Doctor(replace(FACTS, total_images=6 * began))
    found = doctor.read_all(course(bad=bad, end=2 * began))
    looks = [line for line in found if line.name == "missing_class" and not line.resolved]
    assert bool(looks) is is_told
    assert all(finding.severity == "error" for finding in looks)


def test_a_finding_that_ends_is_told_once() -> None:
    spoiled = {"probe": {"feature_diversity": 0.2}}
    doctor = Doctor(FACTS)
    found = doctor.read_all(course(bad=lambda i: spoiled if 20_000 < i < 40_000 else {}))
    assert [(f.name, f.resolved, f.since_images) for f in found] == [
        ("mode_collapse", False, 22_000),
        ("mode_collapse", True, 22_000),
    ]
    assert doctor.open == []


def test_a_finding_that_comes_and_goes_is_told_less_and_less_often() -> None:
    def swings(images: int) -> dict[str, dict[str, Any]]:
        return {"probe": {"duplicates": 0.4 if images // EVERY % 8 < 4 else 0.0}}

    doctor = Doctor(replace(FACTS, total_images=100 * TOTAL))
    lines = doctor.read_all(course(bad=swings, end=2_000_000))
    assert 2 <= len(lines) <= 4


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0.4, 0.8), min_size=30, max_size=30))
def test_a_figure_near_its_threshold_floods_nothing(values: list[float]) -> None:
    found = told(lambda images: {"probe": {"feature_diversity": values[images // EVERY - 1]}})
    assert len(found) <= 30 / 3 * 2
    for name in {f.name for f in found}:
        own = [f.resolved for f in found if f.name == name]
        assert all(not (one and two) for one, two in pairwise(own))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 120))
def test_reading_in_two_parts_is_reading_at_once(cut: int) -> None:
    spoiled = {"probe": {"feature_diversity": 0.2}, "log": {"d_loss": 0.001}}
    lines = list(course(bad=lambda images: spoiled if 20_000 < images < 50_000 else {}))
    whole, parts = Doctor(FACTS), Doctor(FACTS)
    assert parts.read_all(lines[:cut]) + parts.read_all(lines[cut:]) == whole.read_all(lines)
    assert parts.open == whole.open


def test_causes_come_first_then_the_heaviest() -> None:
    doctor = Doctor(replace(FACTS, num_train=50))
    bad = always("probe", feature_diversity=0.2, d_dead_units=0.9)
    doctor.read_all(course(bad=bad))
    assert [(f.name, f.severity) for f in doctor.open] == [
        ("data_too_small", "warning"), ("mode_collapse", "error"), ("dead_units", "warning"),
    ]  # fmt: skip


def test_what_is_found_of_classes_comes_after_noise_that_nobody_can_read() -> None:
    unread = {"class_accuracy": [0.1] * 10, "feature_diversity": 0.65}

    def names(**figures: Any) -> list[str]:
        doctor = Doctor(FACTS)
        doctor.read_all(course(bad=always("probe", **unread, **figures)))
        return [finding.name for finding in doctor.open]

    assert names() == ["labels_ignored", "low_diversity"]
    assert names(roughness=0.2) == ["noise_samples", "low_diversity", "labels_ignored"]


def test_diverged_is_an_error_with_its_place() -> None:
    doctor = Doctor(FACTS)
    doctor.read_all(course(bad=lambda images: {}, end=20_000))
    finding = doctor.diverge("training diverged: step.generator.a is not finite", 20_100)
    assert (finding.severity, finding.images) == ("error", 20_100)
    assert "step.generator.a" in finding.evidence["first"]


@pytest.mark.parametrize(
    ("settings", "first"),
    [
        ({}, "go back to the last good checkpoint"),
        ({"checkpoint.on_divergence": "roll_back"}, "begin anew with lower learning rates"),
        ({"doctor.remedy": "apply"}, "begin anew with lower learning rates"),
    ],
)
def test_what_a_run_that_diverged_has_done_by_itself_is_not_advised(
    settings: dict[str, Any], first: str
) -> None:
    facts = replace(FACTS, recipe=SWIFT.with_settings(settings))
    finding = Doctor(facts).diverge("training diverged: d_loss is not finite", 20_100)
    assert f"first: {first}" in finding.sentence
    assert finding.to_json()["remedies"][0].startswith(first)


def test_what_a_remedy_changed_in_the_recipe_holds_no_more_what_came_on_the_way_does() -> None:
    rate = "optimizer.generator.learning_rate"
    asked = SWIFT.with_settings({rate: 0.1, "optimizer.discriminator.beta1": 0.99})
    doctor = Doctor(replace(FACTS, recipe=asked, published=SWIFT))
    doctor.read_all(course(bad=always("probe", feature_diversity=0.2)))
    names = [finding.name for finding in doctor.open]
    assert names == [finding.name for finding in doctor.open_under(asked)]
    assert {"learning_rate_high", "learning_rates_apart", "momentum_too_high"} < set(names)
    own = asked.with_settings({rate: 2e-3})
    left = [finding.name for finding in doctor.open_under(own)]
    assert set(names) - set(left) == {"learning_rate_high", "learning_rates_apart"}
    assert "mode_collapse" in left


def test_a_finding_can_end_within_as_many_images_as_its_looks_take() -> None:
    doctor = Doctor(FACTS)
    spoiled = {"quality": {"fd": 500.0}, "probe": {"feature_diversity": 0.2}}
    doctor.read_all(course(bad=lambda n: spoiled if n > TOTAL // 2 else {}, end=TOTAL * 3 // 4))
    at = doctor.history.images
    least = {name: doctor.least_to_end(name) for name in ("quality_lost", "mode_collapse")}
    assert least == {"quality_lost": 2 * EVERY, "mode_collapse": 3 * EVERY}
    assert doctor.least_to_end("d_overfits") == 0  # it is not there
    left = [line for line in course(bad=lambda n: {}) if line["images"] > at]
    over = {f.name: f.images - at for f in doctor.read_all(left) if f.resolved}
    assert over == least


def test_findings_are_json() -> None:
    for finding in told(always("probe", feature_diversity=0.2, class_histogram=[0] * 9 + [120])):
        plain = json.loads(json.dumps(finding.to_json(), allow_nan=False))
        assert {"images", "name", "severity", "since_images"} <= plain.keys()


def test_causes_come_first_the_earliest_before_the_most_serious() -> None:
    def found(name: str, severity: Any, since: int) -> Finding:
        return Finding(name=name, severity=severity, images=since, since_images=since, evidence={})

    in_order = [
        found("diverged", "error", 900),
        found("learning_rate_high", "warning", 0),
        found("frozen_network", "error", 500),
        found("d_overpowers_g", "warning", 600),
        found("noise_samples", "error", 300),
        found("mode_collapse", "error", 200),
        found("missing_class", "error", 100),
        found("ema_lags", "note", 0),
    ]
    assert by_weight(reversed(in_order)) == in_order
