"""How good fake images are: the figures, each beside that of real images nobody trained on."""

from ganvas.evaluation.evaluate import evaluate_generator, evaluate_pictures
from ganvas.evaluation.points import POINT_SAMPLES, evaluate_points, sample_points
from ganvas.evaluation.table import METRICS, POINT_METRICS, Metric
from ganvas.evaluation.words import in_words

__all__ = [
    "METRICS",
    "POINT_METRICS",
    "POINT_SAMPLES",
    "Metric",
    "evaluate_generator",
    "evaluate_pictures",
    "evaluate_points",
    "in_words",
    "sample_points",
]
