"""The command lines that make a run again, go on with it and use its model, to be copied."""

import shlex
from collections.abc import Mapping
from typing import Any

from ganvas.report.record import RunHead

__all__ = ["commands_of"]

_WITH_VALUE = frozenset("--name --out --minutes --epochs --steps --images --seed --threads".split())
_ALONE = frozenset("--quiet --json --watch --debug --dry-run".split())


def commands_of(head: RunHead) -> list[tuple[str, str]]:
    """Return pairs of what a command does and the command, those that make sense for the run."""
    run = shlex.quote(str(head.path))
    found = []
    again = _again(head.environment, head.recipe)
    if again is not None:
        found.append(("train it again (the same bytes on the same machine)", again))
    if head.state == "finished":
        found.append(("train it longer", f"ganvas resume {run} --images {2 * head.images}"))
    elif head.state == "running":
        found.append(("bring this report up to date", f"ganvas report {run}"))
    else:
        found.append(("go on with it", f"ganvas resume {run}"))
    if head.has_model:
        found.append(("make new pictures", f"ganvas sample {run} -n 64 -o samples.png"))
        found.append(("measure it more closely", f"ganvas eval {run}"))
    return found


def _again(environment: Mapping[str, Any], recipe: Mapping[str, Any]) -> str | None:
    """Return the run's own command with what it left to chance or to the machine said.

    None for a run that no `ganvas train` began: its recipe says everything, but where the images
    are.
    """
    try:
        words = shlex.split(str(environment.get("command", "")))
    except ValueError:
        return None
    if words[:2] != ["ganvas", "train"]:
        return None
    machine, budget = recipe.get("machine"), recipe.get("budget")
    said: list[tuple[str, Any]] = [("--seed", recipe.get("seed"))]
    if isinstance(budget, Mapping) and budget.get("unit") in ("images", "epochs", "steps"):
        said.append((f"--{budget['unit']}", budget.get("amount")))
    if isinstance(machine, Mapping):
        said.append(("--threads", machine.get("threads")))
    kept = _without(words[2:])
    for option, value in said:
        if isinstance(value, int | float) and not isinstance(value, bool):
            kept += [option, str(value) if isinstance(value, int) else f"{value:.15g}"]
    return shlex.join(["ganvas", "train", *kept])


def _without(words: list[str]) -> list[str]:
    """Return the words less those options that say where, and those that are said anew."""
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
