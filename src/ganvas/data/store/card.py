"""Where imported data sets are kept, and which there are: answers without NumPy.

CACHE/sets/NAME/set.json             what it is
                train-images.npy     uint8 (N, C, H, W), in random order; held out from the first on
                train-labels.npy     int64 (N,), where there are classes
                test-images.npy ...  where there is a test split
                refused.jsonl        the files that could not be taken, and why
CACHE/arrays/DIGEST/...              the same, of arrays that a run was given, in their order
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ganvas.data.named.find import cache_folder
from ganvas.data.named.sources import POINT_SOURCES, SOURCES
from ganvas.errors import DataError, UsageError

__all__ = [
    "ARRAYS_PREFIX",
    "StoredSet",
    "arrays_folder",
    "find_stored",
    "read_card",
    "require_free_name",
    "sets_folder",
    "stored_names",
]

ARRAYS_PREFIX = "sha256:"
"""What the references of kept arrays begin with; their digest follows."""

_FORMAT = 1
_CARD = "set.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIGEST = re.compile("sha256:([0-9a-f]{64})")
_MOST_BYTES = 1 << 24  # of a card: class names may be many


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSet:
    """What the card of a stored data set says. `shape` is (C, H, W); `num_test` 0 without a split.

    `order` tells how rows lie: "mixed" is random, held out from the first on; "given" is the
    order of the arrays they were.
    """

    name: str
    folder: Path
    shape: tuple[int, int, int]
    num_train: int
    num_test: int
    class_names: tuple[str, ...]
    digest: str
    source: str
    licence: str
    order: Literal["mixed", "given"]
    held_out: int
    parent: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Return what is written to the card."""
        return {
            "format": _FORMAT,
            "name": self.name,
            "shape": list(self.shape),
            "num_train": self.num_train,
            "num_test": self.num_test,
            "class_names": list(self.class_names),
            "digest": self.digest,
            "source": self.source,
            "licence": self.licence,
            "order": self.order,
            "held_out": self.held_out,
            "parent": self.parent,
        }


def sets_folder() -> Path:
    """Return the folder of imported data sets; it need not exist."""
    return cache_folder() / "sets"


def arrays_folder(digest: str) -> Path:
    """Return the folder in which arrays of this digest are kept; it need not exist."""
    return cache_folder() / "arrays" / digest.removeprefix(ARRAYS_PREFIX)


def stored_names() -> tuple[str, ...]:
    """Return the names of the imported data sets, sorted."""
    with suppress(DataError, OSError):  # no home, no such folder, not to be looked into
        return tuple(
            sorted(
                path.name
                for path in sets_folder().iterdir()
                if _NAME.fullmatch(path.name) and (path / _CARD).is_file()
            )
        )
    return ()


def find_stored(name: str) -> Path | None:
    """Return the folder of the imported data set `name`, or of the arrays with that digest."""
    digest = _DIGEST.fullmatch(name)
    with suppress(DataError, OSError):
        if digest or _NAME.fullmatch(name):
            folder = arrays_folder(name) if digest else sets_folder() / name
            return folder if (folder / _CARD).is_file() else None
    return None


def read_card(folder: Path) -> StoredSet:
    """Return what the card in `folder` says. Raises DataError when it is missing or damaged."""
    path = folder / _CARD
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES)
        found = json.loads(content)
        if found["format"] != _FORMAT:
            raise DataError(f"{path} is of another version of ganvas; import the data again")
        channels, height, width = map(int, found["shape"])
        if found["order"] not in ("mixed", "given"):
            raise ValueError("unknown order")
        return StoredSet(
            name=str(found["name"]),
            folder=folder,
            shape=(channels, height, width),
            num_train=int(found["num_train"]),
            num_test=int(found["num_test"]),
            class_names=tuple(map(str, found["class_names"])),
            digest=str(found["digest"]),
            source=str(found["source"]),
            licence=str(found["licence"]),
            order=found["order"],
            held_out=int(found["held_out"]),
            parent=found["parent"],
        )
    except DataError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(f"{path} is damaged ({error!r}); import the data again") from None


def require_free_name(name: str, *, replace: bool) -> None:
    """Raise UsageError unless a data set can be imported under `name`."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "a data set's name must be letters, digits, dots, dashes and underscores, at most 64, "
            f"and begin with a letter or digit, not '{name}'"
        )
    if name in SOURCES or name in POINT_SOURCES or name == "arrays":
        raise UsageError(f"'{name}' is the name of a data set that ganvas knows; choose another")
    if not replace and find_stored(name) is not None:
        raise UsageError(f"there is a data set '{name}' already; choose another name, or --replace")
