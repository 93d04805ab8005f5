"""Every finding has words, a source, and remedies that can be given."""

from ganvas.doctor import CATALOGUE
from ganvas.doctor.thresholds import THRESHOLDS
from tests.doctor_helpers import SWIFT
from tests.project_source import ROOT


def test_every_name_has_words_and_a_place_in_the_page() -> None:
    page = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    for name, condition in CATALOGUE.items():
        assert f"`{name}`" in page
        assert condition.remedies, name
        assert condition.explanation.endswith("."), name
        assert condition.source, name
    for name, threshold in THRESHOLDS.items():
        assert f"`{name}`" in page
        assert threshold.why


def test_the_page_says_the_remedies_in_order_and_which_can_be_applied() -> None:
    page = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    for name, condition in CATALOGUE.items():
        remedies = "; ".join(
            f"**{remedy.words}**" if remedy.can_be_applied else remedy.words
            for remedy in condition.remedies
        )
        row = f"| `{name}` | {condition.title}. {condition.explanation} | {remedies} | "
        assert f"{row}{condition.source} |" in page.splitlines(), name


def test_a_run_is_ended_last_of_all_and_as_its_best() -> None:
    ending = [c.remedies for c in CATALOGUE.values() if any(r.stop for r in c.remedies)]
    assert ending
    for *earlier, last in ending:
        assert [remedy.stop for remedy in earlier] == [False] * len(earlier)
        assert any(remedy.can_be_applied for remedy in earlier)
        assert last.stop
        assert last.back


def test_every_remedy_changes_settings_that_there_are() -> None:
    for condition in CATALOGUE.values():
        for remedy in condition.remedies:
            SWIFT.with_settings(dict(remedy.put))
            SWIFT.with_settings(dict.fromkeys(remedy.scale, 1e-4))
