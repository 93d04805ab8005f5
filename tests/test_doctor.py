"""Findings by lines that are made up: on both sides of each threshold, once, without flapping."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.doctor import CATALOGUE, Doctor, Facts, Finding
from ganvas.doctor.checks.data import copy_signs, count_signs, feature_signs
from ganvas.doctor.thresholds import THRESHOLDS
from ganvas.recipes import RECIPES, make_recipe
from tests.project_source import ROOT

TOTAL = 60_000
SWIFT = make_recipe("swift", budget={})
FACTS = Facts(recipe=SWIFT, total_images=TOTAL, num_train=55_000)
EVERY = 2_000
HEALTHY: dict[str, Any] = {
    "g_gradient_norm": 2.0, "d_gradient_norm": 2.0, "fake_gradient_norm": 1.0,
    "g_update_ratio": 1e-3, "d_update_ratio": 1e-3, "g_dead_units": 0.0, "d_dead_units": 0.0,
    "d_spectral_norm": 3.0, "g_norms": 3,
    "feature_diversity": 0.95, "duplicates": 0.0, "ema_gap": 0.2,
    "contrast": 0.3, "contrast_real": 0.3, "saturation": 0.8, "saturation_real": 0.85,
    "pixel_low": 0.0, "pixel_low_real": 0.0, "pixel_high": 0.99, "pixel_high_real": 1.0,
    "roughness": 0.07, "roughness_real": 0.066, "samples": 120, "trained_judge": True,
    "class_histogram": [12] * 10, "class_expected": [0.1] * 10, "class_accuracy": [0.98] * 10,
    "copying": 0.95, "real_logits": [0.0] * 5, "fake_logits": [0.0] * 5,
}  # fmt: skip
APART = {"real_logits": [1.0] * 5}
CALM = {"overfitting": 0.05, "d_accuracy_train": 0.7, "d_accuracy_held_out": 0.69}


def line(images: int, kind: str, **figures: Any) -> dict[str, Any]:
    if kind == "log":
        return {"images": images, "seconds": 1.0, "learning_rate_factor": 1.0, **figures}
    key = {"quality": "probe"}.get(kind, kind)
    return {"images": images, "seconds": 1.0, key: figures}


def course(
    *, bad: Callable[[int], dict[str, dict[str, Any]]], end: int = TOTAL
) -> Iterable[dict[str, Any]]:
    """A healthy run's lines, with what `bad(images)` puts into those of each kind."""
    for images in range(EVERY, end + 1, EVERY):
        worse = bad(images)
        yield line(images, "log", **{"d_loss": 1.2, "g_loss": 0.9, **worse.get("log", {})})
        yield line(images, "validation", **{**CALM, **worse.get("validation", {})})
        yield line(images, "probe", **{**HEALTHY, **worse.get("probe", {})})
        fd = 100 / (1 + images / 5_000)
        yield line(images, "quality", **{"fd": fd, **worse.get("quality", {})})


def always(kind: str, **figures: Any) -> Callable[[int], dict[str, dict[str, Any]]]:
    return lambda images: {kind: figures} if images > TOTAL // 4 else {}


def told(bad: Callable[[int], dict[str, dict[str, Any]]], facts: Facts = FACTS) -> list[Finding]:
    return Doctor(facts).read_all(course(bad=bad))


