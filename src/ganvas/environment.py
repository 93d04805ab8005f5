"""What a run was made on: versions, machine, command line. For people and for exact repeats."""

import platform
import shlex
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganvas.device import Machine

__all__ = ["command_line", "describe_environment", "package_version"]


def package_version(name: str = "ganvas") -> str:
    """Return an installed package's version, "unknown" for a source tree."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def command_line() -> str:
    """Return the `ganvas` command of this process as one would type it, else "the Python API"."""
    *folders, program = sys.argv[0].replace("\\", "/").split("/") if sys.argv else [""]
    as_module = program == "__main__.py" and folders[-1:] == ["ganvas"]
    if as_module or program in ("ganvas", "ganvas.exe"):
        return shlex.join(["ganvas", *sys.argv[1:]])
    return "the Python API"


def describe_environment(machine: "Machine", data_digest: str) -> dict[str, Any]:
    """Return env.json's contents."""
    return {
        "command": command_line(),
        "data_digest": data_digest,
        "device": str(machine.device),
        "threads": machine.threads,
        "precision": str(machine.precision).removeprefix("torch."),
        "precision_reason": machine.why,
        "processor": platform.processor() or platform.machine(),
        "system": platform.platform(),
        "versions": {
            "ganvas": package_version(),
            "python": platform.python_version(),
            **{name: package_version(name) for name in ("torch", "numpy", "safetensors")},
        },
    }
