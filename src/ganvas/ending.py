"""The end of a run that finished or stopped: figures, animation, report, and last its status.

What is drawn is no reason for a run to fail: without it the run is whole.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ganvas.checkpoint import newest_checkpoint
from ganvas.doctor.treatment import why_ended
from ganvas.errors import DiskFullError, GanvasError
from ganvas.events import Finished, Noted, Watcher
from ganvas.report.figures import has_matplotlib
from ganvas.report.frames import animate_at_the_end
from ganvas.report.page import report_at_the_end
from ganvas.report.validation import draw_validation, read_validation
from ganvas.runlog import RunDirectory
from ganvas.signals import StopRequest
from ganvas.trainer import Trainer
from ganvas.words import counted

__all__ = ["end", "finished", "no_room", "why_failed"]


def end(
    trainer: Trainer,
    status: str,
    evaluation: dict[str, Any] | None,
    stop: StopRequest,
    tell: Watcher,
) -> None:
    """Leave what is drawn of a run that finished or stopped, and last of all its status.

    status      finished or stopped, the latter by the signal that `stop` received
    evaluation  the figures at the end, None where they were not measured

    Raises DiskFullError, with what to do, where there is no room for the status.
    """
    directory = trainer.directory
    with _in_passing(tell, "figure of the discriminator"):
        _draw_plots(directory)
    with _in_passing(tell, "animation of the samples"):
        animate_at_the_end(directory.path)
    extra: dict[str, Any] = {"signal": stop.received} if status == "stopped" else {}
    why = None
    if status == "finished" and trainer.ends_at is not None:
        why = extra["reason"] = why_ended(trainer.remedies)
    with _in_passing(tell, "report"):
        _report(trainer, status, evaluation, why)
    try:
        directory.log(f"{status} at {counted(trainer.images, 'image')}{f': {why}' if why else ''}")
        directory.write_status(  # the last thing written: what is finished lacks nothing
            status,
            images=trainer.images,
            seconds=round(trainer.seconds, 2),
            evaluation=evaluation,
            **extra,
        )
    except DiskFullError as error:
        raise DiskFullError(no_room(error, directory)) from None
    tell(finished(trainer, status, evaluation, why))
    # Not before all is written: where one process ends by a signal, torchrun ends the others.
    trainer.group.dismiss(128 + (stop.received or 0) if status == "stopped" else 0)


def finished(
    trainer: Trainer, status: str, evaluation: dict[str, Any] | None, reason: str | None = None
) -> Finished:
    """Return the event that ends what is told of a run; `reason` says why it ended early."""
    return Finished(
        directory=trainer.directory.path,
        status=status,
        images=trainer.images,
        seconds=trainer.seconds,
        evaluation=evaluation,
        reason=reason,
    )


def no_room(error: DiskFullError, directory: RunDirectory) -> str:
    """Return the words for a run that ended for want of room, with what to do."""
    newest = newest_checkpoint(directory.checkpoints)
    if newest is None:
        return f"{error}; nothing was saved yet: make room and train anew"
    return f"{error}; make room, then `ganvas resume {directory.path}` goes on from {newest.name}"


def why_failed(error: BaseException) -> str:
    """Return why something failed: our own message, or of anything else its kind and its word."""
    if isinstance(error, KeyboardInterrupt):
        return "stopped at once"
    if isinstance(error, GanvasError):
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@contextmanager
def _in_passing(tell: Watcher, what: str) -> Iterator[None]:
    """Let what is drawn at the end fail, or be cut short by a signal: the run is whole without."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        with suppress(Exception):  # nor is it less whole where nobody hears of it
            tell(Noted(text=f"no {what}: {why_failed(error)}"))


def _draw_plots(directory: RunDirectory) -> None:
    """Leave the run's figures, where they can be drawn."""
    if has_matplotlib() and read_validation(directory.path):
        draw_validation(directory.path, directory.plot("validation.png"))


def _report(
    trainer: Trainer, status: str, evaluation: dict[str, Any] | None, reason: str | None
) -> None:
    """Leave the run's story."""
    report_at_the_end(
        trainer.directory.path,
        status=status,
        images=trainer.images,
        seconds=round(trainer.seconds, 2),
        evaluation=evaluation,
        reason=reason,
    )
