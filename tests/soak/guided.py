"""`python -m tests.soak.guided READER CORPUS [libFuzzer's options]`: one reader under atheris."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ganvas"]):
    from tests.fuzz_helpers import attempt
    from tests.soak.fuzz import all_readers


def main() -> None:
    name, *options = sys.argv[1:]
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    reader = next(reader for reader in all_readers(folder / "whole") if reader.name == name)

    def one(content: bytes) -> None:
        attempt(reader, content, folder)

    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
