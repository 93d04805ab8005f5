"""A job that torchrun started again goes on with the run that it began."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from ganvas import disk
from ganvas.checkpoint import newest_checkpoint
from ganvas.data.points import AnySet
from ganvas.errors import DivergedError, GanvasError
from ganvas.events import Finished, Watcher
from ganvas.group import Group
from ganvas.resumption import resume
from ganvas.run import Run
from ganvas.runlog import RunDirectory

__all__ = ["go_on", "run_of_job"]


def run_of_job(out: Path, name: str | None, group: Group) -> dict[str, Any]:
    """Return {"path": ...} of the run under `out` that an earlier attempt of this job began.

    {} where there is none. What an attempt left without a checkpoint is removed: nothing was
    learned in it. Without a `name` only an attempt that knows that it is not the first looks for a
    run: of several machines each counts its own restarts, so there a run should have a name.
    """
    if not group.job or (name is None and not group.restarts):
        return {}
    places = [out / name] if name is not None else sorted(out.glob("*/"), reverse=True)
    for path in places:
        directory = RunDirectory(path)
        with suppress(GanvasError):
            if directory.read_environment().get("job") == group.job:
                if newest_checkpoint(directory.checkpoints) is not None:
                    return {"path": str(path)}
                disk.remove_tree(path)
    return {}


def go_on(
    begun: dict[str, Any],
    dataset: AnySet,
    group: Group,
    *,
    data_dir: str | Path | None,
    watcher: Watcher,
) -> Run:
    """Resume the run that `run_of_job` found; return it as it is where it was finished.

    Raises DivergedError where it had diverged: again it would come to the same.
    """
    path = Path(begun["path"])
    status = group.first(lambda: _status_of(path))
    if status["status"] != "finished":
        return resume(path, data=dataset, data_dir=data_dir, watcher=watcher, group=group)
    if group.leads:
        watcher(
            Finished(
                directory=path,
                status="finished",
                images=status["images"],
                seconds=status["seconds"],
                evaluation=status["evaluation"],
                reason=status.get("reason"),
            )
        )
    return Run(path)


def _status_of(path: Path) -> dict[str, Any]:
    directory = RunDirectory(path)
    status: dict[str, Any] = {"status": "unknown"}
    with suppress(GanvasError):  # killed while it was written: there is a checkpoint
        status = directory.read_status()
    if status["status"] == "diverged":
        raise DivergedError(f"{status.get('reason', 'training diverged')} (run directory: {path})")
    if status["status"] == "finished" and not directory.model.is_dir():
        status["status"] = "unknown"
    return status
