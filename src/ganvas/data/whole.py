"""All of a source's images before any are held out, and some classes of them."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from ganvas.data.asked import class_numbers
from ganvas.data.images import DataSet, ImageArray, Images, LabelArray, Parent
from ganvas.data.pictures.preparation import AS_THEY_ARE, Preparation
from ganvas.data.refused import Refused
from ganvas.data.splits import (
    DEFAULT_HELD_OUT,
    held_out_order,
    split_held_out,
    split_mixed,
    splits_to_digest,
)
from ganvas.errors import UsageError

__all__ = ["Whole"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Whole:
    """A source's training and test arrays, and what a `DataSet` says about them.

    `images` is uint8 (N, C, H, W), `labels` int64 (N,) or None. `order` is the permutation of
    the rows whose first entries are held out (None: the fixed one); `held_out` how many unless
    another number is asked for (None: a twelfth, at most 5,000). Rows that `is_mixed`, that is
    in random order already, are held out from the first on, and no image is copied. `refused`
    are the files that could not be read and were left out.
    """

    name: str
    images: ImageArray
    labels: LabelArray | None
    test_images: ImageArray | None = None
    test_labels: LabelArray | None = None
    class_names: tuple[str, ...]
    digest: str
    source: str
    licence: str = "not stated"
    parent: Parent | None = None
    reference: str = ""
    preparation: Preparation = AS_THEY_ARE
    held_out: int | None = None
    order: npt.NDArray[np.int64] | None = None
    is_mixed: bool = False
    refused: tuple[Refused, ...] = ()

    @property
    def default_held_out(self) -> int:
        """How many training images are held out when no number is asked for."""
        if self.held_out is not None:
            return self.held_out
        return min(DEFAULT_HELD_OUT, len(self.images) // 12)

    def split(self, held_out: int | None = None) -> DataSet:
        """Return the data set with `held_out` training images set aside; None: as many as usual.

        Raises UsageError unless at least one image is left to train on.
        """
        count = self.default_held_out if held_out is None else held_out
        split = split_mixed if self.is_mixed else partial(split_held_out, order=self.order)
        train, rest = split(self.images, self.labels, count)
        test = None
        if self.test_images is not None:
            test = Images(split="test", images=self.test_images, labels=self.test_labels)
        return DataSet(
            name=self.name,
            train=train,
            held_out=rest,
            test=test,
            class_names=self.class_names,
            digest=self.digest,
            source=self.source,
            licence=self.licence,
            parent=self.parent,
            reference=self.reference,
            preparation=self.preparation,
            refused=self.refused,
        )

    def prepared(self, preparation: Preparation) -> "Whole":
        """Return the images in another size or with other channels; the rest stays."""
        if not preparation.changes:
            return self
        from ganvas.data.pictures.fit import (
            fit_arrays,  # with Pillow, which most data sets do not need
        )

        images, test = fit_arrays(self.images, preparation), self.test_images
        if test is not None:
            test = fit_arrays(test, preparation)
        return replace(
            self,
            images=images,
            test_images=test,
            digest=splits_to_digest(
                (images, self.labels), None if test is None else (test, self.test_labels)
            ),
            preparation=preparation,
        )

    def only(self, asked: Sequence[str]) -> "Whole":
        """Return the images of some classes, given by name or number, in their order here.

        Held out are those of its rows that come first in the permutation of all rows here; by
        default just those that are held out here, so none of them is trained on. The digest is
        that of this source's digest and the classes' numbers.

        Raises UsageError for unknown or repeated classes, and without labels.
        """
        if self.labels is None:
            raise UsageError(f"{self.name} has no classes to choose '{','.join(asked)}' from")
        chosen = class_numbers(asked, self.class_names, self.name)
        keep = np.isin(self.labels, chosen)
        rows = np.flatnonzero(keep)
        if not len(rows):
            raise UsageError(f"{self.name} has no training image of class {','.join(asked)}")
        order = self.mixed_order()
        new_row = np.cumsum(keep) - 1
        new_label = np.zeros(len(self.class_names), dtype=np.int64)
        new_label[chosen] = np.arange(len(chosen))
        names = tuple(self.class_names[number] for number in chosen)
        words = ",".join(_safe(name, number) for name, number in zip(names, chosen, strict=True))
        test_images, test_labels = self.test_images, self.test_labels
        if test_images is not None and test_labels is not None:
            test_rows = np.flatnonzero(np.isin(test_labels, chosen))
            test_images = test_images[test_rows] if len(test_rows) else None
            test_labels = new_label[test_labels[test_rows]] if len(test_rows) else None
        return replace(
            self,
            name=f"{self.name}:{words}",
            images=self.images[rows],
            labels=new_label[self.labels[rows]],
            test_images=test_images,
            test_labels=test_labels,
            class_names=names,
            digest=f"sha256:{sha256(f'{self.digest} {chosen}'.encode()).hexdigest()}",
            parent=Parent(name=self.name, digest=self.digest, class_names=self.class_names),
            reference=f"{self.reference}:{words}" if self.reference else "",
            held_out=int(np.count_nonzero(keep[order[: self.default_held_out]])),
            refused=tuple(bad for bad in self.refused if _folders(bad.name) & {*names}),
            order=new_row[order[keep[order]]],
            is_mixed=False,
        )

    def mixed_order(self) -> npt.NDArray[np.int64]:
        """Return the permutation of the rows whose first entries are held out: int64 (N,)."""
        if self.is_mixed:
            return np.arange(len(self.images))
        return held_out_order(len(self.images)) if self.order is None else self.order


def _folders(name: str) -> set[str]:
    """Return the folders on the way to a file, as classes are called."""
    return set(unicodedata.normalize("NFC", name).split("/")[:-1])


def _safe(name: str, number: int) -> str:
    """Return a class's name as `only` is asked for it; its number where the name would mislead."""
    return str(number) if "," in name or ":" in name or name != name.strip() else name
