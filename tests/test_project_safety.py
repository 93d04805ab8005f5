"""What no file of the package may do, wherever it stands.

No pickle in any form (docs/decisions/004), no package that replaces the CPU build of torch
(005), no randomness but from named streams (002), no printing outside the command line.
"""

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.project_source import Module, calls, imports, modules, parse

PICKLES = frozenset("cloudpickle dill joblib marshal pickle shelve _pickle".split())
PICKLING_CALLS = frozenset({"torch.load", "torch.save", "torch.hub.load", "pandas.read_pickle"})
# Opens one published file, whose SHA-256 it has compared, as tensors only.
OPENS_A_KNOWN_FILE = "judge/inception_convert.py"

# Each installs torchvision or is it; FACTS: torchvision replaces a CPU torch by a CUDA build.
REPLACES_TORCH = frozenset("torchvision timm torch_fidelity cleanfid".split())

NUMPY_STREAM_PARTS = frozenset({"BitGenerator", "Generator", "PCG64", "SeedSequence"})
TORCH_GLOBAL_STATE = frozenset(
    "fork_rng get_rng_state initial_seed manual_seed manual_seed_all seed seed_all "
    "set_rng_state".split()
)
TORCH_DRAWS = frozenset(
    "bernoulli multinomial normal poisson rand rand_like randint randint_like randn randn_like "
    "randperm".split()
)
IN_PLACE_DRAWS = frozenset(
    "bernoulli_ cauchy_ exponential_ geometric_ kaiming_normal_ kaiming_uniform_ log_normal_ "
    "normal_ orthogonal_ random_ trunc_normal_ uniform_ xavier_normal_ xavier_uniform_".split()
)
WHOLE_FILES = frozenset(
    "checkpoint course files journal model quality resumption session trainer weights".split()
)
DISK_CHANGES = frozenset(
    "copy copytree fsync ftruncate makedirs mkdir move remove rename replace rmdir rmtree truncate "
    "unlink write".split()
)
PATH_CHANGES = frozenset("mkdir rmdir touch unlink write_bytes write_text".split())
DATED = frozenset({"resumption", "runlog", "tensorboard"})  # write when something happened

DROPOUTS = frozenset(
    f"torch.nn.{prefix}{name}"
    for prefix, names in {
        "": ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"),
        "functional.": ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"),
    }.items()
    for name in names
)


def pickling(module: Module) -> Iterator[str]:
    for found in imports(module):
        if found.name.split(".")[0] in PICKLES:
            yield f"{module.path}:{found.line}: imports {found.name}"
    for name, call in calls(module):
        allows = any(
            keyword.arg == "allow_pickle"
            and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
            for keyword in call.keywords
        )
        known = (
            module.path == OPENS_A_KNOWN_FILE
            and name == "torch.load"
            and any(
                keyword.arg == "weights_only" and ast.unparse(keyword.value) == "True"
                for keyword in call.keywords
            )
        )
        if (name in PICKLING_CALLS and not known) or allows:
            yield f"{module.path}:{call.lineno}: {name} reads or writes pickle"


def unsafe_unpacking(module: Module) -> Iterator[str]:
    for name, call in calls(module):
        if name.split(".")[-1] in {"extractall", "unpack_archive"}:
            yield f"{module.path}:{call.lineno}: {name} trusts the paths inside an archive"


def torch_replacers(module: Module) -> Iterator[str]:
    for found in imports(module):
        if found.name.split(".")[0] in REPLACES_TORCH:
            yield f"{module.path}:{found.line}: imports {found.name}"


def printing(module: Module) -> Iterator[str]:
    for name, call in calls(module):
        if module.room != "cli" and name == "print":
            yield f"{module.path}:{call.lineno}: prints"


def global_randomness(module: Module) -> Iterator[str]:
    for found in imports(module):
        if found.name.split(".")[0] == "random":
            yield f"{module.path}:{found.line}: imports {found.name}"
    for name, call in calls(module):
        *package, last = name.split(".")
        explicit = any(keyword.arg == "generator" for keyword in call.keywords)
        wrong = (
            (package == ["numpy", "random"] and last not in NUMPY_STREAM_PARTS)
            or (package[:1] == ["torch"] and last in TORCH_GLOBAL_STATE)
            or (package == ["torch"] and last in TORCH_DRAWS and not explicit)
            or (last in IN_PLACE_DRAWS and package[:1] != ["ganvas"] and not explicit)
            or name in DROPOUTS
        )
        if wrong:
            yield f"{module.path}:{call.lineno}: {name} draws from a global generator"


def clocks_that_jump(module: Module) -> Iterator[str]:
    """Durations come from a monotonic clock; the date is only ever written for people to read."""
    for name, call in calls(module):
        jumps = name in {"time.time", "time.time_ns"} or name.split(".")[-1] in {"utcnow", "today"}
        dated = name.endswith("datetime.now") and module.room not in DATED
        if jumps or dated:
            yield f"{module.path}:{call.lineno}: {name} can jump"


