"""Judges on disk: a folder with config.json, model.safetensors and README.md. No pickle."""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch

from ganvas.data.images import DataSet
from ganvas.errors import DataError, UsageError
from ganvas.files import inside, whole_folder, write_json, write_text
from ganvas.judge.architecture import NUM_FEATURES
from ganvas.judge.card import (
    CONFIG,
    FORMAT_VERSION,
    WEIGHTS,
    find_judge,
    judge_folders,
    kind_of,
    read_card,
)
from ganvas.judge.inception import InceptionJudge, load_inception
from ganvas.judge.inception_card import KIND as INCEPTION
from ganvas.judge.inception_card import no_inception
from ganvas.judge.judge import Judge
from ganvas.judge.network import JudgeNetwork, build_network
from ganvas.judge.untrained import random_judge
from ganvas.weights import layout_of, read_weights, write_weights

__all__ = ["AnyJudge", "judge_for", "load_judge", "save_judge"]

AnyJudge = Judge | InceptionJudge
"""What features can be had from."""
_log = logging.getLogger(__name__)


def load_judge(name_or_path: str | Path, *, folders: Iterable[Path] = ()) -> AnyJudge:
    """Return a judge by name ("mnist" is shipped; also those below `folders`) or by its folder.

    Names, shapes and types of all tensors are compared with the architecture in config.json,
    and the file's SHA-256 with the digest there, before the network holds any of them.

    Raises UsageError when there is no such judge, DataError naming the file that is damaged.
    """
    if str(name_or_path) == INCEPTION and INCEPTION not in judge_folders(folders):
        raise UsageError(no_inception())
    folder = find_judge(name_or_path, folders)
    if kind_of(folder) == INCEPTION:
        return load_inception(folder)
    return _load(folder)


def judge_for(dataset: DataSet, *, folders: Iterable[Path] = ()) -> Judge:
    """Return the judge for a data set, or for a subset of its classes.

    The shipped judge trained on data of this name comes first, so that everybody's figures can
    be compared; then one below `folders` that was trained on this very data (by digest). A
    judge's classes must include the data's. Where there is none, and for data without labels or
    with one class of its own, it is the network with random weights.

    A folder among `folders` whose config.json cannot be read is passed over with a word in the
    log. Raises DataError when the weights of the one that fits are damaged.
    """
    names, digests = {dataset.name}, {dataset.digest}
    if dataset.parent is not None:
        names.add(dataset.parent.name)
        digests.add(dataset.parent.digest)
    shipped = judge_folders()
    others = judge_folders(folders, shipped=False)
    for folder in (*shipped.values(), *others.values()):
        try:
            if kind_of(folder) == INCEPTION:  # only ever asked for by name
                continue
            card, architecture = read_card(folder)
        except DataError as error:
            if folder in shipped.values():
                raise
            _log.warning("a judge was passed over: %s", error)
            continue
        by_name = folder in shipped.values() and card["data"]["name"] in names
        shape = (architecture.channels, architecture.height, architecture.width)
        if (
            (by_name or card["data"]["digest"] in digests)
            and shape == (dataset.channels, dataset.height, dataset.width)
            and set(dataset.class_names) <= set(card["class_names"])
        ):
            return _load(folder)
    return random_judge(channels=dataset.channels, height=dataset.height, width=dataset.width)


def _load(folder: Path) -> Judge:
    card, architecture = read_card(folder)
    layout = layout_of(build_network(architecture).state_dict())
    tensors = read_weights(inside(folder, WEIGHTS), layout, card["weights"]["digest"])
    return Judge(build_network(architecture, tensors), card)


def save_judge(
    out: Path,
    network: JudgeNetwork,
    *,
    name: str,
    class_names: Sequence[str],
    data: dict[str, Any],
    training: dict[str, Any],
    accuracy: dict[str, Any] | None,
    command: str,
) -> Path:
    """Write a judge to the folder `out`, whole or not at all, and return `out`.

    `data` has at least the name, digest and licence of the data set, the split trained on and
    its number of images; `training` the seed, threads and epochs; `accuracy` the split it was
    counted on, how many images that has and how many were classed rightly. An existing folder
    is replaced.

    Raises GanvasError when it cannot be written.
    """
    architecture = network.architecture
    with whole_folder(out) as folder:
        digest = write_weights(folder / WEIGHTS, network.state_dict(), {"format": "pt"})
        card = {
            "format_version": FORMAT_VERSION,
            "kind": "judge",
            "name": name,
            "architecture": architecture.as_dict(),
            "channels": architecture.channels,
            "size": [architecture.height, architecture.width],
            "features": NUM_FEATURES,
            "class_names": list(class_names),
            "data": data,
            "accuracy": accuracy,
            "training": {**training, "torch": torch.__version__},
            "weights": {"file": WEIGHTS, "digest": digest},
            "command": command,
        }
        write_json(folder / CONFIG, card)
        write_text(folder / "README.md", _readme(card, network))
    return out


def _readme(card: dict[str, Any], network: JudgeNetwork) -> str:
    data, accuracy = card["data"], card["accuracy"]
    height, width = card["size"]
    parameters = sum(parameter.numel() for parameter in network.parameters())
    score = "not measured: the data set has no other split"
    if accuracy is not None:
        share = accuracy["correct"] / accuracy["count"]
        score = (
            f"{share:.2%} of the {accuracy['split'].replace('_', '-')} images "
            f"({accuracy['correct']:,} of {accuracy['count']:,})"
        )
    return f"""# Judge: {card["name"]}

A small convolutional classifier. ganvas compares pictures by its {card["features"]} features,
the values that enter the last linear layer, and reads classes from its output.

| | |
| --- | --- |
| takes | uint8 images, {card["channels"]}x{height}x{width} |
| classes | {", ".join(card["class_names"])} |
| parameters | {parameters:,} (float32) |
| accuracy | {score} |
| trained on | {data["name"]}, {data["images"]:,} images of the split `{data["split"]}` |
| data digest | `{data["digest"]}` |
| weights digest | `{card["weights"]["digest"]}` |
| licence of the data | {data["licence"]} |
| made by | `{card["command"]}` |

Its distances mean something only beside others measured with the same judge, reference images
and number of samples. It knows only pictures like those it was trained on.
"""
