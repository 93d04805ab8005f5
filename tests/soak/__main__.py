"""`python -m tests.soak`: long trials of what docs/reliability.md promises.

It can be stopped at any time; the next call goes on where it was, and `--report` only tells the
figures. Exit code 1 when anything ever failed.
"""

import argparse
from pathlib import Path

from tests.soak.kills import KINDS, soak_kills
from tests.soak.record import Record

_KILLS = {"swift": 50, "dropout-cnn": 5, "smooth-ez": 5}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/soak"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--report", action="store_true", help="tell the figures, try nothing")
    parser.add_argument("parts", nargs="*", default=["kills"])
    options = parser.parse_args()
    record = Record(options.folder)
    if not options.report:
        for part in options.parts:
            if part == "kills":
                for name, trials in _KILLS.items():
                    soak_kills(record, KINDS[name], trials=trials, seed=options.seed)
            elif part in KINDS:
                soak_kills(record, KINDS[part], trials=_KILLS[part], seed=options.seed)
    print("\n".join(record.lines()))
    return int(record.has_failures())


if __name__ == "__main__":
    raise SystemExit(main())
