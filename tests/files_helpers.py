"""What lies below a folder, for tests of files."""

from pathlib import Path


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: names and contents, None for a folder."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in folder.rglob("*")
    }
