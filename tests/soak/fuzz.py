"""Damaged files by the million for every reader: a result or one clear line, never more.

With atheris installed (`pip install atheris`; Linux and macOS) each reader is fed by coverage:
inputs that reach new lines are kept and changed further. Without it inputs are whole files with
random changes.
"""

import importlib.util
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.faults.readers import run_readers
from tests.fuzz_helpers import Reader, attempt, mutate, readers
from tests.project_source import ROOT
from tests.soak.damage import no_hang, peak_mib
from tests.soak.record import Record

_BATCH = 2_000
_MEMORY = Path("/dev/shm")  # files there are read and written without a disk


def all_readers(folder: Path) -> Iterator[Reader]:
    """Yield every reader of files that may come from others."""
    yield from readers()
    yield from run_readers(folder)


def soak_fuzz(record: Record, *, inputs: int, seed: int) -> None:
    """Feed the readers, each with its share, until `inputs` were tried."""
    guided = importlib.util.find_spec("atheris") is not None
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as place:
        folder = Path(place)
        every = list(all_readers(folder / "whole"))
        share = -(-inputs // len(every))
        for reader in every:
            part = f"fuzzed, {reader.name}"
            while (done := record.done(part)) < share:
                number = min(_BATCH, share - done)
                if guided:
                    _guided(record, part, reader, number=number, seed=seed + done)
                else:
                    _mutated(record, part, reader, folder, number=number, seed=seed + done)
                print(f"{part}: {record.done(part):,} of {share:,}", flush=True)
    record.note("fuzzed, all", peak_mib=round(peak_mib()))


def _mutated(
    record: Record, part: str, reader: Reader, folder: Path, *, number: int, seed: int
) -> None:
    source = random.Random(f"{reader.name} {seed}")
    outcomes = {"read": 0, "refused": 0, "FAILED": 0}
    failures: list[str] = []
    (folder / reader.name).mkdir(exist_ok=True)
    for _ in range(number):
        content = mutate(source.choice(reader.whole), source)
        try:
            with no_hang():
                taken = attempt(reader, content, folder / reader.name)
            outcomes["read" if taken else "refused"] += 1
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            kept = record.folder / f"crash-{reader.name}-{seed}-{len(failures)}"
            kept.write_bytes(content)
            outcomes["FAILED"] += 1
            failures.append(f"{kept.name}: {type(error).__name__}: {error}")
    record.count(part, {name: n for name, n in outcomes.items() if n}, failures)


def _guided(record: Record, part: str, reader: Reader, *, number: int, seed: int) -> None:
    corpus = record.folder / "corpus" / reader.name
    if not corpus.exists():
        corpus.mkdir(parents=True)
        for at, content in enumerate(reader.whole):
            (corpus / f"whole{at}").write_bytes(content)
    crashes = record.folder / f"crash-{reader.name}-"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.soak.guided", reader.name, str(corpus)),
            *(f"-runs={number + len(list(corpus.iterdir()))}", f"-seed={seed + 1}"),
            *("-max_len=65536", "-timeout=30", "-rss_limit_mb=2048"),
            f"-artifact_prefix={crashes}",
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": _path(), "OMP_NUM_THREADS": "1"},
        check=False,
    )
    if done.returncode:
        record.count(part, {"FAILED": number}, [f"seed {seed}: {done.stderr[-2000:]}"])
    else:
        record.count(part, {"read or refused": number}, [])


def _path() -> str:
    """Where modules are found: our own first, then wherever they were found so far."""
    return os.pathsep.join([str(ROOT / "src"), *filter(None, sys.path)])
