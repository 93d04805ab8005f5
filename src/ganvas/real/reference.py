"""Real images as a judge sees them: what figures of fake images are compared with.

Features, statistics and cells are computed when first asked for, and kept. The reference is
the images trained on; `unseen` are those that figures for real data come from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ganvas.data.images import DataSet, Images
from ganvas.errors import DataError
from ganvas.judge import AnyJudge
from ganvas.metrics.checks import FloatArray, checked_features
from ganvas.metrics.frechet import Statistics, features_to_statistics
from ganvas.metrics.ndb import Bins, fit_bins
from ganvas.metrics.neighbours import nearest_other
from ganvas.real.cache import cached, find_cached
from ganvas.seeding import numpy_stream

__all__ = ["FeaturesError", "Reference", "View", "rows_of", "statistics_to_arrays"]

_FEATURES = ("features", "labels")
_STATISTICS = ("mean", "covariance", "count")


class FeaturesError(DataError):
    """A judge gave features that are not finite: no figure can be had with it."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class View:
    """A set of images as a judge sees it, row by row.

    `features` is float32 (N, D); `predicted` the classes the judge finds, int64 (N,), numbered
    as the data set's, -1 for a class that the data does not have, None without classes; `asked`
    the classes the images are of, or were asked to be, int64 (N,) or None.
    """

    features: npt.NDArray[np.float32]
    predicted: npt.NDArray[np.int64] | None
    asked: npt.NDArray[np.int64] | None

    def __len__(self) -> int:
        return len(self.features)

    def take(self, rows: npt.NDArray[np.int64]) -> "View":
        """Return the view of some rows."""
        return View(
            features=self.features[rows],
            predicted=None if self.predicted is None else self.predicted[rows],
            asked=None if self.asked is None else self.asked[rows],
        )


