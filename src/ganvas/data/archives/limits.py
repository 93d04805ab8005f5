"""What an archive may hold: bounds that hold for every kind, whatever its headers claim."""

from pathlib import Path

from ganvas.errors import DataError

__all__ = ["FREE_BYTES", "MAX_RATIO", "refuse_bomb", "refuse_unsafe"]

MAX_RATIO = 100
"""Most bytes that a byte of an archive may unpack to, once they are more than `FREE_BYTES`."""
FREE_BYTES = 1 << 28

_NAMED = 3


def refuse_bomb(path: Path, packed: int, unpacked: int) -> None:
    """Raise DataError when so many bytes cannot come from pictures packed into `packed` bytes."""
    if unpacked > FREE_BYTES and unpacked > MAX_RATIO * packed:
        raise DataError(
            f"{path} unpacks to {unpacked:,} bytes or more from {packed:,}, over {MAX_RATIO} "
            "times; no pictures do, so it is not read"
        )


def refuse_unsafe(path: Path, unsafe: list[tuple[str, str]]) -> None:
    """Raise DataError naming members of an archive, (name, what it is), that are not trusted."""
    if unsafe:
        named = ", ".join(f"'{name}' ({what})" for name, what in unsafe[:_NAMED])
        more = f" and {len(unsafe) - _NAMED} more" if len(unsafe) > _NAMED else ""
        raise DataError(
            f"{path} is not read, for it holds {named}{more}; pack the pictures anew without such "
            "members"
        )
