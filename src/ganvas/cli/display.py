"""What `ganvas train` and `resume` show on standard error while they work: events in, lines out.

Three ways: a live display on a terminal, plain lines elsewhere, nothing with --quiet. A display
that can no longer be written to (a closed pipe or terminal) falls silent: the run goes on.
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ganvas.cli.preview import Preview, can_preview
from ganvas.cli.words import discriminator, figures, headline, megabytes, progress, quality
from ganvas.events import Event, Finished, Found, Noted, Probed, Sampled, Started, Ticked, Validated

__all__ = ["Display", "LiveDisplay", "PlainDisplay", "open_display"]

_LEAST_SECONDS = 0.4  # between two refreshes: a redraw takes 6 ms, and training must not wait
_PLAIN_PARTS = 10  # plain lines in a whole run
_UNKNOWN_BYTES = 100_000_000  # a download of unknown size: a line for each tenth of this


class Display:
    """Remembers how the run stands and shows nothing: what --quiet wants."""

    def __init__(self) -> None:
        self.started: Started | None = None
        self.finished: Finished | None = None
        self.on_start: Callable[[Started], None] | None = None
        self._broken = False

    def __enter__(self) -> Self:
        self._safely(self._open)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._safely(self._close)

    def __call__(self, event: Event) -> None:
        """Take news of the run."""
        if isinstance(event, Started):
            self.started = event
        elif isinstance(event, Finished):
            self.finished = event
        self._safely(self._show, event)
        if isinstance(event, Started) and self.on_start is not None:
            self.on_start(event)

    def note(self, text: str) -> None:
        """Show what is being done before the run starts, where it can be taken away again."""
        self._safely(self._show_note, text)

    def download(self, done: int, total: int | None) -> None:
        """Take news of a download, in bytes; the total is not always known."""
        self._safely(self._show_download, done, total)

    def say(self, line: str) -> None:
        """Show a line that stays."""
        self._safely(self._print, line)

    def tell(self, sentence: str) -> None:
        """Show a sentence that stays; on a terminal it is broken between words."""
        self._safely(self._print, sentence, False)

    def _safely(self, act: Any, *arguments: Any) -> None:
        if self._broken:
            return
        try:
            act(*arguments)
        except (OSError, ValueError):  # ValueError: the stream was closed
            self._broken = True

    def _show_note(self, text: str) -> None:
        pass

    def _open(self) -> None:
        pass

    def _close(self) -> None:
        pass

    def _show(self, event: Event) -> None:
        pass

    def _show_download(self, done: int, total: int | None) -> None:
        pass

    def _print(self, line: str, as_it_is: bool = True) -> None:
        pass


class PlainDisplay(Display):
    """One line for each tenth of the run and for each phase."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._part = 0
        self._download_part = 0

    def _show(self, event: Event) -> None:
        if isinstance(event, Started):
            self._part = event.images * _PLAIN_PARTS // max(1, event.total_images)
            for line in headline(event):
                self._print(line)
        elif isinstance(event, Ticked):
            part = event.images * _PLAIN_PARTS // max(1, event.total_images)
            if part > self._part:
                self._part = part
                self._print(f"{progress(event)}, {figures(event)}")
        elif isinstance(event, Probed):
            self._print(quality(event))
        elif isinstance(event, Validated):
            self._print(f"{discriminator(event)} (at {event.images:,} images)")
        elif isinstance(event, Noted):
            self._print(event.text)
        elif isinstance(event, Found) and event.severity != "note":
            self._print(f"{event.sentence} (at {event.images:,} images)")

    def _show_download(self, done: int, total: int | None) -> None:
        part = done * _PLAIN_PARTS // max(1, total or _UNKNOWN_BYTES)
        if part > self._download_part:
            self._download_part = part
            self._print(f"downloaded {megabytes(done, total)}")

    def _print(self, line: str, as_it_is: bool = True) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class LiveDisplay(Display):
    """A bar, the figures and a small preview, redrawn in place a few times a second at most."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._live = Live(
            console=console, auto_refresh=False, redirect_stdout=False, vertical_overflow="crop"
        )
        self._refreshed = 0.0
        self._note = ""
        self._tick: Ticked | None = None
        self._preview: Preview | None = None
        self._probe: Probed | None = None
        self._validation: Validated | None = None
        self._found: dict[str, Found] = {}
        self._bytes: tuple[int, int | None] | None = None

    def _open(self) -> None:
        self._live.start()

    def _close(self) -> None:
        self._note = ""
        self._live.transient = self.started is None  # before the start there is nothing to keep
        self._refresh()
        self._live.stop()

    def _show(self, event: Event) -> None:
        urgent = True
        if isinstance(event, Started):
            self._note, self._bytes = "", None
        elif isinstance(event, Ticked):
            self._tick = event
            urgent = event.images >= event.total_images
        elif isinstance(event, Sampled) and can_preview(self._console):
            self._preview = Preview(event)
        elif isinstance(event, Probed):
            self._probe = event
        elif isinstance(event, Validated):
            self._validation = event
        elif isinstance(event, Noted):
            self._note = event.text
        elif isinstance(event, Found) and event.severity != "note":
            self._found.pop(event.name, None)
            if not event.resolved:
                self._found[event.name] = event
        if urgent or time.monotonic() - self._refreshed >= _LEAST_SECONDS:
            self._refresh()

    def _show_note(self, text: str) -> None:
        self._note = text
        self._refresh()

    def _show_download(self, done: int, total: int | None) -> None:
        self._bytes = (done, total)
        if done == total or time.monotonic() - self._refreshed >= _LEAST_SECONDS:
            self._refresh()

    def _print(self, line: str, as_it_is: bool = True) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=as_it_is)

    def _refresh(self) -> None:
        self._refreshed = time.monotonic()
        self._live.update(Group(*self._parts()), refresh=True)

    def _parts(self) -> list[RenderableType]:
        parts: list[RenderableType] = []
        if self.started is not None:
            what, where = headline(self.started)
            parts += [Text(what, style="bold", no_wrap=True), Text(where, no_wrap=True)]
            images, total = self.started.images, self.started.total_images
            if self._tick is not None:
                images = self._tick.images
            parts.append(_bar(images, total, f"{images:,} of {total:,} images"))
        elif self._bytes is not None:
            num_bytes, of_bytes = self._bytes
            parts.append(_bar(num_bytes, of_bytes or num_bytes, megabytes(num_bytes, of_bytes)))
        if self._tick is not None:
            parts.append(Text(figures(self._tick), no_wrap=True))
        if self._validation is not None:
            parts.append(Text(discriminator(self._validation), no_wrap=True))
        if self._probe is not None:
            parts.append(Text(quality(self._probe), no_wrap=True))
        for found in self._found.values():
            style = "bold red" if found.severity == "error" else "yellow"
            parts.append(Text(found.sentence, style=style))
        if self._note:
            parts.append(Text(self._note, style="dim", no_wrap=True))
        if self._preview is not None:
            parts.append(self._preview)
        return parts


class _Console(Console):
    """A console that tells of a broken pipe instead of ending the program."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


def open_display(*, quiet: bool) -> Display:
    """Return the display that fits standard error."""
    if quiet:
        return Display()
    console = _Console(stderr=True)
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveDisplay(console)
    return PlainDisplay(console)


def _bar(done: int, total: int, words: str) -> RenderableType:
    line = Table.grid(padding=(0, 1))
    line.add_row(
        ProgressBar(total=max(1, total), completed=done, width=40),
        Text(f"{done / max(1, total):4.0%}"),
        Text(words, no_wrap=True),
    )
    return line
