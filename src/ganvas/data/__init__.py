"""Data sets as uint8 arrays in named splits, and which images make up which batch."""

from ganvas.data.batches import BatchOrder
from ganvas.data.images import DataSet, Images
from ganvas.data.registry import load, names

__all__ = ["BatchOrder", "DataSet", "Images", "load", "names"]
