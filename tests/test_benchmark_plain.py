"""The plain DCGAN: repeatable, resumable, and the shapes of the paper."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ganvas.benchmark.plain import PlainDcgan
from ganvas.checkpoint import load_newest, save_checkpoint

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 1, 28, 28), dtype=np.uint8)


def weights(plain: PlainDcgan) -> list[torch.Tensor]:
    return [*plain.generator.state_dict().values(), *plain.discriminator.state_dict().values()]


def test_it_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    whole = PlainDcgan(IMAGES, seed=3)
    whole.batch = 8
    for step in range(4):
        if step == 2:
            save_checkpoint(tmp_path / "checkpoints", 2, whole.state_dict(), keep=1)
        whole.step()
    loaded = load_newest(tmp_path / "checkpoints")
    assert loaded is not None
    resumed = PlainDcgan(IMAGES, seed=4)
    resumed.batch, resumed._seed = 8, 3
    resumed.load_state_dict(loaded.state)
    resumed.step()
    resumed.step()
    assert all(map(torch.equal, weights(whole), weights(resumed)))
    assert np.array_equal(whole.sample(5, seed=1), resumed.sample(5, seed=1))


def test_it_learns_in_both_networks_and_a_seed_decides() -> None:
    first, same, other = (PlainDcgan(IMAGES, seed=seed) for seed in (0, 0, 1))
    assert all(map(torch.equal, weights(first), weights(same)))
    before = [tensor.clone() for tensor in weights(first)]
    first.batch = 8
    first.step()
    changed = [not torch.equal(a, b) for a, b in zip(before, weights(first), strict=True)]
    assert all(changed)
    assert not torch.equal(weights(same)[0], weights(other)[0])


def test_samples_are_pictures() -> None:
    made = PlainDcgan(IMAGES).sample(3, seed=0)
    assert made.shape == (3, 1, 28, 28)
    assert made.dtype == np.uint8


def test_other_images_are_refused() -> None:
    with pytest.raises(ValueError, match="28, 28"):
        PlainDcgan(np.zeros((4, 3, 32, 32), np.uint8))
