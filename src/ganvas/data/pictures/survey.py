"""What a folder or archive of pictures holds, by the pictures' headers alone."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganvas.data.archives.kinds import open_container
from ganvas.data.pictures.decode import SUFFIXES, PictureError, read_header

__all__ = ["Survey", "survey"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """How many pictures there are of each format and of each (height, width); and unreadable."""

    formats: dict[str, int]
    sizes: dict[tuple[int, int], int]
    unreadable: int

    def to_json(self) -> dict[str, Any]:
        """Return the counts, smallest and largest size by area, ready for JSON."""
        ordered = sorted(self.sizes, key=lambda size: (size[0] * size[1], size))
        return {
            "formats": self.formats,
            "different_sizes": len(ordered),
            "smallest": list(ordered[0]) if ordered else None,
            "largest": list(ordered[-1]) if ordered else None,
            "unreadable": self.unreadable,
        }


def survey(path: Path) -> Survey:
    """Return what is at `path`, a folder or an archive, every split and class together.

    No pixel is decoded. Raises UsageError or DataError for what is no such thing.
    """
    container = open_container(path)
    members = [found for found in container.members() if found.name.lower().endswith(SUFFIXES)]
    formats: Counter[str] = Counter()
    sizes: Counter[tuple[int, int]] = Counter()
    unreadable = 0
    for content in container.read(members):
        try:
            if isinstance(content, PictureError):
                raise content
            kind, height, width = read_header(content)
        except PictureError:
            unreadable += 1
            continue
        formats[kind] += 1
        sizes[height, width] += 1
    return Survey(formats=dict(sorted(formats.items())), sizes=dict(sizes), unreadable=unreadable)
