"""Judges: small classifiers that measure pictures; the one for MNIST is shipped.

Imported lazily, so that listing judges does not wait for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganvas.judge.card import find_judge, judge_folders, read_card
    from ganvas.judge.judge import Judge
    from ganvas.judge.store import AnyJudge, judge_for, load_judge, save_judge
    from ganvas.judge.train import EpochReport, make_judge, train_judge
    from ganvas.judge.untrained import random_judge

__all__ = [
    "AnyJudge",
    "EpochReport",
    "Judge",
    "find_judge",
    "judge_folders",
    "judge_for",
    "load_judge",
    "make_judge",
    "random_judge",
    "read_card",
    "save_judge",
    "train_judge",
]

_ROOM_OF = {
    "AnyJudge": "store",
    "EpochReport": "train",
    "Judge": "judge",
    "find_judge": "card",
    "judge_folders": "card",
    "judge_for": "store",
    "load_judge": "store",
    "make_judge": "train",
    "random_judge": "untrained",
    "read_card": "card",
    "save_judge": "store",
    "train_judge": "train",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'ganvas.judge' has no attribute '{name}'")
    value = getattr(import_module(f"ganvas.judge.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value
