"""Who takes part in a race to quality: recipes of ganvas and a plain loop, driven alike."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch

from ganvas.benchmark.plain import PlainDcgan
from ganvas.conditions import clusters_of
from ganvas.data.images import DataSet
from ganvas.device import Machine
from ganvas.errors import DataError, DivergedError, UsageError, did_you_mean
from ganvas.evaluation.table import least_samples
from ganvas.judge import AnyJudge
from ganvas.real.reference import Reference
from ganvas.recipe import Budget, Recipe
from ganvas.recipes import RECIPES, get_recipe, make_recipe
from ganvas.session import plan
from ganvas.soundness import first_broken
from ganvas.training import Training

__all__ = ["PLAIN", "Contender", "Racer", "contenders", "make_racer", "require_fit"]
__all__ += ["require_distances", "resolved_recipe"]

PLAIN = "plain-dcgan"
ENDLESS = 10**9
"""Images of a run whose learning rate does not depend on its length: the cap ends it."""

_SCHEDULES = (20_000, 60_000, 180_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contender:
    """A recipe in one of its forms; `images` is the length of its schedule, None for its own."""

    name: str
    recipe: str
    unconditional: bool = False
    images: int | None = None

    @property
    def form(self) -> str:
        """The recipe, and whether it is without classes: what a step of it does."""
        return f"{self.recipe}-unconditional" if self.unconditional else self.recipe


def _never() -> bool:
    return False


class Racer(Protocol):
    """A contender under way."""

    @property
    def images(self) -> int:
        """Real images drawn so far."""
        ...

    @property
    def seconds(self) -> float:
        """Seconds of training so far, with those of making ready (clusters are found there)."""
        ...

    @property
    def precision(self) -> torch.dtype:
        """What its networks compute in."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether its schedule has come to its end."""
        ...

    def advance(
        self, images: int, *, most_seconds: float, stopping: Callable[[], bool] = _never
    ) -> None:
        """Train until `images` were drawn, the schedule's end, or `most_seconds` in all.

        Ends after a whole iteration, earlier when `stopping` says so. Raises DivergedError when
        something is no longer finite.
        """
        ...

    def sample(self, count: int, *, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Return samples uint8 (N, C, H, W) and the classes they were asked to be, or None."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return all that it needs to go on from here."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to what `state_dict` gave."""
        ...


def contenders(
    chosen: Sequence[str] | None = None,
    *,
    num_classes: int,
    schedules: Sequence[int] | None = None,
) -> list[Contender]:
    """Return who takes part: recipes by name, and `plain-dcgan`; None for all that make images.

    `swift` takes part once for each of `schedules` (images), for the end of its schedule is where
    it gets good; with classes and, where there are any, without.

    Raises UsageError for an unknown name.
    """
    names = [*RECIPES, PLAIN]
    for name in chosen or ():
        if name not in names:
            raise UsageError(f"unknown recipe '{name}'{did_you_mean(name, names)}")
    found = []
    if chosen is None:
        chosen = [*(name for name in RECIPES if get_recipe(name).kind == "images"), PLAIN]
    for name in dict.fromkeys(chosen):
        if name != "swift":
            found.append(Contender(name=name, recipe=name))
            continue
        for unconditional in (False, True) if num_classes > 1 else (False,):
            for images in schedules or _SCHEDULES:
                form = "swift-unconditional" if unconditional else "swift"
                found.append(
                    Contender(
                        name=f"{form}-{images}",
                        recipe=name,
                        unconditional=unconditional,
                        images=images,
                    )
                )
    return found


def make_racer(
    contender: Contender, dataset: DataSet, *, seed: int, threads: int | None = None
) -> Racer:
    """Return a contender at its start. Sets the number of threads of this process."""
    if contender.recipe == PLAIN:
        if threads is not None:
            torch.set_num_threads(threads)
        try:
            return _PlainRacer(dataset.train.images, seed=seed)
        except ValueError as error:
            raise UsageError(f"{PLAIN} is for images like those of mnist: {error}") from None
    return _GanvasRacer(*resolved_recipe(contender, dataset, seed=seed, threads=threads), dataset)


def require_fit(
    entries: Iterable[Contender], dataset: DataSet, *, threads: int | None = None
) -> None:
    """Raise UsageError where one of them cannot train on the data: better now than in hours.

    Sets the number of threads of this process.
    """
    for entry in {entry.form: entry for entry in entries}.values():
        try:
            if entry.recipe == PLAIN:
                make_racer(entry, dataset, seed=0, threads=threads)
            else:
                clusters_of(resolved_recipe(entry, dataset, seed=0, threads=threads)[0], dataset)
        except (UsageError, DataError) as error:
            raise UsageError(
                f"{entry.form} cannot take part: {error}; name others with --recipes"
            ) from None


def require_distances(dataset: DataSet, judge: AnyJudge, samples: int) -> None:
    """Raise UsageError where samples, or the unseen real images beside them, are too few to tell.

    A distance takes more images than the judge has features.
    """
    unseen = len(Reference(dataset, judge).unseen)
    least, _ = least_samples(
        "fd", judge.num_features, num_classes=dataset.num_classes, num_train=len(dataset.train)
    )
    for count, what in ((samples, "samples"), (unseen, "images that are not trained on")):
        if count < least:
            raise UsageError(
                f"a race on {dataset.name} needs {least:,} {what} or more, and has {count:,}"
            )


def resolved_recipe(
    contender: Contender, dataset: DataSet, *, seed: int, threads: int | None
) -> tuple[Recipe, Machine]:
    """Return the recipe that a contender trains by, and the machine it does so on: its CPU.

    So do the plain one, and what measures the machine; a GPU would not compare with them.
    """
    threads_asked = {} if threads is None else {"machine.threads": threads}
    recipe = make_recipe(
        contender.recipe,
        budget={"images": contender.images},
        seed=seed,
        unconditional=contender.unconditional,
        settings={"machine.device": "cpu", **threads_asked},
    )
    if contender.images is None and recipe.schedule.decay_from >= 1.0:
        recipe = replace(recipe, budget=Budget(amount=ENDLESS, unit="images"))
    return plan(recipe, dataset)


class _GanvasRacer:
    def __init__(self, recipe: Recipe, machine: Machine, dataset: DataSet) -> None:
        started = time.perf_counter()
        self._training = Training(recipe, dataset, machine)  # finds clusters, where it asks for any
        self.seconds = time.perf_counter() - started
        self.precision = machine.precision

    @property
    def images(self) -> int:
        return self._training.images

    @property
    def is_over(self) -> bool:
        return self._training.is_spent

    def advance(
        self, images: int, *, most_seconds: float, stopping: Callable[[], bool] = _never
    ) -> None:
        training = self._training
        started = time.perf_counter() - self.seconds
        while training.images < images and not training.is_spent and self.seconds < most_seconds:
            training.iterate(1)
            self.seconds = time.perf_counter() - started
            if stopping():
                break
        training.tally.take()  # waits for a GPU's work
        self.seconds = time.perf_counter() - started
        training.refuse_broken()

    def sample(self, count: int, *, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
        return self._training.generator().sample(count, seed=seed)

    def state_dict(self) -> dict[str, Any]:
        return {"training": self._training.state_dict(), "seconds": self.seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._training.load_state_dict(state["training"])
        self.seconds = float(state["seconds"])


class _PlainRacer:
    is_over = False
    precision = torch.float32

    def __init__(self, images: np.ndarray, *, seed: int) -> None:
        started = time.perf_counter()
        self._plain = PlainDcgan(images, seed=seed)
        self.seconds = time.perf_counter() - started

    @property
    def images(self) -> int:
        return self._plain.steps * self._plain.batch

    def advance(
        self, images: int, *, most_seconds: float, stopping: Callable[[], bool] = _never
    ) -> None:
        started = time.perf_counter() - self.seconds
        while self.images < images and self.seconds < most_seconds:
            self._plain.step()
            self.seconds = time.perf_counter() - started
            if stopping():
                break
        broken = first_broken(self._plain.state_dict())
        if broken is not None:
            raise DivergedError(f"{broken} is not finite at {self.images:,} images")

    def sample(self, count: int, *, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
        return self._plain.sample(count, seed=seed), None

    def state_dict(self) -> dict[str, Any]:
        return {"plain": self._plain.state_dict(), "seconds": self.seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._plain.load_state_dict(state["plain"])
        self.seconds = float(state["seconds"])
