"""What to do next with a run, in sentences, from its findings, its course and its recipe."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from ganvas.doctor.catalogue import CATALOGUE
from ganvas.recipes import DEFAULTS, RECIPES, get_recipe
from ganvas.report.balance import EASILY, share_right
from ganvas.report.findings import Finding, worst_of
from ganvas.report.likeness import Likeness
from ganvas.report.lines import series
from ganvas.report.panels.discriminator import are_pairs
from ganvas.report.panels.quality import alike as measured_alike
from ganvas.report.record import RunHead, RunRecord
from ganvas.report.verdict import Level, distance_of
from ganvas.report.words import count
from ganvas.words import counted

__all__ = ["advice"]

_SETTING = re.compile(r"\b[a-z]+\.[a-z]+[a-z0-9_]*\b")
_FEW = 4  # looks at quality below which nothing is said of their course
_LITTLE = 1.5  # times the distance of real images below which little is left to gain
_UPDATES = ("update of G", "updates of G")
# What a turn is called, the settings that multiply to its real images, and to its updates of G.
_TURNS: Mapping[str, tuple[tuple[str, str], Sequence[str], Sequence[str]]] = {
    "alternating": (
        _UPDATES,
        ("batch_size", "procedure.discriminator_steps"),
        ("procedure.generator_steps",),
    ),
    "simultaneous": (_UPDATES, ("batch_size",), ()),
    "balanced": (("iteration", "iterations"), ("batch_size",), ()),
    "rounds": (("round", "rounds"), ("procedure.round_images",), ()),
}
_FALLS, _LOST = 0.98, 1.2  # the doctor's `quality_still`; times the best


def advice(record: RunRecord, alike: Likeness | None, level: Level) -> list[str]:
    """Return sentences, the most urgent first, of a run whose samples are as good as `level` says.

    `alike` is the samples' likeness, where it is known.
    """
    poor = level == "poor"
    short = list(_short(record)) if poor else []
    remedies = list(_remedies(record, alike, poor=poor, short=bool(short)))
    if any(_SETTING.search(sentence) for sentence in remedies):
        remedies.append(
            "Names with a dot are settings: --set penalty.r1=1, say, gives one to ganvas train."
        )
    found = [*_standing(record.head.state), *remedies, *short, *_course(record, poor=poor)]
    if poor:
        found += [*_budget(record), *_other_recipe(record)]
    if not found and level == "good" and record.head.state == "finished":
        found.append(
            "Nothing has to be changed: by these figures, little is left to gain."
            if _is_close(record)
            else "Nothing has to be changed. A longer run may bring it nearer still; the command "
            "is below."
        )
    return found


def _is_close(record: RunRecord) -> bool:
    measured = distance_of(record)
    return measured is not None and measured.ratio < _LITTLE


def _standing(state: str) -> Iterator[str]:
    if state == "running":
        yield "Let it run, and bring this report up to date later; the command is below."
    elif state in ("stopped", "interrupted"):
        yield "Go on from its last checkpoint, as if it had never stopped; the command is below."
    elif state == "failed":
        yield "Mend what made it fail, then go on from its last checkpoint; the command is below."


def _remedies(
    record: RunRecord, alike: Likeness | None, *, poor: bool, short: bool
) -> Iterator[str]:
    worst = _first_of(record, alike)
    if worst is not None:
        first = f" What helps first: {worst.remedies[0]}." if worst.remedies else ""
        yield (
            f"Begin with what was found: {worst.title}.{first} Change one thing at a time, and "
            "look again."
        )
    elif alike is not None and alike.is_one_picture and poor:
        yield f"Against one picture again and again helps: {_words_of('mode_collapse')}."
    elif poor and not short and not are_pairs(record) and (share_right(record) or 0) > EASILY:
        yield (
            "D tells real from fake so easily that G learns little from it. What helps: "
            f"{_words_of('d_overpowers_g')}."
        )


def _first_of(record: RunRecord, alike: Likeness | None) -> Finding | None:
    """Return the finding to begin with: the cause, where it is known, before what follows."""
    worst = worst_of(record.findings)
    if worst is None:
        return None
    if alike is not None and alike.is_one_picture:  # one picture shows one class, and one range
        collapse = [found for found in record.findings if found.name == "mode_collapse"]
        return worst_of(collapse) or worst
    if worst.name == "diverged":
        return worst_of(found for found in record.findings if found.name != "diverged") or worst
    return worst


def _course(record: RunRecord, *, poor: bool) -> Iterator[str]:
    distances = series(measured_alike(record), "fd")
    if len(distances) < _FEW:
        return
    values = distances.values
    half = len(values) // 2
    before, after = min(values[:half]), min(values[half:])
    best = min(range(len(values)), key=lambda i: values[i])
    if values[-1] > _LOST * values[best]:
        kept = ", and that model is kept in best/" if record.head.best else ""
        where = count(distances.images[best])
        yield f"Its distance to real images was least at {where} images{kept}."
    elif _is_close(record):
        return
    elif after < _FALLS * before:
        yield (
            "Its distance to real images was still falling in the second half, so a longer run is "
            "worth trying; the command is below."
        )
    elif poor:
        yield (
            "The second half of its looks brought nothing better than the first, so a longer run "
            "alone will hardly help."
        )


def _short(record: RunRecord) -> Iterator[str]:
    """Say of a default recipe that it was given less than its own budget."""
    name, done = record.head.text("name"), record.head.images
    if name not in DEFAULTS.values() or (record.head.state == "finished" and record.head.reason):
        return  # it was not short for want of time
    budget = get_recipe(name).budget
    if budget.unit == "images" and done < budget.amount:
        yield (
            f"This was a short run: the recipe {name} is made for {count(round(budget.amount))} "
            f"images or more, and this one came to {count(done)}. Train it longer first."
        )


def _budget(record: RunRecord) -> Iterator[str]:
    name = record.head.text("name")
    if name in RECIPES and name not in DEFAULTS.values():
        page = RECIPES[name][1]
        yield (
            f"Where the recipe {name} comes from, this is how long it is trained: "
            f"{page.published_budget}. This run came to {count(record.head.images)} images"
            f"{_turns(record.head)}. What to expect of it here: {page.expect}."
        )


def _turns(head: RunHead) -> str:
    """Return how often G learned, as most published budgets count; "" where that is not known."""
    procedure = head.text("procedure.name")
    if procedure not in _TURNS:
        return ""
    (one, several), drawn, repeated = _TURNS[procedure]
    each = _product(head, drawn)
    number = _product(head, repeated) * (head.images // each) if each else 0
    return f" in {counted(number, one, several)}" if number else ""


def _product(head: RunHead, names: Sequence[str]) -> int:
    values = [head.setting(name) for name in names]
    return math.prod(value if isinstance(value, int) and value > 0 else 0 for value in values)


def _other_recipe(record: RunRecord) -> Iterator[str]:
    head = record.head
    points = head.text("generator.architecture") == "points"
    if not points and head.text("name") in RECIPES and head.text("name") != DEFAULTS["images"]:
        yield (
            f"This recipe is kept as it was published. For good pictures soon, train the default, "
            f"{DEFAULTS['images']}, on the same data; the command is below."
        )


def _words_of(name: str) -> str:
    *others, last = (remedy.words for remedy in CATALOGUE[name].remedies)
    return "; ".join([*others, f"or {last}"] if others else [last])
