"""The direction of imports between the rooms, and what the pure rooms may not do.

The rules are data, below; HOUSE rule and table must be changed together with a page in
docs/decisions. Rooms that are named here but do not exist yet have no files to check.
"""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.project_source import ROOT, Module, calls, imports, modules, parse

MAX_LINES = 300

PURE = frozenset(
    "errors words seeding settings rng events recipe recipes ideal latent nets losses penalties "
    "augment averaging batch schedule procedure optimizers step tally plan metrics grid doctor "
    "arithmetic assembly nesting soundness validation explore scatter clusters group "
    "measured".split()
)

# What a room may import besides itself. Pure rooms: other pure rooms only.
MAY_IMPORT: dict[str, frozenset[str]] = dict.fromkeys(PURE, PURE) | {
    # rooms that read and write
    "assets": frozenset(),
    "disk": PURE,
    "files": PURE | {"disk"},
    "lock": PURE | {"files"},
    "weights": PURE | {"disk", "files"},
    "data": PURE | {"assets", "files"},
    "conditions": PURE | {"data"},
    "feed": PURE | {"conditions", "data"},
    "device": PURE,
    "distributed": PURE,
    "environment": PURE | {"device"},
    "signals": PURE,
    "checkpoint": PURE | {"disk", "files", "weights"},  # knows no model
    "journal": PURE | {"disk", "files"},
    "runlog": PURE | {"disk", "files", "journal"},
    "tensorboard": PURE | {"disk", "files", "runlog"},
    "pictures": PURE | {"files"},
    "model": PURE | {"assets", "device", "files", "runlog", "weights"},
    "card": PURE | {"model"},
    "judge": PURE | {"assets", "data", "device", "files", "model", "weights"},
    "real": PURE | {"assets", "data", "files", "judge", "weights"},
}
IO = frozenset(MAY_IMPORT) - PURE
# rooms that conduct: only these see several I/O rooms; what looks at a run reads its files and
# never sees a trainer, and a trainer does not know how its run is measured
MAY_IMPORT |= {
    "run": PURE | IO,
    "comparison": PURE | IO | {"run"},
    "report": PURE | IO | {"comparison", "provenance", "run"},
    "evaluation": PURE | IO,
    "provenance": PURE | IO,
    "measure": PURE | IO | {"evaluation", "provenance", "run"},
    "description": PURE | IO,
    "scoring": PURE | IO | {"run"},
    "export": PURE | IO | {"report"},
    "web": PURE | IO | {"provenance", "report"},
    "showcase": PURE | IO,
    "training": PURE | IO | {"showcase"},
    "pace": PURE | IO | {"training"},
    "trainer": PURE | IO | {"training"},
    "assistance": PURE | IO | {"training"},
    "quality": PURE | IO | {"evaluation", "trainer"},
    "contention": PURE | IO | {"trainer"},
    "checkup": PURE | IO | {"evaluation", "trainer"},
    "diagnosis": PURE | IO | {"evaluation", "run"},
    "ending": PURE | IO | {"report", "trainer"},
    "course": PURE
    | IO
    | {"checkup", "contention", "diagnosis", "ending", "evaluation", "quality", "run"}
    | {"trainer", "training"},
    "reopening": PURE | IO | {"run"},
    "resumption": PURE | IO | {"assistance", "course", "reopening", "run", "trainer", "training"},
    "restart": PURE | IO | {"resumption", "run"},
    "beginning": PURE
    | IO
    | {"assistance", "course", "diagnosis", "resumption", "run", "trainer", "training"},
    "session": PURE | IO | {"beginning", "pace", "restart", "resumption", "run", "training"},
}
CONDUCTORS = frozenset(MAY_IMPORT) - PURE - IO
MAY_IMPORT |= {
    "scale": PURE | IO | CONDUCTORS,
    "benchmark": PURE | IO | CONDUCTORS,
    "cli": PURE | IO | CONDUCTORS | {"scale", "benchmark", "__init__"},
    "__init__": PURE | IO | CONDUCTORS,
    "__main__": frozenset({"cli"}),
}

# What `ganvas --help`, usage errors and `ganvas data list` import: not torch, which takes 1.7 s.
WITHOUT_TORCH = frozenset(
    "errors words seeding settings events grid recipe recipes disk files data cli __init__ "
    "__main__".split()
)

IMPURE_MODULES = frozenset(
    "datetime ftplib gzip http importlib logging os platform requests shutil socket sqlite3 ssl "
    "subprocess tarfile tempfile time urllib zipfile".split()
)
IMPURE_CALLS = frozenset({"print", "input", "open"})
IMPURE_METHODS = frozenset(
    "load_file mkdir open print read_bytes read_text save_file savez savez_compressed tofile "
    "unlink urlopen write_bytes write_text".split()
)


def room_of(name: str) -> str | None:
    """Room that an imported name belongs to; None when it is not of this package.

    What is no room is a name of the public API: ``from ganvas import train``.
    """
    package, _, rest = name.partition(".")
    if package != "ganvas":
        return None
    room = rest.partition(".")[0]
    return room if room in MAY_IMPORT else "__init__"


