"""`ganvas data`: list and verify; info is in `data_info`, import and export in `data_store`."""

import argparse
from dataclasses import asdict

from ganvas.cli.arguments import add_data_dir, add_json
from ganvas.cli.command import Command, add_commands
from ganvas.cli.data_info import INFO
from ganvas.cli.data_store import EXPORT, IMPORT
from ganvas.cli.output import print_json, print_table

__all__ = ["COMMAND"]


def _add_list_options(parser: argparse.ArgumentParser) -> None:
    add_data_dir(parser)
    add_json(parser)


def _add_name_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a data set; `ganvas data list` names them")
    _add_list_options(parser)


def _list(options: argparse.Namespace) -> int:
    from ganvas.data.catalogue import listing

    found = listing(options.data_dir)
    if options.json:
        print_json({"data": [asdict(entry) for entry in found]})
    else:
        for entry in found:
            print(entry.line)
    return 0


def _verify(options: argparse.Namespace) -> int:
    from ganvas.data.asked import parse_data
    from ganvas.data.named.sources import POINT_SOURCES
    from ganvas.errors import UsageError

    if options.name in POINT_SOURCES:
        raise UsageError(f"'{options.name}' is computed, so there are no files to check")
    if parse_data(options.name).path is not None or ":" in options.name:
        raise UsageError(
            f"'{options.name}' is no named data set, so nothing states what its files should be; "
            "`ganvas data info` reads them all"
        )
    from ganvas.data import verify
    from ganvas.errors import DataError

    checks = verify(options.name, options.data_dir)
    bad = [check for check in checks if check.state != "ok"]
    if options.json:
        print_json(
            {"name": options.name, "ok": not bad, "files": [asdict(check) for check in checks]}
        )
    else:
        rows = [
            [check.file, check.state, check.path or "-", (check.found or "-")[:16]]
            for check in checks
        ]
        print_table(["file", "state", "where", "sha256"], rows)
    if bad:
        first = bad[0]
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        kind = "" if ":" in first.expected else "sha256 "
        found = f": {first.reason}; expected {kind}{first.expected}, found {first.found}"
        what = f"{first.path} is damaged{found}" if first.path else f"{first.file} is missing"
        if first.path is None:
            what += "; `ganvas data info` gets it, or name the folder that holds it with --data-dir"
        raise DataError(f"{options.name}: {what}{more}")
    return 0


_COMMANDS = (
    Command(
        name="list",
        summary="the data sets that can be named, and where each is",
        description="Lists the data sets that can be named, and where each is.",
        add_options=_add_list_options,
        run=_list,
    ),
    INFO,
    Command(
        name="verify",
        summary="check that its files are sound",
        description=(
            "Compares each file with the SHA-256 that it must have, and an imported set with\n"
            "that of its images; downloads nothing.\n"
            "Exits with 1 when a file is damaged or missing."
        ),
        examples=(("ganvas data verify fashion-mnist --data-dir ~/data", ""),),
        add_options=_add_name_options,
        run=_verify,
    ),
    IMPORT,
    EXPORT,
)

COMMAND = Command(
    name="data",
    summary="the data sets: list them, what is in one, import your own pictures",
    description=(
        "Data sets by name, and pictures of your own: a folder or archive of pictures (with a\n"
        "folder for each class, or none) or a .npz file is a data set by its path."
    ),
    examples=(
        ("ganvas data list", ""),
        ("ganvas data info mnist", ""),
        ("ganvas data import pets/ pets --size 64", ""),
    ),
    add_options=lambda parser: add_commands(parser, _COMMANDS),
)
