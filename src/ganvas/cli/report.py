"""`ganvas report`."""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ganvas.cli.command import Command
from ganvas.cli.output import note

if TYPE_CHECKING:
    from ganvas.report.record import RunRecord

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="RUN", help="a run directory, in whatever state")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="where to write it (default: report.html in the run directory)",
    )
    parser.add_argument(
        "--no-model",
        action="store_true",
        help="from the run's files alone, without new pictures by its model: quicker",
    )


def _with_diagnosis(record: "RunRecord") -> "RunRecord":
    """Return the record of a run that no doctor watched with what its files tell a doctor now."""
    from ganvas.diagnosis import diagnose_run
    from ganvas.errors import GanvasError
    from ganvas.report.findings import parse_findings

    try:
        found = [finding.to_json() for finding in diagnose_run(record.head.path)]
    except GanvasError:  # what is damaged stands in the record's problems
        return record
    lines = "".join(f"{json.dumps(line)}\n" for line in found)
    return replace(record, findings=parse_findings(lines.encode())[0])


def _run(options: argparse.Namespace) -> int:
    from ganvas.pictures import require_file
    from ganvas.report.page import NAME, write_report
    from ganvas.report.portraits import portraits
    from ganvas.report.record import read_run
    from ganvas.run import find_run

    path: Path = options.output or find_run(options.directory).path / NAME
    require_file(path)
    record = read_run(options.directory)
    if not record.findings and not record.metrics.signals:
        record = _with_diagnosis(record)
    made, missing = ([], []) if options.no_model else portraits(record, nearest=True)
    for reason in missing:
        note(f"left out: {reason}")
    write_report(record, path, made)
    print(path)
    return 0


COMMAND = Command(
    name="report",
    summary="tell a run's story in one HTML file, with its figures and pictures",
    description=(
        "Writes one file that opens in any browser without a network: what was trained and how it\n"
        "ended, how good it is beside real images, what its curves mean, what was found, new\n"
        "pictures by its model, its recipe, its environment, and the commands to go on. Also for\n"
        "a run that is still going, was stopped, failed or diverged. Prints where the file is."
    ),
    examples=(
        ("ganvas report runs/0001-mnist-swift-s0", "report.html in the run directory"),
        ("ganvas report runs/0001-mnist-swift-s0 -o swift.html", "elsewhere"),
    ),
    add_options=_add_options,
    run=_run,
)
