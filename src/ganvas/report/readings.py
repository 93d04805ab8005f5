"""What each figure says in this run: how to read it, and sentences that its numbers give."""

import math
import statistics
from collections.abc import Callable, Iterator, Mapping

from ganvas.measured import samples_counted
from ganvas.report.balance import EASILY, HARDLY, end_of, share_right
from ganvas.report.classes import class_shares
from ganvas.report.ideals import ideal_of
from ganvas.report.lines import bands, series
from ganvas.report.panels.discriminator import are_pairs
from ganvas.report.panels.quality import alike
from ganvas.report.record import RunRecord
from ganvas.report.words import count, times

__all__ = ["readings"]

_ABSURD = 10.0  # times its ideal
_LOGITS = ("real_logit", "fake_logit")
_BEYOND_CHANCE = 3.0  # standard deviations
_FEW = 5  # values below which nothing is said of a course


def readings(plot: str, record: RunRecord) -> list[str]:
    """Return sentences about the figure called `plot` (of `ganvas.report.plots`)."""
    return list(_READINGS[plot](record))


def _losses(record: RunRecord) -> Iterator[str]:
    yield (
        "Each player's loss is what it tries to make small, and they pull against each other: "
        "neither is a measure of quality, and neither has to fall."
    )
    d_loss = series(record.metrics.log, "d_loss").values
    ideal = ideal_of(record.head.recipe)
    if d_loss and ideal == 0:
        yield (
            "D's loss here is how much lower it scores real images than fakes. It comes up to 0 "
            "(dashed) as the fakes come near to real ones: in this game, unlike in others, that is "
            f"progress. At the end it was {statistics.fmean(end_of(d_loss)):.3g}."
        )
    if not d_loss or not ideal:
        return
    end = statistics.fmean(end_of(d_loss))
    yield f"A D that cannot tell real from fake has a loss of {ideal:.3g} (dashed)."
    if end > _ABSURD * ideal:
        yield f"At the end it was {end:.3g}: it has run away, as losses do when training diverges."
        return
    yield f"At the end it was {end:.3g}:"
    share = share_right(record)
    whole = "pairs of a real image and a fake" if are_pairs(record) else "real images and fakes"
    right = "" if share is None else f" (right about {share:.0%} of {whole})"
    if end > 1.1 * ideal:
        yield "above it. D was often wrong and sure, as when G changes faster than it can follow."
    elif (share is None and end < 0.5 * ideal) or (share is not None and share > EASILY):
        yield (
            f"D told them apart easily{right}. That teaches G little about what is wrong, and "
            "often the pictures stay behind."
        )
    elif share is not None and share <= HARDLY:
        yield f"D could hardly tell them apart{right}, as when the fakes are good or D is too weak."
    elif share is None:
        yield "near enough that neither player had left the other behind."
    else:
        yield f"D was ahead of G without leaving it behind{right}."


def _validation(record: RunRecord) -> Iterator[str]:
    looks = record.metrics.validation
    yield (
        "Now and then D is asked about training images, held-out images that nobody trains on, "
        "and fakes. As long as it treats the first two alike, it has learnt what real images look "
        "like, and not its training images by heart."
    )
    ideal = ideal_of(record.head.recipe)
    summed = series(looks[-1:], "d_loss_ideal").values
    if ideal and summed and abs(summed[0] - ideal) > 0.05 * ideal:
        yield (
            "Here D's loss is the sum for a real image and a fake with plain targets, so that its "
            f"dashed line stands at {summed[0]:.3g}."
        )
    known = end_of(series(looks, "d_accuracy_train").values)
    unseen = end_of(series(looks, "d_accuracy_held_out").values)
    fooled = end_of(series(looks, "fooling_rate").values)
    if known and unseen and fooled:
        train, held_out = statistics.fmean(known), statistics.fmean(unseen)
        if are_pairs(record):
            yield (
                f"At the end it was right about {train:.0%} of pairs of a training image and a "
                f"fake, and {held_out:.0%} with a held-out image (50% would be chance)."
            )
        else:
            yield (
                f"At the end it called {train:.0%} of training images real, {held_out:.0%} of "
                f"held-out ones, and {statistics.fmean(fooled):.0%} of the fakes."
            )
    values = end_of(series(looks, "overfitting").values)
    if len(values) < _FEW:
        return
    middle = statistics.median(values)
    if middle < 0.1:
        yield f"Its overfitting was {middle:.2f}: none to speak of."
    elif middle < 0.4:
        yield f"Its overfitting was {middle:.2f}: some, as is common at the end of a long run."
    else:
        yield (
            f"Its overfitting was {middle:.2f}: to D, new real images look much like fakes. More "
            "images, augmentation or a stronger penalty help."
        )


