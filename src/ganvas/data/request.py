"""What somebody calls their data -> the data set: a name, arrays, or a data set already."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from ganvas.data.arrays import Layout, from_arrays
from ganvas.data.asked import parse_data
from ganvas.data.images import DataSet
from ganvas.data.named.download import Progress
from ganvas.data.named.sources import POINT_SOURCES
from ganvas.data.pictures.preparation import AS_THEY_ARE, Preparation
from ganvas.data.points import AnySet, PointSet, load_points
from ganvas.data.registry import load, require_own
from ganvas.data.splits import DEFAULT_HELD_OUT
from ganvas.errors import UsageError

__all__ = ["DEFAULT_HELD_OUT", "names_points", "noted_layout", "origin", "reload"]
__all__ += ["to_data", "to_dataset"]

_ARRAYS = "arrays"  # what a run calls images that were handed in


def names_points(data: Any) -> bool:
    """Return whether `data` is the name of a set of points, with classes or without."""
    return isinstance(data, str) and data.partition(":")[0] in POINT_SOURCES


def to_data(
    data: Any,
    *,
    held_out: int = DEFAULT_HELD_OUT,
    data_dir: str | Path | None = None,
    layout: Layout = "auto",
    download: bool = True,
    progress: Progress | None = None,
    preparation: Preparation = AS_THEY_ARE,
    max_bad: float = 0.0,
) -> AnySet:
    """Return the data set, of images or of points, that `data` means; else as `to_dataset`.

    Raises UsageError for some classes of points, and for points of another size or a share of them
    that may be unreadable.
    """
    if isinstance(data, PointSet):
        return data
    if not names_points(data):
        return to_dataset(
            data,
            held_out=held_out,
            data_dir=data_dir,
            layout=layout,
            download=download,
            progress=progress,
            preparation=preparation,
            max_bad=max_bad,
        )
    name, colon, _ = data.partition(":")
    if colon:
        raise UsageError(f"the points of '{name}' come whole; ask for {name} without classes")
    if preparation != AS_THEY_ARE:
        raise UsageError(
            f"'{name}' holds points: leave out sizes, channels and fits, which are for pictures"
        )
    require_own(name, max_bad, is_own=False)
    return load_points(name, held_out=held_out)


def to_dataset(
    data: Any,
    *,
    held_out: int = DEFAULT_HELD_OUT,
    data_dir: str | Path | None = None,
    layout: Layout = "auto",
    download: bool = True,
    progress: Progress | None = None,
    preparation: Preparation = AS_THEY_ARE,
    max_bad: float = 0.0,
) -> DataSet:
    """Return the data set of images that `data` means.

    data      a name or a path, with :classes or without, images as an array, (images, labels),
              or a `DataSet`, which is returned
    held_out  training images to set aside; of arrays and paths a twelfth, unless another number
              than the default is asked for
    download  whether a known data set's missing files may be downloaded
    layout, preparation, max_bad   of arrays and of pictures of one's own, as `load` takes them
    Raises UsageError for what is none of these, and what `load` and `from_arrays` raise.
    """
    if isinstance(data, DataSet):
        return data
    if isinstance(data, str | os.PathLike):
        if data == _ARRAYS:
            raise UsageError(
                "the images were arrays, which are not kept; say what data to use: a name, or "
                "data=(images, labels)"
            )
        folder = None if data_dir is None else Path(data_dir)
        return load(
            data,
            data_dir=folder,
            held_out=held_out,
            download=download,
            progress=progress,
            layout=layout,
            preparation=preparation,
            max_bad=max_bad,
        )
    images, labels = data if isinstance(data, tuple) and len(data) == 2 else (data, None)
    if not hasattr(images, "__len__"):
        raise UsageError(
            "data must be a data set's name or path, images, or (images, labels), "
            f"not {type(data).__name__}"
        )
    asked = None if held_out == DEFAULT_HELD_OUT else held_out
    return from_arrays(images, labels, layout=layout, held_out=asked)


def origin(dataset: AnySet, data_dir: str | Path | None, layout: Layout = "auto") -> dict[str, Any]:
    """Return where a data set came from, for JSON: what `reload` takes to find it again."""
    preparation = dataset.preparation
    return {
        "data_dir": None if data_dir is None else str(Path(data_dir).resolve()),
        "data_reference": dataset.reference,
        "data_layout": layout,
        "data_preparation": None if preparation is None else preparation.to_json(),
    }


def noted_layout(noted: Mapping[str, Any]) -> Layout:
    """Return the layout of arrays that `origin` noted; "auto" where an old note has none."""
    layouts: tuple[Layout, ...] = get_args(Layout)
    return next((layout for layout in layouts if layout == noted.get("data_layout")), "auto")


def reload(
    noted: Mapping[str, Any],
    name: str,
    *,
    held_out: int,
    download: bool = True,
    progress: Progress | None = None,
) -> AnySet:
    """Return the data set that `origin` noted; by `name` where an old note has no reference.

    Raises UsageError where it was arrays, which are not kept, and what `load` raises.
    """
    preparation = noted.get("data_preparation")
    reference = noted.get("data_reference") or name
    return to_data(
        reference,
        held_out=held_out,
        data_dir=noted.get("data_dir"),
        download=download,
        progress=progress,
        layout=noted_layout(noted),
        preparation=AS_THEY_ARE if preparation is None else Preparation.from_json(preparation),
        # How many were left out at first is told by the digest, which callers compare.
        max_bad=1.0 if _is_own(reference) else 0.0,
    )


def _is_own(reference: str) -> bool:
    """Return whether it is a folder or file of somebody's own, not a name."""
    is_name = reference == _ARRAYS or names_points(reference)
    return not is_name and parse_data(reference).path is not None
