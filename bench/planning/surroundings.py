"""Tables of what lies around the networks: the data, the machine, the number of workers."""

from statistics import median

from bench.planning.cells import MISSING, mib, quotient, table, times_of
from bench.planning.memory_law import fit_memory, program_mib
from bench.planning.point import AXES, DEFAULT, Point, all_points
from bench.planning.results import Results
from bench.planning.runs import RUNS
from bench.planning.workers import WORKERS

__all__ = ["data_lines", "machine_lines", "memory_lines", "run_lines", "taken_lines"]
__all__ += ["workers_lines"]

_MIB = 1 << 20


def taken_lines(results: Results) -> list[str]:
    """Return how the figures were made: machine, speed of the default, its noise."""
    found = [result for p in all_points().values() if (result := results.get(p)) is not None]
    if not found:
        return ["Nothing was measured yet."]
    speeds = sorted(result["default_images_per_second"] for result in found)
    ceilings = sorted(result["ceiling"] for result in found)
    turns = sorted(len(result["ratios"]) for result in found)
    return [
        f"- Machine: {found[0]['begun']['processor']}; {found[0]['machine']}.",
        f"- A favourable convolution reached {ceilings[0]:.0f} to {ceilings[-1]:.0f} GFLOP/s of "
        f"one thread while these figures were made, {median(ceilings):.0f} in the middle.",
        f"- The default point trained on {speeds[0]:,.0f} to {speeds[-1]:,.0f} images/s, "
        f"{median(speeds):,.0f} in the middle; {len(found)} points, of {turns[0]} to {turns[-1]} "
        "pairs of turns each.",
        f"- The default point beside itself, which is the noise: {times_of(results, DEFAULT)}.",
    ]


def data_lines(results: Results) -> list[str]:
    """Return what more images cost: time, the wait before training, memory."""
    rows = []
    for point in sorted({DEFAULT, *AXES["data"]}, key=_kind):
        found = results.get(point)
        place = "from the cache" if point.cached else "in memory"
        kind = place if point.labelled else f"{place}, no labels: 100 clusters"
        row = (f"{point.images:,} {kind}", f"{point.data_bytes / _MIB:,.1f}")
        if found is None:
            rows.append((*row, results.why_not(point.name), *[MISSING] * 4))
            continue
        begun, memory = found["begun"], found["memory"]
        rows.append(
            (
                *row,
                times_of(results, point),
                f"{begun['load_seconds']:.1f}",
                f"{begun['begin_seconds']:.1f}",
                mib(memory["peak"]),
                mib(memory["own"]),
            )
        )
    columns = (
        "images of 28x28",
        "pixels, MiB",
        "time of an image",
        "to read them, s",
        "to begin, s",
        "peak memory, MiB",
        "without files, MiB",
    )
    return table(columns, rows)


def _kind(point: Point) -> tuple[bool, bool, int]:
    return not point.labelled, point.cached, point.images


def machine_lines(results: Results) -> list[str]:
    """Return another precision and two threads beside what the same images take otherwise."""
    rows = []
    for point, name, beside in _MACHINES:
        found = results.get(point)
        peak = MISSING if found is None else mib(found["memory"]["peak"])
        rows.append((name, quotient(results, point, beside), times_of(results, point), peak))
    columns = ("change", "times the time without it", "time of an image", "peak memory, MiB")
    return table(columns, rows)


_FLOAT32, _TWO_THREADS, _TWO_THREADS_64 = AXES["machine"]
_SIZE_64 = next(point for point in AXES["size"] if point.size == 64)
_MACHINES: tuple[tuple[Point, str, Point], ...] = (
    (_FLOAT32, "float32 in place of bfloat16, 28x28", DEFAULT),
    (_TWO_THREADS, "two threads in place of one, 28x28", DEFAULT),
    (_TWO_THREADS_64, "two threads in place of one, 64x64", _SIZE_64),
)


def workers_lines(results: Results) -> list[str]:
    """Return one process beside two, for so many images in each process' part of a batch."""
    rows = []
    for name, batch in WORKERS.items():
        found = results.found(name)
        if "ratio" not in found:
            rows.append((f"{batch}", results.why_not(name), *[MISSING] * 4))
            continue
        speeds, memory = found["images_per_second"], found["memory"]
        lowest, highest = min(found["ratios"]), max(found["ratios"])
        rows.append(
            (
                f"{batch}",
                f"{speeds['1']:,.0f}",
                f"{speeds['2']:,.0f}",
                f"{found['ratio']:.2f} ({lowest:.2f} to {highest:.2f})",
                mib(memory["one"]),
                mib(memory["each_of_two"]),
            )
        )
    columns = (
        "images a process",
        "one, images/s",
        "two, images/s",
        "times as fast",
        "memory of one, MiB",
        "of each of two",
    )
    return table(columns, rows)


def memory_lines(results: Results) -> list[str]:
    """Return the fitted law of memory of both recipes."""
    first = results.get(DEFAULT)
    lines = []
    if first is not None:
        lines.append(f"- program: {mib(program_mib(first))} MiB")
    for recipe in ("swift", "dcgan-tf"):
        law = fit_memory(results, recipe)
        if law is not None:
            lines.append(
                f"- `{recipe}`: rest {law.rest:.0f} MiB, slope {law.bytes_each:.0f} bytes; fitted "
                f"to {law.count} points, of which none is off by more than {law.worst:.0f} MiB"
            )
    return lines


def run_lines(results: Results) -> list[str]:
    """Return whole runs beside the updates alone."""
    rows = []
    for name, point in RUNS.items():
        run, found = results.found(name), results.get(point)
        if "seconds" not in run:
            rows.append((f"`{point.name}`", results.why_not(name), *[MISSING] * 4))
            continue
        rows.append(
            (
                f"`{point.name}`",
                f"{run['seconds']:.0f}",
                f"{run['training_seconds']:.0f}",
                mib(run["peak"]),
                MISSING if found is None else mib(run["peak"] - found["memory"]["peak"]),
                f"{run['disk_bytes'] / 1e6:,.0f}",
            )
        )
    columns = (
        "`ganvas train`",
        "seconds in all",
        "of training",
        "peak memory, MiB",
        "more than its updates",
        "disk, MB",
    )
    return table(columns, rows)
