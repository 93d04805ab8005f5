"""How tests measure a generator that replays images."""

from typing import Any

from ganvas.data.images import DataSet
from ganvas.evaluation import METRICS, evaluate_generator
from tests.judge_helpers import FakeJudge, Replay

DEFAULT = [name for name in METRICS if name != "cas"]


def evaluate(generator: Replay, dataset: DataSet, **options: Any) -> dict[str, Any]:
    judge = options.pop("judge", None) or FakeJudge()
    return evaluate_generator(generator(), dataset, judge=judge(), **options)
