"""`ganvas judge`: train, list."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganvas.cli.arguments import add_data_dir, add_json, add_seed, add_threads, share, whole_number
from ganvas.cli.command import Command, add_commands
from ganvas.cli.output import note, print_json, print_table

if TYPE_CHECKING:
    from ganvas.judge import EpochReport

__all__ = ["COMMAND"]

_EPOCHS = 10
_THREADS = 2  # part of what makes a judge repeatable, so not "all there are"


def _add_train_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", metavar="DATA", help="a labelled data set; `ganvas data list`")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FOLDER",
        help="where to write it (default judges/DATA); only a judge is ever replaced",
    )
    parser.add_argument(
        "--epochs",
        type=whole_number(1),
        default=_EPOCHS,
        metavar="E",
        help=f"passes over the training images (default {_EPOCHS})",
    )
    parser.add_argument(
        "--distortion",
        type=share,
        default=1.0,
        metavar="S",
        help="how far training pictures are turned, slanted, shifted: above 0, at most 1 "
        "(default 1, which suits handwriting)",
    )
    parser.add_argument(
        "--mirror",
        action="store_true",
        help="also swap left and right: for things and photographs, not for signs",
    )
    add_seed(parser, 0, "decides every random choice")
    add_threads(parser, _THREADS, str(_THREADS))
    add_data_dir(parser)
    add_json(parser)


def _train(options: argparse.Namespace) -> int:
    from ganvas.data import parse_data

    asked = parse_data(options.data)
    out = Path("judges") / asked.plain if options.output is None else options.output
    if options.output is None:
        out.parent.mkdir(exist_ok=True)
    _require_judge_or_nothing(out)

    from ganvas.cli.display import open_display

    with open_display(quiet=False) as display:
        from ganvas import data

        display.note(f"reading {options.data}")
        dataset = data.load(options.data, data_dir=options.data_dir, progress=display.download)
        display.note("training a judge")
        from ganvas.environment import command_line
        from ganvas.judge import make_judge, read_card

        folder = make_judge(
            dataset,
            seed=options.seed,
            threads=options.threads,
            epochs=options.epochs,
            distortion=options.distortion,
            mirror=options.mirror,
            out=out,
            command=command_line(),
            progress=lambda report: display.say(_spoken(report)),
        )
    if options.json:
        print_json({"judge": str(folder), "card": read_card(folder)[0]})
    else:
        print(folder)
    return 0


def _require_judge_or_nothing(out: Path) -> None:
    """Refuse, before training, a place that cannot be written or holds something else."""
    from ganvas.judge import read_card
    from ganvas.pictures import require_folder

    if (out / "config.json").is_file():
        read_card(out)  # whatever is no judge raises
    else:
        require_folder(out)


def _spoken(report: "EpochReport") -> str:
    held_out = ""
    if report.held_out_count:
        held_out = f", {report.held_out_correct / report.held_out_count:.2%} of held-out images"
    return f"epoch {report.epoch} of {report.epochs}: loss {report.loss:.4f}{held_out}"


def _list(options: argparse.Namespace) -> int:
    from ganvas.errors import DataError
    from ganvas.judge.card import judge_folders, read_any_card, user_folders

    folders = judge_folders(user_folders())
    cards = {}
    for name, folder in folders.items():
        try:
            cards[name] = read_any_card(folder)
        except DataError as error:  # one bad folder must not hide the others
            note(f"left out: {error}")
    if options.json:
        print_json({"judges": list(cards.values())})
    else:
        rows = [[name, *_facts(card)] for name, card in cards.items()]
        print_table(["judge", "takes", "classes", "accuracy", "digest"], rows)
    return 0


def _facts(card: dict[str, Any]) -> list[str]:
    from ganvas.data.catalogue import COLOURS

    accuracy = card.get("accuracy")
    score = "not measured"
    if accuracy:
        share = accuracy["correct"] / accuracy["count"]
        score = f"{share:.2%} of {accuracy['count']:,} {accuracy['split']} images"
    takes = "any grey or RGB"
    if "size" in card:
        height, width = card["size"]
        takes = f"{height}x{width}, {COLOURS[card['channels']]}"
    return [takes, str(len(card["class_names"])), score, card["weights"]["digest"][:19]]


def _add_convert_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="the published weights, a .pth file"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("judges") / "inception",
        metavar="FOLDER",
        help="where to write the judge (default judges/inception)",
    )


def _convert(options: argparse.Namespace) -> int:
    from ganvas.environment import command_line
    from ganvas.judge.inception_convert import convert_inception

    print(convert_inception(options.file, options.output, command_line()))
    return 0


_COMMANDS = (
    Command(
        name="train",
        summary="train a judge for a labelled data set",
        description=(
            "Trains a classifier on the training images (not the held-out ones) and prints the\n"
            "folder it is in. The same seed and number of threads give the same judge."
        ),
        examples=(("ganvas judge train mnist -o my-judge", "a few minutes"),),
        add_options=_add_train_options,
        run=_train,
    ),
    Command(
        name="convert",
        summary="make the Inception judge, for the figures that papers print",
        description=(
            "Takes the weights of 2015 that published Fréchet distances are computed with, in the\n"
            "file that circulates for PyTorch (its SHA-256 is checked first), and writes a judge\n"
            "without pickle. Measure with it by: ganvas eval WHAT --judge inception"
        ),
        examples=(("ganvas judge convert pt_inception-2015-12-05-6726825d.pth", ""),),
        add_options=_add_convert_options,
        run=_convert,
    ),
    Command(
        name="list",
        summary="the judges that ship with ganvas, and those in the folder judges/",
        description="Lists the judges that `ganvas train` and `ganvas eval` measure with.",
        add_options=add_json,
        run=_list,
    ),
)

COMMAND = Command(
    name="judge",
    summary="the classifiers that measurements rest on: list, train, convert",
    description="A judge is a classifier of real images; samples are compared by its features.",
    examples=(("ganvas judge list", ""), ("ganvas judge train fashion-mnist", "")),
    add_options=lambda parser: add_commands(parser, _COMMANDS),
)
