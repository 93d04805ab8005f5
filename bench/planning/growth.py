"""Tables of how an image's time and the memory grow with size, colour, width and batch."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.planning.cells import MISSING, law_in_words, mib, table, times, times_of
from bench.planning.laws import fit_power, furthest
from bench.planning.memory_law import training_mib
from bench.planning.point import AXES, Point
from bench.planning.results import Result, Results
from bench.planning.time_law import fit_time

__all__ = ["batch_lines", "colour_lines", "size_lines", "time_lines", "width_lines"]

_RECIPES = ("swift", "dcgan-tf")
_COLUMNS = (
    "time of an image",
    "million operations",
    "parameters of G",
    "of D",
    "peak memory, MiB",
    "of that training, MiB",
    "disk at most, MB",
)


def size_lines(results: Results) -> list[str]:
    """Return the table of image sizes, and the exponents of both recipes."""
    points = AXES["size"]
    rows = [(f"`{p.recipe}` {p.size}x{p.size}", *_cells(results, p)) for p in points]
    laws = [
        _laws(results, [p for p in points if p.recipe == recipe], lambda p: p.size, "size")
        for recipe in _RECIPES
    ]
    return [*table(("images", *_COLUMNS), rows), "", *_listed(laws)]


def colour_lines(results: Results) -> list[str]:
    """Return what three channels cost beside one."""
    rows = []
    for point in AXES["colour"]:
        grey = results.get(replace(point, channels=1))
        found = results.get(point)
        ratio = MISSING if None in (grey, found) else times(_ratio(found) / _ratio(grey))
        cells = _cells(results, point)
        rows.append((f"`{point.recipe}` {point.size}x{point.size}", ratio, cells[0], *cells[4:6]))
    columns = ("images in colour", "times as long as grey", _COLUMNS[0], *_COLUMNS[4:6])
    return table(columns, rows)


def width_lines(results: Results) -> list[str]:
    """Return the table of the networks' widths, and its exponents."""
    points = AXES["width"]
    rows = [
        (f"`{p.recipe}`, G {p.generator:g} x, D {p.discriminator:g} x", *_cells(results, p))
        for p in points
    ]
    laws = [
        _laws(
            results,
            [p for p in points if p.recipe == recipe and p.generator == p.discriminator],
            lambda p: p.generator,
            "width",
        )
        for recipe in _RECIPES
    ]
    return [*table(("width", *_COLUMNS), rows), "", *_listed(laws)]


def batch_lines(results: Results) -> list[str]:
    """Return the table of batch sizes, and its exponents."""
    points = AXES["batch"]
    own = 32
    rows = [(f"{p.batch_size or own} images", *_cells(results, p)) for p in points]
    law = _laws(results, points, lambda p: p.batch_size or own, "batch")
    return [*table(("batch", *_COLUMNS), rows), "", *_listed([law])]


def time_lines(results: Results) -> list[str]:
    """Return the fitted law of time by arithmetic of both recipes."""
    lines = []
    for recipe in _RECIPES:
        law = fit_time(results, recipe)
        if law is not None:
            lines.append(
                f"- `{recipe}`: start {law.line.start:.2f}, slope {law.line.slope:.4f}; fitted to "
                f"{law.count} points, of which none is off by more than {100 * law.worst:.0f}%"
            )
    return lines


def _cells(results: Results, point: Point) -> tuple[str, ...]:
    found = results.get(point)
    if found is None:
        return (results.why_not(point.name), *[MISSING] * (len(_COLUMNS) - 1))
    return (
        times_of(results, point),
        f"{found['operations'] / 1e6:,.0f}",
        f"{found['generator_parameters']:,}",
        f"{found['discriminator_parameters']:,}",
        mib(found["memory"]["peak"]),
        mib(training_mib(found)),
        f"{found['disk_bytes'] / 1e6:,.0f}",
    )


def _laws(
    results: Results, points: Sequence[Point], x_of: Callable[[Point], float], of: str
) -> str | None:
    """Return the exponents of time, arithmetic and memory; None where two points are missing."""
    measured = [(x_of(p), found) for p in points if (found := results.get(p)) is not None]
    if len({x for x, _ in measured}) < 2:
        return None
    xs = [x for x, _ in measured]
    figures: dict[str, Callable[[Result], float]] = {
        "time": _ratio,
        "arithmetic": lambda found: float(found["operations"]),
        "memory of training": training_mib,
    }
    said = []
    for what, figure in figures.items():
        ys = [figure(found) for _, found in measured]
        law = fit_power(xs, ys)
        said.append(law_in_words(what, of, law, furthest(law, xs, ys)))
    return f"`{points[0].recipe}` over {', '.join(f'{x:g}' for x in xs)}: {', '.join(said)}."


def _listed(lines: Sequence[str | None]) -> list[str]:
    return [f"- {line}" for line in lines if line is not None]


def _ratio(found: Result | None) -> float:
    assert found is not None
    return float(found["ratio"])
