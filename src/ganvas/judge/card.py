"""A judge's config.json: what it says, where judges lie, and what may be wrong. Without torch."""

import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from ganvas.errors import DataError, GanvasError, UsageError, did_you_mean
from ganvas.files import inside, read_json
from ganvas.judge.architecture import NUM_FEATURES, Architecture
from ganvas.judge.inception_card import KIND as INCEPTION
from ganvas.judge.inception_card import check_inception_card

__all__ = [
    "CONFIG",
    "FORMAT_VERSION",
    "WEIGHTS",
    "find_judge",
    "judge_folders",
    "kind_of",
    "read_any_card",
    "read_card",
    "user_folders",
]

FORMAT_VERSION = 1
CONFIG, WEIGHTS = "config.json", "model.safetensors"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def judge_folders(folders: Iterable[Path] = (), *, shipped: bool = True) -> dict[str, Path]:
    """Return the judges that can be named: name -> folder.

    Those directly below each of `folders` come first, then the shipped ones; the name is that
    of the folder.
    """
    found: dict[str, Path] = {}
    packaged = (Path(str(files("ganvas.assets"))) / "judges",) if shipped else ()
    for among in (*folders, *packaged):
        if among.is_dir():
            for folder in sorted(among.iterdir()):
                if (folder / CONFIG).is_file():
                    found.setdefault(folder.name, folder)
    return found


def user_folders() -> tuple[Path, ...]:
    """Return the folders that `ganvas judge train` writes judges to by default."""
    return (Path("judges"),)


def find_judge(name_or_path: str | Path, folders: Iterable[Path] = ()) -> Path:
    """Return the folder of the judge with this name, or at this path.

    Raises UsageError when there is none, naming the nearest name.
    """
    named = judge_folders(folders)
    if str(name_or_path) in named:
        return named[str(name_or_path)]
    path = Path(name_or_path).expanduser()
    if (path / CONFIG).is_file():
        return path
    raise UsageError(
        f"there is no judge '{name_or_path}': neither a name nor a folder with {CONFIG}"
        f"{did_you_mean(str(name_or_path), named)}"
    )


def kind_of(folder: Path) -> str:
    """Return what kind of judge the folder says it holds: "judge" unless config.json differs.

    Raises DataError when config.json cannot be read.
    """
    try:
        card = read_json(inside(folder, CONFIG))
    except GanvasError as error:
        raise DataError(str(error)) from None
    return str(card.get("kind", "judge")) if isinstance(card, dict) else "judge"


def read_any_card(folder: Path) -> dict[str, Any]:
    """Return the checked content of the folder's config.json, of whatever kind of judge."""
    if kind_of(folder) == INCEPTION:
        path = inside(folder, CONFIG)
        return check_inception_card(path, read_json(path))
    return read_card(folder)[0]


def read_card(folder: Path) -> tuple[dict[str, Any], Architecture]:
    """Return the checked content of the folder's config.json, and the architecture in it.

    Raises DataError naming the file and the entry that is missing or wrong.
    """
    path = inside(folder, CONFIG)
    try:
        card = read_json(path)
    except GanvasError as error:
        raise DataError(str(error)) from None
    if not isinstance(card, dict):
        raise DataError(f"{path} must hold one JSON object")
    version = card.get("format_version")
    if version != FORMAT_VERSION:
        raise DataError(
            f"{path}: format_version must be {FORMAT_VERSION}, found {version!r}; "
            "use the version of ganvas that made it, or train the judge again"
        )
    architecture = _architecture(path, card.get("architecture"))
    expected = {
        "channels": architecture.channels,
        "size": [architecture.height, architecture.width],
        "features": NUM_FEATURES,
    }
    for name, value in expected.items():
        if card.get(name) != value:
            raise DataError(f"{path}: {name} must be {value}, found {card.get(name)!r}")
    _check_text(path, "name", card.get("name"))
    classes = card.get("class_names")
    if (
        not isinstance(classes, list)
        or len(classes) != architecture.num_classes
        or not all(isinstance(name, str) for name in classes)
    ):
        raise DataError(f"{path}: class_names must be {architecture.num_classes} names")
    for name, part in (("data", "name"), ("data", "digest"), ("weights", "digest")):
        holder = card.get(name)
        entry = holder.get(part) if isinstance(holder, dict) else None
        _check_text(path, f"{name}.{part}", entry)
        if part == "digest" and not _DIGEST.fullmatch(str(entry)):
            raise DataError(f"{path}: {name}.digest must be sha256:<64 hex digits>")
    _check_accuracy(path, card.get("accuracy"))
    return card, architecture


def _check_accuracy(path: Path, accuracy: object) -> None:
    """Raise DataError unless that is None, or says how many of how many images of which split."""
    if accuracy is None:
        return
    parts = accuracy if isinstance(accuracy, dict) else {}
    correct, count = parts.get("correct"), parts.get("count")
    if type(correct) is not int or type(count) is not int or not 0 <= correct <= max(count, 0):
        raise DataError(f"{path}: accuracy must be of correct images, and a count of them")
    if count < 1:
        raise DataError(f"{path}: accuracy must be of 1 image or more, found {count}")
    _check_text(path, "accuracy.split", parts.get("split"))


def _architecture(path: Path, arguments: object) -> Architecture:
    if not isinstance(arguments, dict):
        raise DataError(f"{path}: architecture must be an object of whole numbers")
    try:
        return Architecture(**arguments)
    except TypeError:
        names = ", ".join(Architecture.__slots__)
        raise DataError(f"{path}: architecture must have exactly {names}") from None
    except UsageError as error:
        raise DataError(f"{path}: {error}") from None


def _check_text(path: Path, name: str, value: object) -> None:
    if not isinstance(value, str) or not value:
        raise DataError(f"{path}: {name} must be a text that is not empty, found {value!r}")
