"""`python -m tests.soak`: long trials of what docs/reliability.md promises.

It can be stopped at any time; the next call goes on where it was, and `--report` only tells the
figures. Exit code 1 when anything ever failed.
"""

import argparse
from pathlib import Path

from ganvas.lock import RunLock
from tests.soak.damage import soak_flips, soak_truncations
from tests.soak.fuzz import soak_fuzz
from tests.soak.kills import KINDS, soak_kills
from tests.soak.record import Record

_KILLS = {"swift": 50, "dropout-cnn": 5, "smooth-ez": 5}
_PARTS = ("truncations", "flips", "fuzz", *_KILLS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/soak"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--flips", type=int, default=2_000)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--report", action="store_true", help="tell the figures, try nothing")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(_PARTS))
    options = parser.parse_args()
    if unknown := {*options.parts} - {*_PARTS}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    record = Record(options.folder.absolute())
    if not options.report:
        with RunLock(record.folder):  # two at once would kill and compare each other's runs
            soak(record, options)
    print("\n".join(record.lines()))
    return int(record.has_failures())


def soak(record: Record, options: argparse.Namespace) -> None:
    """Make the trials that are missing."""
    for part in options.parts or _PARTS:
        if part == "truncations":
            soak_truncations(record)
        elif part == "flips":
            soak_flips(record, trials=options.flips, seed=options.seed)
        elif part == "fuzz":
            soak_fuzz(record, inputs=options.inputs, seed=options.seed)
        else:
            soak_kills(record, KINDS[part], trials=_KILLS[part], seed=options.seed)


if __name__ == "__main__":
    raise SystemExit(main())
