"""Decodes a folder or archive into the files of a stored data set, and can go on after a stop.

Nothing but the names of the files grows with their number: images go to their place in the file
as they are decoded.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.data.archives.container import Container, Member
from ganvas.data.images import ImageArray
from ganvas.data.pictures.arrange import Arrangement, Part
from ganvas.data.pictures.decode import PictureError
from ganvas.data.pictures.decode_all import decode_all
from ganvas.data.pictures.preparation import Preparation
from ganvas.data.pictures.read import mixed, refuse_too_many_bad
from ganvas.data.refused import Refused
from ganvas.data.splits import held_out_order
from ganvas.data.store.write import ImageFile, clear, without_gaps, write_labels
from ganvas.errors import GanvasError
from ganvas.files import read_json, write_json

__all__ = ["ImportProgress", "Stream", "Streamed"]

ImportProgress = Callable[[int, int], None]
"""progress(done, total): pictures looked at, refused ones included."""

_EVERY = 4096  # pictures between two entries of the journal
_MOST_JOURNAL = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Streamed:
    """What became of the pictures: shape (C, H, W), how many of each split, those refused."""

    shape: tuple[int, int, int]
    counts: dict[str, int]
    refused: tuple[Refused, ...]


@dataclass(slots=True)
class _Journal:
    """How far an import is. `plan` tells whether it is the same one; `done` counts by split."""

    plan: str
    done: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    shape: list[int] | None = None
    sample: str = ""
    closed: bool = False


class Stream:
    """The pictures of `container`, by their arrangement, on their way into `folder`."""

    def __init__(
        self,
        container: Container,
        arrangement: Arrangement,
        preparation: Preparation,
        folder: Path,
    ) -> None:
        self._container = container
        self._preparation = preparation
        self._folder = folder
        self._parts: dict[str, Part] = {"train": arrangement.train}
        if arrangement.test is not None:
            self._parts["test"] = arrangement.test
        self._total = sum(len(part.members) for part in self._parts.values())
        self._journal = _Journal(plan=self._plan())
        self._refused: list[dict[str, Any]] = []
        self._resume()

    @property
    def resumed(self) -> int:
        """How many pictures an earlier import that was stopped has done."""
        return sum(self._journal.done.values())

    def run(self, max_bad: float, progress: ImportProgress | None) -> Streamed:
        """Decode what is left and close the files.

        Raises DataError for mixed sizes or channels and for more refused pictures than
        `max_bad` allows; OSError from the disk.
        """
        for split, part in self._parts.items():
            self._decode(split, part, progress)
        refused = tuple(Refused(entry["file"], entry["reason"]) for entry in self._refused)
        listed = f"; all are listed in {self._refused_path}" if refused else ""
        refuse_too_many_bad(self._container.path, refused, self._total, max_bad, listed)
        counts = self._close()
        assert self._journal.shape is not None
        channels, height, width = self._journal.shape
        return Streamed(shape=(channels, height, width), counts=counts, refused=refused)

    @property
    def _journal_path(self) -> Path:
        return self._folder / "import.json"

    @property
    def _refused_path(self) -> Path:
        return self._folder / "refused.jsonl"

    def _plan(self) -> str:
        """Return a digest of everything that decides what is written."""
        total = sha256(repr((str(self._container.path.resolve()), self._preparation)).encode())
        for split, part in self._parts.items():
            for member in part.members:
                line = f"{split} {member.index} {member.size} {member.name}\n"
                total.update(line.encode(errors="surrogatepass"))
        return total.hexdigest()

    def _resume(self) -> None:
        try:
            found = _Journal(**read_json(self._journal_path, max_bytes=_MOST_JOURNAL))
        except (GanvasError, TypeError):  # none, or of another version
            found = _Journal(plan="")
        if found.plan != self._journal.plan:
            clear(self._folder)
        else:
            lines = self._refused_path.read_text(encoding="utf-8").splitlines()
            self._refused = [json.loads(line) for line in lines[: found.refused]]
            self._journal = found
            self._write_refused(self._refused, "w")  # without those after the last entry

    def _decode(self, split: str, part: Part, progress: ImportProgress | None) -> None:
        done = self._journal.done.get(split, 0)
        ordered = np.argsort(np.array([member.index for member in part.members]), kind="stable")
        if done == len(ordered):
            return
        slots = _slots(split, len(ordered))
        file: ImageFile | None = None
        try:
            fresh: list[dict[str, Any]] = []
            for member, found, row in self._decoded(part, ordered[done:]):
                if isinstance(found, PictureError):
                    fresh.append(
                        {"split": split, "file": member.name, "row": row, "reason": str(found)}
                    )
                else:
                    self._require_shape(member.name, found)
                    file = file or self._open(split, len(ordered))
                    file.write(slots[row], found)
                done += 1
                if done % _EVERY == 0 or done == len(ordered):
                    self._record(split, done, fresh, file)
                    fresh = []
                    if progress:
                        progress(self.resumed, self._total)
        finally:
            if file is not None:
                file.__exit__()

    def _decoded(
        self, part: Part, rows: npt.NDArray[np.int64]
    ) -> Iterator[tuple[Member, ImageArray | PictureError, int]]:
        members = [part.members[row] for row in rows.tolist()]
        decoded = decode_all(self._container, members, self._preparation)
        for row, (member, found) in zip(rows.tolist(), decoded, strict=True):
            yield member, found, row

    def _open(self, split: str, total: int) -> ImageFile:
        assert self._journal.shape is not None
        return ImageFile(self._folder / f"{split}-images.npy", total, tuple(self._journal.shape))

    def _require_shape(self, name: str, image: ImageArray) -> None:
        if self._journal.shape is None:
            self._journal.shape, self._journal.sample = list(image.shape), name
        elif tuple(self._journal.shape) != image.shape:
            first = self._journal.sample, tuple(self._journal.shape)
            raise mixed(self._container.path, first, (name, image.shape))

    def _record(
        self, split: str, done: int, fresh: list[dict[str, Any]], file: ImageFile | None
    ) -> None:
        """Note how far it is, after everything up to there is on the disk."""
        if file is not None:
            file.sync()
        self._write_refused(fresh, "a")
        self._refused += fresh
        self._journal.refused = len(self._refused)
        self._journal.done[split] = done
        write_json(self._journal_path, asdict(self._journal))

    def _write_refused(self, entries: list[dict[str, Any]], mode: str) -> None:
        with self._refused_path.open(mode, encoding="utf-8") as file:
            file.writelines(json.dumps(entry) + "\n" for entry in entries)

    def _close(self) -> dict[str, int]:
        """Fill the gaps that refused pictures left, and write the labels."""
        counts = {}
        for split, part in self._parts.items():
            total = len(part.members)
            slots = _slots(split, total)
            kept = np.ones(total, dtype=np.bool_)
            kept[slots[[entry["row"] for entry in self._refused if entry["split"] == split]]] = (
                False
            )
            places = without_gaps(kept)
            counts[split] = len(places)
            if part.labels is not None:
                labels = np.empty(total, dtype=np.int64)
                labels[slots] = part.labels
                write_labels(self._folder, split, labels[places])
            if not self._journal.closed:
                with self._open(split, total) as file:
                    file.keep(places)
        self._journal.closed = True
        write_json(self._journal_path, asdict(self._journal))
        for split, count in counts.items():
            with self._open(split, count) as file:
                file.cut(count)
        return counts


def _slots(split: str, total: int) -> npt.NDArray[np.int64]:
    """Return the place of each row: those that would be held out first, in that order."""
    if split != "train":
        return np.arange(total)
    slots = np.empty(total, dtype=np.int64)
    slots[held_out_order(total)] = np.arange(total)
    return slots
