"""How near a recipe's step comes to what the machine can do, and where the rest of the time goes.

The arithmetic is counted from the shapes of what is really carried out, second derivatives of
penalties included: convolutions and matrix products, a multiply-add as two operations.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

import torch
from torch.profiler import ProfilerActivity, profile

from ganvas.benchmark.plain import PlainDcgan
from ganvas.benchmark.racers import PLAIN, Contender, resolved_recipe
from ganvas.benchmark.replay import Recorder, operations_of, replay
from ganvas.benchmark.timing import convolution_ceiling, interleave, seconds_of
from ganvas.data.images import DataSet
from ganvas.plan import speed_trial
from ganvas.training import Training

__all__ = ["Operator", "Roofline", "measure_rooflines"]

_TOP = 10
_TURN_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator:
    """One kind of operation and its share of the time that all of them take by themselves."""

    name: str
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Roofline:
    """One contender's step.

    operations         arithmetic for each real image drawn
    images_per_second  the median of turns
    ceiling            operations per second that a favourable convolution reached in the same
                       turns, at the same precision
    step_over_alone    the step's time over that of its convolutions and matrix products alone
    operators          the ten that took most, the first the longest
    """

    name: str
    precision: str
    threads: int
    operations: float
    images_per_second: float
    ceiling: float
    step_over_alone: float
    operators: tuple[Operator, ...]

    @property
    def rate(self) -> float:
        """Operations per second that the training reaches."""
        return self.operations * self.images_per_second

    @property
    def share(self) -> float:
        """The rate as a part of the ceiling."""
        return self.rate / self.ceiling


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """What is timed: `act` draws `images`, whose training takes `longer` times as long."""

    act: Callable[[], object]
    images: int
    longer: int
    precision: torch.dtype


def measure_rooflines(
    contenders: tuple[Contender, ...],
    dataset: DataSet,
    *,
    threads: int | None,
    repeats: int = 5,
    tell: Callable[[str], None],
) -> list[Roofline]:
    """Return each contender's roofline; steps, their arithmetic alone and the ceiling take turns.

    Contenders that differ only in the length of their schedule share one.
    """
    forms = {contender.form: contender for contender in contenders}
    found = []
    for form, contender in forms.items():
        tell(f"roofline of {form}")
        found.append(_measure(contender, dataset, threads, repeats))
    return found


def _measure(contender: Contender, dataset: DataSet, threads: int | None, repeats: int) -> Roofline:
    step = _step_of(contender, dataset, threads)
    step.act()  # what is done once is done
    with Recorder() as recorder:
        step.act()
    operations = operations_of(recorder.calls) / step.images * step.longer
    each = max(1, round(_TURN_SECONDS / max(seconds_of(step.act), 1e-9)))
    ceilings: list[float] = []
    taken = interleave(
        {
            "step": partial(_again, step.act, each),
            "alone": partial(_again, partial(replay, recorder.calls), each),
            "ceiling": lambda: ceilings.append(convolution_ceiling(step.precision, repeats=1)),
        },
        repeats=repeats,
    )
    ratios = [one / other for one, other in zip(taken["step"], taken["alone"], strict=True)]
    return Roofline(
        name=contender.form,
        precision=str(step.precision).removeprefix("torch."),
        threads=torch.get_num_threads(),
        operations=operations,
        images_per_second=each * step.images / median(taken["step"]) / step.longer,
        ceiling=median(ceilings) * 1e9,
        step_over_alone=median(ratios),
        operators=_operators(partial(_again, step.act, each)),
    )


def _step_of(contender: Contender, dataset: DataSet, threads: int | None) -> _Step:
    if contender.recipe == PLAIN:
        if threads is not None:
            torch.set_num_threads(threads)
        plain = PlainDcgan(dataset.train.images)
        return _Step(act=plain.step, images=plain.batch, longer=1, precision=torch.float32)
    recipe, machine = resolved_recipe(contender, dataset, seed=0, threads=threads)
    short, longer = speed_trial(recipe)
    training = Training(short, dataset, machine)
    images = training.procedure.images_per_iteration * max(1, recipe.penalty.every)
    return _Step(
        act=partial(training.iterate, images),
        images=images,
        longer=longer,
        precision=machine.precision,
    )


def _again(act: Callable[[], object], times: int) -> None:
    for _ in range(times):
        act()


def _operators(act: Callable[[], object]) -> tuple[Operator, ...]:
    """Return the operators that took most of the processor's time, by themselves."""
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # it says on standard error that it began
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        act()
    events = profiler.key_averages()
    total = sum(event.self_cpu_time_total for event in events) or 1.0
    ordered = sorted(events, key=lambda event: -event.self_cpu_time_total)[:_TOP]
    return tuple(
        Operator(name=str(event.key), share=event.self_cpu_time_total / total) for event in ordered
    )
