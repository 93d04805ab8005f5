"""A run's story in plain words, for somebody who never saw a GAN: a record in, sentences out.

Every sentence follows from figures that are in the record; where they are missing it is not said.
The texts are plain: whoever writes them to a page escapes them.
"""

from collections.abc import Iterator
from typing import Any

from ganvas.report.record import RunHead, RunRecord
from ganvas.report.words import clock, count

__all__ = ["beginning", "ending", "quality", "table"]

_FIGURES = {
    "fd": ("Fréchet distance", "how far the samples lie from the images, as a whole", ".4g"),
    "coverage": ("coverage", "share of the real variety that the samples reach", ".1%"),
    "label_accuracy": ("right class", "share that shows the class asked for", ".2%"),
}


def beginning(record: RunRecord) -> list[str]:
    """Return what is trained on what, for how long."""
    head = record.head
    data, recipe = head.text("data.name", "unknown data"), head.text("name", "unknown")
    classes = head.text("conditioning") == "class"
    sentences = [
        "Two networks learn from each other. The generator (G) turns random numbers into pictures. "
        f"The discriminator (D) is shown pictures of {data} and pictures by G, and learns to tell "
        "which are real. G never sees a real picture: all it learns is what D finds wrong with its "
        "own."
    ]
    if classes:
        sentences.append("Both are told the class, so that one can ask G for a class.")
    sentences.append(
        f"The recipe was {recipe} with {head.text('loss.name').replace('_', '-')} loss, batches of "
        f"{head.setting('batch_size', 'unknown')}, seed {head.setting('seed', 'unknown')}"
        f"{_threads(head)}."
    )
    return sentences


def ending(record: RunRecord) -> str:
    """Return how the run stands, in a sentence or two."""
    head = record.head
    done = f"{count(head.images)} real images drawn"
    took = "" if head.seconds is None else f" in {clock(head.seconds)} of training"
    of = ""
    if head.target_images is not None and head.images < head.target_images:
        of = f" of {count(head.target_images)}, {head.images / head.target_images:.0%}"
    why = f" {head.reason.rstrip('.')}." if head.reason else ""
    return {
        "running": f"The run is still going: {done}{of} so far{took}.",
        "finished": f"The run is finished: {done}{took}.",
        "stopped": f"The run was stopped at {done}{of}{took}, and can go on from there.",
        "diverged": f"Training diverged: its numbers were no longer finite.{why} It had come to "
        f"{done}{of}{took}. A lower learning rate, or a gradient penalty, often helps.",
        "failed": f"The run failed.{why} It had come to {done}{of}{took}.",
        "interrupted": "The run did not end: it was killed, or its machine went down. Its last "
        f"line says {done}{of}{took}; it can go on from its last checkpoint.",
    }.get(head.state, f"How the run stands is not known; its last line says {done}{of}{took}.")


def quality(record: RunRecord) -> list[str]:
    """Return how good the samples are beside real images nobody trained on."""
    head = record.head
    metrics = head.evaluation.get("metrics", {})
    if not metrics:
        return list(_quality_on_the_way(record))
    split = str(head.evaluation["split"]).replace("_", "-")
    sentences = []
    if "fd" in metrics:
        sentences.append(_distance(metrics["fd"], f"real {split} images"))
    if "coverage" in metrics:
        value, real = metrics["coverage"]["value"], metrics["coverage"]["real"]
        beside = "" if real is None else f"; real {split} images reach {real:.1%}"
        sentences.append(f"The samples reach {value:.1%} of the real variety{beside}.")
    if "label_accuracy" in metrics:
        value, real = metrics["label_accuracy"]["value"], metrics["label_accuracy"]["real"]
        beside = "" if real is None else f"; of real {split} images it recognises {real:.2%}"
        sentences.append(
            f"{value:.2%} of them show the class asked for, as a classifier sees them{beside}."
        )
    judge = head.evaluation["judge"]
    sentences.append(
        f"Measured on {head.evaluation['samples']:,} samples and "
        f"{head.evaluation['real_samples']:,} {split} images, by the judge {judge['name']} "
        f"({judge['digest'][7:15]}). These figures compare only with others made in the same way."
    )
    if judge.get("kind") == "random":
        sentences.append("That judge is a network with random weights, which says less.")
    return sentences


def table(record: RunRecord) -> list[tuple[str, str, str, str, str]]:
    """Return rows of (figure, what it is, generated, real, which way is better)."""
    rows = []
    for name, figure in record.head.evaluation.get("metrics", {}).items():
        title, words, form = _FIGURES.get(name, (name, "", ".4g"))
        real = "not known" if figure["real"] is None else format(figure["real"], form)
        better = "higher is better" if figure["higher_is_better"] else "lower is better"
        rows.append((title, words, format(figure["value"], form), real, better))
    return rows


def _distance(figure: dict[str, Any], real_images: str) -> str:
    value, real = figure["value"], figure["real"]
    plain = f"The samples' Fréchet distance to the training images is {value:.3g}"
    if not real or real < 0:
        return f"{plain} (0 would be the same; lower is better)."
    times = value / real
    if times < 1.2:
        verdict = "by this figure they are as good as real ones"
    elif times < 3:
        verdict = "close to real ones"
    elif times < 10:
        verdict = "good, and still told from real ones"
    elif times < 100:
        verdict = "far from real ones"
    else:
        verdict = "nothing like real ones yet"
    return f"{plain}; that of {real_images} is {real:.3g}. At {times:,.3g} times that, {verdict}."


def _quality_on_the_way(record: RunRecord) -> Iterator[str]:
    looks = record.metrics.quality
    if not looks:
        yield "Quality has not been measured in this run."
        return
    last = looks[-1]
    figures = {"value": last.figures["fd"], "real": last.figures.get("real_fd")}
    if isinstance(figures["value"], int | float) and isinstance(figures["real"], int | float):
        yield (
            f"The run has not been measured at its end. As of its last look, at "
            f"{count(last.images)} images: {_distance(figures, 'as many real images')}"
        )


def _threads(head: RunHead) -> str:
    threads, precision = head.setting("machine.threads"), head.setting("machine.precision")
    if not isinstance(threads, int) or not isinstance(precision, str):
        return ""
    return f", on {threads} thread{'s' * (threads != 1)} in {precision}"
