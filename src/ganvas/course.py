"""The course of a run from where it stands to its end, whatever comes: signals, divergence, a
full disk, a folder that vanishes. It leaves a whole run directory behind in every case.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ganvas.card import model_card
from ganvas.checkpoint import load_newest, newest_checkpoint
from ganvas.checkup import Checkup, look_at_data, take_signals
from ganvas.contention import watch_contention
from ganvas.diagnosis import facts_of
from ganvas.ending import end, finished, no_room, why_failed
from ganvas.environment import command_line
from ganvas.errors import DiskFullError, DivergedError, GanvasError
from ganvas.evaluation import in_words
from ganvas.events import Event, Found, Noted, Started, Watcher, unwatched
from ganvas.group import Group
from ganvas.quality import measure_end, watch_discriminator, watch_quality, watch_verdicts
from ganvas.run import Run
from ganvas.signals import StopRequest
from ganvas.trainer import Trainer
from ganvas.training import ROLL_BACK_FACTOR

__all__ = ["MOST_ROLL_BACKS", "follow", "leading"]

MOST_ROLL_BACKS = 3


def follow(trainer: Trainer, watcher: Watcher, stop: StopRequest) -> Run:
    """Train to the end of the budget or a stop, and leave a whole run directory either way.

    Raises DivergedError (with the run's directory in its message), GanvasError when the run
    cannot be written, KeyboardInterrupt when it was stopped at once.
    """
    directory = trainer.directory
    tell = _logging(trainer, watcher)
    checkup = _checkup_of(trainer, tell)
    try:
        status, evaluation = _carry_through(trainer, tell, stop, checkup)
    except DivergedError as error:
        directory.log(str(error))
        trainer.group.dismiss(error.exit_code)
        # It diverged, whether there is room to say so or not.
        if checkup is not None:
            with suppress(DiskFullError):
                checkup.diverge(str(error))
        with suppress(DiskFullError):
            directory.write_status("diverged", images=trainer.images, reason=str(error))
        tell(finished(trainer, "diverged", None))
        raise DivergedError(f"{error} (run directory: {directory.path})") from None
    except KeyboardInterrupt:
        with suppress(GanvasError):
            number = stop.received or signal.SIGINT
            directory.write_status("stopped", images=trainer.images, signal=number)
            directory.log("stopped at once; `ganvas resume` goes on from the last checkpoint")
            tell(finished(trainer, "stopped", None))
        trainer.group.dismiss(128 + (stop.received or signal.SIGINT))
        raise
    except BaseException as error:
        trainer.group.dismiss(getattr(error, "exit_code", 1))
        with suppress(GanvasError):  # the first error is the one to tell
            directory.write_status("failed", images=trainer.images, reason=why_failed(error))
        if isinstance(error, GanvasError) and not directory.path.is_dir():
            raise GanvasError(_vanished(directory.path)) from None
        if isinstance(error, DiskFullError):
            raise DiskFullError(no_room(error, directory)) from None
        raise
    end(trainer, status, evaluation, stop, tell)
    return Run(directory.path)


@contextmanager
def leading(group: Group) -> Iterator[None]:
    """Let those that follow this process end where it fails before or after `follow`."""
    try:
        yield
    except BaseException as error:
        group.dismiss(getattr(error, "exit_code", 1))
        raise


def _carry_through(
    trainer: Trainer, tell: Watcher, stop: StopRequest, checkup: Checkup | None
) -> tuple[str, dict[str, Any] | None]:
    """Train, save the model and measure it; return finished or stopped, and the figures."""
    directory = trainer.directory
    directory.write_status("running", images=trainer.images)
    if newest_checkpoint(directory.checkpoints) is None:
        trainer.watch(unwatched)  # before a word is said: what was told to begin can be resumed
        if trainer.recipe.doctor.takes_signals:
            look_at_data(trainer)
        trainer.save_checkpoint()
    trainer.watch(tell)
    _tell_start(trainer, tell)
    if checkup is not None:
        checkup.begin()
    watch_contention(trainer, tell)
    watch_verdicts(trainer)
    watched = watch_discriminator(trainer, tell)
    if watched is not None and trainer.recipe.doctor.takes_signals:
        validation, every = watched
        take_signals(trainer, validation, every_images=every)
    watch_quality(trainer, tell, command_line())
    status = _train(trainer, tell, stop, checkup)
    trainer.save_checkpoint(patient=False)  # a finished run has just done so, given room
    if status == "stopped":
        trainer.write_samples()
    _save_model(trainer, None)
    if status == "stopped":
        return status, None
    trainer.group.dismiss(0)  # measuring is the work of one
    try:
        with stop.at_once():  # everything is saved, and can be measured another time
            evaluation = measure_end(trainer, tell)
        _save_model(trainer, evaluation)
    except KeyboardInterrupt:
        if stop.received is None:
            raise
        return "stopped", None
    return status, evaluation


def _checkup_of(trainer: Trainer, tell: Watcher) -> Checkup | None:
    if trainer.recipe.doctor.remedy == "off":
        return None
    facts = facts_of(trainer.recipe, trainer.dataset, trainer.total_images)
    return Checkup(trainer, tell, facts)


def _train(trainer: Trainer, tell: Watcher, stop: StopRequest, checkup: Checkup | None) -> str:
    """Train to the end or a stop; where the recipe says so, go back when training diverges."""
    patient = trainer.recipe.rolls_back
    while True:
        try:
            status = trainer.train(stop)
        except DivergedError as error:
            if not patient or trainer.roll_backs >= MOST_ROLL_BACKS or not _roll_back(trainer):
                raise
            tell(
                Noted(
                    text=f"{error}; went back to {trainer.images:,} images, and on with learning "
                    f"rates of {ROLL_BACK_FACTOR**trainer.roll_backs:g} times the recipe's "
                    f"(roll back {trainer.roll_backs} of {MOST_ROLL_BACKS})"
                )
            )
            if checkup is not None:
                checkup.begin()
            continue
        # A stop while the last image was drawn is one, too: nothing is measured.
        return status if stop.received is None else "stopped"


def _roll_back(trainer: Trainer) -> bool:
    """Go back to the newest whole checkpoint with lower learning rates; False where none is."""
    loaded = load_newest(trainer.directory.checkpoints)
    if loaded is None:
        return False
    roll_backs = trainer.roll_backs + 1  # the checkpoint may be older than the last roll back
    trainer.load_state_dict(loaded.state)
    trainer.roll_backs = roll_backs
    trainer.share_state()
    trainer.directory.cut_metrics(trainer.images, loaded.state["metrics_length"])
    return True


def _logging(trainer: Trainer, watcher: Watcher) -> Watcher:
    def tell(event: Event) -> None:
        if isinstance(event, Noted):
            trainer.directory.log(event.text)
        elif isinstance(event, Found):
            trainer.directory.log(event.sentence)
        watcher(event)

    return tell


def _tell_start(trainer: Trainer, tell: Watcher) -> None:
    recipe = trainer.recipe
    tell(
        Started(
            directory=trainer.directory.path,
            recipe=recipe.name,
            data=trainer.dataset.name,
            images=trainer.images,
            total_images=trainer.total_images,
            machine=str(trainer.machine),
            seed=recipe.seed,
        )
    )
    trainer.directory.log(f"training on {trainer.machine}, from {trainer.images:,} images")


def _save_model(trainer: Trainer, evaluation: dict[str, Any] | None) -> None:
    command = command_line()
    quality = " ".join(in_words(evaluation)) if evaluation else "not measured"
    config = trainer.model_config(command)
    card = model_card(config, licence=trainer.dataset.licence, quality=quality)
    trainer.save_model(command, card)


def _vanished(path: Path) -> str:
    return (
        f"the run directory {path} vanished while its run was training: it was moved, removed, "
        "or its disk is gone; what was trained since is lost"
    )
