"""What fixes a judge's layers: plain numbers, checked, without torch."""

import math
from dataclasses import asdict, dataclass

from ganvas.errors import UsageError

__all__ = ["NUM_FEATURES", "Architecture"]

NUM_FEATURES = 128
"""Width of every judge's feature space."""
_LARGEST_LAST_MAP = 8  # pixels a side; 28x28 ends at 7x7, 32x32 and 64x64 at 8x8
_RULES = {
    "channels": (1, 3, 4),
    "height": range(8, 129),
    "width": range(8, 129),
    "num_classes": range(2, 10_001),
    "first_width": range(8, 129),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Architecture:
    """Everything that fixes the network's layers; sizes in pixels.

    Raises UsageError where `channels` is not 1, 3 or 4, `height` or `width` is outside
    8..128, or `num_classes` is below 2.
    """

    channels: int
    height: int
    width: int
    num_classes: int
    first_width: int = 48

    def __post_init__(self) -> None:
        for name, allowed in _RULES.items():
            value = getattr(self, name)
            if type(value) is not int or value not in allowed:
                rule = (
                    f"a whole number from {allowed[0]} to {allowed[-1]}"
                    if isinstance(allowed, range)
                    else f"one of {', '.join(map(str, allowed))}"
                )
                raise UsageError(f"judge architecture: {name} must be {rule}, got {value!r}")

    @property
    def num_stages(self) -> int:
        """How often the map is halved: at least once, until no side exceeds 8 pixels."""
        return max(1, math.ceil(math.log2(max(self.height, self.width) / _LARGEST_LAST_MAP)))

    @property
    def stage_widths(self) -> tuple[int, ...]:
        """Channels of each stage: the first's, then twice, then four times that, and no more."""
        return tuple(self.first_width * min(2**i, 4) for i in range(self.num_stages))

    def as_dict(self) -> dict[str, int]:
        """Return the arguments as plain numbers, for JSON; `Architecture(**d)` reads them back."""
        return asdict(self)
