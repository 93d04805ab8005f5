"""What torch.distributed says of a failure, in one short line."""

import re

__all__ = ["reason_of"]

_PLACE = re.compile(r"^\[[^\]]*\]\s*")  # of a line in its source


def reason_of(error: Exception) -> str:
    """Return the first sentence of what went wrong, without where in PyTorch's source."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return _PLACE.sub("", lines[0]).partition(". ")[0]
