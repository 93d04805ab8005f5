"""The worked example: what the tables say of a setting that none of them has, beside a run."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod

from bench.planning.cells import MISSING, mib, table, times
from bench.planning.memory_law import fit_memory, program_mib
from bench.planning.point import DEFAULT, EXAMPLE, Point
from bench.planning.results import Result, Results
from bench.planning.runs import BUDGET, RUNS, widths
from bench.planning.time_law import fit_time

__all__ = ["Estimate", "estimate", "example_lines"]

_MIB = 1 << 20
_NETWORKS = ("generator", "discriminator")
_RUN = next(name for name, point in RUNS.items() if point == EXAMPLE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """What the tables say of a point of swift.

    `factors` of its arithmetic, each of one change alone, multiply the default's to
    `operations`; `time` is that of an image by the law of time, the default's being 1. `product`
    is what the factors of times would come to, had they been multiplied instead.
    """

    factors: dict[str, float]
    operations: float
    time: float
    product: float


def estimate(results: Results, point: Point) -> Estimate | None:
    """Return the estimate of a point of swift at its own batch; None where a figure is missing."""
    law, first = fit_time(results, DEFAULT.recipe), results.get(DEFAULT)
    if law is None or first is None:
        return None
    alone = {
        "size": replace(DEFAULT, size=point.size),
        "colour": replace(DEFAULT, channels=point.channels),
        "width": replace(DEFAULT, generator=point.generator, discriminator=point.discriminator),
    }
    factors, product = {}, 1.0
    for name, changed in alone.items():
        if changed == DEFAULT:
            continue
        found = results.get(changed)
        if found is None:
            return None
        factors[name] = float(found["operations"] / first["operations"])
        product *= found["ratio"]
    operations = first["operations"] * prod(factors.values())
    return Estimate(
        factors=factors, operations=operations, time=law.at(operations), product=product
    )


def example_lines(results: Results) -> list[str]:
    """Return the example: the setting, the estimate by its factors, and what was measured."""
    guess, law = estimate(results, EXAMPLE), fit_memory(results, EXAMPLE.recipe)
    found, run = results.get(EXAMPLE), results.found(_RUN)
    if found is None:
        return [f"{EXAMPLE.name}: {results.why_not(EXAMPLE.name)}."]
    if "seconds" not in run:
        return [f"{_RUN}: {results.why_not(_RUN)}."]
    if guess is None or law is None:
        return [f"{EXAMPLE.name}: the tables it rests on are not measured yet."]
    generator, discriminator = (found[f"{name}_parameters"] for name in _NETWORKS)
    training = law.training(EXAMPLE, generator=generator, discriminator=discriminator)
    memory = program_mib(found) + EXAMPLE.data_bytes / _MIB + training
    return [
        *_guessed(guess, memory, found, run),
        "",
        *_compared(guess, memory, _beyond_updates(results), found, run),
        "",
        _said_of_the_run(run),
    ]


def _guessed(guess: Estimate, memory: float, found: Result, run: Result) -> list[str]:
    speed = found["default_images_per_second"]
    milliseconds = 1e3 * guess.time / speed
    product = " x ".join(f"{times(factor)} ({name})" for name, factor in guess.factors.items())
    first = guess.operations / prod(guess.factors.values())
    chosen = " ".join(f"--set {name}={value}" for name, value in widths(EXAMPLE).items())
    generator, discriminator = (found[f"{name}_parameters"] for name in _NETWORKS)
    planned = run["planned_disk_bytes"][str(BUDGET)]
    many = replace(EXAMPLE, images=BUDGET).data_bytes / _MIB
    return [
        f"{EXAMPLE.size}x{EXAMPLE.size} colour, `{chosen}`, {BUDGET:,} images, one thread:",
        "",
        f"- **How long?** {first / 1e6:.0f} x {product} = {guess.operations / 1e6:,.0f} million "
        f"operations an image. By the law of time that is {times(guess.time)} times the default's "
        f"time. The default trains on {speed:,.0f} images/s here, so an image takes "
        f"{milliseconds:.1f} ms, and all of them {BUDGET * milliseconds / 60e3:.0f} minutes.",
        f"- **How much memory?** {generator:,} and {discriminator:,} parameters (`--dry-run` says "
        f"so) and {EXAMPLE.images:,} pictures in memory: {mib(memory)} MiB by the law of memory. "
        f"{BUDGET:,} such pictures would be {mib(many)} MiB in memory; imported, as much in the "
        "cache and next to nothing in memory.",
        f"- **How much disk?** `--dry-run` says at most {planned / 1e6:,.0f} MB.",
    ]


def _beyond_updates(results: Results) -> float | None:
    """Return the MiB that a whole run of this size, grey and of no other width, takes more."""
    alike = replace(DEFAULT, size=EXAMPLE.size)
    updates = results.get(alike)
    runs = [results.found(name) for name, point in RUNS.items() if point == alike]
    if updates is None or not runs or "peak" not in runs[0]:
        return None
    return float(runs[0]["peak"] - updates["memory"]["peak"])


def _compared(
    guess: Estimate, memory: float, beyond: float | None, found: Result, run: Result
) -> list[str]:
    seconds = guess.time / found["default_images_per_second"]
    taken, short = run["training_seconds"] / run["images"], run["images"]
    planned = run["planned_disk_bytes"][str(short)]
    whole = None if beyond is None else memory + beyond
    rows = [
        _row(
            "million operations of an image",
            guess.operations / 1e6,
            found["operations"] / 1e6,
            mib,
        ),
        _row("time of an image, default = 1", guess.time, found["ratio"], times),
        _row("the same as a product of times", guess.product, found["ratio"], times),
        _row("ms for an image of `ganvas train`", 1e3 * seconds, 1e3 * taken, times),
        _row("peak memory of the updates alone, MiB", memory, found["memory"]["peak"], mib),
        _row("peak memory of `ganvas train`, MiB", whole, run["peak"], mib),
        _row(f"disk for {short:,} images, MB", planned / 1e6, run["disk_bytes"] / 1e6, mib),
    ]
    return table(("", "estimated", "measured", "measured / estimated"), rows)


def _said_of_the_run(run: Result) -> str:
    return (
        f"What was measured is `ganvas train` of {run['images']:,} images on {EXAMPLE.images:,} "
        f"random ones. With its beginning and its end, where samples are measured, it took "
        f"{run['seconds']:.0f} s; {run['training_seconds']:.0f} s of them were training, pictures "
        "and checks on its way included."
    )


def _row(
    name: str, guess: float | None, found: float, words: Callable[[float], str]
) -> tuple[str, ...]:
    if guess is None:
        return name, MISSING, words(found), MISSING
    return name, words(guess), words(found), f"{found / guess:.2f}"
