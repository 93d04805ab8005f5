"""Data sets as uint8 arrays in named splits, and which images make up which batch.

Imported lazily, so that listing the data sets does not wait for NumPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganvas.data.arrays import from_arrays
    from ganvas.data.asked import parse_data
    from ganvas.data.batches import BatchOrder
    from ganvas.data.catalogue import Listing, listing, names
    from ganvas.data.images import DataSet, Images
    from ganvas.data.named.check import FileCheck
    from ganvas.data.pictures.preparation import Preparation
    from ganvas.data.pictures.read import Pictures, read_folder, read_pictures
    from ganvas.data.points import PointSet, load_points
    from ganvas.data.registry import describe, load, verify

__all__ = [
    "BatchOrder",
    "DataSet",
    "FileCheck",
    "Images",
    "Listing",
    "Pictures",
    "PointSet",
    "Preparation",
    "describe",
    "from_arrays",
    "listing",
    "load",
    "load_points",
    "names",
    "parse_data",
    "read_folder",
    "read_pictures",
    "verify",
]

_ROOM_OF = {
    "BatchOrder": "batches",
    "DataSet": "images",
    "FileCheck": "named.check",
    "Images": "images",
    "Listing": "catalogue",
    "Pictures": "pictures.read",
    "PointSet": "points",
    "Preparation": "pictures.preparation",
    "describe": "registry",
    "from_arrays": "arrays",
    "listing": "catalogue",
    "load": "registry",
    "load_points": "points",
    "names": "catalogue",
    "parse_data": "asked",
    "read_folder": "pictures.read",
    "read_pictures": "pictures.read",
    "verify": "registry",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'ganvas.data' has no attribute '{name}'")
    value = getattr(import_module(f"ganvas.data.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value
