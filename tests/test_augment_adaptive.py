"""ADA's probability: what it follows, how fast, between which ends, and on from any point."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.augment import AdaptiveProbability, overfitting_sign

SIGNS = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=60)


def adaptive(start: float = 0.0, speed_images: int = 320, most: float = 0.8) -> AdaptiveProbability:
    return AdaptiveProbability(start=start, target=0.6, speed_images=speed_images, most=most)


def read(part: AdaptiveProbability, signs: list[float], images: int = 8) -> list[float]:
    course = []
    for sign in signs:
        part.read(torch.tensor(sign), images=images)
        course.append(part.probability)
    return course


def test_it_takes_the_stated_images_from_0_to_1() -> None:
    course = read(adaptive(most=1.0), [1.0] * 40)
    assert course[-1] == pytest.approx(1.0)
    assert course[-5] < 1.0
    assert course[:3] == [0.0, 0.0, 0.0]  # only every fourth update moves it
    assert course[3] == pytest.approx(4 * 8 / 320)


@pytest.mark.parametrize(("sign", "direction"), [(0.61, 1), (0.59, -1), (-1.0, -1)])
def test_above_the_target_it_rises_and_below_it_falls(sign: float, direction: int) -> None:
    assert read(adaptive(start=0.5), [sign] * 4)[-1] == pytest.approx(0.5 + direction * 0.1)


def test_the_mean_of_four_updates_decides() -> None:
    assert read(adaptive(start=0.5), [1.0, 1.0, 1.0, -1.0])[-1] < 0.5
    assert read(adaptive(start=0.5), [1.0, 1.0, 1.0, 0.0])[-1] > 0.5


def test_an_update_without_a_sign_counts_only_its_images() -> None:
    part = adaptive()
    for _ in range(4):
        part.read(None, images=8)
        part.read(torch.tensor(1.0), images=0)
    assert part.probability == pytest.approx(4 * 8 / 320)


@given(signs=SIGNS, start=st.floats(0, 0.8))
@settings(deadline=None)
def test_it_never_leaves_its_range(signs: list[float], start: float) -> None:
    assert all(0 <= p <= 0.8 for p in read(adaptive(start, speed_images=40), signs))


@given(signs=SIGNS, cut=st.integers(0, 60))
@settings(deadline=None)
def test_it_goes_on_from_its_state_as_if_it_had_never_stopped(signs: list[float], cut: int) -> None:
    straight, first, second = adaptive(), adaptive(), adaptive(start=0.3)
    course = read(straight, signs)
    head = read(first, signs[:cut])
    second.load_state_dict(first.state_dict())
    assert head + read(second, signs[cut:]) == course
    assert second.state_dict() == straight.state_dict()


@given(
    logits=st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=20),
    boundary=st.sampled_from([0.0, 0.5]),
)
@settings(deadline=None)
def test_the_sign_counts_real_images_on_either_side(logits: list[float], boundary: float) -> None:
    real = torch.tensor(logits)
    sign = overfitting_sign(real=real, fake=torch.zeros(0), boundary=boundary)
    above, below = (real > boundary).sum(), (real < boundary).sum()
    assert math.isclose(float(sign), float((above - below) / len(real)), abs_tol=1e-6)


def test_without_a_boundary_only_differences_count() -> None:
    real, fake = torch.tensor([1.0, 2.0, 6.0]), torch.tensor([1.0, 5.0])
    for shift in (0.0, 100.0, -100.0):
        sign = overfitting_sign(real=real + shift, fake=fake + shift, boundary=None)
        assert float(sign) == pytest.approx(-1 / 3)
