"""A run's story in plain words, for somebody who never saw a GAN: a record in, sentences out.

Every sentence follows from figures that are in the record; where they are missing it is not said.
The texts are plain: whoever writes them to a page escapes them.
"""

from collections.abc import Iterator

from ganvas.data.named.sources import POINT_SOURCES, SOURCES
from ganvas.measured import samples_counted
from ganvas.recipes import RECIPES
from ganvas.report.glossary import FIGURES, LOSSES
from ganvas.report.record import RunHead, RunRecord
from ganvas.report.verdict import UNTRAINED, Distance, distance_of
from ganvas.report.words import clock, count, times
from ganvas.words import counted

__all__ = ["beginning", "ending", "quality", "recipe", "short_reason", "table"]

_TITLES = {name: source.title for name, source in [*SOURCES.items(), *POINT_SOURCES.items()]}


def beginning(record: RunRecord) -> list[str]:
    """Return what is trained, and on what."""
    head = record.head
    things, thing = ("points", "point") if _makes_points(head) else ("pictures", "picture")
    sentences = [
        "Two networks learn from each other. The generator (G) turns random numbers into "
        f"{things}. The discriminator (D) is shown real {things} and {things} by G (fakes), and "
        f"learns to tell which are real. G never sees a real {thing}: all it learns is what D "
        "finds wrong with its own.",
        f"The real {things} are those of {_data(head)}.",
    ]
    conditioning = head.text("conditioning")
    if conditioning == "class":
        sentences.append("Both networks are told the class, so that one can ask G for a class.")
    elif conditioning == "clusters" and head.setting("clusters.channels") == "apart":
        sentences.append(
            "Both networks are told of each channel of a picture which cluster it belongs to: a "
            "heap of channels that are alike, found without labels."
        )
    elif conditioning == "clusters":
        sentences.append(
            "Both networks are told which cluster a picture belongs to: a heap of pictures that "
            "are alike, found without labels."
        )
    return sentences


def recipe(record: RunRecord) -> list[str]:
    """Return by which recipe, with which loss, and how that was computed."""
    head = record.head
    name, loss = head.text("name", "unknown"), head.text("loss.name")
    said = f" ({RECIPES[name][1].title})" if name in RECIPES else ""
    rule = f": {LOSSES[loss]}" if loss in LOSSES else ""
    return [
        f"The recipe, which says how the networks are built and in which order they learn, was "
        f"{name}{said}. Mistakes are counted by the {loss.replace('_', '-')} loss{rule}. The "
        f"networks learn from {head.setting('batch_size', 'unknown')} images at a time, and all "
        f"chance follows from the seed {head.setting('seed', 'unknown')}{_machine(head)}."
    ]


def ending(head: RunHead) -> str:
    """Return how the run stands, in a sentence or two."""
    done = f"{count(head.images)} real images drawn"
    took = "" if head.seconds is None else f" in {clock(head.seconds)} of training"
    of = ""
    if head.target_images is not None and head.images < head.target_images:
        of = f" of {count(head.target_images)}, {head.images / head.target_images:.0%}"
    took = f"{_epochs(head)}{took}"
    reason = short_reason(head.reason) if head.reason else ""
    seen, why = (f" (first seen: {reason})", f": {reason}") if reason else ("", "")
    all_of_it = f"{of}{took}. {reason[0].upper()}{reason[1:]}." if reason else f"{took}."
    so_far = f"It had come to {done}{of}{took}." if head.images else "It had not begun to learn."
    has_penalty = any(head.setting(f"penalty.{name}") for name in ("r1", "r2", "gradient_penalty"))
    helps = "A lower learning rate" + ("" if has_penalty else ", or a gradient penalty,")
    return {
        "running": f"The run is still going: {done}{of} so far{took}.",
        "finished": f"The run is finished: {done}{all_of_it}",
        "stopped": f"The run was stopped at {done}{of}{took}, and can go on from there.",
        "diverged": "Training diverged: its numbers grew without bound until they were no numbers "
        f"any more{seen}. {so_far} {helps} often helps.",
        "failed": f"The run failed{why}. {so_far}",
        "interrupted": "The run did not end: it was killed, or its machine went down. Its last "
        f"line says {done}{of}{took}; it can go on from its last checkpoint.",
    }.get(head.state, f"How the run stands is not known; its last line says {done}{of}{took}.")


def short_reason(reason: str) -> str:
    """Return why a run ended, without what its state says already, and without what to do."""
    _, diverged, rest = reason.partition("training diverged: ")
    return (rest.partition(";")[0] if diverged else reason).rstrip(".")