def disk_past_its_room(module: Module) -> Iterator[str]:
    """Where every file is whole or not there, a test must be able to fail at each change."""
    if module.room not in WHOLE_FILES:
        return
    for name, call in calls(module):
        *package, last = name.split(".")
        changes = package in (["os"], ["shutil"]) and last in DISK_CHANGES
        if changes or (last in PATH_CHANGES and package[:1] not in (["ganvas"], ["disk"], [])):
            yield f"{module.path}:{call.lineno}: {name} changes the disk past ganvas.disk"


RULES = (
    clocks_that_jump,
    disk_past_its_room,
    pickling,
    unsafe_unpacking,
    torch_replacers,
    printing,
    global_randomness,
)


@pytest.mark.parametrize("rule", RULES)
def test_the_package_keeps_the_rule(rule: Callable[[Module], Iterator[str]]) -> None:
    assert [line for module in modules() for line in rule(module)] == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (clocks_that_jump, "import time\ntime.time()"),
        (clocks_that_jump, "from time import time_ns\ntime_ns()"),
        (clocks_that_jump, "from datetime import datetime\ndatetime.now()"),
        (disk_past_its_room, "import os\nos.replace('a', 'b')"),
        (disk_past_its_room, "from shutil import rmtree\nrmtree('a')"),
        (disk_past_its_room, "def f(path):\n    path.write_bytes(b'')"),
        (pickling, "import pickle"),
        (pickling, "from joblib import dump"),
        (pickling, "import torch\ntorch.load('x', weights_only=True)"),
        (pickling, "from torch import save\nsave({}, 'x')"),
        (pickling, "import numpy as np\nnp.load('x', allow_pickle=True)"),
        (pickling, "import numpy as np\nnp.load('x', allow_pickle=unsure)"),
        (unsafe_unpacking, "def f(archive):\n    archive.extractall('.')"),
        (unsafe_unpacking, "import shutil\nshutil.unpack_archive('x')"),
        (torch_replacers, "import torchvision.transforms as T"),
        (torch_replacers, "def f():\n    from timm import create_model"),
        (printing, "print('x')"),
        (global_randomness, "import random"),
        (global_randomness, "import torch\ntorch.manual_seed(0)"),
        (global_randomness, "import torch\ntorch.cuda.manual_seed_all(0)"),
        (global_randomness, "import torch\ntorch.random.fork_rng()"),
        (global_randomness, "import numpy as np\nnp.random.seed(0)"),
        (global_randomness, "import numpy\nnumpy.random.rand(3)"),
        (global_randomness, "from numpy.random import default_rng\ndefault_rng()"),
        (global_randomness, "import torch\ntorch.randn(3)"),
        (global_randomness, "from torch import randperm\nrandperm(3)"),
        (global_randomness, "def f(weight):\n    weight.data.normal_(0, 0.02)"),
        (global_randomness, "from torch.nn import init\ninit.orthogonal_(weight)"),
        (global_randomness, "from torch import nn\nnn.Dropout(0.3)"),
        (global_randomness, "import torch.nn.functional as F\nF.dropout(x, 0.3)"),
    ],
)
def test_checker_finds_what_breaks_it(rule: Callable[[Module], Iterator[str]], text: str) -> None:
    path = "files.py" if rule is disk_past_its_room else "data/snippet.py"
    assert list(rule(parse(text, path))) != []


@pytest.mark.parametrize(
    "text",
    [
        "import time\ntime.perf_counter()\ntime.monotonic()",
        "import numpy as np\nnp.load('x.npy')\nnp.load('x.npz', allow_pickle=False)",
        "import numpy as np\nnp.random.Generator(np.random.PCG64(3)).normal()",
        "import torch\ng = torch.Generator()\ng.manual_seed(3)\ntorch.randn(3, generator=g)",
        "from torch.nn import init\ninit.uniform_(weight, generator=g)",
        "from ganvas.nets.blocks import Dropout\nDropout(0.3)",
        "from ganvas.nets.initialisation import normal_\nnormal_(weight, 0.02, g)",
        "from safetensors.torch import load, save",
        "def f(archive):\n    archive.extractfile('name')",
    ],
)
def test_checker_lets_the_right_way_pass(text: str) -> None:
    module = parse(text, "data/snippet.py")
    assert [line for rule in RULES for line in rule(module)] == []


def test_one_file_may_open_published_weights_as_tensors_only() -> None:
    text = "import torch\ntorch.load('x', weights_only=%s)"
    assert list(pickling(parse(text % True, OPENS_A_KNOWN_FILE))) == []
    assert list(pickling(parse(text % False, OPENS_A_KNOWN_FILE))) != []


def test_the_command_line_may_print() -> None:
    assert list(printing(parse("print('x')", "cli/train.py"))) == []
