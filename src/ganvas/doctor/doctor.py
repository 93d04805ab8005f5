"""The doctor: reads a run's lines in their order, and says what has begun and what is over.

A fold over metrics.jsonl: who reads the same lines comes to the same findings, in the running
training, after a resume, and long after it. Nothing else is state.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ganvas.doctor.checks import CHECKS, Check, setting_signs
from ganvas.doctor.finding import Finding, by_weight, finding_of
from ganvas.doctor.history import Facts, History
from ganvas.doctor.sign import SEVERITIES, Sign
from ganvas.recipe import Recipe

__all__ = ["Doctor"]

_MOST_DOUBLINGS = 4


class _Seen:
    """How often a sign has shown in a row, and how often it has not since it is a finding."""

    def __init__(self, since: int) -> None:
        self.since = since
        self.shown = 0
        self.missed = 0
        self.finding: Finding | None = None


class Doctor:
    """Keeps the findings of one run. A sign must show several looks running to become one.

    An error takes fewer. It must be absent as many looks as a warning takes to be over, and grows
    more severe at once, never less; each time it comes back it must show, and be absent, for twice
    as many looks as before. So a figure near its threshold brings no flood of lines.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.history = History()
        self._seen: dict[tuple[int, str], _Seen] = {}
        self._start = [
            finding_of(sign, images=0, since_images=0) for sign in _heaviest(setting_signs(facts))
        ]
        self._ended: dict[str, Finding] = {}
        self._over: Counter[tuple[int, str]] = Counter()  # how often it was

    def begin(self) -> list[Finding]:
        """Return what the recipe and the data show before the first update."""
        return by_weight(self._start)

    def read(self, line: Mapping[str, Any]) -> list[Finding]:
        """Take in the next line of metrics.jsonl; return findings that are new, worse or over."""
        kind = self.history.add(line)
        told: list[Finding] = []
        for number, check in enumerate(CHECKS):
            if check.kind == kind:
                signs = {s.name: s for s in _heaviest(check.signs(self.facts, self.history))}
                told += self._compare(number, check, signs)
        return told

    def read_all(self, lines: Iterable[Mapping[str, Any]]) -> list[Finding]:
        """Take in lines; return all that `read` said of them."""
        return [finding for line in lines for finding in self.read(line)]

    def diverge(self, reason: str, images: int) -> Finding:
        """Take in that the run diverged, and where that was first seen."""
        sign = Sign(name="diverged", severity="error", evidence={"first": reason})
        found = finding_of(sign, images=images, since_images=images)
        # A run that goes back by itself ends like this only once that did not help.
        self._ended["diverged"] = replace(found, used_up=int(self.facts.recipe.rolls_back))
        return self._ended["diverged"]

    @property
    def open(self) -> list[Finding]:
        """The findings that hold now, as `by_weight` has them; of one name the heaviest."""
        return self._open(self._start)

    def open_under(self, recipe: Recipe) -> list[Finding]:
        """Return those of `open` that hold in a run that goes on by `recipe`, changed on its way.

        What the recipe itself showed is mended where it shows in the changed one no more.
        """
        still = {sign.name for sign in setting_signs(replace(self.facts, recipe=recipe))}
        return self._open([finding for finding in self._start if finding.name in still])

    def least_to_end(self, name: str, slack: int = 0) -> int:
        """Return in how many images a finding that is open can be over, as often as is looked.

        `slack`: by how many images more two looks may lie apart than the newest two.
        """
        checks = [CHECKS[number] for number, found in self._seen if found == name]
        return max((c.looks * (self.history.spacing(c.kind) + slack) for c in checks), default=0)

    def _open(self, start: Iterable[Finding]) -> list[Finding]:
        found: dict[str, Finding] = {}
        running = [seen.finding for seen in self._seen.values() if seen.finding is not None]
        for finding in by_weight([*self._ended.values(), *running, *start]):
            found.setdefault(finding.name, finding)
        return list(found.values())

    def _compare(self, number: int, check: Check, signs: Mapping[str, Sign]) -> list[Finding]:
        told = []
        names = {name for key, name in self._seen if key == number}
        for name in sorted(names | signs.keys()):
            key = number, name
            longer = 2 ** min(self._over[key], _MOST_DOUBLINGS)
            sign = signs.get(name)
            seen = self._seen.get(key)
            if sign is None:
                assert seen is not None
                told += self._miss(key, seen, longer * check.looks)
                continue
            if seen is None:
                seen = self._seen[key] = _Seen(self.history.images)
            told += self._show(seen, sign, check, longer)
        return told

    def _show(self, seen: _Seen, sign: Sign, check: Check, longer: int) -> list[Finding]:
        seen.shown, seen.missed = seen.shown + 1, 0
        looks = check.looks_of_errors if sign.severity == "error" else check.looks
        if seen.shown < longer * looks:
            return []
        now = finding_of(sign, images=self.history.images, since_images=seen.since)
        worse = seen.finding is None or (
            SEVERITIES.index(sign.severity) > SEVERITIES.index(seen.finding.severity)
        )
        if not worse:
            return []
        seen.finding = now
        return [now]

    def _miss(self, key: tuple[int, str], seen: _Seen, looks: int) -> list[Finding]:
        if seen.finding is None:
            del self._seen[key]  # it was chance
            return []
        seen.missed += 1
        if seen.missed < looks:
            return []
        del self._seen[key]
        self._over[key] += 1
        return [replace(seen.finding, images=self.history.images, resolved=True)]


def _heaviest(signs: Iterable[Sign]) -> list[Sign]:
    """Return one sign of each name: the most severe, the first of equals."""
    found: dict[str, Sign] = {}
    for sign in signs:
        before = found.get(sign.name)
        if before is None or SEVERITIES.index(sign.severity) > SEVERITIES.index(before.severity):
            found[sign.name] = sign
    return list(found.values())
