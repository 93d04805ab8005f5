"""A sweep over a recipe's settings: Optuna draws them, child processes train them.

    DIR/sweep.json       which study it is, of what
    DIR/sweep.log        the journal of the study, unless it is in a database
    DIR/trial-0007/      a run directory for each trial
    DIR/workers/         a locked folder for each process at work

Several processes, also of several machines, may work on one sweep: each draws its own trials from
the shared study. What was begun and left is gone on with by whoever has its folder.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ganvas.errors import GanvasError
from ganvas.files import cannot_write
from ganvas.scale.children import Runner, in_parallel
from ganvas.scale.course import Lookout
from ganvas.scale.outcome import Outcome, read_outcome
from ganvas.scale.request import Request
from ganvas.scale.space import Dimension, spoken
from ganvas.scale.study import (
    Worker,
    begin,
    claim,
    is_over,
    num_trials,
    open_study,
    recording,
    run_name,
    suggest,
    superseded,
)
from ganvas.scale.trials import carry_on, with_images
from ganvas.words import counted

__all__ = ["DEFAULT_TRIALS", "Plan", "SweepTrial", "run_sweep", "sweep_in_json"]

DEFAULT_TRIALS = 20

_STATES = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How a sweep is made; `request` and `space` say of what.

    trials   how many, in all processes together; None for all combinations, or 20
    seed     of every run, and of what is drawn
    storage  an RDB URL, None for a journal file; `name` is the study's in it
    prune    whether hopeless runs are given up
    """

    request: Request
    space: tuple[Dimension, ...]
    trials: int | None = None
    seed: int = 0
    jobs: int = 1
    threads: int = 1
    storage: str | None = None
    name: str = "ganvas"
    prune: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepTrial:
    """One trial: its settings, its state (complete, pruned, diverged, failed, running), its value.

    `value` is the Fréchet distance at the end in multiples of real images' own, of a run that was
    pruned the last that was seen; None for none.
    """

    number: int
    settings: dict[str, Any]
    state: str
    value: float | None
    outcome: Outcome
    same_as: int | None = None


