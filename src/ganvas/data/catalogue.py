"""The named data sets and where each is: answers without NumPy, so listings are quick."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ganvas.data.named.find import find_batches, find_file, folders, made_of
from ganvas.data.named.kinds import BinarySource, PointSource, Source
from ganvas.data.named.sources import POINT_SOURCES, SOURCES
from ganvas.data.store.card import StoredSet, read_card, sets_folder, stored_names
from ganvas.errors import DataError, UsageError, did_you_mean

__all__ = ["COLOURS", "Listing", "count_classes", "find_source", "listing", "names"]


COLOURS = {1: "grey", 3: "RGB", 4: "RGBA"}
"""A word for images of so many channels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """One data set as a listing shows it.

    `num_images` counts training and test images; `size` is (height, width) in pixels. `state`
    is "embedded" (inside the package), "found" (all files are in `where`), "imported" (into
    `where`), "download" (`download_bytes` are fetched on first use), "computed", or "damaged":
    imported, but `title` says why it cannot be read. No images are opened to find out. Of points,
    `num_images` counts them, `channels` is their dimension and `size` is empty.
    """

    name: str
    title: str
    num_images: int
    num_classes: int
    channels: int
    size: tuple[int, int] | tuple[()]
    licence: str
    state: Literal["embedded", "found", "download", "imported", "computed", "damaged"]
    where: str
    download_bytes: int
    kind: Literal["images", "points"] = "images"

    @property
    def line(self) -> str:
        """The whole in one line of words."""
        if self.kind == "points":
            return (
                f"{self.name}: {self.title}, {self.num_images:,} points in {self.num_classes} "
                "classes; computed"
            )
        if self.state == "damaged":
            return f"{self.name}: imported into {self.where}, damaged: {self.title}"
        if self.state == "embedded":
            place = "embedded in ganvas"
        elif self.state in ("found", "imported"):
            place = f"{self.state} in {self.where}".replace("imported in", "imported into")
        else:
            place = f"to download on first use ({self.download_bytes / 1e6:.1f} MB)"
        return (
            f"{self.name}: {self.title}, {self.num_images:,} {COLOURS[self.channels]} images of "
            f"{'x'.join(map(str, self.size))} {count_classes(self.num_classes)}; {place}"
        )


def count_classes(count: int) -> str:
    """Return "in 10 classes", and words for one and for none."""
    return {0: "without classes", 1: "in one class"}.get(count, f"in {count} classes")


def names() -> tuple[str, ...]:
    """Return the names that can be asked for: images, points, then those imported."""
    return (*SOURCES, *POINT_SOURCES, *stored_names())


def find_source(name: str) -> Source:
    """Return what is known of the data set `name`; UsageError suggests the nearest name.

    For the known ones only; `parse_data` takes whatever `load` takes.
    """
    if name in POINT_SOURCES:
        raise UsageError(
            f"'{name}' holds points, not images; `ganvas train {name}` learns from them, "
            f"`ganvas data info {name}` shows them, ganvas.data.load_points gives them as arrays"
        )
    if name not in SOURCES:
        near = did_you_mean(name.lower(), names())
        raise UsageError(f"unknown data set '{name}'{near}")
    return SOURCES[name]


def listing(data_dir: Path | None = None) -> tuple[Listing, ...]:
    """Return an entry for each named data set, looking for its files as `load` does.

    Raises UsageError when `data_dir` is given and is no folder.
    """
    known = [_entry(source, data_dir) for source in SOURCES.values()]
    stored = [_stored_or_damaged(name) for name in stored_names()]
    return (*known, *map(_point_entry, POINT_SOURCES.values()), *stored)


def _point_entry(source: PointSource) -> Listing:
    return Listing(
        name=source.name,
        title=source.title,
        num_images=source.num_train + source.num_test,
        num_classes=source.num_modes,
        channels=2,
        size=(),
        licence="computed",
        state="computed",
        where="",
        download_bytes=0,
        kind="points",
    )


def _stored_or_damaged(name: str) -> Listing:
    folder = sets_folder() / name
    try:
        return _stored_entry(read_card(folder), name)
    except DataError as error:
        return Listing(
            name=name,
            title=str(error),
            num_images=0,
            num_classes=0,
            channels=0,
            size=(),
            licence="",
            state="damaged",
            where=str(folder),
            download_bytes=0,
        )


def _stored_entry(card: StoredSet, name: str) -> Listing:
    channels, height, width = card.shape
    return Listing(
        name=name,
        title=card.source,
        num_images=card.num_train + card.num_test,
        num_classes=len(card.class_names),
        channels=channels,
        size=(height, width),
        licence=card.licence,
        state="imported",
        where=str(card.folder),
        download_bytes=0,
    )


def _entry(source: Source, data_dir: Path | None) -> Listing:
    files = made_of(source)
    among = folders(files, data_dir)
    if isinstance(files, BinarySource):
        found = find_batches(files, among)
        places = [] if found is None else [str(found)]
        missing = [files.archive] if found is None else []
    else:
        paths = [find_file(file, among) for file in files.files]
        places = sorted({str(path.parent) for path in paths if path is not None})
        missing = [file for file, path in zip(files.files, paths, strict=True) if path is None]
    state: Literal["embedded", "found", "download"] = "download" if missing else "found"
    if files.embedded and not missing and places == [str(among[-1])]:
        state = "embedded"
    channels, height, width = source.shape
    return Listing(
        name=source.name,
        title=source.title,
        num_images=source.num_train + source.num_test,
        num_classes=len(source.class_names),
        channels=channels,
        size=(height, width),
        licence=source.licence,
        state=state,
        where=", ".join(places),
        download_bytes=sum(file.download_bytes for file in missing),
    )
