"""`ganvas data info`: what is in a data set, a picture of it, and what will hurt training."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganvas.cli.arguments import add_data_dir, add_json
from ganvas.cli.command import Command
from ganvas.cli.output import note, print_facts, print_json, print_table
from ganvas.cli.pictures import add_picture_options, note_left_out, preparation_of

if TYPE_CHECKING:
    from ganvas.data.images import DataSet

__all__ = ["INFO"]

_MOST_CLASSES = 100  # that are counted in a line each


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", metavar="DATA", help="a data set's name or path, and classes")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE.png",
        help="write a grid of images, a row for each class, to this file",
    )
    add_picture_options(parser)
    add_data_dir(parser)
    add_json(parser)


def _info(options: argparse.Namespace) -> int:
    from ganvas.data.asked import parse_data
    from ganvas.data.named.sources import POINT_SOURCES

    asked = parse_data(options.data)
    if options.output is not None:
        _require_png(options.output)
    if asked.name in POINT_SOURCES and not asked.classes:
        return _point_info(options)
    from ganvas.cli.display import open_display
    from ganvas.data import describe, load
    from ganvas.data.health import duplicates, warnings_about
    from ganvas.data.pictures.read import MixedError

    found: dict[str, Any] = {}
    with open_display(quiet=False) as display:
        display.note(f"reading {options.data}")
        try:
            dataset = load(
                options.data,
                data_dir=options.data_dir,
                progress=display.download,
                preparation=preparation_of(options),
                max_bad=options.max_bad,
            )
        except MixedError:
            if asked.path is not None and not options.json and (seen := _survey(asked.path)):
                print_facts([("pictures", seen)])
            raise
        display.note("looking for copies")
        copies = duplicates(dataset)
    if asked.path is not None and options.size is not None and (seen := _survey(asked.path)):
        found["pictures"] = seen
    warnings = warnings_about(dataset, copies)
    found |= {**describe(dataset), "duplicates": copies, "warnings": warnings}
    if options.output is not None:
        _write_grid(dataset, options.output)
    if options.json:
        print_json(found)
        return 0
    _print(found)
    note_left_out(dataset.refused)
    for sentence in warnings:
        note(f"warning: {sentence}")
    _note_grid(options.output)
    return 0


def _note_grid(path: Path | None) -> None:
    if path is not None:
        note(f"grid:    {path}")


def _require_png(path: Path) -> None:
    from ganvas.errors import UsageError
    from ganvas.pictures import require_file

    if path.suffix.lower() != ".png":
        raise UsageError(f"a grid of images is a PNG: name a file that ends in .png, not {path}")
    require_file(path)


def _write_grid(dataset: "DataSet", path: Path) -> None:
    from ganvas.grid import COLUMNS, examples
    from ganvas.pictures import write_images

    labels = dataset.train.labels if dataset.num_classes > 1 else None
    write_images(path, examples(dataset.train.images, labels), columns=COLUMNS)


def _survey(path: Path) -> str:
    """Return in words which files, formats and sizes there are at `path`; "" for arrays."""
    from ganvas.data.pictures.array_files import ARRAY_SUFFIXES
    from ganvas.data.pictures.survey import survey

    if path.is_file() and path.suffix.lower() in ARRAY_SUFFIXES:
        return ""
    seen = survey(path).to_json()
    if not seen["formats"] and not seen["unreadable"]:  # arrays in an archive
        return ""
    formats = ", ".join(f"{count:,} {kind}" for kind, count in seen["formats"].items())
    if seen["different_sizes"] == 0:
        return "none can be read"
    smallest, largest = ("x".join(map(str, seen[name])) for name in ("smallest", "largest"))
    sizes = f"all {smallest}"
    if seen["different_sizes"] > 1:
        sizes = f"{seen['different_sizes']:,} sizes from {smallest} to {largest}"
    unreadable = f"; {seen['unreadable']:,} unreadable" if seen["unreadable"] else ""
    return f"{formats}; {sizes} (height x width){unreadable}"


def _print(found: dict[str, Any]) -> None:
    from ganvas.data.catalogue import COLOURS

    facts = [
        ("name", found["name"]),
        ("image", f"{found['height']}x{found['width']} pixels, {COLOURS[found['channels']]}"),
        ("source", found["source"]),
        ("licence", found["licence"]),
        ("digest", found["digest"]),
        ("exact copies", _copies(found["duplicates"])),
    ]
    if "pictures" in found:
        facts.insert(1, ("pictures", found["pictures"]))
    print_facts(facts)
    print()
    _print_splits("images", found["splits"], found["class_names"])


def _print_splits(what: str, splits: dict[str, Any], class_names: list[str]) -> None:
    words = [name.replace("_", "-") for name in splits]
    rows = [[what, *(f"{part[what]:,}" for part in splits.values())]]
    counts = {
        name: [part["classes"].get(name, 0) for part in splits.values()] for name in class_names
    }
    if len(class_names) > _MOST_CLASSES:
        columns = list(zip(*counts.values(), strict=True))
        few, many = "fewest of a class", "most of a class"
        counts = {few: list(map(min, columns)), many: list(map(max, columns))}
    rows += [[name, *(f"{count:,}" for count in row)] for name, row in counts.items()]
    print_table(["split", *words], rows, right=1)
    if len(class_names) > _MOST_CLASSES:
        print(f"{len(class_names):,} classes; --json counts each")


def _copies(found: dict[str, int]) -> str:
    words = [f"{found['train']:,} among the training and held-out images"]
    words += [
        f"{found[split]:,} {name} images that are trained on"
        for split, name in (("held_out", "held-out"), ("test", "test"))
        if found[split]
    ]
    return ", ".join(words)


def _point_info(options: argparse.Namespace) -> int:
    from ganvas.data.points import PointSet, describe_points
    from ganvas.data.request import to_data

    points = to_data(options.data, preparation=preparation_of(options), max_bad=options.max_bad)
    assert isinstance(points, PointSet)  # that is what it was asked for
    found = describe_points(points)
    if options.output is not None:
        from ganvas.files import write_png
        from ganvas.grid import upscale
        from ganvas.scatter import points_to_picture

        picture = points_to_picture(points.train.points, points.scale)
        write_png(options.output, upscale(picture[..., None], 2))
    if options.json:
        print_json(found)
        return 0
    print_facts(
        [
            ("name", found["name"]),
            ("points", f"in the plane, divided by {points.scale} for the networks"),
            ("modes", f"{found['num_classes']}, standard deviation {points.sigma}"),
            ("digest", found["digest"]),
        ]
    )
    print()
    _print_splits("points", found["splits"], found["class_names"])
    _note_grid(options.output)
    return 0


INFO = Command(
    name="info",
    summary="what is in one: sizes, splits, classes, copies, licence, a grid",
    description=(
        "Tells what is in a data set, and warns of what will hurt training. One that is not\n"
        "here yet is downloaded."
    ),
    examples=(
        ("ganvas data info mnist", ""),
        ("ganvas data info pets/ --size 64 -o pets.png", "with a grid to look at"),
    ),
    add_options=_add_options,
    run=_info,
)
