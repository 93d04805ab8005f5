"""How good fake images are: the figures, each beside that of real images nobody trained on."""

from ganvas.evaluation.evaluate import evaluate_generator, evaluate_pictures
from ganvas.evaluation.table import METRICS, Metric
from ganvas.evaluation.words import in_words

__all__ = ["METRICS", "Metric", "evaluate_generator", "evaluate_pictures", "in_words"]