def wrong_directions(module: Module) -> Iterator[str]:
    if module.room not in MAY_IMPORT:
        yield f"{module.path}: the room {module.room!r} is not in the table of this test"
        return
    allowed = MAY_IMPORT[module.room] | {module.room}
    for found in imports(module):
        room = room_of(found.name)
        if room is not None and room not in allowed:
            yield f"{module.path}:{found.line}: {module.room} may not import {found.name}"


def impurities(module: Module) -> Iterator[str]:
    for found in imports(module):
        if found.name.split(".")[0] in IMPURE_MODULES:
            yield f"{module.path}:{found.line}: a pure room imports {found.name}"
    for name, call in calls(module):
        if name in IMPURE_CALLS or ("." in name and name.split(".")[-1] in IMPURE_METHODS):
            yield f"{module.path}:{call.lineno}: a pure room calls {name}"


def torch_imports(module: Module) -> Iterator[str]:
    for found in imports(module):
        room = room_of(found.name)
        heavy = found.name.split(".")[0] == "torch" or (
            room is not None and room not in WITHOUT_TORCH
        )
        if found.at_import and heavy:
            yield f"{module.path}:{found.line}: imports {found.name}, and with it torch"


def test_imports_follow_the_direction_of_the_rooms() -> None:
    assert [line for module in modules() for line in wrong_directions(module)] == []


def test_pure_rooms_neither_print_nor_touch_files_network_or_clock() -> None:
    pure = [module for module in modules() if module.room in PURE]
    assert {"errors", "rng", "recipe", "losses"} <= {module.room for module in pure}
    assert [line for module in pure for line in impurities(module)] == []


def test_rooms_behind_help_and_usage_errors_do_not_import_torch() -> None:
    light = [module for module in modules() if module.room in WITHOUT_TORCH]
    assert [line for module in light for line in torch_imports(module)] == []


def test_importing_them_really_leaves_torch_out() -> None:
    rooms = ", ".join(f"ganvas.{room}" for room in sorted(WITHOUT_TORCH) if "__" not in room)
    code = f"import sys, ganvas, ganvas.cli.main, {rooms}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "src")


def test_the_readme_annotates_every_room() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = {(module.room, "/" in module.path) for module in modules()}
    names = {f"`{room}/`" if is_folder else f"`{room}`" for room, is_folder in rooms}
    assert {name for name in names if name not in readme} == {"`__init__`", "`__main__`"}


def test_files_stay_short() -> None:
    assert [m.path for m in modules() if m.num_lines > MAX_LINES] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("losses.py", "from ganvas.data import load"),
        ("losses.py", "import ganvas.trainer"),
        ("losses.py", "from ganvas import train"),
        ("losses.py", "def f():\n    from ganvas import device"),
        ("nets/blocks.py", "from .. import checkpoint"),
        ("nets/blocks.py", "from ..data.idx import read_checked"),
        ("data/idx.py", "from ganvas.judge import load_judge"),
        ("checkpoint.py", "from ganvas.model import save_model"),
        ("report/grid.py", "from ganvas.trainer import train"),
        ("trainer.py", "from ganvas.cli.main import main"),
        ("trainer.py", "from ganvas.evaluation import evaluate_generator"),
        ("run.py", "def f():\n    from ganvas.session import train"),
        ("surprise.py", "import math"),
    ],
)
def test_checker_finds_a_wrong_direction(path: str, text: str) -> None:
    assert list(wrong_directions(parse(text, path))) != []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("losses.py", "from ganvas.errors import UsageError\nimport torch"),
        ("nets/blocks.py", "from .shape import ImageShape\nfrom . import shape"),
        ("session.py", "from ganvas.data import load\nfrom ganvas.step import run_update"),
        ("cli/main.py", "from ganvas import __version__"),
        ("cli/train.py", "import ganvas\nfrom ganvas.session import train"),
    ],
)
def test_checker_lets_the_right_direction_pass(path: str, text: str) -> None:
    assert list(wrong_directions(parse(text, path))) == []


@pytest.mark.parametrize(
    "text",
    [
        "print('loss')",
        "def f(path):\n    return open(path)",
        "f = lambda path: path.read_text()",
        "import json\ndef f(p):\n    json.dump({}, p.open('w'))",
        "from urllib.request import urlopen",
        "import socket",
        "def f():\n    import time\n    return time.time()",
        "import rich\nrich.print('x')",
        "from safetensors.torch import save_file\nsave_file({}, 'x')\nx.save_file({})",
        "def f(p):\n    p.joinpath('a').write_bytes(b'')",
    ],
)
def test_checker_finds_impurity(text: str) -> None:
    assert list(impurities(parse(text))) != []


def test_checker_lets_pure_code_pass() -> None:
    text = (
        "import json, math\ndef f(x):\n    return json.loads(x), math.sqrt(2), x.replace('a', '')"
    )
    assert list(impurities(parse(text))) == []


@pytest.mark.parametrize(
    ("text", "is_heavy"),
    [
        ("import torch", True),
        ("from torch import nn", True),
        ("from ganvas.losses import hinge", True),
        ("class A:\n    import torch.nn", True),
        ("def f():\n    import torch", False),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch", False),
        ("from ganvas.errors import DataError\nimport numpy", False),
    ],
)
def test_checker_tells_when_torch_is_imported(text: str, is_heavy: bool) -> None:
    assert bool(list(torch_imports(parse(text, "data/idx.py")))) is is_heavy
