"""The size of what is made and judged, an image or a point, as networks and models are told it."""

from dataclasses import dataclass

from ganvas.settings import require

__all__ = [
    "MAX_SIZE",
    "MIN_SIZE",
    "ImageShape",
    "PackedShape",
    "PointShape",
    "Shape",
    "image_in_words",
]

MIN_SIZE, MAX_SIZE = 8, 128
_MOST_DIMENSIONS = 64
_COLOURS = {1: "grey", 3: "RGB", 4: "RGBA"}


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

    @property
    def sizes(self) -> tuple[int, int, int]:
        """A signal's shape without the batch: (C, H, W)."""
        return self.channels, self.height, self.width

    def packed(self, count: int) -> "PackedShape":
        """Return the size of `count` images stacked along the channels."""
        return PackedShape(channels=self.channels * count, height=self.height, width=self.width)

    def _check_channels(self) -> None:
        require(self.channels in (1, 3, 4), "image channels", "1, 3 or 4", self.channels)


@dataclass(frozen=True, kw_only=True, slots=True)
class PackedShape(ImageShape):
    """The size of several images stacked along the channels, as a packed D reads them."""

    def _check_channels(self) -> None:
        require(self.channels >= 1, "channels", "1 or more", self.channels)


@dataclass(frozen=True, kw_only=True, slots=True)
class PointShape:
    """The number of coordinates of a point, or of several in a row, as a packed D reads them."""

    dimensions: int

    def __post_init__(self) -> None:
        rule = f"1 to {_MOST_DIMENSIONS}"
        require(1 <= self.dimensions <= _MOST_DIMENSIONS, "dimensions", rule, self.dimensions)

    @property
    def sizes(self) -> tuple[int]:
        """A signal's shape without the batch: (D,)."""
        return (self.dimensions,)

    def packed(self, count: int) -> "PointShape":
        """Return the size of `count` points side by side."""
        return PointShape(dimensions=self.dimensions * count)


Shape = ImageShape | PointShape
"""What a network makes or judges; its signals have `sizes` behind the batch."""


def image_in_words(channels: int, height: int, width: int) -> str:
    """Return what an image of any size and number of channels is: "28x28 grey"."""
    return f"{height}x{width} {_COLOURS.get(channels, f'with {channels} channels')}"
