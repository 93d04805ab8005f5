"""`ganvas data`: list, info, verify; import and export are in `data_store`."""

import argparse
from dataclasses import asdict
from typing import Any

from ganvas.cli.arguments import add_data_dir, add_json
from ganvas.cli.command import Command, add_commands
from ganvas.cli.data_store import EXPORT, IMPORT
from ganvas.cli.output import note, print_facts, print_json, print_table
from ganvas.cli.pictures import add_picture_options, preparation_of

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


def _add_info_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", metavar="DATA", help="a data set's name or path, and classes")
    add_picture_options(parser)
    _add_list_options(parser)


def _info(options: argparse.Namespace) -> int:
    from ganvas.data.asked import parse_data

    parse_data(options.data)
    from ganvas.cli.display import open_display
    from ganvas.data import describe, load
    from ganvas.data.health import duplicates, warnings_about

    with open_display(quiet=False) as display:
        display.note(f"reading {options.data}")
        dataset = load(
            options.data,
            data_dir=options.data_dir,
            progress=display.download,
            preparation=preparation_of(options),
            max_bad=options.max_bad,
        )
        display.note("looking for copies")
        copies = duplicates(dataset)
    warnings = warnings_about(dataset, copies)
    found = {**describe(dataset), "duplicates": copies, "warnings": warnings}
    if options.json:
        print_json(found)
        return 0
    _print_info(found)
    for sentence in warnings:
        note(f"warning: {sentence}")
    return 0


def _print_info(found: dict[str, Any]) -> None:
    facts = [
        ("name", found["name"]),
        ("image", f"{found['height']}x{found['width']} pixels, {found['channels']} channel(s)"),
        ("source", found["source"]),
        ("licence", found["licence"]),
        ("digest", found["digest"]),
        ("exact copies", _copies(found["duplicates"])),
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


def _copies(found: dict[str, int]) -> str:
    words = [f"{found['train']:,} among the training images"]
    words += [
        f"{found[split]:,} {name} images that are trained on"
        for split, name in (("held_out", "held-out"), ("test", "test"))
        if found[split]
    ]
    return ", ".join(words)


def _verify(options: argparse.Namespace) -> int:
    from ganvas.data.asked import parse_data
    from ganvas.errors import UsageError

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
        summary="what is in one: sizes, splits, classes, copies, licence",
        description=(
            "Tells what is in a data set, and warns of what will hurt training. One that is not\n"
            "here yet is downloaded."
        ),
        examples=(("ganvas data info mnist", ""), ("ganvas data info pets/ --size 64", "")),
        add_options=_add_info_options,
        run=_info,
    ),
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
