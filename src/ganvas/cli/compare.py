"""`ganvas compare`."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganvas.cli.arguments import add_json
from ganvas.cli.command import Command
from ganvas.cli.output import note, print_json, print_table

if TYPE_CHECKING:
    from ganvas.comparison import Course, Row

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", metavar="RUN", nargs="+", help="run directories")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="draw quality against images and against seconds: .png, .svg or .pdf",
    )
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    from ganvas.comparison import compare, read_course, readable, unlike, unlike_courses

    if options.output is not None:
        from ganvas.pictures import require_file
        from ganvas.report.figures import require_matplotlib, require_suffix

        require_suffix(options.output)
        require_file(options.output)
        require_matplotlib()
    runs, foreign = readable(options.runs)
    rows = compare(runs)
    reasons = unlike(rows)
    labels = _labels(rows)
    courses: dict[str, Course | None] = {}
    if options.output is not None:  # before anything is printed: a figure that fails is an error
        from ganvas.report.quality import draw_quality

        courses = {label: read_course(row.run) for label, row in zip(labels, rows, strict=True)}
        drawn = {label: course for label, course in courses.items() if course is not None}
        draw_quality(options.output, drawn)
        reasons += unlike_courses(list(drawn.values()))
    if options.json:
        rows_told = [asdict(row) for row in rows]
        print_json({"runs": rows_told, "left_out": foreign, "unlike": reasons})
    else:
        _print(rows, labels)
    for sentence in foreign:
        note(f"left out: {sentence}")
    for reason in reasons:
        note(f"these figures do not compare: {reason}")
    for label, course in courses.items():
        if course is None:
            note(f"{label} was never probed and is not in the figure")
    if options.output is not None:
        note(f"figure:  {options.output}")
    return 0


def _print(rows: list["Row"], labels: list[str]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row.metrics))
    cells = []
    for label, row in zip(labels, rows, strict=True):
        judge = row.evaluation.get("judge")
        cells.append(
            [
                label,
                row.recipe,
                row.data,
                row.status,
                f"{row.images:,}",
                "-" if row.seconds is None else f"{row.seconds:,.0f}",
                *(_figure(row.metrics.get(name)) for name in names),
                "-" if judge is None else f"{row.evaluation['samples']:,}",
                "-" if judge is None else f"{judge['name']} {judge['digest'][7:15]}",
                str(row.evaluation.get("split", "-")),
            ]
        )
    headings = ["run", "recipe", "data", "status", "images", "seconds"]
    figures = [f"{name} (real)" for name in names]
    print_table([*headings, *figures, "samples", "judge", "real split"], cells)


def _figure(figure: dict[str, Any] | None) -> str:
    if figure is None:
        return "-"
    real = "-" if figure["real"] is None else f"{figure['real']:.4f}"
    return f"{figure['value']:.4f} ({real})"


def _labels(rows: list["Row"]) -> list[str]:
    """Return each run's own name; its whole path where another has the same name."""
    names = [Path(row.run).name or row.run for row in rows]
    return [
        row.run if names.count(name) > 1 else name for name, row in zip(names, rows, strict=True)
    ]


COMMAND = Command(
    name="compare",
    summary="runs side by side: a table of their figures, a drawing of their quality",
    description=(
        "Shows the figures that each run ended with, beside those of real images. Runs that\n"
        "were measured with different judges, data or numbers of samples are said to be so."
    ),
    examples=(
        ("ganvas compare runs/*", "every run so far"),
        ("ganvas compare runs/0001-* runs/0002-* -o quality.svg", "with a figure"),
    ),
    add_options=_add_options,
    run=_run,
)