class Reference:
    """The real images of one data set through one judge's eyes."""

    def __init__(self, dataset: DataSet, judge: AnyJudge) -> None:
        self.dataset, self.judge = dataset, judge

    @property
    def unseen(self) -> Images:
        """Images that no model was trained on: the test split, else the held-out one."""
        return self.dataset.held_out if self.dataset.test is None else self.dataset.test

    @property
    def knows_classes(self) -> bool:
        """Whether the judge's classes include all of the data set's, and there are any."""
        names = self.dataset.class_names
        return bool(names) and set(names) <= set(self.judge.class_names)

    @cached_property
    def frequencies(self) -> FloatArray:
        """Share of each class among the images trained on, float64 (K,)."""
        labels = self.dataset.train.labels
        assert labels is not None
        counts = np.bincount(labels, minlength=self.dataset.num_classes)
        shares: FloatArray = counts / counts.sum()
        return shares

    def see(self, images: np.ndarray, asked: npt.NDArray[np.int64] | None) -> View:
        """Return the view of images uint8 (N, C, H, W); nothing is cached.

        Raises UsageError for images that do not fit the judge, FeaturesError for features that
        are not finite.
        """
        features, found = self._judged(images)
        predicted = None if found is None or not self.knows_classes else self._numbered(found)
        return View(features=features, predicted=predicted, asked=asked)

    def view(self, part: Images, count: int | None = None) -> View:
        """Return the view of a split, or of `count` of its images: a fixed random choice.

        Raises FeaturesError for features that are not finite.
        """
        rows = rows_of(part, count)
        if len(rows) < len(part):
            whole = find_cached(self._key(part, len(part), "features"), _FEATURES)
            if whole is not None:
                return self._to_view(whole, part, np.arange(len(part))).take(rows)

        def compute() -> dict[str, np.ndarray]:
            some = part.images if len(rows) == len(part) else part.take(rows)
            features, labels = self._judged(some)
            return {
                "features": features,
                "labels": np.zeros(0, np.int64) if labels is None else labels,
            }

        key = self._key(part, len(rows), "features")
        return self._to_view(cached(key, _FEATURES, compute), part, rows)

    def statistics(self, part: Images) -> Statistics:
        """Return mean and covariance of a whole split."""

        def compute() -> dict[str, np.ndarray]:
            return statistics_to_arrays(features_to_statistics(self.view(part).features))

        arrays = cached(self.statistics_key(part), _STATISTICS, compute)
        return Statistics(
            mean=arrays["mean"], covariance=arrays["covariance"], count=int(arrays["count"][0])
        )

    def statistics_key(self, part: Images) -> list[str | int]:
        """Return what the statistics of a split are kept under."""
        return self._key(part, len(part), "statistics")

    @cached_property
    def train_features(self) -> npt.NDArray[np.float32]:
        """Features of all images trained on, float32 (N, D)."""
        return self.view(self.dataset.train).features

    @cached_property
    def spacing(self) -> FloatArray:
        """Squared distance of each training image's features to the nearest other's, (N,)."""

        def compute() -> dict[str, np.ndarray]:
            return {"spacing": nearest_other(self.train_features)}

        train = self.dataset.train
        key = self._key(train, len(train), "spacing")
        return cached(key, ("spacing",), compute)["spacing"]

    def bins(self, num_bins: int) -> Bins:
        """Return the training images' division into cells of the feature space."""

        def compute() -> dict[str, np.ndarray]:
            found = fit_bins(self.train_features, num_bins=num_bins, seed=0)
            return {"centres": found.centres, "counts": found.counts}

        train = self.dataset.train
        key = self._key(train, len(train), f"bins {num_bins}")
        arrays = cached(key, ("centres", "counts"), compute)
        return Bins(centres=arrays["centres"], counts=arrays["counts"])

    def copy_test(self, count: int) -> tuple[View, View]:
        """Return two views of images nobody trained on: held-out witnesses, `count` others.

        The witnesses say how near to the training images a new real image lies. They are the
        held-out images, the others test images; where only one split is unseen, its two halves.
        There may be fewer others than `count`.
        """
        held_out, test = self.dataset.held_out, self.dataset.test
        if test is not None and len(held_out):
            return self.view(held_out), self.view(test, count)
        unseen = self.view(self.unseen)
        rows = np.arange(len(unseen))
        return unseen.take(rows[::2]), unseen.take(rows[1::2][:count])

    def figures(self, names: Sequence[str], what: Sequence[str | int], compute: Any) -> Any:
        """Return the arrays called `names`, kept under `what` and this data and judge."""
        key = self._key(self.unseen, len(self.unseen), "figures")
        # The images trained on, which figures compare with, change with what is held out.
        more: list[str | int] = [len(self.dataset.held_out), *what]
        ours, its = self.dataset.class_names, self.judge.class_names
        if self.knows_classes and ours != its:  # a digest of the data knows labels by number alone
            more.append("classes " + " ".join(str(number) for number in self._numbers()))
        return cached([*key, *more], names, compute)

    def _judged(
        self, images: np.ndarray
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64] | None]:
        features, labels = self.judge.features_and_labels(images)
        try:
            checked_features(features)
        except DataError as error:
            raise FeaturesError(str(error)) from None
        return features, labels

    def _key(self, part: Images, count: int, what: str) -> list[str | int]:
        # The test split is the same however many training images are held out.
        held_out = 0 if part.split == "test" else len(self.dataset.held_out)
        return [what, self.judge.digest, self.dataset.digest, part.split, held_out, count]

    def _to_view(
        self, arrays: dict[str, np.ndarray], part: Images, rows: npt.NDArray[np.int64]
    ) -> View:
        predicted = self._numbered(arrays["labels"]) if self.knows_classes else None
        asked = None if part.labels is None else part.labels[rows]
        return View(features=arrays["features"], predicted=predicted, asked=asked)

    def _numbered(self, found: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the judge's classes as the data set numbers them."""
        return np.array(self._numbers(), np.int64)[found]

    def _numbers(self) -> list[int]:
        """Return the data set's number for each of the judge's classes, -1 for none."""
        names = self.dataset.class_names
        return [names.index(name) if name in names else -1 for name in self.judge.class_names]


def statistics_to_arrays(statistics: Statistics) -> dict[str, np.ndarray]:
    """Return statistics as the arrays they are kept as."""
    return {
        "mean": statistics.mean,
        "covariance": statistics.covariance,
        "count": np.array([statistics.count]),
    }


def rows_of(part: Images, count: int | None) -> npt.NDArray[np.int64]:
    """Return the rows of `count` images of a split, in order: a fixed random choice, or all."""
    if count is None or count >= len(part):
        return np.arange(len(part))
    return np.sort(numpy_stream(0, "evaluation.real").permutation(len(part))[:count])
