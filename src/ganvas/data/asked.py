"""What somebody calls their data, told apart without opening it: a name or a path, and classes.

Needs no NumPy, so that a wrong word is refused at once.
"""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ganvas.data.named.sources import POINT_SOURCES, SOURCES
from ganvas.data.store.card import find_stored, stored_names
from ganvas.errors import UsageError, did_you_mean

__all__ = ["Asked", "class_numbers", "parse_data", "plain_name"]


@dataclass(frozen=True, slots=True)
class Asked:
    """`name` of a data set, or else `path`, which exists; and the classes chosen of it.

    A name is a known one, an imported one, or "sha256:..." of kept arrays. `classes` is () for
    all of them.
    """

    name: str
    path: Path | None
    classes: tuple[str, ...]

    @property
    def plain(self) -> str:
        """A word for it that can be a part of a file's name: mnist-3-5 for mnist:3,5."""
        base = self.name if self.path is None else plain_name(self.path)
        return re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join([base, *self.classes])).strip("-.")


def parse_data(text: str | os.PathLike[str]) -> Asked:
    """Return what `text` means: NAME, PATH, NAME:class,class or PATH:class,class.

    A known or imported data set comes before a path of that name (write ./mnist for the folder).
    What exists as a path, colons included, is that path. Raises UsageError when it is neither,
    with the nearest name, and for classes that a known data set has not.
    """
    words = os.fspath(text)
    if not isinstance(text, str):
        path = _existing(words)
        if path is None:
            raise UsageError(f"no file or folder at {words}")
        return Asked("", path, ())
    if (whole := _name_or_path(words)) is not None:
        return Asked(*whole, ())
    base, colon, listed = words.rpartition(":")
    if colon and base and (found := _name_or_path(base)) is not None:
        classes = tuple(word.strip() for word in listed.split(","))
        if not all(classes):
            raise UsageError(
                f"'{words}' names an empty class; write the classes as in {base}:first,second"
            )
        if found[0] in SOURCES:
            class_numbers(classes, SOURCES[found[0]].class_names, found[0])
        return Asked(*found, classes)
    if re.fullmatch("sha256:[0-9a-f]{64}(:.*)?", words):
        raise UsageError(
            f"the arrays {words[:19]}... are no longer kept on this machine; give them again"
        )
    if "://" in words:
        raise UsageError(f"no data is fetched from {words}; download it, and name the file")
    base = base or words
    if os.sep in base or "/" in base or base.startswith((".", "~")):
        raise UsageError(f"no file or folder at '{base}'")
    known = (*SOURCES, *POINT_SOURCES, *stored_names())
    near = did_you_mean(base.lower(), known)
    if "did you mean" not in near:
        near = f", and nothing lies at that path{near}"
    raise UsageError(f"unknown data set '{base}'{near}")


def class_numbers(words: Sequence[str], class_names: Sequence[str], name: str) -> list[int]:
    """Return the numbers, sorted, of the classes that `words` name or number, in data set `name`.

    Raises UsageError for one that is not there or is asked for twice.
    """
    chosen = sorted(_class_number(word, class_names, name) for word in words)
    for number, after in pairwise(chosen):
        if number == after:
            raise UsageError(f"class '{class_names[number]}' is asked for twice")
    return chosen


def plain_name(path: Path) -> str:
    """Return the name of a data set that is read from `path`: never that of a named one."""
    last = path.expanduser().resolve().name
    for _ in range(2):  # pictures.tar.gz has two endings
        stem, dot, ending = last.rpartition(".")
        if path.is_dir() or not dot or not stem or not re.fullmatch("[A-Za-z0-9]{1,4}", ending):
            break
        last = stem
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip("-.")[:60] or "pictures"
    taken = plain in (*SOURCES, *POINT_SOURCES, "arrays") or find_stored(plain) is not None
    return f"{plain}-folder" if taken else plain


def _class_number(word: str, class_names: Sequence[str], name: str) -> int:
    if word in class_names:
        return class_names.index(word)
    if re.fullmatch("[0-9]{1,9}", word) and int(word) < len(class_names):
        return int(word)
    raise UsageError(f"{name} has no class '{word}'{did_you_mean(word, class_names)}")


def _name_or_path(words: str) -> tuple[str, Path | None] | None:
    if words in SOURCES or words in POINT_SOURCES or find_stored(words) is not None:
        return words, None
    path = _existing(words)
    return None if path is None else ("", path)


def _existing(words: str) -> Path | None:
    with suppress(OSError, ValueError, RuntimeError):  # too long, a zero byte, no home
        path = Path(words).expanduser()
        if words and path.exists():
            return path
    return None
