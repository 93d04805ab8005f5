"""A trouble that held long enough to be told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ganvas.doctor.catalogue import CATALOGUE
from ganvas.doctor.catalogue_of_settings import OF_SETTINGS
from ganvas.doctor.sign import SEVERITIES, Severity, Sign

__all__ = ["Finding", "by_weight", "finding_of"]

_CAUSES = {
    "frozen_network",
    "range_mismatch",
    "constant_output",
    "missing_normalisation",
    "ema_lags",
}
_CAUSES |= {f"{player}_learns_too_{how}" for player in "gd" for how in ("slowly", "fast")}
_CAUSES |= OF_SETTINGS.keys()
"""What others follow from: pictures of another range show no class, and look all alike; with a
learning rate of 0.1, all else that is wrong is wrong because of that."""
_ON_THE_WAY = {"d_overpowers_g", "exploding_gradient"}
"""What follows from those, and pictures from it."""

_OF_CLASSES = {"labels_ignored", "missing_class", "modes_lost", "classes_unbalanced"}
_ALIKE = {"mode_collapse", "low_diversity"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A trouble since `since_images`, told at `images`; `resolved` says that it is over.

    The first `used_up` of its remedies are known to have been given in vain.
    """

    name: str
    severity: Severity
    images: int
    since_images: int
    evidence: Mapping[str, Any]
    resolved: bool = False
    used_up: int = 0

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return CATALOGUE[self.name].title

    @property
    def remedies(self) -> tuple[str, ...]:
        """What helps, in the order to try it in, and was not tried yet."""
        remedies = CATALOGUE[self.name].remedies[self.used_up :]
        return tuple(remedy.words for remedy in remedies)

    @property
    def sentence(self) -> str:
        """One plain line: what, since when, and what helps first."""
        since = f"since {self.since_images:,} images" if self.since_images else "from the start"
        if self.resolved:
            return f"over: {self.title} ({self.name}, {since})"
        return f"{self.severity}: {self.title} ({self.name}, {since}); first: {self.remedies[0]}"

    def to_json(self) -> dict[str, Any]:
        """Return its line of findings.jsonl, and its place in `ganvas doctor --json`."""
        if self.resolved:
            return {
                "images": self.images,
                "name": self.name,
                "severity": self.severity,
                "since_images": self.since_images,
                "resolved": True,
            }
        condition = CATALOGUE[self.name]
        return {
            "images": self.images,
            "name": self.name,
            "severity": self.severity,
            "since_images": self.since_images,
            "evidence": dict(self.evidence),
            "title": condition.title,
            "explanation": condition.explanation,
            "remedies": list(self.remedies),
            "source": condition.source,
        }


def finding_of(sign: Sign, *, images: int, since_images: int) -> Finding:
    """Return the finding that a sign has become."""
    return Finding(
        name=sign.name,
        severity=sign.severity,
        images=images,
        since_images=since_images,
        evidence=sign.evidence,
    )


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order to see to them.

    Divergence comes first: it ended the run. Causes come before what follows from them, however bad
    that is; of causes the earliest come first, else the most serious, of equals the earliest. Notes
    come last. In noise all pictures look alike, and in pictures all alike no class can be seen: so
    what was found of likeness comes after noise, and what was found of classes after both.
    """
    listed = list(findings)
    names = {finding.name for finding in listed}
    blurred = _ALIKE if "noise_samples" in names else set()
    unread = _OF_CLASSES if names & {"noise_samples", "mode_collapse", "constant_output"} else set()

    def key(finding: Finding) -> tuple[bool, bool, int, int, bool, bool, int, int]:
        is_cause = finding.name in _CAUSES
        return (
            finding.name != "diverged",
            finding.severity == "note",
            0 if is_cause else 1 if finding.name in _ON_THE_WAY else 2,
            finding.since_images if is_cause else 0,
            finding.name in unread,
            finding.name in blurred,
            -SEVERITIES.index(finding.severity),
            finding.since_images,
        )

    return sorted(listed, key=key)
