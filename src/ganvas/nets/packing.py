"""D sees several images at once, so that fakes that are too much alike give themselves away."""

import torch
from torch import Tensor, nn

__all__ = ["PackedDiscriminator", "pack_images"]


def pack_images(images: Tensor, count: int) -> Tensor:
    """Return images (N, C, H, W) as packs (N // count, count * C, H, W), points alike.

    Rows that follow each other lie above each other, so a pack of real images is all real. The
    last N % count images, which fill no pack, are left out.
    """
    packs = len(images) // count
    if packs * count != len(images):
        images = images[: packs * count]
    stacked = images.reshape(packs, count * images.shape[1], *images.shape[2:])
    if stacked.dim() < 4:  # points have no channels to put last
        return stacked
    return stacked.contiguous(memory_format=torch.channels_last)


class PackedDiscriminator(nn.Module):
    """Images (N, C, H, W) -> packs -> `network` -> logits (N // count,), one for each pack.

    (arXiv 1712.04086, section 2.) Without classes: a pack has one answer, and a batch's
    neighbouring images are of different classes.
    """

    def __init__(self, network: nn.Module, count: int) -> None:
        super().__init__()
        self.network = network
        self.count = count

    def initialise(self, generator: torch.Generator) -> None:
        """Draw the weights as the network does."""
        self.network.initialise(generator)  # type: ignore[operator]

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return one logit for each pack of consecutive images."""
        logits: Tensor = self.network(pack_images(images, self.count))
        return logits
