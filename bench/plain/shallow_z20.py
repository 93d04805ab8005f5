"""shallow-z20 as a plain loop: D once, then G twice on the same noise."""

import torch
from torch import Tensor, nn

__all__ = ["PlainShallowZ20"]


class PlainShallowZ20:
    """The networks and training of the notebook "GAN MNIST Tensorflow"."""

    batch = 100

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.generator = nn.Sequential(
            nn.Linear(20, 7 * 7 * 32),
            nn.LeakyReLU(0.1),
            nn.Unflatten(1, (32, 7, 7)),
            nn.Conv2d(32, 64, 3, 1, 1),
            nn.BatchNorm2d(64),
            nn.LeakyReLU(0.1),
            nn.ConvTranspose2d(64, 64, 3, 2, 1, 1),
            nn.BatchNorm2d(64),
            nn.LeakyReLU(0.1),
            nn.ConvTranspose2d(64, 1, 3, 2, 1, 1),
            nn.BatchNorm2d(1),
            nn.Tanh(),
        )
        self.discriminator = nn.Sequential(
            nn.Conv2d(1, 32, 3, 2, 1),
            nn.BatchNorm2d(32),
            nn.LeakyReLU(0.1),
            nn.Conv2d(32, 64, 3, 2, 1),
            nn.BatchNorm2d(64),
            nn.LeakyReLU(0.1),
            nn.Flatten(),
            nn.Linear(7 * 7 * 64, 64),
            nn.BatchNorm1d(64),
            nn.LeakyReLU(0.1),
            nn.Linear(64, 1),
        )
        self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), 2e-4, (0.5, 0.999))
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), 2e-4, (0.5, 0.999))
        self.loss = nn.BCEWithLogitsLoss()

    def step(self, images: Tensor) -> None:
        """Train D once and G twice."""
        real = images / 127.5 - 1
        count = len(real)
        noise = torch.randn(count, 20)
        fake = self.generator(noise).detach()
        logits = torch.cat([self.discriminator(real), self.discriminator(fake)])
        targets = torch.cat([torch.ones(count, 1), torch.zeros(count, 1)])
        d_loss = self.loss(logits, targets)
        self.d_optimizer.zero_grad()
        d_loss.backward()
        self.d_optimizer.step()
        self.discriminator.requires_grad_(False)
        for _ in range(2):
            g_loss = self.loss(self.discriminator(self.generator(noise)), torch.ones(count, 1))
            self.g_optimizer.zero_grad()
            g_loss.backward()
            self.g_optimizer.step()
        self.discriminator.requires_grad_(True)
