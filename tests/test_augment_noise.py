"""Instance noise: its deviation, and how it fades."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ganvas.augment import add_noise, noise_deviation


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(shape, generator=seeded(7), dtype=dtype) * 2 - 1


def test_noise_has_its_deviation_and_none_is_none_at_all() -> None:
    images = pictures(50, 1, 16, 16)
    noise = add_noise(images, 0.3, seeded()) - images
    assert float(noise.std()) == pytest.approx(0.3, rel=0.03)
    assert float(noise.mean()) == pytest.approx(0, abs=0.01)
    assert add_noise(images, 0.0, seeded()) is images


@given(start=st.floats(0, 10), until=st.floats(0.01, 1), progress=st.floats(0, 1))
@settings(deadline=None)
def test_noise_fades_in_a_straight_line_to_0(start: float, until: float, progress: float) -> None:
    assert noise_deviation(start, until, 0.0) == start
    assert noise_deviation(start, until, until) == 0
    assert noise_deviation(start, 0.0, progress) == start
    level = noise_deviation(start, until, progress)
    assert level == pytest.approx(max(0.0, start * (until - progress) / until), abs=1e-9)
