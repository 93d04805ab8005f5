"""`ganvas data import` and `export`."""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ganvas.cli.arguments import add_data_dir, add_json, whole_number
from ganvas.cli.command import Command
from ganvas.cli.output import note, print_json
from ganvas.cli.pictures import add_picture_options, note_left_out, preparation_of
from ganvas.words import counted

if TYPE_CHECKING:
    from ganvas.cli.display import Display

__all__ = ["EXPORT", "IMPORT"]


def _add_import_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="a folder or archive of pictures, a .npz or .npy file, or a data set and classes",
    )
    parser.add_argument("name", metavar="NAME", help="what the data set is called from then on")
    parser.add_argument(
        "--replace", action="store_true", help="take the place of an imported set of that name"
    )
    parser.add_argument(
        "--max-members",
        type=whole_number(1),
        metavar="N",
        help="most files that are looked at (default 500000)",
    )
    add_picture_options(parser)
    add_data_dir(parser)
    add_json(parser)


def _import(options: argparse.Namespace) -> int:
    from ganvas.data.asked import parse_data
    from ganvas.data.store.card import require_free_name

    require_free_name(options.name, replace=options.replace)
    parse_data(options.source)
    from ganvas.cli.display import open_display
    from ganvas.data.archives.container import MAX_MEMBERS
    from ganvas.data.catalogue import COLOURS, count_classes
    from ganvas.data.store.importing import import_data

    with open_display(quiet=False) as display:
        display.note(f"looking into {options.source}")
        found = import_data(
            options.source,
            options.name,
            data_dir=options.data_dir,
            preparation=preparation_of(options),
            max_bad=options.max_bad,
            max_members=options.max_members or MAX_MEMBERS,
            replace_old=options.replace,
            progress=_teller(display),
            download_progress=display.download,
        )
    card = found.card
    if options.json:
        print_json(
            {
                **card.to_json(),
                "folder": str(card.folder),
                "refused": [asdict(entry) for entry in found.refused],
                "resumed": found.resumed,
            }
        )
        return 0
    note_left_out(found.refused, listed=str(card.folder / "refused.jsonl"))
    if found.resumed:
        note(f"went on after {counted(found.resumed, 'picture')} of an import that was stopped")
    channels, height, width = card.shape
    test = f" and {card.num_test:,} test images" if card.num_test else ""
    print(
        f"{card.name}: {card.num_train:,} {COLOURS[channels]} training images{test} of "
        f"{height}x{width} {count_classes(len(card.class_names))}"
    )
    return 0


def _teller(display: "Display") -> Callable[[int, int], None]:
    """Return what shows the progress of an import: in place, or in ten lines where it cannot."""
    from ganvas.cli.display import LiveDisplay

    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        line = f"{done:,} of {counted(total, 'picture')}"
        part = 10 * done // max(1, total)
        if isinstance(display, LiveDisplay):
            display.note(line)
        elif part > told:
            told = part
            display.say(line)

    return tell


def _add_export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", metavar="DATA", help="a data set's name or path, and classes")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder to write to")
    add_picture_options(parser)
    add_data_dir(parser)
    add_json(parser)


def _export(options: argparse.Namespace) -> int:
    from ganvas.data.asked import parse_data
    from ganvas.pictures import require_folder

    asked = parse_data(options.data)
    require_folder(options.folder)
    from ganvas.cli.display import open_display
    from ganvas.data.export import export_pictures
    from ganvas.data.registry import read_asked

    with open_display(quiet=False) as display:
        display.note(f"reading {options.data}")
        whole = read_asked(
            asked,
            data_dir=options.data_dir,
            progress=display.download,
            preparation=preparation_of(options),
            max_bad=options.max_bad,
        )
        display.note(f"writing {options.folder}")
        count = export_pictures(whole, options.folder)
    if options.json:
        left_out = [asdict(bad) for bad in whole.refused]
        print_json({"folder": str(options.folder), "pictures": count, "refused": left_out})
    else:
        note_left_out(whole.refused)
        print(options.folder)
    return 0


IMPORT = Command(
    name="import",
    summary="decode pictures once and keep them under a name",
    description=(
        "Decodes pictures once and keeps them in the cache under a name. Training then reads\n"
        "them from there, however many they are. Asked for again after a stop, it goes on."
    ),
    examples=(
        ("ganvas data import pets/ pets --size 64", "class folders, cropped to 64x64"),
        ("ganvas data import faces.zip faces --max-bad 1%", "an archive, read where it is"),
        ("ganvas data import cifar10:cat,dog pets", "two classes of a known data set"),
    ),
    add_options=_add_import_options,
    run=_import,
)

EXPORT = Command(
    name="export",
    summary="write a data set's images as PNG files in class folders",
    description="Writes every image as a PNG, in a folder for each class, to a new folder.",
    examples=(("ganvas data export mnist:3,5 digits/", ""),),
    add_options=_add_export_options,
    run=_export,
)
