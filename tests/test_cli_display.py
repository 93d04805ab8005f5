"""What is shown while training: news in, lines out."""

import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from ganvas.cli.display import Display, LiveDisplay, PlainDisplay, open_display
from ganvas.events import Event, Finished, Noted, Sampled, Started, Ticked, Validated
from ganvas.grid import images_to_grid

RUN = Path("runs/0001-mnist-swift-s0")


def news(total: int = 20_000) -> list[Event]:
    """A whole run of `total` images: a tick each thousandth image, a picture in the middle."""
    grid = images_to_grid(np.full((4, 1, 16, 16), 250, np.uint8), 2)
    events: list[Event] = [
        Started(
            directory=RUN,
            recipe="swift",
            data="mnist",
            images=0,
            total_images=total,
            machine="cpu, 2 threads, float32",
            seed=0,
        )
    ]
    for images in range(1000, total + 1, 1000):
        events.append(
            Ticked(
                images=images,
                total_images=total,
                seconds=images / 500,
                images_per_second=500.0,
                values={"d_loss": 1.25, "g_loss": 0.75},
            )
        )
        if images == total // 2:
            path = RUN / "samples.png"
            events.append(Sampled(images=images, path=path, grid=grid, rows=2, columns=2))
    events.append(Noted(text="measuring the generator"))
    events.append(Finished(directory=RUN, status="finished", images=total, seconds=40.0))
    return events


def show(display: Display, events: Sequence[Event]) -> None:
    with display:
        for event in events:
            display(event)


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def live(**options: Any) -> tuple[LiveDisplay, StringIO]:
    file = StringIO()
    defaults = {"color_system": "truecolor", "width": 90, "height": 40, "force_terminal": True}
    return LiveDisplay(Console(file=file, **{**defaults, **options})), file


def test_plain_lines_come_for_each_tenth_and_each_phase() -> None:
    file = StringIO()
    show(PlainDisplay(Console(file=file)), news())
    lines = file.getvalue().splitlines()
    assert lines[0] == f"{RUN}: mnist, recipe swift, seed 0"
    assert lines[1] == "on cpu, 2 threads, float32"
    assert lines[2] == (
        " 10%  2,000 of 20,000 images, 500 images/s, 0:36 left, D loss 1.250, G loss 0.750"
    )
    assert len(lines) == 2 + 10 + 1
    assert lines[-1] == "measuring the generator"
    assert "\x1b" not in file.getvalue()


def test_a_resumed_run_says_from_where_and_keeps_its_tenths() -> None:
    file = StringIO()
    start = Started(
        directory=RUN,
        recipe="swift",
        data="mnist",
        images=15_000,
        total_images=20_000,
        machine="cpu",
        seed=3,
    )
    show(PlainDisplay(Console(file=file)), [start, *news()[15:]])
    lines = file.getvalue().splitlines()
    assert lines[0].endswith("seed 3, going on from 15,000 images")
    assert [line[:4] for line in lines if "images/s" in line] == [" 80%", " 90%", "100%"]


def test_lines_longer_than_the_console_are_not_folded() -> None:
    file = StringIO()
    show(PlainDisplay(Console(file=file, width=20)), [Noted(text="word " * 30)])
    assert file.getvalue().count("\n") == 1


def test_the_live_display_shows_bar_figures_and_preview() -> None:
    display, file = live()
    show(display, news())
    text = plain(file.getvalue())
    for words in ("20,000 of 20,000 images", "100%", "500 images/s", "D loss 1.250", "0:00 left"):
        assert words in text
    assert "▀▀▀▀" in text
    assert "38;2;255;255;255" in file.getvalue()


def test_the_live_display_redraws_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    display, file = live()
    monkeypatch.setattr("ganvas.cli.display.time.monotonic", lambda: 1.0)
    ticks = [event for event in news(200_000) if isinstance(event, Ticked)][:-1]
    show(display, ticks)
    assert plain(file.getvalue()).count("images/s") < 5  # the first and the last, of 199


def test_no_color_leaves_the_bar_and_nothing_coloured() -> None:
    display, file = live(no_color=True)
    show(display, news())
    assert "20,000 of 20,000 images" in plain(file.getvalue())
    assert "▀" not in file.getvalue()
    assert "38;" not in file.getvalue()


def test_a_download_shows_its_bytes() -> None:
    file = StringIO()
    with PlainDisplay(Console(file=file)) as display:
        for done in range(0, 31_000_000, 1_000_000):
            display.download(done, 30_000_000)
    lines = file.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[-1] == "downloaded 30.0 of 30.0 MB"
    shown, terminal = live()
    with shown:
        shown.download(10, None)
        shown.download(3_000_000, 30_000_000)
        shown.download(30_000_000, 30_000_000)
    assert "30.0 of 30.0 MB" in plain(terminal.getvalue())


def test_quiet_shows_nothing_and_remembers(capsys: pytest.CaptureFixture[str]) -> None:
    display = open_display(quiet=True)
    show(display, news())
    display.say("x")
    display.tell("x")
    display.download(1, 2)
    assert capsys.readouterr() == ("", "")
    assert display.finished is not None
    assert display.finished.status == "finished"


def test_without_a_terminal_the_display_is_plain(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    display = open_display(quiet=False)
    assert isinstance(display, PlainDisplay)
    display.say("a line")
    assert capsys.readouterr() == ("", "a line\n")


@pytest.mark.parametrize("kind", [PlainDisplay, LiveDisplay])
def test_a_display_that_cannot_be_written_falls_silent(kind: type[PlainDisplay]) -> None:
    class Broken(StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    from ganvas.cli.display import _Console

    display = kind(_Console(file=Broken(), force_terminal=True, width=80, height=30))
    show(display, news())
    assert display.finished is not None


@pytest.mark.parametrize(
    ("held_out", "accuracy_of", "words"),
    [
        (
            0.75,
            "images",
            "D right on 88% of training, 75% of held-out images; fooled by 12% of fakes",
        ),
        (None, "images", "D right on 88% of training images; fooled by 12% of fakes"),
        (
            0.75,
            "pairs",
            "D right on 88% of training, 75% of held-out pairs; fooled by 12% of pairs",
        ),
    ],
)
def test_what_d_makes_of_the_images_is_shown_in_a_few_words(
    held_out: float | None, accuracy_of: str, words: str
) -> None:
    figures = {
        "d_accuracy_train": 0.88,
        "d_accuracy_held_out": held_out,
        "fooling_rate": 0.12,
        "accuracy_of": accuracy_of,
    }
    validated = Validated(images=5_000, figures=figures)
    events = [*news()[:6], validated, *news()[6:]]
    file = StringIO()
    show(PlainDisplay(Console(file=file)), events)
    assert f"{words} (at 5,000 images)" in file.getvalue().splitlines()
    display, screen = live()
    show(display, events)
    assert words in plain(screen.getvalue())
