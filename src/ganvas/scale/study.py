"""An Optuna study of a recipe's settings: opened, asked for settings, told what came of them.

The study is the record that several processes, or machines, share: a journal file in the sweep's
folder, or a database. What is told of a trial goes there; its run lies in the folder.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ganvas import disk
from ganvas.errors import DataError, GanvasError, UsageError, in_a_line
from ganvas.lock import RunLock
from ganvas.scale.request import Request, keep_request, require_same
from ganvas.scale.space import Dimension, combinations, num_combinations
from ganvas.seeding import numpy_stream

__all__ = ["Worker", "begin", "claim", "is_over", "num_trials", "open_study"]
__all__ += ["recording", "require_optuna", "run_name", "suggest", "superseded"]

_STARTUP_TRIALS = 5  # drawn at random, and run to their end, before anything is judged by others
_LEAST_TENTHS = 3  # of a run's budget before it may be called hopeless


def require_optuna() -> None:
    """Raise UsageError, saying how to install it, where Optuna is missing."""
    if find_spec("optuna") is None:
        raise UsageError(
            "a sweep needs Optuna, which is not installed: pip install 'ganvas[sweep]'"
        )


def open_study(directory: Path, *, storage: str | None, name: str, prune: bool) -> Any:
    """Return the study called `name`, made if need be, that minimises.

    storage  an RDB URL; None for the journal file in `directory`
    prune    whether a run is given up that is worse, at the same part of its budget, than the
             median of those before it

    Raises UsageError for a missing Optuna or driver, GanvasError for a storage that cannot be
    opened.
    """
    require_optuna()
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import (
        JournalFileBackend,
        JournalFileOpenLock,
        JournalFileSymlinkLock,
    )

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pruner: Any = optuna.pruners.NopPruner()
    if prune:
        pruner = optuna.pruners.MedianPruner(
            n_startup_trials=_STARTUP_TRIALS, n_warmup_steps=_LEAST_TENTHS
        )
    # Whole, for the lock is a link to what is said here: one of a relative path would lead nowhere.
    where = storage or str((directory / "sweep.log").resolve())
    try:
        place: Any = storage
        if storage is None:
            is_windows = sys.platform == "win32"
            lock = JournalFileOpenLock(where) if is_windows else JournalFileSymlinkLock(where)
            _mend(Path(where), lock)
            place = JournalStorage(JournalFileBackend(where, lock_obj=lock))
        return optuna.create_study(
            storage=place, study_name=name, pruner=pruner, load_if_exists=True
        )
    except ModuleNotFoundError as error:
        raise UsageError(f"--storage {where} needs the package '{error.name}'") from None
    except Exception as error:  # of the database's driver, or of a damaged journal
        raise GanvasError(f"cannot open the sweep's storage {where}: {in_a_line(error)}") from None


def _mend(journal: Path, lock: Any) -> None:
    """Clear away what a kill or a full disk left: half a line, and a lock that leads nowhere.

    What is appended to half a line would make one with it that nobody can read.
    """
    held = journal.with_name(journal.name + ".lock")
    if held.is_symlink() and not held.exists():  # of a folder that has been moved
        held.unlink(missing_ok=True)
    if not journal.is_file() or not journal.stat().st_size:
        return
    lock.acquire()  # else another process' line may be on its way
    try:
        with journal.open("rb+") as file:
            content = file.read()
            if not content.endswith(b"\n"):
                file.truncate(content.rfind(b"\n") + 1)
    finally:
        lock.release()


@contextmanager
def recording(study: Any) -> Iterator[None]:
    """Say in one line, with the study's name, whatever its storage fails with meanwhile."""
    try:
        yield
    except GanvasError:
        raise
    except Exception as error:  # of the database's driver, or of a disk without room
        raise GanvasError(
            f"cannot write the record of the sweep '{study.study_name}': {in_a_line(error)}; "
            "the same command goes on"
        ) from None


def claim(directory: Path, study: Any, asked: Request) -> Request | None:
    """Return the request that the study was begun with; None for a new study, which `begin` begins.

    The folder is this study's alone, for its runs are known by their numbers.

    Raises UsageError when the request is another one, and when the folder holds runs of another
    study, or of one that is gone.
    """
    request = _request_of(study, asked)
    if request is None and any(directory.glob("trial-*")):
        request = _request_of(study, asked)  # of a process that began it meanwhile
        if request is None:
            raise UsageError(
                f"{directory} holds the runs of another study, or of one whose record is gone; "
                "choose another --out"
            )
    if request is not None:
        _keep(directory, study, asked)
    return request


def _keep(directory: Path, study: Any, asked: Request) -> None:
    series = (*asked.series, f"--study {study.study_name}")
    kept = replace(asked, found_images=None, threads=None, series=series)
    keep_request(directory / "sweep.json", kept)


def _request_of(study: Any, asked: Request) -> Request | None:
    with recording(study):
        values = study.user_attrs.get("request")
    if values is None:
        return None
    try:
        kept = Request.from_json(values)
    except DataError as error:
        raise DataError(f"the study {study.study_name}: {error}; choose another --out") from None
    require_same(kept, asked, where="the sweep")
    return kept


