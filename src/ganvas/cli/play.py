"""`ganvas play`."""

import argparse

from ganvas.cli.command import Command
from ganvas.cli.serving import add_server_options, address_of, require_web, serve

__all__ = ["COMMAND"]


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        nargs="?",
        default="mnist",
        metavar="MODEL",
        help="a run directory, a model folder, or a shipped model's name (default mnist)",
    )
    add_server_options(parser)


def _run(options: argparse.Namespace) -> int:
    require_web()
    address_of(options)  # refused before anything else
    import torch

    from ganvas.web.play import play_routes
    from ganvas.web.playground import Playground

    # Of all that the page asks for: a picture must be that of `ganvas sample`, to the byte, and
    # libraries share one number between the threads that answer.
    torch.set_num_threads(1)
    return serve(play_routes(Playground(options.model)), options)


COMMAND = Command(
    name="play",
    summary="explore a generator in the browser",
    description=(
        "Serves a page on this machine that makes pictures as you move: between four seeds, along\n"
        "the directions in which they change most, by class and truncation. It shows what the\n"
        "discriminator makes of a picture, the training images nearest to it, and the command\n"
        "that makes it again. The first line on standard output is its address. Ctrl-C ends it."
    ),
    examples=(
        ("ganvas play", "the digits that ship with ganvas"),
        ("ganvas play runs/0001-mnist-swift-s0", "a run's generator"),
        ("ganvas play mnist --no-browser --port 8000", "print the address alone"),
    ),
    add_options=_add_options,
    run=_run,
)
