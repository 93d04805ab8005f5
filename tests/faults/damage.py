"""Every kind of file that a run keeps, damaged: what opens it, and what may come of that."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

import ganvas
from ganvas.checkpoint import load_newest
from ganvas.data import load
from ganvas.errors import GanvasError
from ganvas.judge import load_judge
from ganvas.model import load_discriminator
from ganvas.nesting import split
from ganvas.weights import weights_to_digest
from tests.project_source import ROOT

ASSETS = ROOT / "src" / "ganvas" / "assets"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A file with a digest, below a folder, and what `read` makes of that folder."""

    name: str
    file: str
    read: Callable[[Path], Any]


def kinds(run: Path) -> list[Kind]:
    """The kinds of a finished run's checkpoint and model; `run` is what the folder is a copy of."""
    newest = load_newest(run / "checkpoints")
    assert newest is not None
    name = newest.path.name
    return [
        *(
            Kind(name=f"checkpoint {part}", file=f"checkpoints/{name}/{part}", read=_state)
            for part in ("state.json", "state.safetensors", "manifest.json")
        ),
        Kind(name="generator", file="model/model.safetensors", read=_samples),
        Kind(name="discriminator", file="model/discriminator.safetensors", read=_discriminator),
    ]


def other_kinds(folder: Path) -> list[tuple[Kind, Path]]:
    """The digested kinds that no run keeps, each with the folder that holds a whole one."""
    judge, idx = folder / "judge", folder / "idx"
    shutil.copytree(ASSETS / "judges" / "mnist", judge)
    shutil.copytree(ASSETS / "mnist", idx / "mnist")
    # Labels only, of which many can be read in a second.
    parts = [(Kind(name="judge", file="model.safetensors", read=_judge), judge)]
    parts += [
        (Kind(name=f"idx {file}", file=f"mnist/{file}", read=_data), idx)
        for file in ("t10k-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte.gz")
    ]
    return parts


def outcome(kind: Kind, folder: Path, whole: Any) -> str:
    """What came of reading `folder`, in which the kind's file is damaged.

    refused      in one clear line
    older        an older good checkpoint was loaded in its place
    no matter    what was read is what was written
    Anything else is raised, or said in capitals.
    """
    try:
        found = kind.read(folder)
    except GanvasError as error:
        line = str(error)
        return "refused" if line and "\n" not in line and len(line) < 1000 else f"UNCLEAR: {line}"
    if found == whole:
        return "no matter"
    if isinstance(found, _Older):
        return "older"
    return f"WRONG: {found!r:.200}"


@dataclass(frozen=True, slots=True)
class _Older:
    digest: str


def _state(run: Path) -> Any:
    loaded = load_newest(run / "checkpoints")
    assert loaded is not None
    tree, tensors = split(loaded.state)
    digest = sha256(repr(tree).encode()).hexdigest() + weights_to_digest(tensors)
    return _Older(digest) if loaded.passed_over else digest


def _samples(run: Path) -> Any:
    return np.asarray(ganvas.load(run)(4, seed=0)).tobytes()


def _discriminator(run: Path) -> Any:
    return weights_to_digest(load_discriminator(run).network.state_dict())


def _judge(folder: Path) -> Any:
    return load_judge(folder).digest


def _data(folder: Path) -> Any:
    return load("mnist", data_dir=folder).digest
