"""dropout-cnn as a plain loop: rounds of epochs of D, then of G, on 256 images and noises."""

import torch
from torch import Tensor, nn

__all__ = ["PlainDropoutCnn"]

_BATCH = 128


class PlainDropoutCnn:
    """The networks and training of "GAN_MINIST_keras"; D without dropout, as published.

    Published: 20 epochs of D and 40 of G a round.
    """

    batch = 256

    def __init__(self, *, discriminator_epochs: int = 20, generator_epochs: int = 40) -> None:
        torch.manual_seed(0)
        self.discriminator_epochs = discriminator_epochs
        self.generator_epochs = generator_epochs
        self.generator = nn.Sequential(
            nn.Linear(100, 7 * 7 * 256),
            nn.BatchNorm1d(7 * 7 * 256),
            nn.LeakyReLU(0.3),
            nn.Unflatten(1, (256, 7, 7)),
            nn.Dropout(0.8),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(256, 128, 5, 1, 2),
            nn.BatchNorm2d(128),
            nn.LeakyReLU(0.3),
            nn.Dropout(0.8),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(128, 64, 5, 1, 2),
            nn.BatchNorm2d(64),
            nn.LeakyReLU(0.3),
            nn.Dropout(0.8),
            nn.Conv2d(64, 32, 5, 1, 2),
            nn.BatchNorm2d(32),
            nn.LeakyReLU(0.3),
            nn.Dropout(0.8),
            nn.Conv2d(32, 1, 5, 1, 2),
            nn.Sigmoid(),
        )
        layers: list[nn.Module] = []
        for inputs, outputs, stride in ((1, 64, 2), (64, 128, 2), (128, 256, 2), (256, 512, 1)):
            layers += [nn.Conv2d(inputs, outputs, 5, stride, 2), nn.LeakyReLU(0.3)]
        self.discriminator = nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * 4 * 512, 1))
        self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), 1e-4)
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), 2e-4)
        self.loss = nn.BCEWithLogitsLoss()

    def step(self, images: Tensor) -> None:
        """Carry out one round."""
        real = images / 255
        noise = torch.rand(len(real), 100) * 2 - 1
        self.generator.eval()
        with torch.no_grad():
            fake = self.generator(noise)
        self.generator.train()
        both = torch.cat([real, fake])
        targets = torch.cat([torch.ones(len(real), 1), torch.zeros(len(fake), 1)])
        for _ in range(self.discriminator_epochs):
            for rows in torch.randperm(len(both)).split(_BATCH):
                self._learn(self.d_optimizer, self.discriminator(both[rows]), targets[rows])
        self.discriminator.requires_grad_(False)
        for _ in range(self.generator_epochs):
            for rows in torch.randperm(len(noise)).split(_BATCH):
                logits = self.discriminator(self.generator(noise[rows]))
                self._learn(self.g_optimizer, logits, torch.ones(len(rows), 1))
        self.discriminator.requires_grad_(True)

    def _learn(self, optimizer: torch.optim.Optimizer, logits: Tensor, targets: Tensor) -> None:
        optimizer.zero_grad()
        self.loss(logits, targets).backward()
        for group in optimizer.param_groups:
            nn.utils.clip_grad_value_(group["params"], 1.0)
        optimizer.step()