def run_sweep(
    directory: Path, plan: Plan, *, runner: Runner, tell: Callable[[str], None]
) -> tuple[Request, list[SweepTrial]]:
    """Try settings until there are enough, and return every trial of the study, in order.

    Raises UsageError when the study is of another request or Optuna is missing, GanvasError when
    its storage fails, KeyboardInterrupt when a signal came, after all runs saved themselves.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(directory, error) from None
    study = open_study(directory, storage=plan.storage, name=plan.name, prune=plan.prune)
    trials, whole_grid = num_trials(plan.space, plan.trials, default=DEFAULT_TRIALS)
    request = claim(directory, study, plan.request)
    if request is None:
        request = replace(plan.request, threads=plan.request.threads or plan.threads)
        if request.budget is None:
            request = with_images(request, runner)
        tell(f"{counted(trials, 'trial')} of {request.budget:,} images each")
        begin(directory, study, request, plan.space, whole_grid=whole_grid)
    with Worker(study, directory, plan.space) as worker:
        party = _Party(
            study=study,
            directory=directory,
            plan=plan,
            request=request,
            trials=trials,
            worker=worker.name,
            runner=runner,
            tell=tell,
        )
        in_parallel(lambda number: party.work(), range(plan.jobs), jobs=plan.jobs, runner=runner)
    return request, _read(study, directory, plan)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Party:
    """The threads of one process, `worker`, that draw trials and wait for their runs."""

    study: Any
    directory: Path
    plan: Plan
    request: Request
    trials: int
    worker: str
    runner: Runner
    tell: Callable[[str], None]
    drawing: threading.Lock = field(default_factory=threading.Lock)

    def work(self) -> None:
        """Carry out one trial after another until there are enough, or a stop."""
        while not self.runner.is_stopping:
            with self.drawing:
                if is_over(self.study, self.trials, self.plan.space):
                    return
                with recording(self.study):
                    trial = self.study.ask()
                    trial.set_user_attr("worker", self.worker)
                    trial.set_user_attr("run", run_name(trial))
                    settings = suggest(self.study, trial, self.plan.space, self.plan.seed)
                    twin = self._twin(trial)
            if twin is None:
                self._carry_out(trial, settings)
                continue
            with recording(self.study):
                trial.set_user_attr("same_as", twin.number)
                self.study.tell(trial, twin.value)
            self.tell(f"trial {trial.number} is trial {twin.number} again")

    def _twin(self, trial: Any) -> Any:
        """Return a complete trial of the very same settings, None for none: it would end alike."""
        for other in self.study.get_trials(deepcopy=False):
            if other.state.name == "COMPLETE" and other.params == trial.params:
                return other
        return None

    def _carry_out(self, trial: Any, settings: dict[str, Any]) -> None:
        from optuna.trial import TrialState

        run = self.directory / run_name(trial)
        assert self.request.budget is not None
        report, is_hopeless = _reporting(self.study, trial)
        lookout = Lookout(run, self.request.budget, report, is_hopeless)
        assignments = [f"{name}={value}" for name, value in settings.items()]
        outcome = carry_on(
            run,
            self.request.train(
                out=self.directory, name=run.name, seed=self.plan.seed, settings=assignments
            ),
            request=self.request,
            seed=self.plan.seed,
            runner=self.runner,
            watch=lookout.look,
        )
        hopeless = lookout.look()  # also where the run was faster than whoever watched it
        value = _times_real(outcome)
        noted: tuple[str, str] | None = None
        if outcome.status == "diverged" or hopeless:
            state, words = TrialState.PRUNED, "diverged" if not hopeless else "given up"
            noted = "end", "pruned" if hopeless else "diverged"
        elif outcome.status == "finished" and value is not None:
            state, words = TrialState.COMPLETE, f"{value:.4g} times real"
        else:
            unmeasured = outcome.status == "finished" and not outcome.reason
            words = "its distance was not measured" if unmeasured else outcome.reason
            state, words = TrialState.FAIL, words or outcome.status
            noted = "reason", words
        with recording(self.study):
            if noted is not None:
                trial.set_user_attr(*noted)
            self.study.tell(trial, value if state is TrialState.COMPLETE else None, state=state)
        self.tell(f"trial {trial.number}: {spoken(settings)}: {words}")


def sweep_in_json(trials: Sequence[SweepTrial], request: Request, plan: Plan) -> dict[str, Any]:
    """Return what `ganvas sweep --json` prints."""
    rows: list[dict[str, Any]] = [
        {
            "trial": trial.number,
            "settings": trial.settings,
            "state": trial.state,
            "value": trial.value,
            "same_as": trial.same_as,
            "run": trial.outcome.run,
            "seconds": trial.outcome.seconds,
            "images": trial.outcome.images,
            "reason": trial.outcome.reason,
            "findings": list(trial.outcome.findings),
            "metrics": trial.outcome.metrics,
        }
        for trial in trials
    ]
    complete = [row for row in rows if row["state"] == "complete"]
    return {
        "data": request.data,
        "recipe": request.recipe,
        "options": list(request.options),
        "images": request.budget,
        "samples": request.samples,
        "seed": plan.seed,
        "vary": list(request.series),
        "objective": "fd in multiples of real",
        "trials": rows,
        "best": min(complete, key=lambda row: row["value"], default=None),
        "summary": {
            state: sum(row["state"] == state for row in rows)
            for state in ("complete", "pruned", "diverged", "failed", "running")
        },
    }


def _reporting(study: Any, trial: Any) -> tuple[Callable[[int, float], None], Callable[[], bool]]:
    """Return what tells the study how a trial stands, and what asks whether it is hopeless."""

    def report(tenth: int, quality: float) -> None:
        with recording(study):
            trial.report(quality, tenth)

    def is_hopeless() -> bool:
        with recording(study):
            return bool(trial.should_prune())

    return report, is_hopeless


def _times_real(outcome: Outcome) -> float | None:
    found = outcome.metrics.get("fd")
    if found is None:
        return None
    return float(found["value"]) / float(found["real"] or 1.0)


def _read(study: Any, directory: Path, plan: Plan) -> list[SweepTrial]:
    """Return the study's trials without those that a later one went on with."""
    try:
        found = study.get_trials(deepcopy=False)
    except Exception as error:
        raise GanvasError(f"cannot read the sweep's storage: {error}") from None
    gone = superseded(found, plan.space)
    run_of = {trial.number: run_name(trial) for trial in found}
    trials = []
    for trial in found:
        if trial.number in gone or trial.state.name == "WAITING":
            continue
        same_as = trial.user_attrs.get("same_as")
        run = directory / run_of[trial.number if same_as is None else same_as]
        outcome = read_outcome(run, seed=plan.seed, figures=run.with_suffix(".json"))
        value = trial.value
        if trial.state.name == "PRUNED" and trial.intermediate_values:
            value = trial.intermediate_values[max(trial.intermediate_values)]
        trials.append(
            SweepTrial(
                number=trial.number,
                settings=dict(trial.params),
                state=str(trial.user_attrs.get("end", _STATES[trial.state.name])),
                value=value,
                outcome=replace(outcome, reason=trial.user_attrs.get("reason", outcome.reason)),
                same_as=same_as,
            )
        )
    return trials
