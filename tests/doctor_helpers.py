"""Lines that a run leaves, made up: healthy ones, and such as are spoiled from some place on."""

from collections.abc import Callable, Iterable
from typing import Any

from ganvas.doctor import Doctor, Facts, Finding
from ganvas.recipes import make_recipe

TOTAL = 60_000
SWIFT = make_recipe("swift", budget={})
FACTS = Facts(recipe=SWIFT, total_images=TOTAL, num_train=55_000)
EVERY = 2_000
HEALTHY: dict[str, Any] = {
    "g_gradient_norm": 2.0, "d_gradient_norm": 2.0, "fake_gradient_norm": 1.0,
    "g_update_ratio": 1e-3, "d_update_ratio": 1e-3, "g_dead_units": 0.0, "d_dead_units": 0.0,
    "d_spectral_norm": 3.0, "g_norms": 3,
    "feature_diversity": 0.95, "duplicates": 0.0, "ema_gap": 0.2,
    "contrast": 0.3, "contrast_real": 0.3, "saturation": 0.8, "saturation_real": 0.85,
    "pixel_low": 0.0, "pixel_low_real": 0.0, "pixel_high": 0.99, "pixel_high_real": 1.0,
    "roughness": 0.07, "roughness_real": 0.066, "samples": 120, "trained_judge": True,
    "class_histogram": [12] * 10, "class_expected": [0.1] * 10, "class_accuracy": [0.98] * 10,
    "copying": 0.95, "real_logits": [0.0] * 5, "fake_logits": [0.0] * 5,
}  # fmt: skip
APART = {"real_logits": [1.0] * 5}
CALM = {"overfitting": 0.05, "d_accuracy_train": 0.7, "d_accuracy_held_out": 0.69}


def line(images: int, kind: str, **figures: Any) -> dict[str, Any]:
    if kind == "log":
        return {"images": images, "seconds": 1.0, "learning_rate_factor": 1.0, **figures}
    key = {"quality": "probe"}.get(kind, kind)
    return {"images": images, "seconds": 1.0, key: figures}


def course(
    *, bad: Callable[[int], dict[str, dict[str, Any]]], end: int = TOTAL
) -> Iterable[dict[str, Any]]:
    """A healthy run's lines, with what `bad(images)` puts into those of each kind."""
    for images in range(EVERY, end + 1, EVERY):
        worse = bad(images)
        yield line(images, "log", **{"d_loss": 1.2, "g_loss": 0.9, **worse.get("log", {})})
        yield line(images, "validation", **{**CALM, **worse.get("validation", {})})
        yield line(images, "probe", **{**HEALTHY, **worse.get("probe", {})})
        fd = 100 / (1 + images / 5_000)
        yield line(images, "quality", **{"fd": fd, **worse.get("quality", {})})


def always(kind: str, **figures: Any) -> Callable[[int], dict[str, dict[str, Any]]]:
    return lambda images: {kind: figures} if images > TOTAL // 4 else {}


def told(bad: Callable[[int], dict[str, dict[str, Any]]], facts: Facts = FACTS) -> list[Finding]:
    return Doctor(facts).read_all(course(bad=bad))
