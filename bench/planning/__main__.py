"""Time and memory of a training by image size, width, batch, data and workers: docs/planning.md.

    python -m bench.planning --out runs/planning [--seconds 6] [--minutes 3] [--only NAME ...]
    python -m bench.planning --out runs/planning --page

Each point trains in a process of its own, in turns with one that is the default point. What is
finished is kept in `results.json`, so the command may be stopped and given again; `--minutes`
begins no further point after so long. When nothing is missing, or with --page, docs/planning.md
gets its tables. It needs as many cores that nobody else uses as a point has threads, or processes.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from bench.planning.material import source_of
from bench.planning.page import write_page
from bench.planning.point import DEFAULT, needed_points
from bench.planning.results import Result, Results, missing
from bench.planning.runs import RUNS, measure_run
from bench.planning.turns import Process, measure
from bench.planning.workers import WORKERS, measure_workers


def main() -> None:
    names = [*needed_points(), *WORKERS, *RUNS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=6, help="of training for each point")
    parser.add_argument("--minutes", type=float, help="begin no point after so long")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help="these alone")
    parser.add_argument("--list", action="store_true", help="say what is still to be measured")
    parser.add_argument("--page", action="store_true", help="write the page, measure nothing")
    options = parser.parse_args()
    folder = options.out.resolve()
    results = Results(folder)
    left = missing(results, options.only or names)
    if options.list:
        print("\n".join(left))
        return
    if not options.page:
        try:
            measure_all(left, folder, results, options)
        except KeyboardInterrupt:
            sys.exit("stopped; give the command again to go on")
    if options.page or not missing(results, names):
        write_page(results)


def measure_all(
    names: list[str], folder: Path, results: Results, options: argparse.Namespace
) -> None:
    """Measure one after another and keep what is found, until the time is over."""
    until = time.monotonic() + 60 * options.minutes if options.minutes else None
    default: Process | None = None
    for name in names:
        if until is not None and time.monotonic() > until:
            print("the time is over; give the command again to go on")
            break
        if default is not None and name not in needed_points():
            default.end()  # processes and whole runs are measured alone on the machine
            default = None
        if name in WORKERS:
            found: Result = measure_workers(WORKERS[name], folder, seconds=options.seconds)
        elif name in RUNS:
            found = measure_run(RUNS[name], folder)
        else:
            default = default or begin_default(folder)
            point = needed_points()[name]
            found = measure(point, default, folder, seconds=options.seconds)
        results.add(name, found)
        print(f"{name}: {in_words(found)}", flush=True)
        if "failed" in found and default is not None:  # which of the two it was, nobody said
            default.end()
            default = None
    if default is not None:
        default.end()


def begin_default(folder: Path) -> Process:
    """Return a process of the default point, ready for its turns."""
    source = source_of(DEFAULT, folder)
    command = ["-m", "bench.planning.trainee", json.dumps(DEFAULT.to_json()), source]
    process = Process(command, folder)
    process.hear()
    return process


def in_words(found: Result) -> str:
    """Return a result in a few words: how it compares, or why there is none."""
    for trouble in ("refused", "failed"):
        if trouble in found:
            return f"{trouble}: {found[trouble]}"
    if "seconds" in found:
        return f"{found['seconds']:.0f} s, peak {found['peak']:.0f} MiB"
    lowest, highest = min(found["ratios"]), max(found["ratios"])
    return f"{found['ratio']:.3f} ({lowest:.3f} to {highest:.3f} in {len(found['ratios'])} turns)"


if __name__ == "__main__":
    main()
