"""dcgan-tf as a plain loop: both losses from one batch of fakes."""

import torch
from torch import Tensor, nn

__all__ = ["PlainDcganTf"]


class PlainDcganTf:
    """The TensorFlow DCGAN tutorial's networks and training."""

    batch = 256

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.generator = nn.Sequential(
            nn.Linear(100, 7 * 7 * 256, bias=False),
            nn.BatchNorm1d(7 * 7 * 256),
            nn.LeakyReLU(0.3),
            nn.Unflatten(1, (256, 7, 7)),
            nn.ConvTranspose2d(256, 128, 5, 1, 2, bias=False),
            nn.BatchNorm2d(128),
            nn.LeakyReLU(0.3),
            nn.ConvTranspose2d(128, 64, 5, 2, 2, 1, bias=False),
            nn.BatchNorm2d(64),
            nn.LeakyReLU(0.3),
            nn.ConvTranspose2d(64, 1, 5, 2, 2, 1, bias=False),
            nn.Tanh(),
        )
        self.discriminator = nn.Sequential(
            nn.Conv2d(1, 64, 5, 2, 2),
            nn.LeakyReLU(0.3),
            nn.Dropout(0.3),
            nn.Conv2d(64, 128, 5, 2, 2),
            nn.LeakyReLU(0.3),
            nn.Dropout(0.3),
            nn.Flatten(),
            nn.Linear(128 * 7 * 7, 1),
        )
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), 1e-4)
        self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), 1e-4)
        self.loss = nn.BCEWithLogitsLoss()

    def step(self, images: Tensor) -> None:
        """Train both players once."""
        real = images / 127.5 - 1
        ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
        fake = self.generator(torch.randn(len(real), 100))
        d_loss = self.loss(self.discriminator(real), ones)
        d_loss = d_loss + self.loss(self.discriminator(fake.detach()), zeros)
        self.d_optimizer.zero_grad()
        d_loss.backward()
        self.d_optimizer.step()
        g_loss = self.loss(self.discriminator(fake), ones)
        self.g_optimizer.zero_grad()
        g_loss.backward()
        self.g_optimizer.step()
