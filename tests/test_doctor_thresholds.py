"""What a finding takes: lines on both sides of each threshold."""

from dataclasses import replace
from typing import Any

import pytest

from ganvas.doctor import Doctor
from tests.doctor_helpers import APART, EVERY, FACTS, SWIFT, TOTAL, always, course, told

SPOILED = [
    ("d_overpowers_g", "warning", "log", {"d_loss": 0.06}, {"d_loss": 0.08}),
    ("d_overpowers_g", "warning", "log", {"d_accuracy_real": 0.98, "d_accuracy_fake": 0.99},
     {"d_accuracy_real": 0.99, "d_accuracy_fake": 0.96}),
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
    ("exploding_gradient", "warning", "probe", {"d_gradient_norm": 201.0},
     {"d_gradient_norm": 199.0}),
    ("exploding_gradient", "warning", "probe", {"fake_gradient_norm": 101.0},
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
    ("missing_class", "error", "probe", {"class_accuracy": [0.24] + [1.0] * 9},
     {"class_accuracy": [0.26] + [1.0] * 9}),
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


def test_a_range_that_grows_is_no_mismatch() -> None:
    def dim(images: int) -> dict[str, dict[str, Any]]:
        return {"probe": {"pixel_high": 0.3 + 0.2 * images / TOTAL}}

    assert told(dim) == []
    assert {f.name for f in told(always("probe", pixel_high=0.5))} == {"range_mismatch"}


def test_a_class_that_is_on_its_way_is_not_missing() -> None:
    def comes(images: int) -> dict[str, dict[str, Any]]:
        share = min(1.0, 0.1 * images / EVERY)
        return {
            "probe": {"class_accuracy": [share - 0.4 if images < 11_000 else share] + [1.0] * 9}
        }

    assert told(comes) == []


@pytest.mark.parametrize(("share", "found"), [(0.94, False), (0.96, True)])
def test_noise_that_calms_down_is_on_its_way(share: float, found: bool) -> None:
    def calms(images: int) -> dict[str, dict[str, Any]]:
        return {"probe": {"roughness": 0.4 * share ** (images / EVERY)}}

    assert {f.name for f in told(calms)} == ({"noise_samples"} if found else set())


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


def test_the_wasserstein_loss_says_nothing_of_who_wins() -> None:
    recipe = SWIFT.with_settings({"loss.name": "wasserstein", "loss.class_weight": 0})
    doctor = Doctor(replace(FACTS, recipe=recipe))
    assert doctor.read_all(course(bad=lambda images: {"log": {"d_loss": 1e-4}})) == []


def test_how_fast_d_learns_is_held_against_the_rate_that_the_gap_leaves_it() -> None:
    def slow(factor: float | None) -> list[str]:
        def bad(images: int) -> dict[str, dict[str, Any]]:
            log = {} if factor is None else {"d_gap_factor": factor}
            return {"probe": {"d_update_ratio": 2e-5, "g_update_ratio": 2e-4}, "log": log}

        return [finding.name for finding in told(bad)]

    assert "d_learns_too_slowly" in slow(None)
    assert "d_learns_too_slowly" in slow(1.0)
    assert "d_learns_too_slowly" not in slow(0.1)
