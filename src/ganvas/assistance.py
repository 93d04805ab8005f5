"""A process that trains along: it does what the first one tells, and leaves no file behind."""

from ganvas.errors import AbandonedError
from ganvas.group import Group
from ganvas.signals import StopRequest
from ganvas.training import Training

__all__ = ["assist"]


def assist(training: Training, stop: StopRequest) -> None:
    """Follow the first process, whose `Trainer` says what to do, to the end of the run.

    Raises AbandonedError with the run's exit code unless it finished, LostError when the first
    process is gone.
    """
    group: Group = training.group
    while True:
        word = group.hear()
        match word["do"]:
            case "train":
                _train(training, stop)
            case "load":
                training.load_state_dict(group.hear_state())
            case "compare":
                training.compare()
            case "revise":
                training.revise(word["changes"])
            case "restart":
                training.restart(word["network"], word["beginning"])
            case "end":
                if word["exit_code"]:
                    raise AbandonedError(word["exit_code"])
                return


def _train(training: Training, stop: StopRequest) -> None:
    """Train until the first process has something else to do, or all stop."""
    while training.images < training.end_images or training.cursor.update:
        training.advance()
        if training.step.is_whole:
            received, busy = training.group.largest([stop.received or 0, 0])
            if received or busy:
                return
