"""How tests measure a generator that replays images."""

from typing import Any

from ganvas.data.images import DataSet
from ganvas.evaluation import evaluate_generator
from ganvas.evaluation.table import choose_metrics
from tests.judge_helpers import FakeJudge, Replay

DEFAULT = choose_metrics(None)


def evaluate(generator: Replay, dataset: DataSet, **options: Any) -> dict[str, Any]:
    judge = options.pop("judge", None) or FakeJudge()
    return evaluate_generator(generator(), dataset, judge=judge(), **options)