SPOILED = [
    ("d_overpowers_g", "warning", "log", {"d_loss": 0.06}, {"d_loss": 0.08}),
    ("d_overpowers_g", "error", "log", {"d_loss": 0.01}, {"d_loss": 0.2}),
    ("g_overpowers_d", "warning", "log", {"d_loss": 2.2}, {"d_loss": 2.0}),
    ("g_overpowers_d", "error", "log", {"d_loss": 5.0}, {"d_loss": 1.5}),
    ("frozen_network", "error", "probe", {"g_update_ratio": 0.0}, {}),
    ("frozen_network", "error", "probe", {"d_update_ratio": 0.0}, {}),
    ("g_learns_too_slowly", "warning", "probe", {"g_update_ratio": 2e-5}, {"g_update_ratio": 4e-5}),
    ("d_learns_too_slowly", "warning", "probe", {"d_update_ratio": 2e-5}, {"d_update_ratio": 4e-5}),
    ("g_learns_too_fast", "warning", "probe", {"g_update_ratio": 0.06}, {"g_update_ratio": 0.04}),
    ("d_learns_too_fast", "warning", "probe", {"d_update_ratio": 0.06}, {"d_update_ratio": 0.04}),
    ("vanishing_g_gradient", "error", "probe", {"g_gradient_norm": 0.019, **APART},
     {"g_gradient_norm": 0.021, **APART}),
    ("vanishing_g_gradient", "error", "probe", {"fake_gradient_norm": 0.009, **APART},
     {"fake_gradient_norm": 0.009}),
    ("exploding_gradient", "error", "probe", {"d_gradient_norm": 201.0},
     {"d_gradient_norm": 199.0}),
    ("exploding_gradient", "error", "probe", {"fake_gradient_norm": 101.0},
     {"fake_gradient_norm": 99.0}),
    ("dead_units", "warning", "probe", {"g_dead_units": 0.51}, {"g_dead_units": 0.49}),
    ("dead_units", "warning", "probe", {"d_dead_units": 0.51}, {"d_dead_units": 0.49}),
    ("steep_discriminator", "warning", "probe", {"d_spectral_norm": 101.0},
     {"d_spectral_norm": 99.0}),
    ("mode_collapse", "error", "probe", {"feature_diversity": 0.49}, {"feature_diversity": 0.71}),
    ("mode_collapse", "error", "probe", {"duplicates": 0.31}, {"duplicates": 0.29}),
    ("low_diversity", "warning", "probe", {"feature_diversity": 0.69}, {"feature_diversity": 0.71}),
    ("modes_lost", "error", "probe", {"class_histogram": [0, 24] + [12] * 8},
     {"class_histogram": [1, 23] + [12] * 8}),
    ("classes_unbalanced", "warning", "probe", {"class_histogram": [70] + [5] * 9},
     {"class_histogram": [30] + [10] * 9}),
    ("labels_ignored", "error", "probe", {"class_accuracy": [0.39] * 10},
     {"class_accuracy": [0.41] * 10}),
    ("missing_class", "error", "probe", {"class_accuracy": [0.1] + [1.0] * 9},
     {"class_accuracy": [0.2] + [1.0] * 9}),
    ("g_memorises", "warning", "probe", {"copying": 0.49}, {"copying": 0.51}),
    ("constant_output", "error", "probe", {"contrast": 0.044}, {"contrast": 0.046}),
    ("range_mismatch", "error", "probe", {"pixel_low": 0.26}, {"pixel_low": 0.2}),
    ("noise_samples", "error", "probe", {"roughness": 0.14}, {"roughness": 0.13}),
    ("saturated_samples", "warning", "probe", {"saturation": 0.96}, {"saturation": 0.93}),
    ("ema_lags", "note", "probe", {"ema_gap": 1.6}, {"ema_gap": 1.4}),
    ("d_overfits", "warning", "validation", {"overfitting": 0.45, "d_accuracy_train": 0.9},
     {"overfitting": 0.35, "d_accuracy_train": 0.9}),
    ("d_overfits", "error", "validation", {"overfitting": 0.9, "d_accuracy_train": 0.9},
     {"overfitting": 0.9, "d_accuracy_train": 0.75}),
    ("quality_lost", "warning", "quality", {"fd": 60.0}, {"fd": 26.0}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "severity", "kind", "bad", "good"), SPOILED)
def test_a_finding_on_both_sides_of_its_threshold(
    name: str, severity: str, kind: str, bad: dict[str, Any], good: dict[str, Any]
) -> None:
    found = told(always(kind, **bad))
    assert found[-1].name == name
    assert found[-1].severity == severity
    assert not found[-1].resolved
    assert found[0].since_images > TOTAL // 4
    assert found[0].images <= 36_000
    assert {f.name for f in told(always(kind, **good))} - {"quality_lost"} == set()


def modes_told(found: Callable[[int], int], recipe: str = "swift") -> list[str]:
    doctor = Doctor(Facts(recipe=make_recipe(recipe, budget={}), total_images=TOTAL))
    lines = [line(i, "modes", found=found(i), modes=8) for i in range(EVERY, TOTAL + 1, EVERY)]
    return [f.name for f in doctor.read_all(lines)]


