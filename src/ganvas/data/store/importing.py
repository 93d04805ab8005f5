"""Any data -> a stored data set under a name of its own: decoded once, mapped ever after."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from shutil import rmtree
from typing import Any

from ganvas.data.archives.container import MAX_MEMBERS, Container
from ganvas.data.archives.kinds import open_container, packed_arrays, read_arrays
from ganvas.data.asked import Asked, parse_data
from ganvas.data.images import Parent
from ganvas.data.named.download import Progress
from ganvas.data.pictures.arrange import Arrangement, arrange
from ganvas.data.pictures.own import arrays_to_whole
from ganvas.data.pictures.preparation import AS_THEY_ARE, Preparation
from ganvas.data.pictures.read import TooManyBadError
from ganvas.data.refused import Refused
from ganvas.data.registry import read_asked
from ganvas.data.splits import DEFAULT_HELD_OUT
from ganvas.data.store.card import StoredSet, require_free_name, sets_folder
from ganvas.data.store.import_stream import ImportProgress, Stream
from ganvas.data.store.write import cannot_write, clear, exclusive, write_card, write_split
from ganvas.data.whole import Whole
from ganvas.errors import DataError, UsageError

__all__ = ["Imported", "import_data"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """The stored set, the pictures that were left out, and how many an earlier try had done."""

    card: StoredSet
    refused: tuple[Refused, ...]
    resumed: int


def import_data(
    source: str | Path,
    name: str,
    *,
    data_dir: Path | None = None,
    preparation: Preparation = AS_THEY_ARE,
    max_bad: float = 0.0,
    max_members: int = MAX_MEMBERS,
    replace_old: bool = False,
    progress: ImportProgress | None = None,
    download_progress: Progress | None = None,
) -> Imported:
    """Decode `source` into the cache, where `load(name)` finds it from then on.

    source       a folder or archive of pictures, a .npz or .npy file, or a data set by name;
                 of each, some classes may be chosen
    data_dir     where the files of a named set are looked for first
    max_bad      the share of the pictures that may be left out because they cannot be read
    max_members  the most files that are looked at

    Pictures are decoded on all cores with a bounded number in memory. An import that is stopped
    goes on where it was when it is asked for again. Images lie in random order, with those
    first that would be held out of `source` itself. Of an import that is refused nothing stays,
    unless for too many pictures that cannot be read: with a larger `max_bad` it goes on.

    Raises UsageError for a name that is taken or none, and what reading `source` raises.
    """
    require_free_name(name, replace=replace_old)
    asked = parse_data(source)
    target = sets_folder() / name
    part = target.with_name(f".{name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(target.with_name(f".{name}.lock")):
            opened = _pictures_of(asked, preparation, max_members)
            if opened is None:
                opened = read_asked(
                    asked,
                    data_dir=data_dir,
                    progress=download_progress,
                    preparation=preparation,
                    max_bad=max_bad,
                    max_members=max_members,
                )
            part.mkdir(exist_ok=True)
            with _nothing_left(part):
                if isinstance(opened, Whole):
                    found = _write_whole(opened, asked, name, part)
                else:
                    found = _write_stream(*opened, name, part, preparation, max_bad, progress)
            _put_in_place(part, target)
    except OSError as error:
        raise cannot_write(target, error) from error
    return replace(found, card=replace(found.card, folder=target))


def _put_in_place(part: Path, target: Path) -> None:
    """Let the finished folder take the place of an older one, which goes only once it has."""
    old = target.with_name(f".{target.name}.old")
    rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    try:
        part.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
    (target / "import.json").unlink(missing_ok=True)
    rmtree(old, ignore_errors=True)  # a run may hold its files open still


@contextmanager
def _nothing_left(part: Path) -> Iterator[None]:
    """Remove the folder of an import that is refused, where there is nothing to go on with."""
    try:
        yield
    except TooManyBadError:  # with a larger max_bad it goes on, and the list of them is there
        raise
    except (DataError, UsageError):
        rmtree(part, ignore_errors=True)
        raise


def _pictures_of(
    asked: Asked, preparation: Preparation, max_members: int
) -> Whole | tuple[Container, Arrangement] | None:
    """Return what pictures of one's own there are to decode, or the arrays of a file.

    None for named data and for chosen classes, which are read whole.
    """
    if asked.path is None or asked.classes:
        return None
    arrays = read_arrays(asked.path, preparation=preparation)
    if arrays is None:
        container = open_container(asked.path, max_members=max_members)
        members = container.members()
        arrays = packed_arrays(container, members, preparation=preparation)
        if arrays is None:
            return container, arrange(members, asked.path)
    return arrays_to_whole(arrays, asked.path, preparation)


def _write_stream(
    container: Container,
    arrangement: Arrangement,
    name: str,
    part: Path,
    preparation: Preparation,
    max_bad: float,
    progress: ImportProgress | None,
) -> Imported:
    stream = Stream(container, arrangement, preparation, part)
    resumed = stream.resumed
    streamed = stream.run(max_bad, progress)
    card = _card(
        name,
        part,
        streamed.shape,
        streamed.counts["train"],
        streamed.counts.get("test", 0),
        arrangement.class_names,
        source=f"pictures in {container.path}",
    )
    return Imported(card=write_card(part, card), refused=streamed.refused, resumed=resumed)


def _write_whole(whole: Whole, asked: Asked, name: str, part: Path) -> Imported:
    clear(part)
    write_split(part, "train", whole.images, whole.labels, whole.mixed_order())
    num_test = 0
    if whole.test_images is not None:
        num_test = len(whole.test_images)
        write_split(part, "test", whole.test_images, whole.test_labels, None)
    parent = whole.parent
    if parent is None and asked.path is None and whole.class_names:
        parent = Parent(name=whole.name, digest=whole.digest, class_names=whole.class_names)
    card = _card(
        name,
        part,
        whole.images.shape[1:],
        len(whole.images),
        num_test,
        whole.class_names,
        source=f"{whole.name}: {whole.source}" if asked.path is None else whole.source,
        licence=whole.licence,
        held_out=whole.default_held_out,
        parent=None if parent is None else asdict(parent),
    )
    with (part / "refused.jsonl").open("w", encoding="utf-8") as file:
        for bad in whole.refused:
            file.write(json.dumps({"file": bad.name, "reason": bad.reason}) + "\n")
    return Imported(card=write_card(part, card), refused=whole.refused, resumed=0)


def _card(
    name: str,
    part: Path,
    shape: tuple[int, ...],
    num_train: int,
    num_test: int,
    class_names: tuple[str, ...],
    *,
    source: str,
    licence: str = "not stated",
    held_out: int | None = None,
    parent: dict[str, Any] | None = None,
) -> StoredSet:
    if num_train < 2:
        raise DataError(f"{source}: one training image, at least 2 are needed; give more")
    channels, height, width = shape
    usual = min(DEFAULT_HELD_OUT, num_train // 12)
    return StoredSet(
        name=name,
        folder=part,
        shape=(channels, height, width),
        num_train=num_train,
        num_test=num_test,
        class_names=class_names,
        digest="",
        source=source,
        licence=licence,
        order="mixed",
        held_out=min(usual if held_out is None else held_out, num_train - 1),
        parent=parent,
    )
