"""What a data set is once loaded: named splits of uint8 images, never mixed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from ganvas.data.refused import Refused
from ganvas.data.store.mapped import release

if TYPE_CHECKING:
    from ganvas.data.pictures.preparation import Preparation

__all__ = [
    "CHANNELS",
    "MAX_SIDE",
    "MIN_SIDE",
    "DataSet",
    "ImageArray",
    "Images",
    "LabelArray",
    "Parent",
]

CHANNELS = (1, 3, 4)
"""Numbers of channels that the networks take: grey, RGB, RGBA."""
MIN_SIDE, MAX_SIDE = 8, 128
"""Image heights and widths that the networks take, both ends included."""

_RELEASE_EVERY = 16  # calls to `take`, on the average: letting go takes longer than reading

ImageArray = npt.NDArray[np.uint8]
LabelArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Images:
    """One named split of a data set.

    `images` is uint8 (N, C, H, W) with C in 1, 3, 4 and values 0..255; `labels` is int64 (N,)
    with values 0..K-1, or None where the source has no classes. While a run trains they may be
    its K clusters, (N, P) where each image is of P of them.
    """

    split: Literal["train", "held_out", "test"]
    images: ImageArray
    labels: LabelArray | None

    def __post_init__(self) -> None:
        assert self.split in ("train", "held_out", "test"), self.split
        assert self.images.ndim == 4, self.images.shape
        assert self.images.dtype == np.uint8, self.images.dtype
        assert self.images.shape[1] in CHANNELS, self.images.shape
        if self.labels is not None:
            assert self.labels.dtype == np.int64, self.labels.dtype
            assert self.labels.ndim in (1, 2), self.labels.shape
            assert len(self.labels) == len(self.images), self.labels.shape

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: npt.NDArray[np.int64]) -> ImageArray:
        """Return a copy of the images of some rows: uint8 (n, C, H, W).

        Of images that are mapped from a large file, little else stays in memory.
        """
        taken = self.images[rows]
        if len(rows) and rows[0] % _RELEASE_EVERY == 0:
            release(self.images)
        return taken


@dataclass(frozen=True, kw_only=True, slots=True)
class Parent:
    """The data set that a subset of classes was taken from: its name, digest and all classes."""

    name: str
    digest: str
    class_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DataSet:
    """A loaded data set: its splits, its classes and what identifies it.

    `train` and `held_out` share the source's training images and no row; `held_out` may be
    empty; `test` is None where the source has no test split. `class_names` is empty when the
    images have no labels. `digest` is "sha256:<hex>" over shapes, types and bytes of all the
    source's arrays before the split, so it does not change with the held-out count. `parent` is
    set where the images are some classes of a larger data set. `reference` and `preparation`
    are what `load` takes to get the same again; `reference` is "" for arrays that are not kept.
    `refused` are the files that could not be read and were left out.
    """

    name: str
    kind: Literal["images"] = "images"
    train: Images
    held_out: Images
    test: Images | None
    class_names: tuple[str, ...]
    digest: str
    source: str
    licence: str
    parent: Parent | None = None
    reference: str = ""
    preparation: "Preparation | None" = None
    refused: tuple[Refused, ...] = ()

    def __post_init__(self) -> None:
        for part in (self.held_out, self.test):
            if part is not None:
                assert part.images.shape[1:] == self.train.images.shape[1:], part.images.shape
                assert (part.labels is None) == (self.train.labels is None), part.split
        assert bool(self.class_names) == (self.train.labels is not None), self.class_names

    @property
    def channels(self) -> int:
        """Number of colour channels: 1, 3 or 4."""
        return int(self.train.images.shape[1])

    @property
    def height(self) -> int:
        """Image height in pixels."""
        return int(self.train.images.shape[2])

    @property
    def width(self) -> int:
        """Image width in pixels."""
        return int(self.train.images.shape[3])

    @property
    def num_classes(self) -> int:
        """Number of classes; 0 when the images have no labels."""
        return len(self.class_names)
