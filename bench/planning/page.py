"""Writes the tables of docs/planning.md, each between its marks; the words around them stay."""

from collections.abc import Callable, Mapping
from pathlib import Path

from bench.marks import between_marks
from bench.planning.estimate import example_lines
from bench.planning.growth import batch_lines, colour_lines, size_lines, time_lines, width_lines
from bench.planning.results import Results
from bench.planning.surroundings import (
    data_lines,
    machine_lines,
    memory_lines,
    run_lines,
    taken_lines,
    workers_lines,
)

__all__ = ["PAGE", "SECTIONS", "filled", "marks_of", "write_page"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "planning.md"

SECTIONS: Mapping[str, Callable[[Results], list[str]]] = {
    "taken": taken_lines,
    "example": example_lines,
    "time": time_lines,
    "size": size_lines,
    "colour": colour_lines,
    "width": width_lines,
    "batch": batch_lines,
    "data": data_lines,
    "workers": workers_lines,
    "machine": machine_lines,
    "memory": memory_lines,
    "runs": run_lines,
}
"""What stands between the marks of each name."""


def marks_of(section: str) -> tuple[str, str]:
    """Return the marks of a section: where its lines begin and end."""
    return f"<!-- planning {section}: begin -->", f"<!-- planning {section}: end -->"


def filled(page: str, results: Results) -> str:
    """Return the page with every section written anew. Raises ValueError for missing marks."""
    for section, lines_of in SECTIONS.items():
        page = between_marks(page, *marks_of(section), lines_of(results))
    return page


def write_page(results: Results) -> None:
    """Write docs/planning.md anew."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(filled(page, results), encoding="utf-8")
