"""The named data sets and where each is: answers without NumPy, so listings are quick."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ganvas.data.find import find_batches, find_file, folders, made_of
from ganvas.data.kinds import BinarySource, Source
from ganvas.data.sources import SOURCES
from ganvas.errors import UsageError, did_you_mean

__all__ = ["Listing", "find_source", "listing", "names"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """One data set as a listing shows it.

    `num_images` counts training and test images; `size` is (height, width) in pixels. `state`
    is "embedded" (inside the package), "found" (all files are in `where`) or "download"
    (`download_bytes` are fetched on first use). Nothing is opened to find out.
    """

    name: str
    title: str
    num_images: int
    num_classes: int
    channels: int
    size: tuple[int, int]
    licence: str
    state: Literal["embedded", "found", "download"]
    where: str
    download_bytes: int

    @property
    def line(self) -> str:
        """The whole in one line of words."""
        colours = {1: "grey", 3: "RGB", 4: "RGBA"}[self.channels]
        if self.state == "embedded":
            place = "embedded in ganvas"
        elif self.state == "found":
            place = f"found in {self.where}"
        else:
            place = f"to download on first use ({self.download_bytes / 1e6:.1f} MB)"
        return (
            f"{self.name}: {self.title}, {self.num_images:,} {colours} images of "
            f"{self.size[0]}x{self.size[1]} in {self.num_classes} classes; {place}"
        )


def names() -> tuple[str, ...]:
    """Return the names that `load` takes."""
    return tuple(SOURCES)


def find_source(name: str) -> Source:
    """Return what is known of the data set `name`; UsageError suggests the nearest name."""
    if name not in SOURCES:
        near = did_you_mean(name.lower(), SOURCES)
        raise UsageError(f"unknown data set '{name}'{near}")
    return SOURCES[name]


def listing(data_dir: Path | None = None) -> tuple[Listing, ...]:
    """Return an entry for each named data set, looking for its files as `load` does.

    Raises UsageError when `data_dir` is given and is no folder.
    """
    return tuple(_entry(source, data_dir) for source in SOURCES.values())


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
