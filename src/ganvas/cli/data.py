"""`ganvas data`: list, info, verify."""

import argparse
from dataclasses import asdict
from typing import Any

from ganvas.cli.arguments import add_data_dir, add_json
from ganvas.cli.command import Command, add_commands
from ganvas.cli.output import print_facts, print_json, print_table

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


def _info(options: argparse.Namespace) -> int:
    from ganvas.data.catalogue import find_source

    find_source(options.name)
    from ganvas.cli.display import open_display
    from ganvas.data import describe, load

    with open_display(quiet=False) as display:
        dataset = load(options.name, data_dir=options.data_dir, progress=display.download)
    found = describe(dataset)
    if options.json:
        print_json(found)
    else:
        _print_info(found)
    return 0


def _print_info(found: dict[str, Any]) -> None:
    facts = [
        ("name", found["name"]),
        ("image", f"{found['height']}x{found['width']} pixels, {found['channels']} channel(s)"),
        ("source", found["source"]),
        ("licence", found["licence"]),
        ("digest", found["digest"]),
    ]
    print_facts(facts)
    print()
    splits = found["splits"]
    words = [name.replace("_", "-") for name in splits]
    rows = [["images", *(f"{part['images']:,}" for part in splits.values())]]
    rows += [
        [name, *(f"{part['classes'].get(name, 0):,}" for part in splits.values())]
        for name in found["class_names"]
    ]
    print_table(["split", *words], rows, right=1)


def _verify(options: argparse.Namespace) -> int:
    from ganvas.data.catalogue import find_source

    find_source(options.name)
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
        found = f": {first.reason}; expected sha256 {first.expected}, found {first.found}"
        what = f"{first.path} is damaged{found}" if first.path else f"{first.file} is missing"
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
    Command(
        name="info",
        summary="what is in one: sizes, splits, classes, licence",
        description="Tells what is in a data set. One that is not here yet is downloaded.",
        examples=(("ganvas data info mnist", ""),),
        add_options=_add_name_options,
        run=_info,
    ),
    Command(
        name="verify",
        summary="check that its files are sound",
        description=(
            "Compares each file with the SHA-256 that it must have; downloads nothing.\n"
            "Exits with 1 when a file is damaged or missing."
        ),
        examples=(("ganvas data verify fashion-mnist --data-dir ~/data", ""),),
        add_options=_add_name_options,
        run=_verify,
    ),
)

COMMAND = Command(
    name="data",
    summary="the data sets: list them, what is in one, whether its files are sound",
    description="The data sets that ganvas knows by name.",
    examples=(("ganvas data list", ""), ("ganvas data info mnist", "")),
    add_options=lambda parser: add_commands(parser, _COMMANDS),
)
