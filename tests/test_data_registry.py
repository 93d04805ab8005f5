"""The named sets themselves, and a small made-up one that is found, downloaded and damaged."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ganvas.data import DataSet, describe, listing, load, names, verify
from ganvas.data.named import find
from ganvas.data.named.find import embedded_folder
from ganvas.data.named.sources import MNIST
from ganvas.errors import DataError, UsageError


@pytest.fixture(scope="module")
def mnist() -> DataSet:
    return load("mnist")


def test_mnist_is_the_well_known_one(mnist: DataSet) -> None:
    assert mnist.test is not None
    assert [len(part) for part in (mnist.train, mnist.held_out, mnist.test)] == [
        55_000, 5_000, 10_000,
    ]  # fmt: skip
    assert (mnist.channels, mnist.height, mnist.width, mnist.num_classes) == (1, 28, 28, 10)
    assert mnist.train.labels is not None
    assert mnist.held_out.labels is not None
    assert mnist.test.labels is not None
    counts = np.bincount(mnist.train.labels) + np.bincount(mnist.held_out.labels)
    assert counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert mnist.source == "embedded in ganvas"
    for part in (mnist.train, mnist.held_out, mnist.test):
        assert part.images.flags.writeable  # torch.from_numpy warns of arrays that are not


def test_mnist_split_is_fixed_and_the_digest_does_not_depend_on_it(mnist: DataSet) -> None:
    again = load("mnist", held_out=100)
    np.testing.assert_array_equal(again.held_out.images, mnist.held_out.images[:100])
    assert again.digest == mnist.digest
    assert mnist.digest == (
        "sha256:f03f67b1b8911ec41cbced5619d373025b283872e9aca9f1a33b78c4e4a82345"
    )


def test_describe_is_ready_for_json_and_adds_up(mnist: DataSet) -> None:
    told = json.loads(json.dumps(describe(mnist)))
    for name, count in (("train", 55_000), ("held_out", 5_000), ("test", 10_000)):
        assert told["splits"][name]["images"] == count
        assert sum(told["splits"][name]["classes"].values()) == count
    assert (told["class_names"], told["num_classes"]) == (list("0123456789"), 10)
    assert (told["channels"], told["height"], told["width"]) == (1, 28, 28)
    assert told["digest"] == mnist.digest
    assert "LeCun" in told["licence"]


def test_the_embedded_files_verify() -> None:
    checks = verify("mnist")
    assert [check.state for check in checks] == ["ok"] * 4
    assert [check.found for check in checks] == [file.digest for file in MNIST.files]


def test_a_damaged_embedded_file_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(embedded_folder(MNIST), tmp_path / "mnist")
    monkeypatch.setattr(find, "files", lambda _: tmp_path)
    path = tmp_path / "mnist" / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1000])
    expected = MNIST.test_labels.digest
    with pytest.raises(
        DataError,
        match=rf"{path} is damaged .*expected sha256 {expected}, found \w{{64}}; install ganvas",
    ):
        load("mnist")
    assert [check.state for check in verify("mnist")] == ["ok", "ok", "ok", "damaged"]
    path.unlink()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz not found .*install ganvas"):
        load("mnist")
    assert verify("mnist")[3].state == "missing"


@pytest.mark.parametrize("name", ["mnits", "MNIST", "mnist-", "minst"])
def test_an_unknown_name_suggests_the_nearest(name: str) -> None:
    for ask in (load, verify):
        with pytest.raises(
            UsageError, match=rf"unknown data set '{name}'; did you mean 'mnist'\?$"
        ):
            ask(name)
    with pytest.raises(
        UsageError,
        match=r"'zzz', and nothing lies at that path; choose from cifar10, fashion-mnist",
    ):
        load("zzz")


@pytest.mark.parametrize("held_out", [-1, 60_000])
def test_held_out_beyond_the_training_images_is_refused(held_out: int) -> None:
    with pytest.raises(UsageError, match=f"from 0 to 59999 .* got {held_out}"):
        load("mnist", held_out=held_out)


def test_names_are_those_listed() -> None:
    assert names() == ("mnist", "fashion-mnist", "cifar10", "stacked-mnist", "ring", "grid")
    assert tuple(entry.name for entry in listing()) == names()


def test_listing_needs_neither_numpy_nor_torch_and_loading_no_torch() -> None:
    program = """
import sys
import ganvas.data
lines = [entry.line for entry in ganvas.data.listing()]
assert lines[0].startswith("mnist: handwritten digits, 70,000 grey images of 28x28"), lines
assert "numpy" not in sys.modules
for name in ganvas.data.__all__:
    assert getattr(ganvas.data, name)
assert "numpy" in sys.modules
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
