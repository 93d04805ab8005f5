"""Counts in words: one helper, so that no message says "1 images"."""

__all__ = ["counted"]


def counted(number: int, thing: str, things: str = "") -> str:
    """Return "1 image" and "2,500 images"; `things` is the plural where an s does not make it."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
