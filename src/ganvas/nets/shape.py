"""The size of an image, as networks and models are told it."""

from dataclasses import dataclass

from ganvas.settings import require

__all__ = ["MAX_SIZE", "MIN_SIZE", "ImageShape", "PackedShape"]

MIN_SIZE, MAX_SIZE = 8, 128


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageShape:
    """Channels, height and width of an image; sizes from 8 to 128 pixels, channels 1, 3 or 4."""

    channels: int
    height: int
    width: int

    def __post_init__(self) -> None:
        self._check_channels()
        for name in ("height", "width"):
            size = getattr(self, name)
            rule = f"from {MIN_SIZE} to {MAX_SIZE} pixels"
            require(MIN_SIZE <= size <= MAX_SIZE, f"image {name}", rule, size)

    def _check_channels(self) -> None:
        require(self.channels in (1, 3, 4), "image channels", "1, 3 or 4", self.channels)


@dataclass(frozen=True, kw_only=True, slots=True)
class PackedShape(ImageShape):
    """The size of several images stacked along the channels, as a packed D reads them."""

    def _check_channels(self) -> None:
        require(self.channels >= 1, "channels", "1 or more", self.channels)
