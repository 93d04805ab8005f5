"""One set of images against the real reference: each group of figures that share their work."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ganvas.errors import UsageError
from ganvas.evaluation.table import least_samples, num_bins
from ganvas.metrics.class_kl import class_kl, class_kl_floor
from ganvas.metrics.frechet import features_to_statistics, frechet_distance
from ganvas.metrics.frechet_infinity import frechet_infinity
from ganvas.metrics.kernel import kernel_distance
from ganvas.metrics.labels import label_accuracy
from ganvas.metrics.memorisation import authenticity, copying_score
from ganvas.metrics.ndb import ndb
from ganvas.metrics.prdc import prdc
from ganvas.real.reference import Reference, View
from ganvas.seeding import numpy_stream

__all__ = ["GROUPS", "Case", "Figure", "Figures", "as_many_as_real"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A value, and what else its computation tells (sampling floor, spread over subsets)."""

    value: float
    detail: dict[str, Any] = field(default_factory=dict)


Figures = dict[str, Figure]

_MOST_STRANGE = 0.1  # of the images: of more, the shares of the rest say nothing


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """What is scored: a view of images, and what with. `seed` decides random subsets."""

    reference: Reference
    scored: View
    seed: int = 0
    is_real: bool = False

    @property
    def sample_of_train(self) -> Any:
        """Features of as many training images as are scored: a fixed random choice."""
        reference = self.reference
        return reference.view(reference.dataset.train, len(self.scored)).features


def _frechet(case: Case) -> Figures:
    real = case.reference.statistics(case.reference.dataset.train)
    fake = features_to_statistics(case.scored.features)
    return {"fd": Figure(value=frechet_distance(real=real, fake=fake))}


def _frechet_infinity(case: Case) -> Figures:
    value = frechet_infinity(
        real=case.reference.statistics(case.reference.dataset.train),
        fake=case.scored.features,
        generator=numpy_stream(case.seed, "evaluation.fd_infinity"),
    )
    return {"fd_infinity": Figure(value=value)}


def _kernel(case: Case) -> Figures:
    found = kernel_distance(
        real=case.sample_of_train,
        fake=case.scored.features,
        generator=numpy_stream(case.seed, "evaluation.kid"),
    )
    return {
        "kid": Figure(value=found.mean, detail={"std": found.std, "subset_size": found.subset_size})
    }


def _neighbours(case: Case) -> Figures:
    found = prdc(real=case.sample_of_train, fake=case.scored.features)
    return {
        "precision": Figure(value=found.precision),
        "recall": Figure(value=found.recall),
        "density": Figure(value=found.density),
        "coverage": Figure(value=found.coverage),
    }


def _label_accuracy(case: Case) -> Figures:
    asked, predicted = case.scored.asked, case.scored.predicted
    assert asked is not None
    assert predicted is not None
    return {"label_accuracy": Figure(value=label_accuracy(asked=asked, predicted=predicted))}


def _class_kl(case: Case) -> Figures:
    predicted = case.scored.predicted
    assert predicted is not None
    known = predicted[predicted >= 0]  # a judge of more classes may see one that is not the data's
    strange = len(predicted) - len(known)
    if strange > _MOST_STRANGE * len(predicted):
        raise UsageError(
            f"class_kl: {strange} of {len(predicted)} images look like a class that the data does "
            "not have"
        )
    frequencies = case.reference.frequencies
    detail = {"floor": class_kl_floor(int(np.count_nonzero(frequencies)), len(known))}
    if strange:
        detail["unknown"] = strange / len(predicted)
    value = class_kl(real_frequencies=frequencies, predicted=known)
    return {"class_kl": Figure(value=value, detail=detail)}


def _ndb(case: Case) -> Figures:
    found = ndb(bins=case.reference.bins(_bins_of(case.reference)), fake=case.scored.features)
    return {
        "ndb": Figure(
            value=found.different / found.bins,
            detail={
                "different": found.different,
                "bins": found.bins,
                "jensen_shannon": found.jensen_shannon,
            },
        )
    }


def _copying(case: Case) -> Figures:
    reference = case.reference
    witnesses, others = reference.copy_test(len(case.scored))
    value = copying_score(
        train=reference.train_features,
        real=witnesses.features,
        # where one split is unseen, what stands for real images must not be the witnesses
        fake=(others if case.is_real else case.scored).features,
        centres=reference.bins(_bins_of(reference)).centres,
    )
    return {"ct": Figure(value=value, detail={"held_out": len(witnesses)})}


def _authenticity(case: Case) -> Figures:
    value = authenticity(
        train=case.reference.train_features,
        fake=case.scored.features,
        train_spacing=case.reference.spacing,
    )
    different = len({row.tobytes() for row in case.scored.features})
    return {"authenticity": Figure(value=value, detail={"different": different})}


GROUPS: tuple[tuple[tuple[str, ...], Callable[[Case], Figures]], ...] = (
    (("fd",), _frechet),
    (("fd_infinity",), _frechet_infinity),
    (("kid",), _kernel),
    (("precision", "recall", "density", "coverage"), _neighbours),
    (("label_accuracy",), _label_accuracy),
    (("class_kl",), _class_kl),
    (("ndb",), _ndb),
    (("ct",), _copying),
    (("authenticity",), _authenticity),
)
"""Which figures come out of one computation, and the computation."""


_OF_THE_NUMBER = {"fd", "precision", "class_kl", "ndb", "ct"}
"""The first figure of each group whose values move with how many images there are."""


def as_many_as_real(case: Case, names: tuple[str, ...]) -> Case:
    """Return the case of as many images as there are real ones to set beside them.

    That is for a group of figures, `names`, that depends on the number, where real images are
    fewer but enough: a random choice of the images, by the seed. Else the case itself.
    """
    reference, count = case.reference, len(case.scored)
    first = names[0]
    if first not in _OF_THE_NUMBER or not len(reference.unseen):
        return case
    there = len(reference.copy_test(count)[1] if first == "ct" else reference.unseen)
    least, _ = least_samples(
        first,
        reference.judge.num_features,
        num_classes=reference.dataset.num_classes,
        num_train=len(reference.dataset.train),
    )
    if not least <= there < count:
        return case
    chosen = numpy_stream(case.seed, "evaluation.as_many").permutation(count)[:there]
    return replace(case, scored=case.scored.take(np.sort(chosen)))


def _bins_of(reference: Reference) -> int:
    return num_bins(len(reference.dataset.train))
