"""What is depended on, what the wheel carries, and that it works where it is installed."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project_source import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]

# Whatever asks for torchvision replaces a CPU build of torch by a CUDA build of several GB.
FORBIDDEN = frozenset({"torchvision", "timm", "torch-fidelity", "clean-fid"})


def requirements_of(name: str) -> list[str]:
    return distribution(name).requires or []


def reached(
    requirements: Iterable[str], look_up: Callable[[str], list[str]] = requirements_of
) -> dict[str, tuple[str, ...]]:
    """Every package that `requirements` install here, each with the way that leads to it.

    `look_up(name)` gives the requirement strings of a package, by default those of the
    installed one. Raises PackageNotFoundError when one of them is not installed, since a way
    that cannot be followed proves nothing.
    """
    ways: dict[str, tuple[str, ...]] = {}
    done: set[tuple[str, str]] = set()
    waiting: list[tuple[Requirement, str, tuple[str, ...]]]
    waiting = [(Requirement(text), "", ()) for text in requirements]
    while waiting:
        requirement, extra, way = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        way = (*way, name)
        ways.setdefault(name, way)
        for inner in {"", *requirement.extras}:
            if name not in FORBIDDEN and (name, inner) not in done:
                done.add((name, inner))
                waiting += [(Requirement(text), inner, way) for text in look_up(name)]
    return ways


def everything() -> list[str]:
    own = [text for extra in EXTRAS.values() for text in extra]
    return [*PROJECT["dependencies"], *own]


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    return dict(pin.split("==") for pin in pins)


def test_no_extra_reaches_a_package_that_replaces_torch() -> None:
    ways = reached(everything())
    assert {"torch", "numpy", "pytest", "sympy"} <= set(ways)
    assert [way for name, way in ways.items() if name in FORBIDDEN] == []


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("torchvision", True),
        ("near", True),
        ("far", True),
        ("metrics", False),
        ("metrics[image]", True),
        ("elsewhere", False),
    ],
)
def test_the_walk_finds_forbidden_packages_however_far(requirement: str, expected: bool) -> None:
    index = {
        "near": ["timm>=1"],
        "far": ["near"],
        "metrics": ["torch-fidelity; extra == 'image'", "numpy"],
        "elsewhere": ["torchvision; sys_platform == 'nowhere'"],
        "numpy": [],
    }
    assert bool(FORBIDDEN & set(reached([requirement], index.__getitem__))) is expected


def test_constraints_pin_every_package_that_an_install_brings() -> None:
    pins = constraints()
    ways = reached(everything())
    # What a torch build brings by itself differs (CUDA), and it is free to.
    ours = {name for name, way in ways.items() if "torch" not in way[:-1]}
    assert ours <= set(pins)
    assert not FORBIDDEN & set(pins)


def test_constraints_satisfy_the_project() -> None:
    pins = constraints()
    wrong = [
        text
        for text in everything()
        if not (wish := Requirement(text)).specifier.contains(pins[canonicalize_name(wish.name)])
    ]
    assert wrong == []


def test_constraints_name_exact_public_versions_and_no_place() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = [line for line in text.splitlines() if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", pin)] == []
    assert "torch==2.13.0" in pins


def test_extra_all_holds_every_extra_that_adds_a_feature() -> None:
    features = [text for name, extra in EXTRAS.items() if name != "dev" for text in extra]
    assert set(features) == set(EXTRAS["all"])


def test_pre_commit_runs_the_tools_of_the_environment_and_pins_none() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: *(\S+)", text) == ["local"]
    entries = re.findall(r"entry: *(\S+ -m \w+)", text)
    assert set(entries) == {".venv/bin/python -m ruff", ".venv/bin/python -m mypy"}
    assert len(entries) == text.count("- id:") == text.count("language: system")
    assert "rev:" not in text
    assert "additional_dependencies" not in text


def committed_files() -> list[str]:
    """Paths that git knows; skips the test outside a git checkout."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [name for name in listing.stdout.decode().split("\0") if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel made as for a release: committed files only, first an sdist, then from that."""
    export, out = tmp_path_factory.mktemp("export"), tmp_path_factory.mktemp("dist")
    for name in committed_files():
        (export / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, export / name)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(export)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that holds the installed wheel and nothing else."""
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(target), str(wheel)], check=True)
    return target


def run_installed(installed: Path, tmp_path: Path, *arguments: str) -> str:
    """Standard output of Python run with the installed wheel first, far from the checkout."""
    env = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def package_data() -> Iterator[str]:
    for name in committed_files():
        if name.startswith("src/ganvas/") and not name.endswith(".gitkeep"):
            yield name.removeprefix("src/")


def test_wheel_carries_every_committed_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    expected = set(package_data())
    assert {"ganvas/py.typed", "ganvas/assets/mnist/train-images-idx3-ubyte.gz"} <= expected
    assert expected <= held
    foreign = {name for name in held - expected if ".dist-info/" not in name}
    assert foreign == set()


def test_wheel_states_licence_and_entry_point(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = archive.namelist()
        info = next(name for name in held if name.endswith(".dist-info/METADATA"))
        folder = info.removesuffix("/METADATA")
        metadata = archive.read(info).decode()
        entry_points = archive.read(f"{folder}/entry_points.txt").decode()
    assert "License-Expression: Apache-2.0 AND CC-BY-SA-3.0" in metadata
    assert {f"{folder}/licenses/LICENSE", f"{folder}/licenses/NOTICE"} <= set(held)
    assert "ganvas = ganvas.cli.main:main" in entry_points


def test_installed_wheel_is_the_one_imported_and_reads_its_assets(
    installed: Path, tmp_path: Path
) -> None:
    code = (
        "import ganvas; from ganvas.data import load; mnist = load('mnist', download=False); "
        "print(ganvas.__file__); print(len(mnist.train) + len(mnist.held_out))"
    )
    file, count = run_installed(installed, tmp_path, "-c", code).split()
    assert Path(file).is_relative_to(installed)
    assert count == "60000"


def test_installed_command_tells_the_version(installed: Path, tmp_path: Path) -> None:
    printed = run_installed(installed, tmp_path, "-m", "ganvas", "--version")
    assert PROJECT["version"] in printed


def test_installed_command_samples_from_the_shipped_model(installed: Path, tmp_path: Path) -> None:
    run_installed(installed, tmp_path, "-m", "ganvas", "sample", "mnist", "-n", "4", "-o", "4.png")
    assert (tmp_path / "4.png").read_bytes().startswith(b"\x89PNG")


def test_this_environment_runs_the_tested_tools() -> None:
    """Lint, types and format are only comparable at the versions that everyone has."""
    pins = constraints()
    try:
        found = {name: version(name) for name in ("mypy", "pytest", "ruff")}
    except PackageNotFoundError as error:
        pytest.fail(f"{error.name} is not installed: pip install -c constraints.txt -e '.[dev]'")
    assert found == {name: pins[name] for name in found}
