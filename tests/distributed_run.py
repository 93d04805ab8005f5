"""`ganvas`, with a signal to itself: one of several processes that something happens to.

`python -m tests.distributed_run RANK UPDATE SIGNAL ARGUMENT...` is `ganvas ARGUMENT...`; process
RANK of a first attempt gets SIGNAL from itself before that update.
"""

import os
import signal
import sys
from unittest.mock import patch

from ganvas.cli.main import main
from ganvas.training import Training


def run(rank: str, update: str, name: str, *arguments: str) -> int:
    first = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") == "0"
    concerned = first and os.environ.get("RANK") == rank
    advance, count = Training.advance, 0

    def counted(self: Training) -> None:
        nonlocal count
        count += 1
        if concerned and count == int(update):
            os.kill(os.getpid(), signal.Signals[name])
        advance(self)

    with patch.object(Training, "advance", counted):
        return main(arguments)


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