def quality(record: RunRecord) -> list[str]:
    """Return how good the samples are beside real images nobody trained on, and how it is known."""
    evaluation = record.head.evaluation
    metrics = evaluation.get("metrics", {})
    if not metrics:
        return list(_quality_on_the_way(record))
    if evaluation["judge"].get("kind") == "law":
        return [
            f"Measured on {evaluation['samples']:,} samples and {evaluation['real_samples']:,} "
            "real test points, by the law that the real points are drawn by. A mode is one of the "
            "heaps they lie in."
        ]
    split = str(evaluation["split"]).replace("_", "-")
    sentences = list(_judge(record))
    found = distance_of(record)
    if found is not None:
        sentences.append(_distance(found))
    elif "fd" in metrics:
        value = metrics["fd"]["value"]
        sentences.append(f"For the samples it is {value:.3g}; of real images it is not known.")
    if "coverage" in metrics:
        value, real = metrics["coverage"]["value"], metrics["coverage"]["real"]
        beside = "" if real is None else f"; real {split} images reach {real:.1%}"
        sentences.append(f"The samples reach {value:.1%} of the real variety{beside}.")
    if "label_accuracy" in metrics:
        value, real = metrics["label_accuracy"]["value"], metrics["label_accuracy"]["real"]
        beside = "" if real is None else f"; of real {split} images it recognises {real:.2%}"
        sentences.append(
            f"{value:.2%} of them show the class asked for, as the judge sees them{beside}."
        )
    judge = evaluation["judge"]
    sentences.append(
        f"Measured on {samples_counted(evaluation):,} samples and {evaluation['real_samples']:,} "
        f"{split} images, by the judge {judge['name']} ({judge['digest'][7:15]}). These figures "
        "compare only with others made in the same way."
    )
    return sentences


def table(record: RunRecord) -> list[tuple[str, str, str, str, str]]:
    """Return rows of (figure, what it is, generated, real, which way is better)."""
    rows = []
    for name, figure in record.head.evaluation.get("metrics", {}).items():
        title, words, form = FIGURES.get(name, (name, "", ".4g"))
        real = "not known" if figure["real"] is None else format(figure["real"], form)
        better = "higher is better" if figure["higher_is_better"] else "lower is better"
        rows.append((title, words, format(figure["value"], form), real, better))
    return rows


def _judge(record: RunRecord) -> Iterator[str]:
    evaluation = record.head.evaluation
    if evaluation["judge"].get("kind") == UNTRAINED:
        yield (
            "No classifier of this data is at hand, so a network with random weights describes "
            "each picture by numbers. That tells models of the same data apart, and says less than "
            "a trained judge would."
        )
    else:
        yield (
            "Another network, the judge, looks at the samples: a classifier that was trained on "
            "real images and took no part in this run. It describes each picture by numbers."
        )
    if "fd" in evaluation["metrics"]:
        yield (
            "The Fréchet distance says how far the samples' descriptions lie, as a whole, from "
            "those of the training images; 0 would be the same."
        )


def _distance(found: Distance) -> str:
    plain = f"For the samples it is {found.value:.3g}, for {found.real_images} {found.real:.3g}"
    if found.ratio <= 1.2:
        return f"{plain}: by this figure they are as good as real ones."
    title = f"{found.title[0].lower()}{found.title[1:]}"
    return f"{plain}. At {times(found.ratio)} times that, they are {title}."


def _quality_on_the_way(record: RunRecord) -> Iterator[str]:
    found = distance_of(record)
    if found is None or found.images is None:
        yield "Quality has not been measured in this run."
        return
    yield (
        f"The run has not been measured at its end. As of its last look, at {count(found.images)} "
        "images, by how far the samples lie from held-out images (real ones that nobody trains "
        f"on) in the eyes of a judge, the Fréchet distance: {_small(_distance(found))}"
    )


def _small(sentence: str) -> str:
    return f"{sentence[0].lower()}{sentence[1:]}"


def _data(head: RunHead) -> str:
    """Return a data set's name with what is known of it."""
    name = head.text("data.name", "unknown data")
    plain, _, classes = name.partition(":")
    said = []
    if plain in _TITLES:
        said.append(_TITLES[plain])
    if classes and plain in _TITLES:
        said.append(f"of these {'the classes ' if ',' in classes else 'only '}{classes}")
    held_out = head.setting("data.held_out")
    number = head.environment.get("training_images")
    if isinstance(number, int):
        kept = isinstance(held_out, int) and held_out > 0
        rest = f"; {held_out:,} more are held out, so that it is seen what D makes of new ones"
        said.append(f"{number:,} to learn from{rest if kept else ''}")
    return f"{name} ({', '.join(said)})" if said else name


def _epochs(head: RunHead) -> str:
    """Return how often each training image was drawn, once that is a number to speak of."""
    number = head.environment.get("training_images")
    if not isinstance(number, int) or number < 1 or head.images < 0.1 * number:
        return ""
    return f" (each training image about {times(head.images / number)} times)"


def _machine(head: RunHead) -> str:
    threads, precision = head.setting("machine.threads"), head.setting("machine.precision")
    if not isinstance(threads, int) or not isinstance(precision, str):
        return ""
    short = " (numbers of 16 bits, which is quicker)" if precision == "bfloat16" else ""
    return f"; computed on {counted(threads, 'thread')} in {precision}{short}"


def _makes_points(head: RunHead) -> bool:
    return head.text("generator.architecture") == "points"
