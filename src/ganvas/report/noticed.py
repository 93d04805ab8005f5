"""What the doctor found, as HTML: what still holds in full, what is over once for each trouble."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Any

from ganvas.report.findings import Finding
from ganvas.report.glossary import EVIDENCE
from ganvas.report.markup import details, paragraph
from ganvas.report.record import RunRecord
from ganvas.report.story import short_reason
from ganvas.words import counted

__all__ = ["findings_html", "shown"]

_MOST = 50  # findings told of either kind


def findings_html(record: RunRecord) -> Iterator[str]:
    """Yield the open findings, and folded away those that are over, told once for each name."""
    looks = len(record.metrics.signals)
    if not record.findings and looks:
        sound = "one look" if looks == 1 else f"all {looks:,} looks"
        yield paragraph([f"Nothing: {sound} at both networks and the samples found them sound."])
    still = [finding for finding in record.findings if finding.is_open]
    yield from map(_open, still[:_MOST])
    if len(still) > _MOST:
        yield paragraph([f"And {len(still) - _MOST:,} more."])
    ended = [finding for finding in record.findings if not finding.is_open]
    troubles = [
        list(same)
        for _, same in groupby(sorted(ended, key=lambda found: found.name), lambda one: one.name)
    ]
    troubles.sort(key=lambda same: same[0].since_images)
    if troubles:
        told = "".join(map(_over, troubles[:_MOST]))
        yield details(f"{counted(len(troubles), 'trouble')} that came and went", told)


def _open(finding: Finding) -> str:
    since = f"since {finding.since_images:,} images" if finding.since_images else "from the start"
    return _article(finding, finding.severity, f"{finding.severity}: {finding.title}", since)


def _over(same: Sequence[Finding]) -> str:
    """Return one trouble's times that are over, with the words of the last."""
    first, last = same[0], same[-1]
    when = f"from {first.since_images:,} to {last.resolved_images:,} images"
    if len(same) > 1:
        when = f"{counted(len(same), 'time')} {when}; the last time"
    return _article(last, "over", f"over: {last.title}", when)


def _article(finding: Finding, kind: str, title: str, when: str) -> str:
    evidence = "; ".join(
        f"{EVIDENCE.get(name, name.replace('_', ' '))}: "
        + (short_reason(value) if isinstance(value, str) else shown(value))
        for name, value in finding.evidence.items()
    )
    remedies = "".join(f"<li>{escape(remedy)}</li>" for remedy in finding.remedies)
    helps = "What helps, in the order to try it:"
    return (
        f'<article class="{escape(kind)}"><div class="severity">{escape(title)}</div>'
        f'<p class="faint">{escape(when)}{escape(f" ({evidence})" if evidence else "")}</p>'
        f"{paragraph([finding.explanation])}"
        + (f"{paragraph([helps])}<ol>{remedies}</ol>" if remedies else "")
        + "</article>"
    )


def shown(value: Any) -> str:
    """Return a value of a run's files in a few letters."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple):
        return ", ".join(map(shown, value))
    text = str(value)
    return text if len(text) <= 300 else f"{text[:297]}..."