def test_modes_of_points_that_are_not_found_and_no_longer_become_more() -> None:
    assert modes_told(lambda images: 8) == []
    assert modes_told(lambda images: 5) == modes_told(lambda images: 3) == ["mode_collapse"]
    half = TOTAL // 2
    assert modes_told(lambda images: min(8, 8 * images // half)) == []
    assert modes_told(lambda images: 2 if images == 10 * EVERY else 0) == ["mode_collapse"]
    # noise on what D sees hides the finer ones as long as it has not faded by half
    assert modes_told(lambda images: 8 if images >= TOTAL // 4 else 1, "points") == []
    assert modes_told(lambda images: 5, "points") == ["mode_collapse"]


def test_what_is_found_of_classes_comes_after_noise_that_nobody_can_read() -> None:
    unread = {"class_accuracy": [0.1] * 10, "feature_diversity": 0.65}

    def names(**figures: Any) -> list[str]:
        doctor = Doctor(FACTS)
        doctor.read_all(course(bad=always("probe", **unread, **figures)))
        return [finding.name for finding in doctor.open]

    assert names() == ["labels_ignored", "low_diversity"]
    assert names(roughness=0.2) == ["noise_samples", "low_diversity", "labels_ignored"]


def test_a_range_that_grows_is_no_mismatch() -> None:
    def dim(images: int) -> dict[str, dict[str, Any]]:
        return {"probe": {"pixel_high": 0.3 + 0.2 * images / TOTAL}}

    assert told(dim) == []
    assert {f.name for f in told(always("probe", pixel_high=0.5))} == {"range_mismatch"}


def test_a_finding_that_comes_and_goes_is_told_less_and_less_often() -> None:
    def swings(images: int) -> dict[str, dict[str, Any]]:
        return {"probe": {"duplicates": 0.4 if images // EVERY % 8 < 4 else 0.0}}

    doctor = Doctor(replace(FACTS, total_images=100 * TOTAL))
    lines = doctor.read_all(course(bad=swings, end=2_000_000))
    assert 2 <= len(lines) <= 4


@pytest.mark.parametrize(("low", "high", "found"), [(0.3, 2.5, True), (0.5, 2.4, False)])
def test_players_that_swing(low: float, high: float, found: bool) -> None:
    names = [f.name for f in told(lambda i: {"log": {"d_loss": low if i // EVERY % 2 else high}})]
    assert names == (["oscillation"] if found else [])


@pytest.mark.parametrize(("norms", "loss", "names"), [
    (0, 0.01, {"d_overpowers_g", "missing_normalisation"}), (3, 0.01, {"d_overpowers_g"}),
    (0, 1.2, set()),
])  # fmt: skip
def test_norms_are_missed_where_the_generator_loses(
    norms: int, loss: float, names: set[str]
) -> None:
    found = told(lambda images: {"log": {"d_loss": loss}, "probe": {"g_norms": norms}})
    assert {finding.name for finding in found} == names


def test_a_healthy_run_has_no_finding() -> None:
    doctor = Doctor(FACTS)
    assert doctor.begin() == []
    assert doctor.read_all(course(bad=lambda images: {})) == []
    assert doctor.open == []


def test_one_look_makes_no_finding_and_ends_none() -> None:
    spoiled = {"probe": {"feature_diversity": 0.2}}
    once = told(lambda images: spoiled if images in (30_000, 40_000, 42_000) else {})
    assert once == []
    but_once = told(lambda images: spoiled if images > 20_000 and images != 40_000 else {})
    assert [(f.name, f.resolved) for f in but_once] == [("mode_collapse", False)]


def test_a_finding_that_ends_is_told_once() -> None:
    spoiled = {"probe": {"feature_diversity": 0.2}}
    doctor = Doctor(FACTS)
    found = doctor.read_all(course(bad=lambda i: spoiled if 20_000 < i < 40_000 else {}))
    assert [(f.name, f.resolved, f.since_images) for f in found] == [
        ("mode_collapse", False, 22_000),
        ("mode_collapse", True, 22_000),
    ]
    assert doctor.open == []


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


def test_diverged_is_an_error_with_its_place() -> None:
    doctor = Doctor(FACTS)
    doctor.read_all(course(bad=lambda images: {}, end=20_000))
    finding = doctor.diverge("training diverged: step.generator.a is not finite", 20_100)
    assert (finding.severity, finding.images) == ("error", 20_100)
    assert "step.generator.a" in finding.evidence["first"]


SETTINGS = [
    ("frozen_network", {"optimizer.generator.learning_rate": 0}),
    ("learning_rate_high", {"optimizer.generator.learning_rate": 0.1}),
    ("learning_rate_low", {"optimizer.discriminator.learning_rate": 4e-5}),
    ("learning_rates_apart", {"optimizer.discriminator.learning_rate": 1e-4}),
    ("momentum_too_high", {"optimizer.generator.beta1": 0.99}),
    ("momentum_with_penalty", {"optimizer.discriminator.beta1": 0.9}),
    ("gradients_clipped", {"optimizer.generator.clip_norm": 1e-9}),
    ("penalty_too_strong", {"penalty.r1": 500}),
    ("critic_unbounded", {"loss.name": "wasserstein", "penalty.r1": 0}),
    ("batch_too_small", {"batch_size": 2}),
    ("latent_too_small", {"latent.size": 1}),
    ("networks_unequal", {"discriminator.width": 640}),
    ("networks_unequal", {"generator.width": 2}),
    ("layer_order", {"generator.dropout": 0.3, "generator.order": "dropout_norm_activation"}),
    (
        "layer_order",
        {"discriminator.dropout": 0.3, "discriminator.order": "activation_dropout_norm"},
    ),
]


@pytest.mark.parametrize(("name", "changes"), SETTINGS)
def test_settings_that_cannot_work_are_seen_at_once(name: str, changes: dict[str, Any]) -> None:
    begun = Doctor(replace(FACTS, recipe=SWIFT.with_settings(changes))).begin()
    assert name in [finding.name for finding in begun[:2]]


@pytest.mark.parametrize("name", RECIPES)
def test_no_published_recipe_is_warned_of_at_its_start(name: str) -> None:
    recipe = make_recipe(name, budget={})
    begun = Doctor(replace(FACTS, recipe=recipe)).begin()
    in_evaluation = recipe.generator.dropout and recipe.procedure.fakes_from == "evaluation"
    notes = ["dropout_in_evaluation"] if in_evaluation else []
    assert [(finding.name, finding.severity) for finding in begun] == [(n, "note") for n in notes]


@pytest.mark.parametrize("order", ["norm_activation_dropout", "activation_norm_dropout"])
def test_dropout_behind_the_norm_is_right(order: str) -> None:
    changes = {"generator.dropout": 0.3, "generator.order": order}
    assert Doctor(replace(FACTS, recipe=SWIFT.with_settings(changes))).begin() == []


def test_the_data_s_counts_are_judged() -> None:
    few = Doctor(replace(FACTS, num_train=999)).begin()
    assert [f.name for f in few] == ["data_too_small"]
    counts = {"a": 100, "b": 1_001}
    assert [s.name for s in count_signs(5_000, counts)] == ["data_unbalanced"]
    assert list(count_signs(1_000, {"a": 100, "b": 1_000})) == []
    assert [s.name for s in copy_signs(100, {"train": 2, "held_out": 0, "test": 1})] == [
        "data_duplicates",
        "data_leak",
    ]
    assert list(copy_signs(100, {"train": 1, "held_out": 0, "test": 0})) == []


def test_what_data_looks_like_is_judged() -> None:
    import numpy as np

    features = np.random.default_rng(0).normal(size=(200, 16))
    fine = {"low": 0, "high": 255, "wrong": 0.01}
    assert list(feature_signs(features=features, **fine)) == []  # type: ignore[arg-type]
    doubled = np.concatenate([features, features[:20]])
    assert [s.name for s in feature_signs(features=doubled, **fine)] == ["data_duplicates"]  # type: ignore[arg-type]
    spoiled = feature_signs(features=features, low=0, high=100, wrong=0.2)
    assert [s.name for s in spoiled] == ["data_range", "label_noise"]


def test_the_wasserstein_loss_says_nothing_of_who_wins() -> None:
    recipe = SWIFT.with_settings({"loss.name": "wasserstein", "loss.class_weight": 0})
    doctor = Doctor(replace(FACTS, recipe=recipe))
    assert doctor.read_all(course(bad=lambda images: {"log": {"d_loss": 1e-4}})) == []


def test_every_name_has_words_and_a_place_in_the_page() -> None:
    page = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    for name, condition in CATALOGUE.items():
        assert f"`{name}`" in page
        assert condition.remedies, name
        assert condition.explanation.endswith("."), name
        assert condition.source, name
    for name, threshold in THRESHOLDS.items():
        assert f"`{name}`" in page
        assert threshold.why


def test_every_remedy_changes_settings_that_there_are() -> None:
    for condition in CATALOGUE.values():
        for remedy in condition.remedies:
            SWIFT.with_settings(dict(remedy.put))
            SWIFT.with_settings(dict.fromkeys(remedy.scale, 1e-4))


def test_findings_are_json() -> None:
    for finding in told(always("probe", feature_diversity=0.2, class_histogram=[0] * 9 + [120])):
        plain = json.loads(json.dumps(finding.to_json(), allow_nan=False))
        assert {"images", "name", "severity", "since_images"} <= plain.keys()
