"""A run's figures by name, from its files alone: each is a row of panels, those that are known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

from ganvas.errors import UsageError
from ganvas.report.figures import figure_bytes, require_suffix, write_figure
from ganvas.report.panels import Panel
from ganvas.report.panels.classes import CLASSES
from ganvas.report.panels.discriminator import OVERFITTING, SHARES, VALIDATION_LOSS
from ganvas.report.panels.gradients import GRADIENTS, UPDATES
from ganvas.report.panels.logits import LOGITS
from ganvas.report.panels.losses import EXTRA, LOSSES
from ganvas.report.panels.panel import write_title
from ganvas.report.panels.pictures import GENERATED, REAL_IMAGES, draw_pixels
from ganvas.report.panels.quality import LABELS, QUALITY, QUALITY_BY_TIME
from ganvas.report.pixels import Pixels
from ganvas.report.record import RunRecord

__all__ = ["PLOTS", "Plot", "known_plots", "panel_svg", "write_picture", "write_plot"]

_PANEL = (5.2, 3.6)  # inches
_SQUARE = (4.6, 5.0)
_WIDE = 9.0
_LETTERS = 120  # of a line of words as wide as that


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """One figure: what it shows, in a line for listings, and its panels from left to right.

    `size` is the width and height of a panel in inches.
    """

    summary: str
    panels: tuple[Panel, ...]
    size: tuple[float, float] = _PANEL

    def known(self, record: RunRecord) -> list[Panel]:
        """Return the panels for which the run has figures."""
        return [panel for panel in self.panels if panel.is_known(record)]


PLOTS: Mapping[str, Plot] = {
    "pictures": Plot(
        summary="the newest samples beside real images",
        panels=(GENERATED, REAL_IMAGES),
        size=_SQUARE,
    ),
    "losses": Plot(summary="both players' losses, with the ideal of D's", panels=(LOSSES, EXTRA)),
    "validation": Plot(
        summary="D on training, held-out and fake images: does it learn by heart?",
        panels=(VALIDATION_LOSS, SHARES, OVERFITTING),
    ),
    "logits": Plot(summary="D's answers to real and fake images", panels=(LOGITS,)),
    "gradients": Plot(
        summary="how strongly each network is pulled, and moved", panels=(GRADIENTS, UPDATES)
    ),
    "quality": Plot(
        summary="Fréchet distance on the way, beside that of real images",
        panels=(QUALITY, QUALITY_BY_TIME, LABELS),
    ),
    "classes": Plot(summary="the samples' classes beside the data's", panels=(CLASSES,)),
}
"""Every figure that a run's files alone give, in the order of listings."""


def known_plots(record: RunRecord) -> Iterator[str]:
    """Yield the names of the figures for which the run has anything to draw."""
    return (name for name, plot in PLOTS.items() if plot.known(record))


def write_plot(name: str, record: RunRecord, path: Path) -> None:
    """Write one figure of a run as `path` (.png, .svg or .pdf).

    Raises UsageError where there is nothing to draw, and what `write_figure` raises.
    """
    require_suffix(path)
    panels = PLOTS[name].known(record)
    if not panels:
        raise UsageError(
            f"{record.head.path} has nothing to draw of '{name}' ({PLOTS[name].summary}); "
            f"it has {', '.join(known_plots(record)) or 'nothing at all yet'}"
        )
    wide, high = PLOTS[name].size
    size = (wide * len(panels), high)
    write_figure(path, size, lambda figure: _draw(figure, panels, record))


def write_picture(path: Path, pixels: Pixels, *, title: str, words: str) -> None:
    """Write a picture uint8 (H, W, C) under its title and what it shows, as .png, .svg or .pdf.

    Raises what `write_figure` raises.
    """
    said = "\n".join(wrap(words, _LETTERS))
    height, width = pixels.shape[:2]

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        draw_pixels(axes, pixels)
        axes.set_title(said.replace("$", r"\$"), fontsize=9, loc="left")
        figure.suptitle(title.replace("$", r"\$"), fontsize=11, x=0.01, ha="left")

    size = (_WIDE, _WIDE * height / width + 0.5 + 0.17 * (said.count("\n") + 1))
    write_figure(path, size, draw)


def panel_svg(panel: Panel, record: RunRecord) -> str:
    """Return one panel alone as SVG, without title: it reads at the width of a phone, too."""

    def draw(figure: Any) -> None:
        panel.draw(figure.add_subplot(), record)

    return figure_bytes(".svg", _PANEL, draw).decode()


def _draw(figure: Any, panels: list[Panel], record: RunRecord) -> None:
    for place, panel in enumerate(panels, start=1):
        axes = figure.add_subplot(1, len(panels), place)
        panel.draw(axes, record)
        write_title(axes, panel.title)
    made = dict.fromkeys(panel.made(record) for panel in panels)
    words = f"{record.head.name}: {'; '.join(word for word in made if word)}"
    figure.suptitle(words.replace("$", r"\$"), fontsize=9)
