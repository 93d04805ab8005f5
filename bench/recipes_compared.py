"""Every recipe on one data set at the same seconds: the table and the figures of docs/compared.md.

    python -m bench.recipes_compared --out runs/compared [--minutes 10] [--jobs 2] [--threads 1]

First the speed of every recipe is measured in turns, in one run, and written to `speeds.json`; the
minutes become a number of images for each, so that what else the machine does later changes no
result. Then each trains in a directory of its own below `--out`, `--jobs` at a time; `swift` also
without the data's classes, with clusters in their place and without. What was begun is resumed,
what is finished is kept, so the command may be stopped and given again. Then all are measured
alike, on 10,000 samples, and `ganvas compare` draws their course. With `--speeds-only` it stops
after the first part: run that on a quiet machine.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch

from ganvas import data
from ganvas.benchmark.timing import convolution_ceiling, interleave
from ganvas.pace import measure_speed
from ganvas.plan import speed_trial
from ganvas.recipes import RECIPES, get_recipe, make_recipe
from ganvas.session import plan
from ganvas.training import Training

_IMAGES = [name for name in RECIPES if get_recipe(name).kind == "images"]
TURN_SECONDS = 2.0
TURNS = 3
METRICS = ("fd", "precision", "recall", "coverage", "class_kl", "label_accuracy")
SAMPLES = 10_000
SHOWN = 20

_NAMES = (
    "`swift-clusters` is `--unconditional` (what `ganvas bench` calls swift-unconditional); "
    "`swift-unconditional` here is without clusters, too (`conditioning=none`)."
)

Row = tuple[dict[str, Any], dict[str, Any]]
"""What a run says of itself, and its figures."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contender:
    """A recipe in one of its forms."""

    name: str
    recipe: str
    conditioning: str | None = None


def contenders(chosen: list[str], *, num_classes: int) -> list[Contender]:
    """Return the chosen recipes; `swift` also with clusters for classes, and with neither."""
    found = []
    for name in chosen:
        found.append(Contender(name=name, recipe=name))
        if name == "swift":
            plain = Contender(name="swift-unconditional", recipe=name, conditioning="none")
            found.append(plain)
        if name == "swift" and num_classes > 1:
            found.append(Contender(name="swift-clusters", recipe=name, conditioning="unlabelled"))
    return found


def measure_speeds(entries: list[Contender], options: argparse.Namespace) -> dict[str, float]:
    """Return each contender's images per second, from turns of some seconds each, interleaved."""
    dataset = data.load(options.data)
    trials: dict[str, Training] = {}
    turns, shortened = {}, {}
    for entry in entries:
        settings: dict[str, Any] = {"machine.threads": options.threads}
        if entry.conditioning is not None:
            settings["conditioning"] = entry.conditioning
        recipe = make_recipe(entry.recipe, budget={}, settings=settings)
        short, shortened[entry.name] = speed_trial(plan(recipe, dataset)[0])
        trial = trials[entry.name] = Training(short, dataset, plan(recipe, dataset)[1])
        images = int(measure_speed(trial, 1, TURN_SECONDS) * TURN_SECONDS)
        turns[entry.name] = max(1, images)
    drawn: dict[str, int] = {}

    def act(name: str) -> None:
        drawn[name] = trials[name].iterate(turns[name])

    seconds = interleave({name: partial(act, name) for name in trials}, repeats=TURNS)
    return {name: drawn[name] / median(taken) / shortened[name] for name, taken in seconds.items()}


def read_speeds(entries: list[Contender], options: argparse.Namespace) -> dict[str, float]:
    """Return the measured speeds; those that are missing are measured, and kept beside the others.

    Beside known speeds, new ones are measured in turns with the first of the known, and scaled to
    what that was: only ratios within one run say anything.
    """
    path = options.out / "speeds.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    kept: dict[str, float] = found.get("images_per_second", {})
    missing = [entry for entry in entries if entry.name not in kept]
    if missing:
        known = [entry for entry in entries if entry.name in kept][:1]
        measured = measure_speeds([*known, *missing], options)
        factor = kept[known[0].name] / measured[known[0].name] if known else 1.0
        kept = {**{name: speed * factor for name, speed in measured.items()}, **kept}
        machine = {
            "threads": options.threads,
            "float32_gflops": round(convolution_ceiling(torch.float32), 1),
        }
        path.write_text(json.dumps({**machine, **found, "images_per_second": kept}, indent=1))
    return {entry.name: float(kept[entry.name]) for entry in entries}


