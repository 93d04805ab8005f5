"""Noise and labels: ranges, moments, frequencies, and draws by counter."""

import pytest
import torch

from ganvas.latent import draw_labels, draw_noise, latents
from ganvas.recipe import LatentSettings


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(5)


@pytest.mark.parametrize(
    ("distribution", "deviation", "bound"),
    [("normal", 1.0, 10.0), ("uniform", 3**-0.5, 1.0), ("truncated", 0.8796, 2.0)],
)
def test_each_distribution_has_its_moments_and_bounds(
    distribution: str, deviation: float, bound: float
) -> None:
    # 0.8796: the deviation of a standard normal cut at 2, sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)).
    settings = LatentSettings(size=50, distribution=distribution)  # type: ignore[arg-type]
    noise = draw_noise(settings, 4000, seeded())
    assert noise.shape == (4000, 50)
    assert noise.dtype is torch.float32
    assert float(noise.mean()) == pytest.approx(0.0, abs=0.01)
    assert float(noise.std()) == pytest.approx(deviation, abs=0.01)
    assert float(noise.abs().max()) <= bound


def test_truncation_scales_the_noise() -> None:
    whole = draw_noise(LatentSettings(), 8, seeded())
    assert torch.equal(draw_noise(LatentSettings(), 8, seeded(), truncation=0.5), whole * 0.5)


def test_labels_come_by_their_frequencies() -> None:
    labels = draw_labels([0.7, 0.0, 0.3], 20_000, seeded())
    shares = torch.bincount(labels, minlength=3) / 20_000
    assert shares.tolist() == pytest.approx([0.7, 0.0, 0.3], abs=0.015)
    assert labels.dtype is torch.int64


def test_of_several_parts_each_is_drawn_by_its_own_frequencies() -> None:
    labels = draw_labels([0.7, 0.0, 0.3, 0.1, 0.1, 0.8], 20_000, seeded())
    assert labels.shape == (20_000, 2)
    for part, shares in enumerate(([0.7, 0.0, 0.3], [0.1, 0.1, 0.8])):
        found = torch.bincount(labels[:, part] - 3 * part, minlength=3) / 20_000
        assert found.tolist() == pytest.approx(shares, abs=0.015)
    both = ((labels[:, 0] == 0) & (labels[:, 1] == 5)).double().mean()
    assert float(both) == pytest.approx(0.7 * 0.8, abs=0.015)  # independently


def test_a_draw_is_a_function_of_seed_name_and_number() -> None:
    def draw(seed: int, name: str, number: int) -> torch.Tensor:
        return latents(LatentSettings(), (), seed=seed, name=name, draw=number, count=4)[0]

    first = draw(0, "train", 3)
    assert torch.equal(first, draw(0, "train", 3))
    for other in (draw(1, "train", 3), draw(0, "grid", 3), draw(0, "train", 4)):
        assert not torch.equal(first, other)


def test_without_frequencies_there_are_no_labels() -> None:
    assert latents(LatentSettings(), (), seed=0, name="x", draw=0, count=3)[1] is None


def test_asking_for_labels_does_not_change_the_noise() -> None:
    plain, _ = latents(LatentSettings(), (), seed=0, name="x", draw=0, count=3)
    labelled, labels = latents(LatentSettings(), (0.5, 0.5), seed=0, name="x", draw=0, count=3)
    assert torch.equal(plain, labelled)
    assert labels is not None
