"""One recipe over many seeds: how many of them succeed, how good, how bad at the worst.

    DIR/trials.json       what every run is asked for
    DIR/seed-007/         a run directory for each seed
    DIR/seed-007.json     its figures, where the run itself measured fewer samples

Finished runs are kept, begun ones resumed: the same command goes on where it stopped.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from ganvas import disk
from ganvas.errors import GanvasError, UsageError
from ganvas.files import cannot_write, read_json
from ganvas.lock import RunLock
from ganvas.measured import flatters
from ganvas.scale.children import Runner, in_parallel
from ganvas.scale.outcome import Outcome, read_outcome, status_of
from ganvas.scale.request import Request, keep_request
from ganvas.scale.success import FIGURES, Rule

__all__ = ["carry_on", "in_json", "prepare", "run_trials", "summarise", "with_images"]

Tell = Callable[[str], None]

_ENDED = ("finished", "diverged")


def prepare(
    directory: Path, asked: Request, *, threads: int, runner: Runner, tell: Tell
) -> Request:
    """Return the request that all runs in `directory` share; made at the first call, then kept.

    `threads` is what each run gets where the request leaves it open. Minutes become images
    here, by one measurement, so that every seed trains on the same images. Call it under the
    directory's lock.

    Raises UsageError when the directory holds runs of another request, GanvasError when the
    speed cannot be measured.
    """
    path = directory / "trials.json"
    if path.exists():
        return keep_request(path, asked)
    if any(not entry.name.startswith(".") for entry in directory.iterdir()):
        raise UsageError(f"{directory} holds something else already; choose another --out")
    request = replace(asked, threads=asked.threads or threads)
    if request.minutes is not None:
        tell(f"measuring the speed: {request.minutes:g} minutes become images")
        request = with_images(request, runner)
        tell(f"every seed trains on {request.budget:,} images")
    return keep_request(path, request)


def with_images(request: Request, runner: Runner) -> Request:
    """Return the request with its budget in images, as `ganvas train --dry-run` finds it.

    Raises UsageError or GanvasError with the last words of a command that failed.
    """
    ended = runner(request.rehearse(), threads=request.threads or 1)
    if ended.was_stopped:
        raise KeyboardInterrupt(ended.code - 128)
    if ended.code:
        kind = UsageError if ended.code == UsageError.exit_code else GanvasError
        raise kind(ended.last_words)
    return replace(request, found_images=int(json.loads(ended.output)["plan"]["images"]))


def run_trials(
    directory: Path,
    asked: Request,
    *,
    seeds: Sequence[int],
    jobs: int,
    threads: int,
    runner: Runner,
    tell: Tell,
) -> tuple[Request, list[Outcome]]:
    """Train every seed to its end and return what each came to, in the order of `seeds`.

    jobs     runs at a time, each a process
    threads  of each run, where the request leaves it open
    tell     is given a sentence for each seed that ended

    A seed that fails does not stop the others. Raises UsageError when `directory` holds runs of
    another request, KeyboardInterrupt when a signal came, after all runs have saved themselves.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(directory, error) from None
    outcomes: dict[int, Outcome] = {}
    with RunLock(directory):
        request = prepare(directory, asked, threads=threads, runner=runner, tell=tell)

        def work(seed: int) -> None:
            name = f"seed-{seed:03d}"
            train = request.train(out=directory, name=name, seed=seed)
            outcomes[seed] = carry_on(
                directory / name, train, request=request, seed=seed, runner=runner
            )
            tell(_spoken(outcomes[seed], len(outcomes), len(seeds)))

        in_parallel(work, seeds, jobs=jobs, runner=runner)
    return request, [outcomes[seed] for seed in seeds]


