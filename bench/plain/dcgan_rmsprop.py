"""dcgan-rmsprop as a plain loop: real and fake images in one batch of D, then G on fresh noise."""

import torch
from torch import Tensor, nn

__all__ = ["PlainDcganRmsprop"]


class PlainDcganRmsprop:
    """The networks and training of "GAN for MNIST using Keras"."""

    batch = 256

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.generator = nn.Sequential(
            nn.Linear(100, 7 * 7 * 256),
            nn.BatchNorm1d(7 * 7 * 256),
            nn.ReLU(),
            nn.Unflatten(1, (256, 7, 7)),
            nn.Dropout(0.4),
            nn.Upsample(scale_factor=2),
            nn.ConvTranspose2d(256, 128, 5, 1, 2),
            nn.BatchNorm2d(128),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.ConvTranspose2d(128, 64, 5, 1, 2),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.ConvTranspose2d(64, 32, 5, 1, 2),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 5, 1, 2),
            nn.Sigmoid(),
        )
        layers: list[nn.Module] = []
        for inputs, outputs, stride in ((1, 64, 2), (64, 128, 2), (128, 256, 2), (256, 512, 1)):
            layers += [nn.Conv2d(inputs, outputs, 5, stride, 2), nn.LeakyReLU(0.2), nn.Dropout(0.4)]
        self.discriminator = nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * 4 * 512, 1))
        self.d_optimizer = torch.optim.RMSprop(self.discriminator.parameters(), 2e-4, 0.9, 1e-7)
        self.g_optimizer = torch.optim.RMSprop(self.generator.parameters(), 1e-4, 0.9, 1e-7)
        self.loss = nn.BCEWithLogitsLoss()

    def step(self, images: Tensor) -> None:
        """Train D on real and fake images together, then G."""
        real = images / 255
        count = len(real)
        self.generator.eval()
        with torch.no_grad():
            fake = self.generator(torch.rand(count, 100) * 2 - 1)
        self.generator.train()
        targets = torch.cat([torch.ones(count, 1), torch.zeros(count, 1)])
        d_loss = self.loss(self.discriminator(torch.cat([real, fake])), targets)
        self.d_optimizer.zero_grad()
        d_loss.backward()
        self.d_optimizer.step()
        self.discriminator.requires_grad_(False)
        fake = self.generator(torch.rand(count, 100) * 2 - 1)
        g_loss = self.loss(self.discriminator(fake), torch.ones(count, 1))
        self.g_optimizer.zero_grad()
        g_loss.backward()
        self.g_optimizer.step()
        self.discriminator.requires_grad_(True)
