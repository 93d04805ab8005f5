"""A plain PyTorch DCGAN, as a tutorial has it: the yardstick for time to quality.

Radford et al., arXiv 1511.06434, at 28x28: no fully connected layers, batch norm in both networks,
Adam 2e-4 with beta1 0.5, weights from N(0, 0.02), batch 128, float32, contiguous. Nothing of
ganvas but the named streams that make it repeatable.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ganvas.rng import stream

__all__ = ["PlainDcgan"]

_LATENT, _WIDTH = 100, 64
_SAMPLED_AT_ONCE = 500


class PlainDcgan:
    """Both networks, their optimisers, and `step()`: one batch of D, then of G.

    `images` is uint8 (N, 1, 28, 28); rows are drawn at random, with replacement.
    """

    batch = 128

    def __init__(self, images: npt.NDArray[np.uint8], *, seed: int = 0) -> None:
        if images.shape[1:] != (1, 28, 28):
            raise ValueError(f"images must be of shape (N, 1, 28, 28), not {images.shape}")
        self._images = torch.from_numpy(images)
        self._seed, self.steps = seed, 0
        with torch.device("meta"):  # the layers' own initialisation draws from global state
            generator, discriminator = _generator(), _discriminator()
        self.generator = generator.to_empty(device="cpu")
        self.discriminator = discriminator.to_empty(device="cpu")
        for place, network in enumerate((self.generator, self.discriminator)):
            _initialise(network, stream(seed, "plain.initialisation", place))
        self.optimizers = {
            name: torch.optim.Adam(network.parameters(), 2e-4, (0.5, 0.999))
            for name, network in (
                ("generator", self.generator),
                ("discriminator", self.discriminator),
            )
        }
        self.loss = nn.BCEWithLogitsLoss()

    def step(self) -> None:
        """Train D on a real and on a fake batch, then G."""
        draw = stream(self._seed, "plain.step", self.steps)
        rows = torch.randint(0, len(self._images), (self.batch,), generator=draw)
        real = self._images[rows].float() / 127.5 - 1
        ones, zeros = torch.ones(self.batch, 1), torch.zeros(self.batch, 1)
        fake = self.generator(torch.randn(self.batch, _LATENT, 1, 1, generator=draw))
        self.optimizers["discriminator"].zero_grad()
        d_loss = self.loss(self.discriminator(real), ones)
        d_loss = d_loss + self.loss(self.discriminator(fake.detach()), zeros)
        d_loss.backward()
        self.optimizers["discriminator"].step()
        self.optimizers["generator"].zero_grad()
        self.loss(self.discriminator(fake), ones).backward()
        self.optimizers["generator"].step()
        self.steps += 1

    @torch.no_grad()
    def sample(self, count: int, *, seed: int) -> npt.NDArray[np.uint8]:
        """Return `count` samples, uint8 (N, 1, 28, 28), with batch norm's running statistics."""
        noise = torch.randn(count, _LATENT, 1, 1, generator=stream(seed, "plain.sample"))
        self.generator.eval()
        made = torch.cat([self.generator(part) for part in noise.split(_SAMPLED_AT_ONCE)])
        self.generator.train()
        pixels = ((made + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        found: npt.NDArray[np.uint8] = pixels.numpy()
        return found

    def state_dict(self) -> dict[str, Any]:
        """Return all that training has changed."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "optimizers": {name: part.state_dict() for name, part in self.optimizers.items()},
            "steps": self.steps,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to what `state_dict` gave."""
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        for name, part in self.optimizers.items():
            part.load_state_dict(state["optimizers"][name])
        self.steps = int(state["steps"])


def _generator() -> nn.Module:
    return nn.Sequential(
        nn.ConvTranspose2d(_LATENT, 4 * _WIDTH, 7, bias=False),
        nn.BatchNorm2d(4 * _WIDTH),
        nn.ReLU(True),
        nn.ConvTranspose2d(4 * _WIDTH, 2 * _WIDTH, 4, 2, 1, bias=False),
        nn.BatchNorm2d(2 * _WIDTH),
        nn.ReLU(True),
        nn.ConvTranspose2d(2 * _WIDTH, 1, 4, 2, 1, bias=False),
        nn.Tanh(),
    )


def _discriminator() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, _WIDTH, 4, 2, 1, bias=False),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(_WIDTH, 2 * _WIDTH, 4, 2, 1, bias=False),
        nn.BatchNorm2d(2 * _WIDTH),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(2 * _WIDTH, 1, 7, bias=False),
        nn.Flatten(),
    )


def _initialise(network: nn.Module, draw: torch.Generator) -> None:
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.reset_running_stats()
                layer.weight.normal_(1.0, 0.02, generator=draw)
                layer.bias.zero_()
            elif isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                layer.weight.normal_(0.0, 0.02, generator=draw)
