"""How strongly each network is pulled, and how far an update moves it, as the probes told it."""

from typing import Any

from ganvas.report.lines import series
from ganvas.report.palette import DISCRIMINATOR, FAKE, GENERATOR
from ganvas.report.panels.panel import Panel, images_axis, legend, line, logarithmic
from ganvas.report.record import RunRecord

__all__ = ["GRADIENTS", "UPDATES"]

_NORMS = (
    ("g_gradient_norm", "G's weights", GENERATOR, "-"),
    ("d_gradient_norm", "D's weights", DISCRIMINATOR, "-"),
    ("fake_gradient_norm", "the fakes' pixels", FAKE, "--"),
)
_RATIOS = (("g_update_ratio", "G", GENERATOR, "-"), ("d_update_ratio", "D", DISCRIMINATOR, "-"))


def _panel(title: str, label: str, kinds: Any) -> Panel:
    def draw(axes: Any, record: RunRecord) -> None:
        positive = False
        for name, word, colour, dashes in kinds:
            found = series(record.metrics.signals, name)
            line(axes, found, word, colour, ls=dashes, lw=1.3)
            positive |= any(value > 0 for value in found.values)
        if positive:
            logarithmic(axes)
        axes.set_ylabel(label)
        images_axis(axes)
        legend(axes)

    def is_known(record: RunRecord) -> bool:
        return any(len(series(record.metrics.signals, name)) for name, *_ in kinds)

    def made(record: RunRecord) -> str:
        return f"{len(record.metrics.signals):,} looks on the way"

    return Panel(title=title, is_known=is_known, draw=draw, made=made)


GRADIENTS = _panel("Length of the gradients", "norm of the gradient (log)", _NORMS)
UPDATES = _panel("How far an update moves", "update / weights, norms (log)", _RATIOS)
