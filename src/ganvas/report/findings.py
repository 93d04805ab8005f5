"""What the doctor found while a run trained, from the lines of findings.jsonl."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ganvas.report.lines import parse_objects, plain_figures

__all__ = ["SEVERITIES", "Finding", "parse_findings", "worst_of"]

SEVERITIES = ("note", "warning", "error")
"""From least to most serious."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One trouble from where it began to where it ended.

    `title` says what it is in a few words, or else is its name in words. `since_images` is where
    it began, `images` where it was told last, `resolved_images` where it was over, None while it is
    open. `evidence` holds numbers and short texts; `remedies` are sentences. All texts are as the
    file has them.
    """

    name: str
    title: str
    severity: str
    since_images: int
    images: int
    evidence: Mapping[str, Any]
    explanation: str
    remedies: tuple[str, ...]
    resolved_images: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it held when the last line was written."""
        return self.resolved_images is None


def worst_of(findings: Iterable[Finding]) -> Finding | None:
    """Return the most serious of the open findings, of equals the first; None without warnings."""
    serious = [found for found in findings if found.is_open and found.severity != SEVERITIES[0]]
    return max(serious, key=lambda found: SEVERITIES.index(found.severity), default=None)


def parse_findings(content: bytes | None) -> tuple[tuple[Finding, ...], int]:
    """Return the findings in the order they began, and how many whole lines were damaged.

    A later line of a name that is open brings it up to date; after it was resolved a new one
    begins. A last line without its end is passed over.
    """
    objects, damaged = parse_objects(content or b"")
    found: list[Finding] = []
    open_at: dict[str, int] = {}
    for values in objects:
        name, images = values.get("name"), plain_figures(values).get("images")
        if not isinstance(name, str) or not isinstance(images, int) or images < 0:
            damaged += 1
        elif values.get("resolved") is True:
            if name in open_at:
                place = open_at.pop(name)
                found[place] = replace(found[place], resolved_images=images)
        elif name in open_at:
            found[open_at[name]] = _finding(name, images, values, found[open_at[name]])
        else:
            open_at[name] = len(found)
            found.append(_finding(name, images, values, None))
    return tuple(found), damaged


def _finding(name: str, images: int, values: Mapping[str, Any], before: Finding | None) -> Finding:
    since, evidence = values.get("since_images"), values.get("evidence")
    if not isinstance(since, int) or isinstance(since, bool) or not 0 <= since <= images:
        since = images
    severity, explanation = values.get("severity"), values.get("explanation")
    title = values.get("title")
    remedies = values.get("remedies")
    return Finding(
        name=name,
        title=title if isinstance(title, str) and title else name.replace("_", " "),
        severity=severity if severity in SEVERITIES else SEVERITIES[0],
        since_images=since if before is None else min(since, before.since_images),
        images=images,
        evidence=plain_figures(evidence) if isinstance(evidence, dict) else {},
        explanation=explanation if isinstance(explanation, str) else "",
        remedies=tuple(
            remedy
            for remedy in (remedies if isinstance(remedies, list) else ())
            if isinstance(remedy, str)
        ),
    )
