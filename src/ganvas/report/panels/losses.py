"""Both players' losses as they trained, with the ideal of D's; and what else D was taught."""

from typing import Any

from ganvas.report.ideals import ideal_of
from ganvas.report.lines import Series, series
from ganvas.report.palette import DISCRIMINATOR, FAINT, FAKE, GENERATOR, OTHER, REAL
from ganvas.report.panels.panel import Panel, images_axis, legend, line
from ganvas.report.record import RunRecord

__all__ = ["EXTRA", "LOSSES"]

_TERMS = (
    ("d_real_loss", "D on real images", REAL, "-"),
    ("d_fake_loss", "D on fakes", FAKE, "--"),
    ("mismatch_loss", "wrong classes", OTHER, "-"),
    ("d_class_loss", "D on classes", OTHER, "-."),
    ("g_class_loss", "G on classes", GENERATOR, "-."),
    ("penalty", "gradient penalty", FAINT, "-"),
)
_LOGARITHMS = ("non_saturating", "relativistic")  # losses that are natural logarithms
_WIDE = 100.0  # times its median that a loss may reach before the axis is bent


def _draw(axes: Any, record: RunRecord) -> None:
    log = record.metrics.log
    losses = {name: series(log, name) for name in ("d_loss", "g_loss")}
    line(axes, losses["d_loss"], "D (discriminator)", DISCRIMINATOR, lw=1.3)
    line(axes, losses["g_loss"], "G (generator)", GENERATOR, lw=1.3, ls="-")
    ideal = ideal_of(record.head.recipe)
    if ideal is not None and len(losses["d_loss"]):
        label = f"D that cannot tell: {ideal:.3f}"
        axes.axhline(ideal, color=FAINT, ls="--", lw=1.2, label=label)
    _bend(axes, *losses.values())
    axes.set_ylabel(_label(record))
    images_axis(axes)
    legend(axes)


def _label(record: RunRecord) -> str:
    in_nats = record.head.text("loss.name") in _LOGARITHMS
    return f"loss, mean per image{' (nats)' if in_nats else ''}"


def _draw_terms(axes: Any, record: RunRecord) -> None:
    found = {name: series(record.metrics.log, name) for name, *_ in _TERMS}
    for name, label, colour, dashes in _TERMS:
        line(axes, found[name], label, colour, lw=1.3, ls=dashes)
    _bend(axes, *found.values())
    axes.set_ylabel(_label(record))
    images_axis(axes)
    legend(axes)


def _bend(axes: Any, *drawn: Series) -> None:
    """Let an axis on which a loss went out of hand still show what was before."""
    sizes = sorted(abs(value) for found in drawn for value in found.values)
    middle = sizes[len(sizes) // 2] if sizes else 0.0
    if middle and sizes[-1] > _WIDE * middle:
        axes.set_yscale("symlog", linthresh=10 * middle)


def _has(*names: str) -> Any:
    return lambda record: any(len(series(record.metrics.log, name)) for name in names)


def _made(record: RunRecord) -> str:
    return f"{len(record.metrics.log):,} lines of the log, each a mean since the line before"


LOSSES = Panel(
    title="Losses of both players", is_known=_has("d_loss", "g_loss"), draw=_draw, made=_made
)
EXTRA = Panel(
    title="What else was taught",
    is_known=_has(*(name for name, *_ in _TERMS)),
    draw=_draw_terms,
    made=_made,
)
