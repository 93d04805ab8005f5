"""Walks: their ends, their angles and lengths, and what the distributions need."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ganvas.explore.walk import spherical, straight, through_classes, through_latents
from ganvas.recipe import LatentSettings
from ganvas.rng import stream

SHARES = st.floats(0, 1, width=32)
SEEDS = st.integers(0, 999)


def two(seed: int, size: int = 6) -> tuple[Tensor, Tensor]:
    points = torch.randn(2, 1, size, generator=stream(seed, "test.walk"))
    return points[0], points[1]


def angle(a: Tensor, b: Tensor) -> float:
    a, b = a.double(), b.double()
    return float(torch.acos(((a * b).sum() / (a.norm() * b.norm())).clamp(-1, 1)))


@pytest.mark.parametrize("interpolate", [spherical, straight])
def test_the_ends_are_exact(interpolate: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    a, b = two(0)
    assert torch.equal(interpolate(a, b, torch.tensor([0.0])), a)
    assert torch.equal(interpolate(a, b, torch.tensor([1.0])), b)


@settings(deadline=None)
@given(SEEDS, SHARES)
def test_the_angle_and_the_length_grow_with_the_share(seed: int, share: float) -> None:
    a, b = two(seed)
    found = spherical(a, b, torch.tensor([share]))
    assert found.dtype is a.dtype
    assert angle(a, found) == pytest.approx(share * angle(a, b), abs=2e-3)  # acos near 1 is coarse
    assert angle(found, b) == pytest.approx((1 - share) * angle(a, b), abs=2e-3)
    length = (1 - share) * float(a.norm()) + share * float(b.norm())
    assert float(found.norm()) == pytest.approx(length, rel=1e-5)


@settings(deadline=None)
@given(SEEDS, SHARES, st.floats(0.25, 1, width=16))
def test_the_way_back_is_the_same_and_truncation_may_come_before_or_after(
    seed: int, share: float, truncation: float
) -> None:
    a, b = two(seed)
    t = torch.tensor([share])
    found = spherical(a, b, t)
    torch.testing.assert_close(spherical(b, a, 1 - t), found, rtol=1e-4, atol=1e-5)
    scaled = spherical(a * truncation, b * truncation, t)
    torch.testing.assert_close(scaled, found * truncation, rtol=1e-4, atol=1e-6)


def test_independent_normal_latents_stay_as_long_as_they_were() -> None:
    a, b = torch.randn(2, 500, 128, generator=stream(0, "test.sphere"))
    half = torch.full((500,), 0.5)
    assert float(spherical(a, b, half).square().mean()) == pytest.approx(1, abs=0.02)
    assert float(straight(a, b, half).square().mean()) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("a", "b", "middle"),
    [
        ([2.0, 0.0], [4.0, 0.0], [3.0, 0.0]),
        ([2.0, 0.0], [-4.0, 0.0], [-1.0, 0.0]),
        ([0.0, 0.0], [4.0, 2.0], [2.0, 1.0]),
        ([0.0, 0.0], [0.0, 0.0], [0.0, 0.0]),
        ([1.5, 1.5], [1.5, 1.5], [1.5, 1.5]),
    ],
)
def test_without_an_arc_it_is_the_straight_line(
    a: list[float], b: list[float], middle: list[float]
) -> None:
    found = spherical(torch.tensor([a]), torch.tensor([b]), torch.tensor([0.5]))
    assert found.tolist() == [middle]


@settings(deadline=None)
@given(
    st.sampled_from(["normal", "truncated", "uniform"]), st.integers(1, 5), st.integers(1, 7), SEEDS
)
def test_a_walk_goes_through_its_points_and_stays_in_range(
    kind: str, count: int, steps: int, seed: int
) -> None:
    points = torch.rand(count, 3, generator=stream(seed, "test.points")) * 2 - 1
    points = points * 2 if kind == "truncated" else points
    way = LatentSettings(size=3, distribution=kind)  # type: ignore[arg-type]
    found = through_latents(way, points, steps)
    assert found.shape == (1 + (count - 1) * steps, 3)
    assert torch.equal(found[::steps], points)
    if kind != "normal":
        assert float(found.abs().max()) <= (2 if kind == "truncated" else 1)
    if kind == "uniform" and steps > 1 and count > 1:
        torch.testing.assert_close(found[1], points[0] + (points[1] - points[0]) / steps)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.integers(1, 6))
def test_a_walk_over_classes_names_both_sides_of_every_place(
    classes: list[int], steps: int
) -> None:
    start, end, share = through_classes(classes, steps)
    assert len(start) == len(end) == len(share) == 1 + (len(classes) - 1) * steps
    assert start[::steps].tolist() == classes
    assert share[::steps].tolist() == [0] * len(classes)
    assert float(share.max()) < 1
    for place in range(len(start) - 1):
        first = place // steps
        assert [int(start[place]), int(end[place])] == classes[first : first + 2]
        assert float(share[place]) == pytest.approx(place / steps - first)
