"""`ganvas score`."""

import argparse
from typing import Any

from ganvas.cli.arguments import add_json
from ganvas.cli.command import Command
from ganvas.cli.output import note, print_json, print_table
from ganvas.cli.pictures import bad_share
from ganvas.words import counted

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a run directory, a model folder, or a shipped model's name (`ganvas info`)",
    )
    parser.add_argument(
        "images",
        metavar="IMAGES",
        help="a picture, a folder of pictures, a zip or tar archive, a .npz or .npy file",
    )
    parser.add_argument(
        "--label",
        metavar="L",
        help="the class that all pictures show, by name or number (default: each picture's own, "
        "from class folders or the labels of a .npz)",
    )
    parser.add_argument(
        "--fit",
        choices=("crop", "pad", "stretch"),
        metavar="F",
        help="bring pictures to the model's size and channels: crop the middle, pad, or stretch "
        "(default: others are refused)",
    )
    parser.add_argument(
        "--max-bad",
        type=bad_share,
        default=0.0,
        metavar="SHARE",
        help="pictures that may be unreadable and are left out, as in 1%% (default none)",
    )
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    from ganvas.scoring import score

    found = score(
        options.model,
        options.images,
        label=options.label,
        fit=options.fit,
        max_bad=options.max_bad,
    )
    if options.json:
        print_json(found)
        return 0
    _print(found)
    for bad in found["refused"]:
        note(f"left out: {bad['picture']}: {bad['reason']}")
    return 0


def _print(found: dict[str, Any]) -> None:
    scores = found["scores"]
    rows = [
        [
            entry["picture"],
            entry["label"] if entry["label"] is not None else "-",
            f"{entry['logit']:+.3f}",
            "-" if entry["probability"] is None else f"{entry['probability']:.4f}",
            {True: "real", False: "fake", None: "-"}[entry["real"]],
        ]
        for entry in scores
    ]
    print_table(["picture", "class", "logit", "probability real", "D says"], rows)
    print()
    words = [f"mean logit {sum(entry['logit'] for entry in scores) / len(scores):+.3f}"]
    if found["boundary"] is not None:
        words.append(f"{sum(entry['real'] for entry in scores) / len(scores):.1%} called real")
    pictures = counted(len(scores), "picture")
    print(f"{pictures}, {', '.join(words)}")
    if found["no_probability"]:
        print(f"no probabilities: {found['no_probability']}")


COMMAND = Command(
    name="score",
    summary="how real pictures look to a model's discriminator",
    description=(
        "Shows the logit of a model's discriminator for every picture, the larger the more real,\n"
        "and the probability of being real where its loss gives one. It learnt to tell real\n"
        "images from this model's fakes: of other pictures it says little."
    ),
    examples=(
        ("ganvas score mnist three.png --label 3", "one picture"),
        ("ganvas score runs/0001-mnist-swift-s0 digits/ --json", "class folders, for a script"),
        ("ganvas score runs/0002-faces-swift-s0 photos.zip --fit crop", "of any size"),
    ),
    add_options=_add_options,
    run=_run,
)
