"""D(real) and D(fake) over time: their spread where a probe told it, else their means."""

import math
from typing import Any

from ganvas.report.lines import Bands, Line, bands, series
from ganvas.report.palette import FAINT, FAKE, HELD_OUT, REAL
from ganvas.report.panels.panel import Panel, images_axis, legend, line, thinned_bands
from ganvas.report.record import RunRecord

__all__ = ["LOGITS"]

_KINDS = (
    ("real_logits", "real images", REAL),
    ("held_out_logits", "held-out images", HELD_OUT),
    ("fake_logits", "fakes", FAKE),
)
_BOUNDARY = {"non_saturating": 0.0, "hinge": 0.0, "least_squares": 0.5}
_SHARES = (  # up to how many logits high an axis has room for which probabilities
    (30.0, (0.01, 0.1, 0.5, 0.9, 0.99)),
    (80.0, (0.01, 0.5, 0.99)),
    (math.inf, (0.5,)),
)


def _draw(axes: Any, record: RunRecord) -> None:
    spread = {name: bands(record.metrics.signals, name) for name, *_ in _KINDS}
    if any(map(len, spread.values())):
        for name, label, colour in _KINDS:
            _band(axes, spread[name], label, colour)
    else:
        _means(axes, record)
    loss = record.head.text("loss.name")
    if loss in _BOUNDARY:
        axes.axhline(_BOUNDARY[loss], color=FAINT, ls="--", lw=1.2, label="undecided")
    if loss == "non_saturating":
        _probability(axes)
    axes.set_ylabel("D's logit: higher is more real")
    images_axis(axes)
    legend(axes)


def _band(axes: Any, found: Bands, label: str, colour: str) -> None:
    if not len(found):
        return
    drawn = thinned_bands(found)
    lowest, low, middle, high, highest = zip(*drawn.values, strict=True)
    axes.fill_between(drawn.images, lowest, highest, color=colour, alpha=0.12, lw=0)
    axes.fill_between(drawn.images, low, high, color=colour, alpha=0.25, lw=0)
    axes.plot(drawn.images, middle, color=colour, lw=1.4, label=label)


def _means(axes: Any, record: RunRecord) -> None:
    log, looked = record.metrics.log, record.metrics.validation
    real, fake = series(log, "real_logit"), series(log, "fake_logit")
    if len(real) < len(looked):  # where D learns from real and fake apart, its log has few
        real, fake = series(looked, "logit_train"), series(looked, "logit_fake")
    line(axes, real, "training images (mean)", REAL, lw=1.3)
    line(axes, series(looked, "logit_held_out"), "held-out images (mean)", HELD_OUT, lw=1.0)
    line(axes, fake, "fakes (mean)", FAKE, lw=1.3)


def _probability(axes: Any) -> None:
    """Say on the right what logits of this loss mean as a probability of being real."""
    right = axes.twinx()
    right.spines["right"].set_visible(True)
    right.set_ylim(axes.get_ylim())
    low, high = axes.get_ylim()
    wide = next(shares for most, shares in _SHARES if high - low < most)
    right.set_yticks([math.log(share / (1 - share)) for share in wide])
    right.set_yticklabels([f"{share:.0%}" for share in wide])
    right.set_ylim(axes.get_ylim())
    right.set_ylabel("probability of being real")


def _is_known(record: RunRecord) -> bool:
    spread = any(len(bands(record.metrics.signals, name)) for name, *_ in _KINDS)
    return spread or any(
        len(series(record.metrics.log, name)) for name in ("real_logit", "fake_logit")
    )


def _made(record: RunRecord) -> str:
    if any(len(bands(record.metrics.signals, name)) for name, *_ in _KINDS):
        looks: tuple[Line, ...] = record.metrics.signals
        return f"median, middle 50% and 90% of the images in each of {len(looks):,} looks"
    looked = series(record.metrics.validation, "count")
    images = f"{looked.values[-1]:,.0f} images" if len(looked) else "the images"
    return f"means: since the line of the log before; held-out: of {images} at one moment of D"


LOGITS = Panel(
    title="D's answers to real and fake images", is_known=_is_known, draw=_draw, made=_made
)
