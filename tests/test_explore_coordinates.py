"""Normal coordinates: there and back, in range, and the distribution they promise."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ganvas.explore import from_normal, to_normal
from ganvas.latent import draw_noise
from ganvas.recipe import LatentSettings

KINDS = ("normal", "truncated", "uniform")
BOUNDS = {"normal": float("inf"), "truncated": 2.0, "uniform": 1.0}


def settings_of(kind: str) -> LatentSettings:
    return LatentSettings(size=50, distribution=kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_there_and_back_gives_the_noise(kind: str) -> None:
    settings = settings_of(kind)
    noise = draw_noise(settings, 400, torch.Generator().manual_seed(3))
    again = from_normal(settings, to_normal(settings, noise))
    assert again.dtype is torch.float32
    torch.testing.assert_close(again, noise, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_noise_is_normal_in_these_coordinates_and_normal_numbers_give_noise(kind: str) -> None:
    settings = settings_of(kind)
    noise = draw_noise(settings, 400, torch.Generator().manual_seed(4))
    assert stats.kstest(to_normal(settings, noise).flatten().numpy(), "norm").pvalue > 0.01
    drawn = torch.randn((400, 50), generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    made = from_normal(settings, drawn).flatten().numpy()
    assert stats.ks_2samp(made, noise.flatten().numpy()).pvalue > 0.01


@given(kind=st.sampled_from(KINDS), number=st.floats(-1e6, 1e6), step=st.floats(0, 10))
def test_the_way_back_keeps_order_and_bounds(kind: str, number: float, step: float) -> None:
    settings = settings_of(kind)
    low, high = from_normal(settings, torch.tensor([number, number + step], dtype=torch.float64))
    assert -BOUNDS[kind] <= float(low) <= float(high) <= BOUNDS[kind]


@pytest.mark.parametrize("kind", ["truncated", "uniform"])
def test_the_ends_of_the_range_are_finite_places(kind: str) -> None:
    settings = settings_of(kind)
    ends = torch.tensor([[-BOUNDS[kind], BOUNDS[kind]]])
    normal = to_normal(settings, ends)
    assert bool(torch.isfinite(normal).all())
    torch.testing.assert_close(from_normal(settings, normal), ends)