def _logits(record: RunRecord) -> Iterator[str]:
    yield (
        "D answers with a number, higher for what looks real to it. Where the two kinds lie on top "
        "of each other, it cannot tell them apart; far apart, it is sure."
    )
    real = bands(record.metrics.signals, "real_logits")
    fake = bands(record.metrics.signals, "fake_logits")
    if len(real) and len(fake):
        overlap = fake.values[-1][3] >= real.values[-1][1]
        yield (
            "At the last look the middle halves of both "
            f"{'overlapped' if overlap else 'lay apart from each other'}."
        )
        return
    means = [end_of(series(record.metrics.log, name).values) for name in _LOGITS]
    if all(means):
        real_mean, fake_mean = map(statistics.fmean, means)
        yield f"At the end real images got {real_mean:.3g} on average, fakes {fake_mean:.3g}."


def _gradients(record: RunRecord) -> Iterator[str]:
    yield (
        "A gradient says how each weight of a network would have to change to make its loss "
        "smaller; an update goes a small step that way. The gradient at the fakes is all that G "
        "learns from. One that dies away means that nothing is learnt any more, one that "
        "explodes that training is about to diverge."
    )
    values = series(record.metrics.signals, "g_gradient_norm").values
    if len(values) < _FEW:
        return
    share = values[-1] / statistics.median(values) if statistics.median(values) else 0.0
    if share < 0.01:
        yield "G's gradient has all but vanished: less than a hundredth of its median."
    elif share > 100:
        yield "G's gradient has exploded: more than a hundred times its median."
    else:
        yield f"G's gradient was {share:.2g} times its median at the end: alive."


def _quality(record: RunRecord) -> Iterator[str]:
    looks = alike(record)
    found = series(looks, "fd")
    yield (
        "The Fréchet distance compares samples with held-out images (real ones that nobody trains "
        "on) by what the judge sees in them. The dashed line is as good as it can get: as many "
        "real images, measured alike."
    )
    best = min(range(len(found)), key=lambda i: found.values[i])
    first, last = found.values[0], found.values[-1]
    yield (
        f"It went from {first:.3g} at {count(found.images[0])} images to {last:.3g} at "
        f"{count(found.images[-1])}."
    )
    real = series(looks[-1:], "real_fd").values
    if real and real[0] > 0:
        yield f"That is {times(last / real[0])} times the distance of as many real images."
        evaluation = record.head.evaluation
        samples = looks[-1].figures.get("samples")
        at_end = samples_counted(evaluation) if evaluation else None
        if isinstance(samples, int) and isinstance(at_end, int) and samples < at_end:
            yield (
                "Looks on the way take fewer samples than the measurement at the end; with fewer, "
                "real images seem further off, so that these ratios are smaller than the one above."
            )
    if last > 1.2 * found.values[best]:
        yield (
            f"It had been better: {found.values[best]:.3g} at {count(found.images[best])} images."
            f"{' That model is kept in best/.' if record.head.best else ''}"
        )
    elif len(found) >= _FEW and best == len(found) - 1 and not (real and last <= 1.2 * real[0]):
        yield "The last look was the best, so a longer run may well do better."


def _classes(record: RunRecord) -> Iterator[str]:
    shares = class_shares(record)
    if shares is None:
        return
    yield (
        "A generator that leaves out what is hard shows here: classes with too few samples are "
        "missing variety."
    )
    none = [name for name, share in zip(shares.names, shares.fake, strict=True) if not share]
    if none:
        yield f"No sample showed: {', '.join(none[:20])}{' and more' if len(none) > 20 else ''}."
    if not shares.real:
        return
    # In deviations of what chance does with so many samples.
    off = [
        abs(fake - real) / max(math.sqrt(real * (1 - real) / shares.samples), 1e-9)
        for fake, real in zip(shares.fake, shares.real, strict=True)
    ]
    worst = max(range(len(off)), key=lambda k: off[k])
    if off[worst] < _BEYOND_CHANCE:
        yield f"All are within what chance does with {shares.samples:,} samples."
        return
    yield (
        f"Furthest off is {shares.names[worst]}: {shares.fake[worst]:.1%} of the samples, "
        f"{shares.real[worst]:.1%} of the training images."
    )


_READINGS: Mapping[str, Callable[[RunRecord], Iterator[str]]] = {
    "losses": _losses,
    "validation": _validation,
    "logits": _logits,
    "gradients": _gradients,
    "quality": _quality,
    "classes": _classes,
}
