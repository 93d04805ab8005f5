"""How much memory this process takes, in MiB."""

import resource
from pathlib import Path

__all__ = ["own_memory", "peak_memory"]


def own_memory() -> float:
    """Return the MiB of resident memory that are not the page cache's; 0 where nothing tells."""
    return _told("RssAnon") or 0.0


def peak_memory() -> float:
    """Return the most MiB that were resident so far, libraries and mapped files included."""
    # ru_maxrss begins at what the parent's largest was; it is for systems that tell nothing else.
    return _told("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _told(name: str) -> float | None:
    """Return one of the kernel's own counts; None where there is none."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return float(fields[name].split()[0]) / 1024 if name in fields else None
