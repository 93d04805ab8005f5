"""`ganvas`, treated at given places: one of several processes of a run that goes back and ends.

`python -m tests.distributed_treated ARGUMENT...` is `ganvas ARGUMENT...`; of the run, the model of
40 images is the best, at 80 it lets its rate fall, at 120 it goes back, at 160 it is to end.
"""

import sys
from typing import Any
from unittest.mock import patch

from ganvas.cli.main import main
from ganvas.doctor.treatment import Given, Order
from ganvas.trainer import Trainer

BEST_AT, FALLS_AT, BACK_AT, ENDS_AT = 40, 80, 120, 160


def order(given: list[Given], *, images: int, changes: Any, **_: Any) -> Order | None:
    after = dict(changes)
    if images == FALLS_AT:
        after["schedule.decay_from"] = 0.2
    elif images == BACK_AT:
        after["optimizer.generator.learning_rate"] = 1e-4
    elif images != ENDS_AT:
        return None
    given.append({"finding": "quality_lost", "outcome": "kept", "images": images})
    back, stop = images == BACK_AT, images == ENDS_AT
    return Order(words=f"treated at {images}", changes=after, back=back, stop=stop)


def run(*arguments: str) -> int:
    save = Trainer.save_checkpoint

    def save_best(self: Trainer, **options: Any) -> None:
        if self.images == BEST_AT:
            self.keep_as_best()
        save(self, **options)

    with (
        patch("ganvas.checkup.decide", order),
        patch.object(Trainer, "save_checkpoint", save_best),
    ):
        return main(arguments)


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
