"""The Inception judge's config.json, and what to do where there is none. Without torch."""

import re
from pathlib import Path
from typing import Any

from ganvas.errors import DataError

__all__ = [
    "KIND",
    "NAME",
    "NUM_FEATURES",
    "SOURCE_DIGEST",
    "SOURCE_FILE",
    "check_inception_card",
    "inception_card",
    "no_inception",
]

KIND = NAME = "inception"
NUM_FEATURES = 2048
"""Width of the feature space that published Fréchet distances are measured in."""
SOURCE_FILE = "pt_inception-2015-12-05-6726825d.pth"
"""Name under which the weights of 2015 are published for PyTorch."""
SOURCE_DIGEST = "sha256:6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
_FORMAT_VERSION = 1
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_FIXED = {
    "format_version": _FORMAT_VERSION,
    "kind": KIND,
    "name": NAME,
    "features": NUM_FEATURES,
    "class_names": [],
}


def no_inception() -> str:
    """Return the sentence for who asks for this judge and has none: what to get and to run."""
    return (
        f"there is no judge '{NAME}': its weights do not ship with ganvas; get {SOURCE_FILE} "
        "(github.com/mseitzer/pytorch-fid, release fid_weights), then run: "
        f"ganvas judge convert {SOURCE_FILE} -o judges/{NAME}"
    )


def inception_card(
    *, weights_file: str, weights_digest: str, source_file: str, source_digest: str, command: str
) -> dict[str, Any]:
    """Return what config.json says of a converted judge; digests are "sha256:<hex>"."""
    return {
        **_FIXED,
        "source": {
            "file": source_file,
            "digest": source_digest,
            "licence": "Apache-2.0 (TensorFlow's Inception of 2015-12-05)",
            "citation": "Szegedy et al., arXiv 1512.00567; as a judge: Heusel et al., "
            "arXiv 1706.08500",
        },
        "weights": {"file": weights_file, "digest": weights_digest},
        "command": command,
    }


def check_inception_card(path: Path, card: object) -> dict[str, Any]:
    """Return `card`, the content of the config.json at `path`, once it is as it must be.

    Raises DataError naming the file and the entry that is missing or wrong.
    """
    if not isinstance(card, dict):
        raise DataError(f"{path} must hold one JSON object")
    for name, value in _FIXED.items():
        found = card.get(name)
        if type(found) is not type(value) or found != value:
            raise DataError(
                f"{path}: {name} must be {value!r}, found {found!r}; convert the weights again"
            )
    for name in ("weights", "source"):
        holder = card.get(name)
        digest = holder.get("digest") if isinstance(holder, dict) else None
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise DataError(f"{path}: {name}.digest must be sha256:<64 hex digits>")
    return card
