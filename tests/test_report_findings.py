"""Findings: each trouble is one, from its first line to the line that says it is over."""

import json
from typing import Any

import pytest

from ganvas.report.findings import parse_findings


def told(images: int, name: str = "mode_collapse", **more: Any) -> dict[str, Any]:
    plain = {
        "severity": "warning",
        "since_images": images,
        "evidence": {"coverage": 0.25, "nested": {"x": 1}},
        "explanation": "few kinds of images are left",
        "remedies": ["a larger batch", 7],
    }
    return {"images": images, "name": name, **plain, **more}


def written(*entries: Any) -> bytes:
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def test_a_finding_is_brought_up_to_date_resolved_and_may_come_again() -> None:
    found, damaged = parse_findings(
        written(
            told(100),
            told(150, "d_overfits", severity="note"),
            told(200, since_images=100, severity="error"),
            {"images": 300, "name": "mode_collapse", "resolved": True},
            {"images": 310, "name": "never_began", "resolved": True},
            told(400),
        )
    )
    assert damaged == 0
    first, other, again = found
    assert (first.name, first.severity) == ("mode_collapse", "error")
    assert (first.since_images, first.images, first.resolved_images) == (100, 200, 300)
    assert (other.name, other.is_open) == ("d_overfits", True)
    assert (again.since_images, again.is_open, first.is_open) == (400, True, False)
    assert dict(first.evidence) == {"coverage": 0.25}
    assert first.remedies == ("a larger batch",)


def test_no_file_and_an_unfinished_line_are_no_findings() -> None:
    assert parse_findings(None) == ((), 0)
    assert parse_findings(written(told(5))[:-10]) == ((), 0)


@pytest.mark.parametrize(
    "entry",
    [[], {"name": "x"}, {"images": 3}, {"images": -3, "name": "x"}, told(7, name=["x"])],  # type: ignore[arg-type]
)
def test_a_damaged_line_is_counted(entry: Any) -> None:
    found, damaged = parse_findings(written(entry, told(5)))
    assert damaged == 1
    assert [finding.name for finding in found] == ["mode_collapse"]


@pytest.mark.parametrize("field", ["severity", "since_images", "evidence", "explanation"])
@pytest.mark.parametrize("value", [None, 10**9, {"a": []}, [1], "<script>", True])
def test_odd_fields_do_not_hide_a_finding(field: str, value: Any) -> None:
    found, damaged = parse_findings(written(told(50, **{field: value})))
    assert damaged == 0
    assert found[0].name == "mode_collapse"
    assert found[0].severity in ("note", "warning")
    assert 0 <= found[0].since_images <= 50
