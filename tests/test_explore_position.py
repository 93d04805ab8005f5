"""Where a point lies: corners exactly, the square's symmetries, the noise's own distribution."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ganvas.errors import UsageError
from ganvas.explore import LatentPoint, mix, pad_weights, point_to_noise, to_normal
from ganvas.latent import latents
from ganvas.recipe import LatentSettings

KINDS = ("normal", "truncated", "uniform")
AT_CORNERS = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
SHARES = (0.2, 0.3, 0.5)

kinds = st.sampled_from(KINDS)
unit = st.floats(0, 1)
few = settings(max_examples=30)


def settings_of(kind: str, size: int = 6) -> LatentSettings:
    return LatentSettings(size=size, distribution=kind)  # type: ignore[arg-type]


def noise_at(point: LatentPoint, kind: str, directions: torch.Tensor | None = None) -> torch.Tensor:
    return point_to_noise(point, settings_of(kind), (), directions)[0]


def first_sample(kind: str, seed: int) -> torch.Tensor:
    """Draw the noise of sample 0 as `ganvas sample` does, in chunks of 500."""
    return latents(settings_of(kind), (), seed=seed, name="sample", draw=0, count=500)[0][0]


@given(x=unit, y=unit)
def test_weights_sum_to_one_and_none_is_negative(x: float, y: float) -> None:
    weights = pad_weights(x, y)
    assert min(weights) >= 0
    assert sum(weights) == pytest.approx(1)


@given(x=unit, y=unit)
def test_weights_turn_and_mirror_with_the_square(x: float, y: float) -> None:
    a, b, c, d = pad_weights(x, y)
    assert pad_weights(y, x) == (a, c, b, d)
    assert pad_weights(1 - x, y) == pytest.approx((b, a, d, c))
    assert pad_weights(x, 1 - y) == pytest.approx((c, d, a, b))


def test_the_middle_has_equal_weights() -> None:
    assert pad_weights(0.5, 0.5) == (0.25, 0.25, 0.25, 0.25)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("corner", range(4))
def test_at_a_corner_is_the_seeds_first_sample_to_the_bit(kind: str, corner: int) -> None:
    point = LatentPoint(corners=(5, 6, 7, 8), at=AT_CORNERS[corner])
    assert torch.equal(noise_at(point, kind), first_sample(kind, point.corners[corner]))


@few
@given(kind=kinds, x=unit, y=unit)
def test_the_picture_turns_and_mirrors_with_its_corners(kind: str, x: float, y: float) -> None:
    point = LatentPoint(corners=(5, 6, 7, 8), at=(x, y))
    turned = replace(point, corners=(5, 7, 6, 8), at=(y, x))
    torch.testing.assert_close(noise_at(point, kind), noise_at(turned, kind))


@few
@given(kind=kinds, x=unit, y=unit)
def test_four_times_one_seed_is_that_seed_everywhere(kind: str, x: float, y: float) -> None:
    point = LatentPoint(corners=(9, 9, 9, 9), at=(x, y))
    assert torch.equal(noise_at(point, kind), first_sample(kind, 9))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [(0.5, 0.5), (0.3, 0.9), (0.5, 0.0)])
def test_between_corners_the_noise_keeps_its_distribution(
    kind: str, at: tuple[float, float]
) -> None:
    wide = settings_of(kind, size=4000)
    made = point_to_noise(LatentPoint(corners=(1, 2, 3, 4), at=at), wide, (), None)[0]
    assert stats.kstest(to_normal(wide, made).numpy(), "norm").pvalue > 0.01


@given(
    weights=st.lists(st.floats(0.01, 1), min_size=2, max_size=4),
    seed=st.integers(0, 1000),
)
def test_a_mix_is_along_the_weighted_sum_and_has_unit_variance(
    weights: list[float], seed: int
) -> None:
    shares = np.array(weights) / sum(weights)
    normals = torch.from_numpy(np.random.default_rng(seed).standard_normal((len(shares), 5)))
    mixed = mix(normals, shares.tolist())
    np.testing.assert_allclose(mixed, shares @ normals.numpy() / np.sqrt((shares**2).sum()))


@few
@given(kind=kinds, amount=st.floats(-10, 10), x=unit)
def test_directions_move_normal_coordinates_by_their_amounts(
    kind: str, amount: float, x: float
) -> None:
    directions = torch.eye(6, dtype=torch.float64)
    still = LatentPoint(at=(x, 0.25))
    moved = replace(still, directions=((2, amount), (5, 1.0)))
    where = to_normal(settings_of(kind), noise_at(still, kind))
    there = noise_at(moved, kind, directions)
    for number, by in enumerate([0.0, amount, 0.0, 0.0, 1.0, 0.0]):
        if abs(where[number] + by) < 4:  # farther out, float32 noise hardly tells places apart
            place = to_normal(settings_of(kind), there)[number]
            assert float(place) == pytest.approx(float(where[number] + by), abs=0.01)
    bound = {"normal": 30, "truncated": 2, "uniform": 1}[kind]
    assert float(there.abs().max()) <= bound


@few
@given(kind=kinds, truncation=st.floats(0.01, 1), x=unit, y=unit)
def test_truncation_scales_the_noise_at_last(
    kind: str, truncation: float, x: float, y: float
) -> None:
    whole = LatentPoint(at=(x, y))
    scaled = replace(whole, truncation=truncation)
    assert torch.equal(noise_at(scaled, kind), noise_at(whole, kind) * truncation)


def test_the_class_is_that_asked_for_or_what_the_nearest_seed_draws() -> None:
    point, chosen = LatentPoint(corners=(5, 6, 7, 8), at=(1, 1)), settings_of("normal")
    drawn = []
    for seed, (x, y) in zip(point.corners, AT_CORNERS, strict=True):
        labels = latents(chosen, SHARES, seed=seed, name="sample", draw=0, count=500)[1]
        assert labels is not None
        for at in ((x, y), (0.4 + 0.2 * x, 0.4 + 0.2 * y)):
            found = point_to_noise(replace(point, at=at), chosen, SHARES, None)[1]
            assert found is not None
            assert int(found) == int(labels[0])
        drawn.append(int(labels[0]))
    assert len(set(drawn)) > 1
    middle = point_to_noise(replace(point, at=(0.5, 0.5)), chosen, SHARES, None)[1]
    assert middle is not None
    assert int(middle) == drawn[0]
    for label in range(3):
        found = point_to_noise(replace(point, label=label), chosen, SHARES, None)[1]
        assert found is not None
        assert int(found) == label
    assert point_to_noise(point, chosen, (), None)[1] is None


@pytest.mark.parametrize(
    ("changes", "shares", "message"),
    [
        ({"label": 3}, SHARES, "label 3 is out of range: the model has 0 to 2"),
        ({"label": 0}, (), "has no classes, so it takes no label"),
        ({"directions": ((7, 1.0),)}, (), "direction 7 is out of range: the model has 1 to 6"),
    ],
)
def test_what_the_model_does_not_have_is_refused(
    changes: dict, shares: tuple[float, ...], message: str
) -> None:
    point = replace(LatentPoint(), **changes)
    with pytest.raises(UsageError, match=message):
        point_to_noise(point, settings_of("normal"), shares, torch.eye(6).double())
