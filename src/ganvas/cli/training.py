"""What `train` and `resume` share: running under a display, the result, the last words."""

import argparse
import shlex
import signal
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganvas.cli.output import if_heard, print_json
from ganvas.cli.serving import page_beside
from ganvas.cli.stopped import exit_code_of
from ganvas.errors import DivergedError
from ganvas.words import counted

if TYPE_CHECKING:
    from ganvas.cli.display import Display
    from ganvas.events import Finished
    from ganvas.run import Run

__all__ = ["add_output_options", "assist", "carry_out"]


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add --watch, --tensorboard, --quiet and --json."""
    parser.add_argument(
        "--watch",
        action="store_true",
        help="show the run in the browser, on a page that another process serves",
    )
    parser.add_argument(
        "--tensorboard",
        action="store_true",
        help="write TensorBoard's event files as well, into tensorboard/ of the run directory",
    )
    parser.add_argument(
        "--quiet", action="store_true", help="show nothing but errors and the run directory"
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object (run, status, images, seconds, metrics) instead of the "
        "run directory",
    )


def carry_out(
    display: "Display",
    begin: Callable[["Display"], "Run"],
    *,
    options: argparse.Namespace,
    runs: Path,
) -> int:
    """Let `begin` train under `display`; print the result and return the exit code.

    `options` are those of `add_output_options`, `runs` the folder whose runs a page shows. A run
    that diverged is printed, too, before its error goes on.
    """
    as_json: bool = options.json
    try:
        page = page_beside(runs, display, quiet=options.quiet) if options.watch else nullcontext()
        with page, display:
            begin(display)
    except DivergedError:
        with if_heard():
            _print_result(display, as_json)
        raise
    except KeyboardInterrupt as stop:
        if display.started is not None:
            _say_stopped_at_once(display, display.started.directory)
        with if_heard():
            _print_result(display, as_json)
        return exit_code_of(stop)
    ended = display.finished
    assert ended is not None  # the last event of every training
    received = _signal_of(ended.directory) if ended.status == "stopped" else None
    if received is None:
        _say_end(display, ended)
        _print_result(display, as_json)
        return 0
    _say_stop(display, ended, received)
    with if_heard():  # a terminal that is closed is one of the reasons to stop
        _print_result(display, as_json)
    return 128 + received


def assist(display: "Display", begin: Callable[["Display"], "Run"]) -> int:
    """Let `begin` train along with the process that leads, in silence; return the exit code."""
    try:
        begin(display)
    except KeyboardInterrupt as stop:
        return exit_code_of(stop)
    return 0


def _print_result(display: "Display", as_json: bool) -> None:
    ended = display.finished
    if ended is None:
        return
    if not as_json:
        print(ended.directory)
        return
    metrics: dict[str, Any] = (ended.evaluation or {}).get("metrics", {})
    print_json(
        {
            "run": str(ended.directory),
            "status": ended.status,
            "images": ended.images,
            "seconds": round(ended.seconds, 2),
            "metrics": metrics,
        },
        one_line=True,
    )


def _signal_of(directory: Path) -> int:
    from ganvas.runlog import RunDirectory

    return int(RunDirectory(directory).read_status().get("signal", signal.SIGINT))


def _say_stop(display: "Display", ended: "Finished", received: int) -> None:
    run = shlex.quote(str(ended.directory))
    name = "Ctrl-C" if received == signal.SIGINT else signal.Signals(received).name
    display.tell(
        f"stopped by {name} after {counted(ended.images, 'image')}; the state of training, the "
        f"model and samples.png are saved in {ended.directory}"
    )
    display.say(f"to go on:      ganvas resume {run}")
    display.say(f"or look:       ganvas sample {run} -n 64 -o samples.png")


def _say_stopped_at_once(display: "Display", directory: Path) -> None:
    from ganvas.checkpoint import newest_checkpoint
    from ganvas.runlog import RunDirectory

    newest = newest_checkpoint(RunDirectory(directory).checkpoints)
    if newest is None:
        display.tell(f"stopped at once; nothing of {directory} was saved yet")
        return
    display.tell(f"stopped at once; the last checkpoint is {newest}")
    display.say(f"to go on:      ganvas resume {shlex.quote(str(directory))}")


def _say_end(display: "Display", ended: "Finished") -> None:
    """Say what somebody who never trained a GAN wants to know at the end."""
    from ganvas.evaluation import in_words

    run = shlex.quote(str(ended.directory))
    display.say(f"finished {counted(ended.images, 'image')} in {ended.seconds:.0f} s")
    if ended.reason is not None:
        display.tell(ended.reason)
    for sentence in in_words(ended.evaluation) if ended.evaluation else []:
        display.tell(sentence)
    display.say(f"pictures:      {ended.directory / 'samples.png'}")
    film = ended.directory / "samples.webp"
    if film.is_file():
        display.say(f"in motion:     {film}")
    plot = ended.directory / "plots" / "validation.png"
    if plot.is_file():
        display.say(f"does D overfit: {plot}")
    display.say(f"more of them:  ganvas sample {run} -n 64 -o more.png")
    display.say(f"train longer:  ganvas resume {run} --images {2 * ended.images}")
