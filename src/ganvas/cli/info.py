"""`ganvas info`."""

import argparse
from typing import Any

from ganvas.cli.arguments import add_json
from ganvas.cli.command import Command
from ganvas.cli.output import print_facts, print_json

__all__ = ["COMMAND"]


def _run(options: argparse.Namespace) -> int:
    found = _gather()
    if options.json:
        print_json(found)
        return 0
    machine = found["machine"]
    facts = list(found["versions"].items())
    facts += [
        ("system", found["system"]),
        ("processor", found["processor"]),
        ("device", machine["device"]),
        ("threads", str(machine["threads"])),
        ("precision", f"{machine['precision']} ({machine['precision_reason']})"),
        ("shipped models", ", ".join(found["models"]) or "none"),
        ("shipped judges", ", ".join(found["judges"]) or "none"),
        ("downloads in", found["cache"] or "nowhere: there is no home folder"),
    ]
    facts += [("data", entry["words"]) for entry in found["data"]]
    print_facts(facts)
    return 0


def _gather() -> dict[str, Any]:
    from dataclasses import asdict

    from ganvas.data.catalogue import listing
    from ganvas.data.named.find import cache_folder
    from ganvas.device import choose_machine
    from ganvas.environment import describe_environment
    from ganvas.errors import DataError
    from ganvas.judge.card import judge_folders
    from ganvas.model import shipped_models
    from ganvas.recipe import MachineSettings

    environment = describe_environment(choose_machine(MachineSettings()), "")
    try:
        cache: str | None = str(cache_folder())
    except DataError:
        cache = None
    machine = {
        name: environment[name] for name in ("device", "threads", "precision", "precision_reason")
    }
    return {
        "versions": environment["versions"],
        "system": environment["system"],
        "processor": environment["processor"],
        "machine": machine,
        "models": list(shipped_models()),
        "judges": list(judge_folders()),
        "data": [{**asdict(entry), "words": entry.line} for entry in listing()],
        "cache": cache,
    }


COMMAND = Command(
    name="info",
    summary="versions, machine, and what is shipped: put it into a bug report",
    description="Tells what ganvas runs on here, and what it would choose by itself.",
    examples=(("ganvas info", ""), ("ganvas info --json", "")),
    add_options=add_json,
    run=_run,
)
