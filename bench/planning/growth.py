"""Tables of how an image's time and the memory grow with size, colour, width and batch."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.planning.cells import MISSING, law_in_words, mib, quotient, table, times_of
from bench.planning.laws import fit_line, fit_power, furthest
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
        name = f"`{point.recipe}` {point.size}x{point.size}"
        dearer = quotient(results, point, replace(point, channels=1))
        cells = _cells(results, point)
        rows.append((name, dearer, cells[0], *cells[4:6]))
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
    """Return the table of batch sizes: the exponent of time, and memory by the image."""
    points = AXES["batch"]
    rows = [(f"{p.batch} images", *_cells(results, p)) for p in points]
    lines = table(("batch", *_COLUMNS), rows)
    measured = [(p.batch, found) for p in points if (found := results.get(p)) is not None]
    if len(measured) < 2:
        return lines
    xs = [batch for batch, _ in measured]
    ratios = [_ratio(found) for _, found in measured]
    law = fit_power(xs, ratios)
    memory = fit_line(xs, [training_mib(found) for _, found in measured])
    said = law_in_words("time", "batch", law, furthest(law, xs, ratios))
    over = f"`swift` over {', '.join(map(str, xs))}"
    return [*lines, "", f"- {over}: {said}, {memory.slope:.2f} MiB for each image in the batch."]


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


def _ratio(found: Result) -> float:
    return float(found["ratio"])
