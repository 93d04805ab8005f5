"""Which remedy comes next: one at a time, a few in all, undone where it did not help. Pure.

It is decided from findings and images alone. What was given is a list of plain dictionaries, part
of the training's state, so that a resumed run treats as if it had never stopped.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ganvas.doctor.catalogue import CATALOGUE
from ganvas.doctor.condition import Remedy
from ganvas.doctor.finding import Finding
from ganvas.errors import UsageError
from ganvas.recipe import Recipe
from ganvas.settings import flatten

__all__ = ["MOST_REMEDIES", "Given", "Order", "decide", "why_ended"]


def _joined(policy: Sequence[str], more: str) -> str:
    return ",".join(dict.fromkeys((*policy, *more.split(","))))


_STRONGER: Mapping[str, Callable[[Any, Any], Any]] = {
    "penalty.r1": max,
    "targets.real": min,
    "augment.policy": _joined,
    "augment.probability": max,
}
"""The stronger of what is there and what a remedy puts, of the settings that know one."""

MOST_REMEDIES = 6
"""In one run. What is given against a finding that the recipe itself shows is not undone."""

Given = dict[str, Any]
"""finding, remedy (its place among the finding's), words, images, before (the changes that were in
force), changes (those since), restart, back, stop, outcome: trying, helped, undone or kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is to be done now: all changes of settings in force from here on, and words.

    `restart` names a network that begins anew; `back`: the networks are those of the best model
    again; `stop`: the run ends.
    """

    words: str
    changes: Mapping[str, Any]
    restart: Literal["generator", "discriminator"] | None = None
    back: bool = False
    stop: bool = False


def decide(
    given: list[Given],
    *,
    recipe: Recipe,
    published: Recipe | None,
    changes: Mapping[str, Any],
    findings: Sequence[Finding],
    images: int,
    total_images: int,
    patience: int,
    has_best: bool = False,
    allows: Callable[[Recipe], bool] = lambda recipe: True,
) -> Order | None:
    """Return what to do at `images`, and enter it in `given`; None for nothing.

    `published` is the recipe of that name without any setting changed, None where there is none.
    `findings` are open, what to mend first comes first; `changes` are in force. A remedy has
    `patience` images to end its finding. `has_best`: there is a best model to go back to. `allows`
    says whether the run can go on by a recipe; what it or the recipe's own rules refuse is passed
    over. A run is ended only where nothing else is left to try against anything, and something was
    tried in vain.
    """
    names = {finding.name for finding in findings}
    for last in given:
        if last["outcome"] == "trying":
            waited = images - last["images"] >= patience
            return _conclude(last, is_open=last["finding"] in names, waited=waited, changes=changes)
    if len(given) >= MOST_REMEDIES:
        return None
    now = dict(flatten(recipe.with_settings(dict(changes))))
    usual = now if published is None else dict(flatten(published))

    def may_change(moved: Mapping[str, Any]) -> bool:
        try:
            return allows(recipe.with_settings({**changes, **moved}))
        except UsageError:
            return False

    at = _Place(
        now=now,
        usual=usual,
        changes=changes,
        images=images,
        total_images=total_images,
        may_change=may_change,
    )
    for stops in (False, True):
        for finding in findings:
            if finding.severity == "note" and not CATALOGUE[finding.name].treats_notes:
                continue
            chosen = _next(given, finding, at, has_best=has_best, stops=stops)
            if chosen is not None:
                return _give(given, finding, *chosen, at)
    return None


def _conclude(
    last: Given, *, is_open: bool, waited: bool, changes: Mapping[str, Any]
) -> Order | None:
    """Return what becomes of a remedy under trial, and enter it; None while it has time left.

    `is_open`: its finding is still there; `waited`: its time is over.
    """
    if not is_open:
        last["outcome"] = "helped"
        return Order(words=f"helped against {last['finding']}: {last['words']}", changes=changes)
    if not waited:
        return None
    last["outcome"] = "undone"
    told = f"did not help against {last['finding']}, undone: {last['words']}"
    return Order(words=told, changes=last["before"])


def why_ended(given: Sequence[Given]) -> str:
    """Return why a run ended whose last remedy was to end it."""
    name = given[-1]["finding"]
    return f"the doctor ended it: {CATALOGUE[name].title} ({name}), and what was tried did not help"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where a run stands: the settings in force, the recipe's own, the changes, the images.

    `may_change` says whether settings can be changed there, to these values.
    """

    now: Mapping[str, Any]
    usual: Mapping[str, Any]
    changes: Mapping[str, Any]
    images: int
    total_images: int
    may_change: Callable[[Mapping[str, Any]], bool]