def ganvas(*arguments: str, threads: int) -> str:
    """Run one `ganvas` command and return its standard output; end the program if it fails."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "OMP_NUM_THREADS": str(threads),
    }
    command = [sys.executable, "-m", "ganvas", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):  # 3: it diverged, which is a result
        sys.exit(f"ganvas {' '.join(arguments)}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def train(contender: Contender, images: int, options: argparse.Namespace) -> None:
    """Train one contender to the end of its budget, from where it stands."""
    run = options.out / contender.name
    if not run.exists():
        budget = ("--images", str(images), "--threads", str(options.threads))
        kind: tuple[str, ...] = ("--recipe", contender.recipe)
        if contender.conditioning is not None:
            kind += ("--set", f"conditioning={contender.conditioning}")
        place = ("--out", str(options.out), "--name", contender.name, "--seed", str(options.seed))
        arguments = ("train", options.data, *kind, *budget, *place, "--quiet")
        ganvas(*arguments, threads=options.threads)
    elif status(run)["status"] not in ("finished", "diverged"):
        ganvas("resume", str(run), "--quiet", threads=options.threads)
    print(f"trained: {contender.name}, {status(run)['images']:,} images", file=sys.stderr)


def status(run: Path) -> dict[str, Any]:
    """Return what the run says of itself."""
    found: dict[str, Any] = json.loads((run / "status.json").read_text())
    return found


def measure(run: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Return the run's figures from 10,000 samples, measured once and kept beside the run."""
    kept = run.with_suffix(".json")
    if not kept.exists():
        arguments = ("eval", str(run), "--samples", str(SAMPLES), "--seed", "0", "--json")
        kept.write_text(ganvas(*arguments, threads=os.cpu_count() or 1))
    found: dict[str, Any] = json.loads(kept.read_text())
    return found


def table(rows: dict[str, Row], speeds: dict[str, float]) -> str:
    """Return the Markdown table of (status, figures) by name, the best Fréchet distance first."""
    ordered = sorted(rows.items(), key=lambda row: row[1][1]["metrics"]["fd"]["value"])
    lines = [
        f"| recipe | images/s | images | fd | x real | {' | '.join(METRICS[1:])} |",
        f"| --- |{' ---: |' * (len(METRICS) + 3)}",
    ]
    for name, (state, figures) in ordered:
        metrics = figures["metrics"]
        fd = metrics["fd"]
        others = (
            f"{metrics[metric]['value']:.3g}" if metric in metrics else "-"
            for metric in METRICS[1:]
        )
        lines.append(
            f"| {name} | {speeds[name]:,.3g} | {state['images']:,} | {fd['value']:.3g} | "
            f"{fd['value'] / fd['real']:.1f} | {' | '.join(others)} |"
        )
    best = ordered[0][1][1]["metrics"]
    of_real = [
        f"{best[metric]['real']:.3g}" if metric in best and best[metric]["real"] else "-"
        for metric in METRICS
    ]
    lines.append(f"| real images | | | {of_real[0]} | 1.0 | {' | '.join(of_real[1:])} |")
    return "\n".join(lines)


def draw_samples(path: Path, rows: dict[str, Row], out: Path) -> None:
    """Write a picture with a strip of samples for each run, the best first."""
    import numpy as np
    from matplotlib.figure import Figure

    from ganvas.model import load_generator

    ordered = sorted(rows, key=lambda name: rows[name][1]["metrics"]["fd"]["value"])
    figure = Figure(figsize=(10, 0.72 * len(ordered)), layout="constrained")
    for place, name in enumerate(ordered, start=1):
        images, _ = load_generator(out / name).sample(SHOWN, seed=1)
        strip = np.concatenate(list(images.transpose(0, 2, 3, 1)), axis=1)
        axes = figure.add_subplot(len(ordered), 1, place)
        axes.imshow(strip.squeeze(), cmap="gray", vmin=0, vmax=255)
        axes.set_axis_off()
        fd = rows[name][1]["metrics"]["fd"]
        axes.set_title(
            f"{name}: {fd['value'] / fd['real']:.1f} x real", loc="left", fontsize=8, pad=2
        )
    figure.savefig(path, dpi=130)


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--recipes", nargs="+", default=_IMAGES, choices=_IMAGES)
    parser.add_argument("--speeds-only", action="store_true")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where the page goes")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    num_classes = data.load(options.data).num_classes
    entries = contenders(options.recipes, num_classes=num_classes)
    speeds = read_speeds(entries, options)
    if options.speeds_only:
        print(json.dumps(speeds, indent=1))
        return
    budgets = [math.ceil(speeds[entry.name] * options.minutes * 60) for entry in entries]
    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(partial(train, options=options), entries, budgets))
    rows = {
        entry.name: (status(options.out / entry.name), measure(options.out / entry.name, options))
        for entry in entries
        if status(options.out / entry.name)["status"] == "finished"
    }
    runs = [str(options.out / name) for name in rows]
    figure, samples = options.docs / "compared.svg", options.docs / "compared.png"
    ganvas("compare", *runs, "-o", str(figure), threads=1)
    draw_samples(samples, rows, options.out)
    judge = next(iter(rows.values()))[1]["judge"]
    (options.docs / "compared.md").write_text(
        f"# The recipes at the same seconds\n\n"
        f"Made by `python -m bench.recipes_compared --data {options.data} --minutes "
        f"{options.minutes:g} --jobs {options.jobs} --threads {options.threads} --seed "
        f"{options.seed}`: {options.minutes:g} minutes of training each at the measured speed, "
        f"{options.threads} thread each, on {options.data}; {SAMPLES:,} samples, judge "
        f"{judge['name']} "
        f"{judge['digest'][7:15]}, beside the test split.\n{_NAMES}\n\n{table(rows, speeds)}\n\n"
        f"![Samples of each recipe]({samples.name})\n\n"
        f"![Quality against images and against seconds]({figure.name})\n"
    )
    print(table(rows, speeds))


if __name__ == "__main__":
    main()
