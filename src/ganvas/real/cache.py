"""Named arrays that cost much to compute, kept in the user's cache under all they depend on.

Looked up in the package first, then in the cache. Of the embedded data, and of Fashion-MNIST,
what is small and dear ships (`bench/shipped_reference.py` makes it). What is damaged is computed
again; what cannot be written is only a word in the log.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from importlib.resources import files as package_files
from pathlib import Path

import numpy as np
import torch

from ganvas.data.named.find import cache_folder
from ganvas.errors import DataError, GanvasError
from ganvas.files import read_json, write_json
from ganvas.weights import read_tensors, write_weights

__all__ = ["Arrays", "Key", "cached", "find_cached", "key_to_name", "write_arrays"]

Arrays = dict[str, np.ndarray]
Key = Sequence[str | int]
"""Everything that the arrays depend on, in a fixed order."""

VERSION = 2
"""To be raised with any change of how features, statistics or figures are computed."""
SHIPPED = Path(str(package_files("ganvas"))) / "assets" / "real"
_log = logging.getLogger(__name__)


def key_to_name(key: Key) -> str:
    """Return the name under which arrays are kept: 32 hex digits of a hash."""
    return sha256(json.dumps([VERSION, *key]).encode()).hexdigest()[:32]


def cached(key: Key, names: Sequence[str], compute: Callable[[], Arrays]) -> Arrays:
    """Return the arrays called `names`, from the cache or by `compute`, which gives just these."""
    found = find_cached(key, names)
    if found is not None:
        return found
    arrays = compute()
    assert set(arrays) == set(names), (sorted(arrays), names)
    folder = _folder()
    if folder is not None:
        path = folder / f"{key_to_name(key)}.safetensors"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_json(path.with_suffix(".json"), write_arrays(path, arrays))
        except (OSError, GanvasError) as error:
            _log.warning("not cached: %s", error)
    return arrays


def find_cached(key: Key, names: Sequence[str]) -> Arrays | None:
    """Return the arrays called `names` if they are shipped or cached, whole and undamaged."""
    name = f"{key_to_name(key)}.safetensors"
    shipped, folder = SHIPPED / name, _folder()
    for path in (shipped, None if folder is None else folder / name):
        try:
            if path is not None and path.is_file():
                digest = None if path is shipped else str(read_json(path.with_suffix(".json")))
                return _read(path, digest, names)
        except (OSError, GanvasError) as error:
            _log.warning("computing again what a damaged file held: %s", error)
    return None


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> str:
    """Write arrays atomically as safetensors; return the file's digest."""
    tensors = {
        name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()
    }
    return write_weights(path, tensors, {})


def _read(path: Path, digest: str | None, names: Sequence[str]) -> Arrays:
    tensors = read_tensors(path, digest)
    if set(tensors) != set(names):
        raise DataError(f"{path} holds {sorted(tensors)}, not {sorted(names)}")
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def _folder() -> Path | None:
    try:
        return cache_folder() / "real"
    except GanvasError as error:  # there is no home
        _log.warning("not cached: %s", error)
        return None
