"""What a training's memory consists of, in MiB: the program, states, maps, and its data.

    training = rest + states + maps
    states   = 22 bytes * G's parameters + 18 bytes * D's
    maps     = slope * batch * pixels of an image * width

States are float32 (weight, gradient, two moments of Adam, and of G the average) and a copy in
bfloat16. `rest` (kernels and their work space) and `slope` are fitted for each recipe, `width`
the mean of both networks' in multiples of the recipe's own.
"""

from dataclasses import dataclass

from bench.planning.laws import fit_line
from bench.planning.point import AXES, Point
from bench.planning.results import Result, Results

__all__ = ["MemoryLaw", "fit_memory", "program_mib", "states_mib", "training_mib"]

_G_BYTES, _D_BYTES = 22, 18
_MIB = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoryLaw:
    """The law of one recipe from `count` points; none is off by more than `worst` MiB."""

    rest: float
    bytes_each: float
    worst: float
    count: int

    def training(self, point: Point, *, generator: int, discriminator: int) -> float:
        """Return the MiB above program and data of a point with so many parameters."""
        maps = self.bytes_each * _places(point) / _MIB
        return self.rest + states_mib(generator=generator, discriminator=discriminator) + maps


def states_mib(*, generator: int, discriminator: int) -> float:
    """Return the MiB of all that training keeps for each parameter."""
    return (_G_BYTES * generator + _D_BYTES * discriminator) / _MIB


def program_mib(found: Result) -> float:
    """Return the MiB of interpreter, PyTorch and ganvas, before anything is read."""
    return float(found["begun"]["program"])


def training_mib(found: Result) -> float:
    """Return the MiB of the peak that are neither program nor data."""
    return float(found["memory"]["peak"]) - program_mib(found) - float(found["begun"]["data"])


def fit_memory(results: Results, recipe: str) -> MemoryLaw | None:
    """Return the law of a recipe from its measured sizes, colours, widths and batches.

    None where fewer than three are there.
    """
    points = {point for axis in ("size", "colour", "width", "batch") for point in AXES[axis]}
    measured = [
        (_places(point), _without_states(found))
        for point in sorted(points, key=lambda point: point.name)
        if point.recipe == recipe and (found := results.get(point)) is not None
    ]
    if len(measured) < 3:
        return None
    line = fit_line(*zip(*measured, strict=True))
    return MemoryLaw(
        rest=line.start,
        bytes_each=line.slope * _MIB,
        worst=max(abs(y - line.at(x)) for x, y in measured),
        count=len(measured),
    )


def _places(point: Point) -> float:
    width = (point.generator + point.discriminator) / 2
    return point.batch * point.size**2 * width


def _without_states(found: Result) -> float:
    states = states_mib(
        generator=found["generator_parameters"], discriminator=found["discriminator_parameters"]
    )
    return training_mib(found) - states
