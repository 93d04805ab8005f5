"""smooth-ez as a plain loop, with every update made: D on fakes, G, D on real images.

The published controller leaves updates out when a network is ahead; which ones depends on the
training so far. For a comparison of speed it is switched off, here and in ganvas: after each of
the three updates all three losses are evaluated again, as published.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["PlainSmoothEz"]


class _Resize(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return functional.interpolate(x, size=(56, 56), mode="bilinear")


class PlainSmoothEz:
    """The networks and training of "GAN on MNIST" with class folders, after EZGAN."""

    batch = 50

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.generator = nn.Sequential(
            nn.Linear(100, 3136),
            nn.Unflatten(1, (1, 56, 56)),
            nn.BatchNorm2d(1, affine=False),
            nn.ReLU(),
            nn.Conv2d(1, 50, 3, 2, 1),
            nn.BatchNorm2d(50, affine=False),
            nn.ReLU(),
            _Resize(),
            nn.Conv2d(50, 25, 3, 2, 1),
            nn.BatchNorm2d(25, affine=False),
            nn.ReLU(),
            _Resize(),
            nn.Conv2d(25, 1, 1, 2),
            nn.Sigmoid(),
        )
        self.discriminator = nn.Sequential(
            nn.Conv2d(1, 32, 5, 1, 2),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.Conv2d(32, 64, 5, 1, 2),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Linear(7 * 7 * 64, 1024),
            nn.ReLU(),
            nn.Linear(1024, 1),
        )
        self.real_optimizer = torch.optim.Adam(self.discriminator.parameters(), 1e-4)
        self.fake_optimizer = torch.optim.Adam(self.discriminator.parameters(), 1e-4)
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), 1e-4)
        self.loss = nn.BCEWithLogitsLoss()

    def step(self, images: Tensor) -> None:
        """Train D on fakes, G, and D on real images."""
        real = images / 255
        count = len(real)
        noise = torch.nn.init.trunc_normal_(torch.empty(count, 100), a=-2, b=2)
        smooth, ones, zeros = (
            torch.full((count, 1), 0.9),
            torch.ones(count, 1),
            torch.zeros(count, 1),
        )
        fake = self.generator(noise).detach()
        self._learn(self.fake_optimizer, self.discriminator(fake), zeros)
        self._look(real, noise)
        self.discriminator.requires_grad_(False)
        self._learn(self.g_optimizer, self.discriminator(self.generator(noise)), ones)
        self.discriminator.requires_grad_(True)
        self._look(real, noise)
        self._learn(self.real_optimizer, self.discriminator(real), smooth)
        self._look(real, noise)

    def _learn(self, optimizer: torch.optim.Optimizer, logits: Tensor, targets: Tensor) -> None:
        optimizer.zero_grad()
        self.loss(logits, targets).backward()
        optimizer.step()

    @torch.no_grad()
    def _look(self, real: Tensor, noise: Tensor) -> float:
        fake = self.discriminator(self.generator(noise))
        ones, zeros = torch.ones(len(fake), 1), torch.zeros(len(fake), 1)
        losses = [self.loss(self.discriminator(real), ones * 0.9)]
        losses += [self.loss(fake, zeros), self.loss(fake, ones)]
        return float(torch.stack(losses).sum())
