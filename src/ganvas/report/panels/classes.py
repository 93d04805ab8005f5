"""Which classes the samples show, as the judge sees them, beside the training images' own."""

from typing import Any

from ganvas.report.classes import ClassShares, class_shares
from ganvas.report.palette import EDGE, FAKE, REAL
from ganvas.report.panels.panel import Panel, legend
from ganvas.report.record import RunRecord

__all__ = ["CLASSES", "draw_shares"]

_MOST_NAMED, _LONGEST_NAME = 30, 14


def _draw(axes: Any, record: RunRecord) -> None:
    shares = class_shares(record)
    assert shares is not None
    draw_shares(axes, shares)


def draw_shares(axes: Any, shares: ClassShares) -> None:
    """Draw a pair of bars for each class."""
    count = len(shares.fake)
    places = range(count)
    half = 0.4 if shares.real else 0.7
    if shares.real:
        axes.bar([x - 0.2 for x in places], shares.real, half, color=REAL, label="training images")
    fakes: dict[str, Any] = {"color": FAKE, "hatch": "//", "edgecolor": "white", "lw": 0}
    axes.bar([x + half - 0.2 if shares.real else x for x in places], shares.fake, half,
             label="samples", **fakes)  # fmt: skip
    if count <= _MOST_NAMED:
        names = [_short(name) for name in shares.names]
        long = max(map(len, names)) > 2
        turn: dict[str, Any] = {"rotation": 45, "ha": "right"} if long else {}
        axes.set_xticks(list(places), names, **turn)
    axes.set_ylim(0, 1.05 * max(*shares.fake, *shares.real))
    axes.set_xlabel("class, as the judge sees it")
    axes.set_ylabel("share of the images")
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
    axes.grid(axis="y", color=EDGE, lw=0.7)
    axes.set_axisbelow(True)
    legend(axes)


def _short(name: str) -> str:
    """Return a name that fits below a bar, and is no formula."""
    cut = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    return cut.replace("$", r"\$")


def _made(record: RunRecord) -> str:
    shares = class_shares(record)
    return "" if shares is None else f"{shares.samples:,} samples at {shares.images:,} images"


CLASSES = Panel(
    title="Classes of the samples",
    is_known=lambda record: class_shares(record) is not None,
    draw=_draw,
    made=_made,
)
