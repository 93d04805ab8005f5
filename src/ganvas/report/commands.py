"""The command lines that make a run again, go on with it and use its model, to be copied."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganvas.report.record import RunHead

__all__ = [
    "commands_of",
    "default_command",
    "reproducing_command",
    "resuming_command",
    "slower_command",
]

_WITH_VALUE = frozenset({"--name", "--out", "--minutes", "--epochs", "--steps", "--images"})
_WITH_VALUE |= {"--seed", "--threads"}
_USUAL = 2e-4  # a learning rate that diverges hardly anywhere (arXiv 1511.06434)
_FURTHER = {
    "finished": "train it longer",
    "diverged": "try again from its last good checkpoint, where it may diverge again",
}
_ALONE = frozenset({"--quiet", "--json", "--watch", "--debug"})


def commands_of(head: RunHead) -> list[tuple[str, str]]:
    """Return pairs of what a command does and the command, those that make sense for the run."""
    run = shlex.quote(str(head.path))
    again = reproducing_command(head.environment, head.recipe)
    further = resuming_command(head.path, state=head.state, images=head.images)
    found = [("train it again (the same bytes on the same machine)", again)]
    if head.state == "diverged":
        found.append(("train it anew with lower learning rates", slower_command(head)))
    found.append((_FURTHER.get(head.state, "go on with it"), further))
    if head.state == "running":
        found.append(("bring this report up to date", f"ganvas report {run}"))
    if head.has_model:
        found.append(("make new pictures", f"ganvas sample {run} -n 64 -o samples.png"))
        found.append(("measure it more closely", f"ganvas eval {run}"))
    return [(words, line) for words, line in found if line is not None]


def default_command(head: RunHead) -> str | None:
    """Return the command line that trains the default recipe on the same data, None without."""
    data = head.environment.get("data_reference")
    return f"ganvas train {shlex.quote(data)}" if isinstance(data, str) and data else None


def reproducing_command(environment: Mapping[str, Any], recipe: Mapping[str, Any]) -> str | None:
    """Return the command line that trains a run again, to the same bytes on the same machine.

    It is the run's own without what was only about where and how it was shown, and with what it
    left to chance or to the machine said: the seed, the images and the threads that it came to.
    None for a run that no command line of `ganvas train` began.
    """
    try:
        words = shlex.split(str(environment.get("command", "")))
    except ValueError:
        return None
    if words[:2] != ["ganvas", "train"]:
        return None
    kept = _without(words[2:])
    machine = recipe.get("machine")
    budget = recipe.get("budget")
    said: list[tuple[str, Any]] = [("--seed", recipe.get("seed"))]
    if isinstance(budget, Mapping) and budget.get("unit") in ("images", "epochs", "steps"):
        said.append((f"--{budget['unit']}", _plain(budget.get("amount"))))
    if isinstance(machine, Mapping):
        said.append(("--threads", machine.get("threads")))
    for option, value in said:
        if isinstance(value, int | float) and not isinstance(value, bool):
            kept += [option, str(value)]
    return shlex.join(["ganvas", "train", *kept])


def resuming_command(path: Path, *, state: str, images: int) -> str | None:
    """Return the command line that goes on with a run; None while it runs."""
    run = shlex.quote(str(path))
    if state == "running":
        return None
    if state == "finished":
        return f"ganvas resume {run} --images {2 * images}" if images else None
    return f"ganvas resume {run}"


def slower_command(head: RunHead) -> str | None:
    """Return the command line that trains a run anew with lower learning rates, None without one.

    Both are a tenth of the run's own, and `_USUAL` at most.
    """
    again = reproducing_command(head.environment, head.recipe)
    if again is None:
        return None
    words = shlex.split(again)
    for player in ("generator", "discriminator"):
        name = f"optimizer.{player}.learning_rate"
        rate = head.setting(name)
        if not isinstance(rate, int | float):
            return None
        words = [*_unset(words, name), "--set", f"{name}={min(rate / 10, _USUAL):.6g}"]
    return shlex.join(words)


def _unset(words: list[str], name: str) -> list[str]:
    """Return a command's words without what they set `name` to."""
    kept: list[str] = []
    for word in words:
        if kept and kept[-1] == "--set" and word.startswith(f"{name}="):
            kept.pop()
        elif not word.startswith(f"--set={name}="):
            kept.append(word)
    return kept


def _without(words: list[str]) -> list[str]:
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in _WITH_VALUE:
            skip = True
        elif word not in _ALONE and word.partition("=")[0] not in _WITH_VALUE:
            kept.append(word)
    return kept


def _plain(amount: Any) -> Any:
    """Return 90000 for 90000.0."""
    return int(amount) if isinstance(amount, float) and amount.is_integer() else amount
