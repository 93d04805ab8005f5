"""cifar-cars as a plain loop: D on real images, D on fakes, then G on fresh noise."""

import torch
from torch import Tensor, nn

__all__ = ["PlainCifarCars"]


class PlainCifarCars:
    """The networks and training of the notebook "GAN KERAS"."""

    batch = 20

    def __init__(self) -> None:
        torch.manual_seed(0)
        layers: list[nn.Module] = []
        for inputs, outputs in ((128, 256), (256, 256), (256, 256)):
            layers += [nn.Conv2d(inputs, outputs, 5, 1, 2), nn.LeakyReLU(0.3)]
        self.generator = nn.Sequential(
            nn.Linear(32, 128 * 16 * 16),
            nn.LeakyReLU(0.3),
            nn.Unflatten(1, (128, 16, 16)),
            *layers,
            nn.ConvTranspose2d(256, 256, 4, 2, 1),
            nn.LeakyReLU(0.3),
            nn.Conv2d(256, 3, 7, 1, 3),
            nn.Tanh(),
        )
        layers = [nn.Conv2d(3, 128, 3), nn.LeakyReLU(0.3)]
        for _ in range(3):
            layers += [nn.Conv2d(128, 128, 4, 2), nn.LeakyReLU(0.3)]
        self.discriminator = nn.Sequential(
            *layers, nn.Flatten(), nn.Dropout(0.4), nn.Linear(128 * 2 * 2, 1)
        )
        self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), 1e-4, (0.5, 0.999))
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), 2e-4, (0.5, 0.999))
        self.loss = nn.BCEWithLogitsLoss()

    def step(self, images: Tensor) -> None:
        """Train D twice and G once."""
        real = images / 127.5 - 1
        count = len(real)
        with torch.no_grad():
            fake = self.generator(torch.randn(count, 32))
        for seen, target in ((real, torch.ones(count, 1)), (fake, torch.zeros(count, 1))):
            self._learn(self.d_optimizer, self.discriminator(seen), target)
        self.discriminator.requires_grad_(False)
        fake = self.generator(torch.randn(count, 32))
        self._learn(self.g_optimizer, self.discriminator(fake), torch.ones(count, 1))
        self.discriminator.requires_grad_(True)

    def _learn(self, optimizer: torch.optim.Optimizer, logits: Tensor, targets: Tensor) -> None:
        optimizer.zero_grad()
        self.loss(logits, targets).backward()
        optimizer.step()
