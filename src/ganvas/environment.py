"""What a run was made on: versions, machine, command line. For people and for exact repeats."""

import platform
import shlex
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganvas.device import Machine

__all__ = ["command_line", "describe_environment", "differences", "package_version"]


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
    """Return what a run is made on, for env.json; `threads` are those of each process."""
    from torch.backends.cpu import get_cpu_capability

    return {
        "command": command_line(),
        "data_digest": data_digest,
        "device": str(machine.device),
        "threads": machine.threads,
        "processes": machine.processes,
        "precision": str(machine.precision).removeprefix("torch."),
        "precision_reason": machine.why,
        "processor": platform.processor() or platform.machine(),
        "instructions": get_cpu_capability(),
        "system": platform.platform(),
        "versions": {
            "ganvas": package_version(),
            "python": platform.python_version(),
            **{name: package_version(name) for name in ("torch", "numpy", "safetensors")},
        },
    }


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what differs between two descriptions and can change rounding: "threads 2, was 4".

    What the first one does not say is not compared.
    """
    names = ("device", "threads", "processes", "precision", "processor", "instructions")
    pairs = [(name, before.get(name), now[name]) for name in names]
    versions = before.get("versions")
    if isinstance(versions, Mapping):
        pairs += [(name, versions.get(name), there) for name, there in now["versions"].items()]
    return [f"{name} {there}, was {was}" for name, was, there in pairs if was not in (None, there)]
