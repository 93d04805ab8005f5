"""What is done to pictures before they are training images: size, channels, how they are fitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from ganvas.data.images import CHANNELS, MAX_SIDE, MIN_SIDE
from ganvas.errors import UsageError, did_you_mean

__all__ = ["AS_THEY_ARE", "Fit", "Preparation"]

Fit = Literal["crop", "pad", "stretch"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Preparation:
    """How pictures are brought to one form; without a size or channels they stay as they are.

    `size` is (height, width) in pixels, 8 to 128 each; `channels` 1 (grey, ITU-R 601 luma), 3
    (RGB, what is transparent laid on white) or 4 (RGBA). `fit` says how a picture of another
    shape comes to `size`: "crop" cuts the middle of the right shape out, "pad" keeps all of it
    between black (transparent) bars, "stretch" scales both sides by themselves. Scaling is
    Lanczos' filter over all the pixels that a new one covers.

    Raises UsageError for values outside these rules.
    """

    size: tuple[int, int] | None = None
    channels: int | None = None
    fit: Fit = "crop"

    def __post_init__(self) -> None:
        if self.size is not None and not (
            len(self.size) == 2 and all(MIN_SIDE <= side <= MAX_SIDE for side in self.size)
        ):
            raise UsageError(
                f"size must be a height and a width of {MIN_SIDE} to {MAX_SIDE} pixels, "
                f"not {self.size}"
            )
        if self.channels is not None and self.channels not in CHANNELS:
            raise UsageError(
                f"channels must be 1 (grey), 3 (RGB) or 4 (RGBA), not {self.channels!r}"
            )
        if self.fit not in get_args(Fit):
            raise UsageError(f"unknown fit '{self.fit}'{did_you_mean(self.fit, get_args(Fit))}")

    @classmethod
    def of(
        cls,
        size: int | tuple[int, int] | None = None,
        channels: int | None = None,
        fit: Any = "crop",
    ) -> "Preparation":
        """Return a preparation; one number as `size` is both sides."""
        sides = (size, size) if isinstance(size, int) else size
        return cls(size=sides, channels=channels, fit=fit)

    @property
    def changes(self) -> bool:
        """Whether anything is asked for."""
        return self.size is not None or self.channels is not None

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` takes; {} when nothing is asked for."""
        if not self.changes:
            return {}
        size = None if self.size is None else list(self.size)
        return {"size": size, "channels": self.channels, "fit": self.fit}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Preparation":
        """Return the preparation that `to_json` wrote. Raises UsageError for anything else."""
        try:
            size = values.get("size")
            return cls(
                size=None if size is None else (int(size[0]), int(size[1])),
                channels=values.get("channels"),
                fit=values.get("fit", "crop"),
            )
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            raise UsageError(f"{values!r} says no preparation of pictures: {error}") from None


AS_THEY_ARE = Preparation()
"""Nothing is asked for: pictures must all have one size and one number of channels."""
