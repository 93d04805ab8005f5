"""File names -> which picture belongs to which split and class, by stated rules."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganvas.data.archives.container import Member
from ganvas.data.images import LabelArray
from ganvas.data.pictures.decode import SUFFIXES
from ganvas.errors import DataError, did_you_mean

__all__ = ["Arrangement", "Part", "arrange", "natural_key"]

_SPLITS = {"train": ("train", "training"), "test": ("test", "testing")}
_OTHER_SPLITS = ("val", "valid", "validation", "dev", "eval")  # of others, and none of ours
_NUMBERS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The pictures of one split, in the order of their rows; labels int64 (N,) or None."""

    members: Sequence[Member]
    labels: LabelArray | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrangement:
    """What a folder's names mean. `test` is None where there is no test split."""

    train: Part
    test: Part | None
    class_names: tuple[str, ...]
    num_ignored: int


def natural_key(name: str) -> str:
    """Return a key that sorts names with numbers in them as numbers: 2 before 10, a2 before a10."""
    return f"{_NUMBERS.sub(_number_key, name)}\0{name}"


def _number_key(found: re.Match[str]) -> str:
    """Write a number so that its text sorts as its value: its length comes first."""
    digits = found[0].lstrip("0")
    return f"0{min(len(digits), 999):03d}{digits}"


def arrange(members: Sequence[Member], path: Path) -> Arrangement:
    """Return splits, classes and order of the pictures among `members`.

    Pictures are told by their ending; other files are ignored and counted. Folders that hold
    nothing but one folder are passed through. `train` and `test` (or `training`, `testing`), where
    both are there, are splits; other names of splits are refused. In each split, pictures that all
    lie in two or more folders have those as classes, sorted with numbers as numbers; otherwise they
    have no classes. Pictures are sorted by name, numbers as numbers.

    Raises DataError naming what is missing or ambiguous in `path`.
    """
    pictures = {m.name: m for m in members if m.name.lower().endswith(SUFFIXES)}
    if not pictures:
        raise DataError(_no_pictures(members, path))
    names = sorted(pictures, key=natural_key)
    top = _shared_folders(names)
    ignored = len(members) - len(pictures)
    firsts = Counter(_first(name, top) for name in names)
    splits = {split: found for split, words in _SPLITS.items() if (found := _find(words, firsts))}
    if len(splits) < len(_SPLITS):
        _refuse_hidden_splits(names, top, firsts, splits, path)
        classes, labels = _classes(names, top)
        whole = Part([pictures[name] for name in names], labels)
        return Arrangement(train=whole, test=None, class_names=classes, num_ignored=ignored)
    others = sorted(set(firsts) - set(splits.values()))
    if others:
        count = firsts[others[0]]
        raise DataError(
            f"{path} has {splits['train']}/ and {splits['test']}/, which are splits, and "
            f"{count:,} {'picture' if count == 1 else 'pictures'} in '{others[0] or '.'}' beside "
            "them; move those away"
        )
    parts = {}
    for word, folder in splits.items():
        inside = [name for name in names if _first(name, top) == folder]
        parts[word] = inside, *_classes(inside, _shared_folders(inside))
    return _join(parts, pictures, path, ignored)


def _refuse_hidden_splits(
    names: list[str], top: int, firsts: Counter[str], splits: dict[str, str], path: Path
) -> None:
    """Raise DataError where folders that are plainly splits would be taken for classes.

    Their pictures would be trained on, those to test with as well.
    """
    other = _find(_OTHER_SPLITS, firsts)
    if splits and other:
        one = next(iter(splits.values()))
        raise DataError(
            f"{path} has {one}/ and {other}/, and ganvas knows the splits train/ and test/; call "
            f"them so, or give {one}/ alone"
        )
    below = {_first(name, top + 1).lower() for name in names}
    rest = (*_SPLITS["test"], *_OTHER_SPLITS)
    if below & set(_SPLITS["train"]) and below & set(rest):
        inner = ", ".join(f"{word}/" for word in (*_SPLITS["train"], *rest) if word in below)
        raise DataError(
            f"{path} has {inner} inside its folders; put train/ and test/ at the top, with the "
            "class folders in them"
        )


def _join(
    parts: dict[str, tuple[list[str], tuple[str, ...], LabelArray | None]],
    pictures: dict[str, Member],
    path: Path,
    ignored: int,
) -> Arrangement:
    (train, classes, labels), (test, test_classes, test_labels) = parts["train"], parts["test"]
    if bool(classes) != bool(test_classes):
        has, lacks = ("train", "test") if classes else ("test", "train")
        raise DataError(
            f"{path}: {has}/ has two or more class folders and {lacks}/ has not; give both the "
            "same class folders, or neither"
        )
    for name in test_classes:
        if name not in classes:
            near = did_you_mean(name, classes)
            raise DataError(f"{path}: class '{name}' is in test/ and not in train/{near}")
    if test_labels is not None:
        test_labels = np.array([classes.index(name) for name in test_classes])[test_labels]
    return Arrangement(
        train=Part([pictures[name] for name in train], labels),
        test=Part([pictures[name] for name in test], test_labels),
        class_names=classes,
        num_ignored=ignored,
    )


def _shared_folders(names: list[str]) -> int:
    """Return how many leading folders all names share."""
    depth = 0
    while True:
        heads = {_first(name, depth) for name in names}
        if len(heads) > 1 or "" in heads:
            return depth
        depth += 1


def _first(name: str, depth: int) -> str:
    """Return the folder at `depth` on the way to a file; "" where the file lies there itself."""
    parts = name.split("/")
    return parts[depth] if len(parts) > depth + 1 else ""


def _find(words: Sequence[str], firsts: Counter[str]) -> str:
    """Return the folder that is called by the first of these words that one is; "" for none."""
    found = {name.lower(): name for name in reversed(firsts)}
    return next((found[word] for word in words if word in found), "")


def _classes(names: list[str], depth: int) -> tuple[tuple[str, ...], LabelArray | None]:
    """Return class names and labels when all files lie in two or more folders at `depth`."""
    heads = [unicodedata.normalize("NFC", _first(name, depth)) for name in names]
    classes = tuple(sorted(set(heads), key=natural_key))
    if len(classes) < 2 or "" in classes:
        return (), None
    number = {name: i for i, name in enumerate(classes)}
    return classes, np.array([number[head] for head in heads], dtype=np.int64)


def _no_pictures(members: Sequence[Member], path: Path) -> str:
    endings = Counter(Path(member.name).suffix.lower() or "no ending" for member in members)
    what = ", ".join(f"{count} {ending}" for ending, count in endings.most_common(3))
    found = f"it holds {what}" if what else "it is empty"
    return (
        f"no pictures in {path}: {found}; give a folder of {', '.join(SUFFIXES[:5])} or .tiff "
        "files, or of one folder of them for each class"
    )