def _next(
    given: list[Given], finding: Finding, at: _Place, *, has_best: bool, stops: bool
) -> tuple[int, Remedy, dict[str, Any]] | None:
    """Return the first remedy against a finding that was not tried and does something.

    With its place among the finding's, and the settings that it changes. `stops`: of those that end
    the run, else of all others.
    """
    own = [one for one in given if one["finding"] == finding.name]
    if any(one["outcome"] == "kept" for one in own) or (stops and not own):
        return None
    tried = {one["remedy"] for one in own}
    for place, remedy in enumerate(CATALOGUE[finding.name].remedies):
        if place in tried or remedy.stop != stops or (remedy.back and not has_best):
            continue
        moved = _moved(remedy, at)
        acts = moved or remedy.restart or remedy.back or remedy.stop
        if acts and at.may_change(moved):
            return place, remedy, moved
    return None


def _give(
    given: list[Given],
    finding: Finding,
    place: int,
    remedy: Remedy,
    moved: Mapping[str, Any],
    at: _Place,
) -> Order:
    """Enter a remedy in `given`; return what is to be done."""
    after = {**at.changes, **moved}
    given.append(
        {
            "finding": finding.name,
            "remedy": place,
            "words": remedy.words,
            "images": at.images,
            "before": dict(at.changes),
            "changes": after,
            "restart": remedy.restart,
            "back": remedy.back,
            "stop": remedy.stop,
            "outcome": "kept" if _stays(remedy, finding) else "trying",
        }
    )
    figures = [f"{name} {at.now[name]} -> {value}" for name, value in moved.items()]
    if remedy.restart:
        figures.append(f"the {remedy.restart} begins anew")
    if remedy.back:
        figures.append("both networks are those of the best model again")
    if remedy.stop:
        figures.append("the run ends here")
    told = f"remedy {len(given)} of {MOST_REMEDIES} against {finding.name}: {remedy.words}"
    return Order(
        words=f"{told} ({'; '.join(figures)})",
        changes=after,
        restart=remedy.restart,
        back=remedy.back,
        stop=remedy.stop,
    )


def _stays(remedy: Remedy, finding: Finding) -> bool:
    """Whether a remedy is never undone: the recipe asks for it, or its effect comes at the end."""
    return finding.since_images == 0 or remedy.fall or remedy.stop


def _moved(remedy: Remedy, at: _Place) -> dict[str, Any]:
    """Return the settings that a remedy changes, as they are after it."""
    now = at.now
    own = {name: at.usual[name] for name in remedy.own}
    scaled = {name: float(f"{now[name] * by:.6g}") for name, by in remedy.scale.items()}
    fallen = {}
    if remedy.fall and now["schedule.decay_from"] >= 1:
        # Rounded down: it falls at once, and not from some place further on.
        fallen["schedule.decay_from"] = math.floor(1_000 * at.images / at.total_images) / 1_000
    moved = {
        name: value
        for name, value in {**own, **scaled, **fallen, **remedy.put}.items()
        if _new(now[name], value)
    }
    for name, value in remedy.put.items():
        if name in moved:
            moved |= _strengthened(name, now, value)
        stronger = remedy.raises and now[name] >= value
        if stronger or not _new(now[name], moved.get(name, now[name])):
            moved.pop(name, None)
    return moved


def _strengthened(name: str, now: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Return a setting as a remedy puts it where what is there is not the stronger one already.

    A heavier penalty, targets farther from 1, more kinds of augmentation, on more images, are no
    remedy's to take back.
    """
    there = now[name]
    if name == "augment.probability" and not now["augment.policy"]:
        return {name: value}  # of nothing: what is there is not in force
    return {name: _STRONGER[name](there, value) if name in _STRONGER else value}


def _new(now: Any, value: Any) -> bool:
    if isinstance(now, tuple):
        return bool(",".join(now) != value)
    return bool(now != value)