def carry_on(
    run: Path,
    train: Sequence[str],
    *,
    request: Request,
    seed: int,
    runner: Runner,
    watch: Callable[[], bool] | None = None,
) -> Outcome:
    """Bring one run to its end from where it stands, measure it, and return what it came to.

    `train` are the arguments that begin it anew; `watch` may stop it, as `Runner` says.
    """
    figures = run.with_suffix(".json")
    outcome = partial(read_outcome, run, seed=seed, figures=figures)
    go = partial(runner, threads=request.threads or 1)
    if status_of(run)["status"] not in _ENDED:
        if run.exists() and not _has_checkpoint(run):  # killed before its first one
            try:
                with RunLock(run):
                    disk.remove_tree(run)
            except (GanvasError, OSError) as error:
                return outcome(reason=str(error))
        arguments = ("resume", str(run), "--quiet") if run.exists() else tuple(train)
        ended = go(arguments, watch=watch)
        if ended.code not in (0, 3):  # 3: it diverged, which is a result
            return outcome(reason="" if ended.was_stopped else ended.last_words)
    status = status_of(run)
    measured = status.get("evaluation")
    if status["status"] != "finished" or not measured:
        return outcome()
    if figures.exists():
        with suppress(GanvasError, KeyError, TypeError, ValueError):  # damaged ones are made again
            measured = _checked(read_json(figures))
    if measured["samples"] != request.samples or flatters(measured):
        names = ",".join(name for name in FIGURES if name in measured["metrics"])
        measure = ("eval", str(run), "--samples", str(request.samples), "--seed", str(seed))
        ended = go((*measure, "--metrics", names, "--json", "-o", str(figures)))
        if ended.code:
            # What the run itself measured is of other samples, and does not compare.
            reason = f"could not be measured: {ended.last_words}"
            return replace(outcome(reason=reason), metrics={})
    return outcome()


def _checked(figures: Any) -> dict[str, Any]:
    """Return an evaluation that was read. Raises KeyError, TypeError or ValueError for others."""
    _ = [float(part) for f in figures["metrics"].values() for part in (f["value"], f["real"] or 0)]
    return {**figures, "samples": int(figures["samples"])}


def summarise(outcomes: Sequence[Outcome], rule: Rule) -> dict[str, Any]:
    """Return how many seeds succeed, and each figure's median, worst and best of those finished."""
    finished = [outcome for outcome in outcomes if outcome.status == "finished"]
    failed = [outcome for outcome in outcomes if outcome.status not in _ENDED]
    figures: dict[str, Any] = {}
    for name in FIGURES:
        found = [o.metrics[name] for o in finished if name in o.metrics]
        if found:
            higher = bool(found[0]["higher_is_better"])
            values = sorted((entry["value"] for entry in found), reverse=higher)
            figures[name] = {
                "median": median(values),
                "worst": values[-1],
                "best": values[0],
                "real": found[0]["real"],
                "higher_is_better": higher,
            }
    seconds = sorted(o.seconds for o in finished if o.seconds is not None)
    return {
        "seeds": len(outcomes),
        "succeeded": sum(not rule.shortfall(o.status, o.metrics) for o in outcomes),
        "success": str(rule),
        "finished": len(finished),
        "diverged": len(outcomes) - len(finished) - len(failed),
        "failed": len(failed),
        "metrics": figures,
        "seconds": None
        if not seconds
        else {"median": median(seconds), "worst": seconds[-1], "best": seconds[0]},
    }


def in_json(outcomes: Sequence[Outcome], request: Request, rule: Rule) -> dict[str, Any]:
    """Return what `ganvas trials --json` prints."""
    return {
        "data": request.data,
        "recipe": request.recipe,
        "options": list(request.options),
        "images": request.budget,
        "threads": request.threads,
        "samples": request.samples,
        "trials": [
            {
                "seed": outcome.seed,
                "run": outcome.run,
                "seconds": outcome.seconds,
                "status": outcome.status,
                "images": outcome.images,
                "success": not (why := rule.shortfall(outcome.status, outcome.metrics)),
                "shortfall": why,
                "reason": outcome.reason,
                "findings": list(outcome.findings),
                "metrics": outcome.metrics,
            }
            for outcome in outcomes
        ],
        "summary": summarise(outcomes, rule),
    }


def _has_checkpoint(run: Path) -> bool:
    folder = run / "checkpoints"
    return folder.is_dir() and any(path.is_dir() for path in folder.iterdir())


def _spoken(outcome: Outcome, done: int, total: int) -> str:
    words = outcome.status
    figure = outcome.metrics.get("fd")
    if figure is not None:
        words += f", Fréchet distance {figure['value']:.4g}"
        if figure["real"]:
            words += f" ({figure['value'] / figure['real']:.1f} times real)"
    why = f": {outcome.reason}" if outcome.reason else ""
    return f"{done} of {total}: seed {outcome.seed} {words}{why}"