def begin(
    directory: Path,
    study: Any,
    request: Request,
    space: Sequence[Dimension],
    *,
    whole_grid: bool,
) -> None:
    """Let a new study know its request, and every combination where all are to be tried.

    The request comes last: a study that has one was begun as a whole.
    """
    _keep(directory, study, request)
    with recording(study):
        if whole_grid:
            for settings in combinations(space):
                study.enqueue_trial(settings, skip_if_exists=True)
        study.set_user_attr("request", asdict(request))


def suggest(study: Any, trial: Any, space: Sequence[Dimension], seed: int) -> dict[str, Any]:
    """Return a trial's settings: those it was begun with before, else drawn by TPE.

    Each trial draws from a generator of its own, seeded by how many came before it: with one job
    the same seed draws the same settings, however often the sweep was stopped.
    """
    import optuna

    before = study.get_trials(deepcopy=False)[: trial.number]
    place = len({run_name(earlier) for earlier in before if not _is_void(earlier, space)})
    drawn = int(numpy_stream(seed, f"sweep.{place}").integers(2**31))
    study.sampler = optuna.samplers.TPESampler(seed=drawn, n_startup_trials=_STARTUP_TRIALS)
    return {dimension.setting: _suggest(trial, dimension) for dimension in space}


def _suggest(trial: Any, dimension: Dimension) -> Any:
    if dimension.kind == "choice":
        return trial.suggest_categorical(dimension.setting, list(dimension.values))
    if dimension.kind == "int":
        low, high = int(dimension.low), int(dimension.high)
        return trial.suggest_int(dimension.setting, low, high, step=dimension.step)
    is_log = dimension.kind == "log"
    return trial.suggest_float(dimension.setting, dimension.low, dimension.high, log=is_log)


def run_name(trial: Any) -> str:
    """Return the folder of a trial's run: its own, or that of the trial which it goes on with."""
    return str(trial.user_attrs.get("run", f"trial-{trial.number:04d}"))


def superseded(trials: Sequence[Any], space: Sequence[Dimension]) -> set[int]:
    """Return the numbers of failed trials that count no more.

    Those whose run a later trial goes on with, and those that never came to have settings.
    """
    last = {run_name(trial): trial.number for trial in trials}
    return {
        trial.number
        for trial in trials
        if trial.state.name == "FAIL"
        and (last[run_name(trial)] != trial.number or _is_void(trial, space))
    }


def _is_void(trial: Any, space: Sequence[Dimension]) -> bool:
    """Whether a trial died while its settings were drawn, so that nobody will ever know them."""
    return trial.state.name == "FAIL" and _settings_of(trial, space) is None


def _settings_of(trial: Any, space: Sequence[Dimension]) -> dict[str, Any] | None:
    """Return what was drawn for a trial or, before that, asked for; None where some is missing."""
    known = {**trial.system_attrs.get("fixed_params", {}), **trial.params}
    return known if set(known) == {dimension.setting for dimension in space} else None


def is_over(study: Any, trials: int, space: Sequence[Dimension]) -> bool:
    """Whether as many trials as asked for are done or under way, and none waits."""
    with recording(study):
        found = study.get_trials(deepcopy=False)
    gone = superseded(found, space)
    waiting = any(trial.state.name == "WAITING" for trial in found)
    return not waiting and sum(trial.number not in gone for trial in found) >= trials


class Worker:
    """This process's part in a sweep, a context: on entering it takes up what dead ones left.

    Each process holds a lock in `directory/workers/`; trials under way of one whose lock is free
    failed with it. Failed trials are tried again, and go on with their runs.
    """

    def __init__(self, study: Any, directory: Path, space: Sequence[Dimension]) -> None:
        self._study, self._space = study, space
        self._folders = directory / "workers"
        self.name = ""

    def __enter__(self) -> "Worker":
        self._folders.mkdir(parents=True, exist_ok=True)
        with recording(self._study):
            self._bury_the_dead()
            self._try_again()
        folder = Path(tempfile.mkdtemp(dir=self._folders))
        self.name, self._lock = folder.name, RunLock(folder)
        self._lock.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._lock.__exit__(None, None, None)
        if error[0] is None:  # else it may have trials under way: who comes next finds them by it
            with suppress(OSError):
                disk.remove_tree(self._folders / self.name)

    def _bury_the_dead(self) -> None:
        from optuna.trial import TrialState

        for folder in sorted(path for path in self._folders.iterdir() if path.is_dir()):
            with suppress(GanvasError), RunLock(folder):  # held: it lives
                for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
                    # One that is nobody's died between its beginning and its first word. Should it
                    # be of a process that lives, and is just there, that one is told to begin anew.
                    if trial.user_attrs.get("worker", folder.name) == folder.name:
                        with suppress(ValueError):  # another process was first
                            self._study.tell(trial.number, state=TrialState.FAIL)
                disk.remove_tree(folder)

    def _try_again(self) -> None:
        trials = self._study.get_trials(deepcopy=False)
        gone = superseded(trials, self._space)
        for trial in trials:
            if trial.state.name == "FAIL" and trial.number not in gone:
                settings = _settings_of(trial, self._space)
                self._study.enqueue_trial(settings, user_attrs={"run": run_name(trial)})


def num_trials(space: Sequence[Dimension], asked: int | None, *, default: int) -> tuple[int, bool]:
    """Return how many trials a sweep has, and whether they are all combinations there are.

    All of a finite space, where there are no more than were asked for.
    """
    whole = num_combinations(space)
    if whole is not None and whole <= (asked or default):
        return whole, True
    return asked or default, False
