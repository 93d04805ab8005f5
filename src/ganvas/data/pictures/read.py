"""Pictures in files -> one uint8 array: from a folder, an archive, a .npz or .npy file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganvas.data.archives.container import Container, Folder, Member, by_index
from ganvas.data.archives.kinds import open_container, packed_arrays, read_arrays
from ganvas.data.images import ImageArray, LabelArray
from ganvas.data.pictures.arrange import Arrangement, Part, arrange
from ganvas.data.pictures.decode import ASK_FOR_SIZE, PictureError
from ganvas.data.pictures.decode_all import decode_all
from ganvas.data.pictures.preparation import AS_THEY_ARE, Preparation
from ganvas.data.refused import Refused, name_some
from ganvas.errors import DataError
from ganvas.words import counted

__all__ = [
    "MixedError",
    "Pictures",
    "TooManyBadError",
    "mixed",
    "read_folder",
    "read_part",
    "read_picture",
    "read_pictures",
    "refuse_too_many_bad",
]


class MixedError(DataError):
    """Pictures of different sizes or channels, where nothing says how they come together."""


class TooManyBadError(DataError):
    """More pictures cannot be read than were allowed to be left out; the others can."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Pictures:
    """Pictures as they were read.

    `images` is uint8 (N, C, H, W); `labels` int64 (N,) indexes `class_names`, or is None;
    `names` are the files' names below the folder, () for arrays; `refused` are those left out.
    """

    images: ImageArray
    labels: LabelArray | None
    class_names: tuple[str, ...]
    names: tuple[str, ...]
    refused: tuple[Refused, ...] = ()

    def __len__(self) -> int:
        return len(self.images)


def read_pictures(
    path: str | Path, *, preparation: Preparation = AS_THEY_ARE, max_bad: float = 0.0
) -> Pictures:
    """Return all pictures at `path`: a folder, an archive, a .npz or .npy file. One is enough.

    Folders and archives (zip; tar, plain or packed) go by `arrange`'s rules and `decode`'s;
    nothing of an archive is unpacked to disk. `max_bad` is the share of the pictures that may
    be left out because they cannot be read.

    Raises UsageError when nothing is there; DataError for arrays that break a rule, and for a
    folder without pictures, with `train/` and `test/` (name one of them), with more unreadable
    files than `max_bad` allows, or with pictures of different sizes or channels.
    """
    path = Path(path).expanduser()
    arrays = read_arrays(path, preparation=preparation)
    if arrays is None:
        container = open_container(path)
        members = container.members()
        arrays = packed_arrays(container, members, preparation=preparation)
        if arrays is None:
            return _read_whole(container, arrange(members, path), preparation, max_bad)
    return Pictures(
        images=arrays.images, labels=arrays.labels, class_names=arrays.class_names, names=()
    )


def read_picture(path: Path, *, preparation: Preparation = AS_THEY_ARE) -> Pictures:
    """Return the one picture of a file, by `decode`'s rules. Raises DataError with the reason."""
    try:
        member = Member(path.name, path.stat().st_size, 0)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from None
    ((_, found),) = decode_all(Folder(path.parent), [member], preparation)
    if isinstance(found, PictureError):
        raise DataError(f"{path} cannot be read: {found}")
    return Pictures(images=found[None], labels=None, class_names=(), names=(path.name,))


def read_folder(
    path: str | Path, *, preparation: Preparation = AS_THEY_ARE, max_bad: float = 0.0
) -> Pictures:
    """Return the pictures of a folder or an archive, as `read_pictures` does; arrays are none."""
    path = Path(path).expanduser()
    container = open_container(path)
    return _read_whole(container, arrange(container.members(), path), preparation, max_bad)


def _read_whole(
    container: Container, arrangement: Arrangement, preparation: Preparation, max_bad: float
) -> Pictures:
    if arrangement.test is not None:
        path = container.path
        where = (
            f"name {path / 'train'} or {path / 'test'}" if path.is_dir() else "unpack one of them"
        )
        raise DataError(f"{path} holds two splits, train/ and test/; {where}")
    return read_part(
        container,
        arrangement.train,
        arrangement.class_names,
        preparation=preparation,
        max_bad=max_bad,
    )


def read_part(
    container: Container,
    part: Part,
    class_names: tuple[str, ...],
    *,
    preparation: Preparation,
    max_bad: float,
) -> Pictures:
    """Return one split's pictures in the order of its rows, decoded into one array."""
    members, total = part.members, len(part.members)
    row_of = {member.index: row for row, member in enumerate(members)}
    images: ImageArray | None = None
    kept = np.zeros(total, dtype=np.bool_)
    refused: list[Refused] = []
    sample = ""
    for member, found in decode_all(container, by_index(members), preparation):
        if isinstance(found, PictureError):
            refused.append(Refused(member.name, str(found)))
            continue
        if images is None:
            images, sample = np.empty((total, *found.shape), dtype=np.uint8), member.name
        elif images.shape[1:] != found.shape:
            raise mixed(container.path, (sample, images.shape[1:]), (member.name, found.shape))
        row = row_of[member.index]
        images[row] = found
        kept[row] = True
    refuse_too_many_bad(container.path, refused, total, max_bad)
    assert images is not None  # else all were refused
    labels = part.labels
    if refused:
        images, labels = images[kept], None if labels is None else labels[kept]
    return Pictures(
        images=images,
        labels=labels,
        class_names=class_names,
        names=tuple(m.name for m, keep in zip(members, kept, strict=True) if keep),
        refused=tuple(refused),
    )


def mixed(
    path: Path, first: tuple[str, tuple[int, ...]], other: tuple[str, tuple[int, ...]]
) -> MixedError:
    """Return the error for two pictures, given as (name, (C, H, W)), that do not go together."""
    (name, (channels, *size)), (other_name, (other_channels, *other_size)) = first, other
    if size != other_size:
        return MixedError(
            f"{path} mixes sizes: '{name}' is {size[0]}x{size[1]}, '{other_name}' is "
            f"{other_size[0]}x{other_size[1]}; {ASK_FOR_SIZE}"
        )
    return MixedError(
        f"{path} mixes channels: '{name}' has {channels}, '{other_name}' has {other_channels}; "
        "ask for 1, 3 or 4 with --channels"
    )


def refuse_too_many_bad(
    path: Path, refused: Sequence[Refused], total: int, max_bad: float, listed: str = ""
) -> None:
    """Raise TooManyBadError naming the first refused files when they are more than allowed.

    `listed` are words that say where all of them are listed.
    """
    if len(refused) <= max_bad * total and len(refused) < total:
        return
    if all(bad.reason.endswith(ASK_FOR_SIZE) for bad in refused):  # nothing is wrong with them
        first = refused[0]
        raise DataError(
            f"{len(refused):,} of {counted(total, 'picture')} in {path} are of another size than "
            f"can be taken ('{first.name}': {first.reason})"
        )
    allowed = f"{max_bad * 100:.3g}% may be" if max_bad else "none may be"
    raise TooManyBadError(
        f"{len(refused):,} of {counted(total, 'picture')} in {path} cannot be read, {allowed} "
        f"({name_some(refused)}{listed}); remove or mend them, or allow a share with --max-bad"
    )
