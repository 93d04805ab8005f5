"""Conversion of the Inception weights: only the known file is opened, and nothing is lost."""

import json
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
import torch
from torch import Tensor

from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.files import digest_of
from ganvas.judge import inception_convert
from ganvas.judge.inception import load_inception
from ganvas.judge.inception_card import SOURCE_DIGEST, SOURCE_FILE, no_inception
from ganvas.judge.inception_convert import convert_inception
from ganvas.weights import read_tensors, write_weights
from tests.inception_helpers import flat_tensors, random_tensors

COMMAND = "ganvas judge convert weights.pth"
NAME = "Mixed_5b.branch1x1.conv.weight"
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def tensors() -> dict[str, Tensor]:
    return random_tensors()


@pytest.fixture(scope="module")
def converted(
    tmp_path_factory: pytest.TempPathFactory, tensors: dict[str, Tensor]
) -> Iterator[Path]:
    """A judge made from random weights in the format of PyTorch before 1.6, as published."""
    folder = tmp_path_factory.mktemp("convert")
    source = folder / "weights.pth"
    torch.save(tensors, source, _use_new_zipfile_serialization=False)
    out = folder / "judges" / "inception"  # "judges" is made on the way
    assert convert(source, out) == out
    yield out
    rmtree(folder)  # 190 MB


@pytest.fixture
def judge(tmp_path: Path, converted: Path) -> Iterator[Path]:
    """A copy of the judge whose files can be replaced; the weights are shared until then."""
    folder = tmp_path / "inception"
    folder.mkdir()
    (folder / "config.json").write_bytes((converted / "config.json").read_bytes())
    os.link(converted / "model.safetensors", folder / "model.safetensors")
    yield folder
    rmtree(folder)


def convert(source: Path, out: Path) -> Path:
    return convert_inception(source, out, COMMAND, expected_digest=digest_of(source))


def save_flat(path: Path, change: Change | None = None) -> Path:
    tensors: dict[str, Any] = dict(flat_tensors())
    if change is not None:
        change(tensors)
    torch.save(tensors, path)
    return path


class Bomb:
    """Pickled, it makes a file at `path` when it is opened carelessly."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


# --- what is kept ---------------------------------------------------------------------------


def test_every_tensor_arrives_bit_for_bit(converted: Path, tensors: dict[str, Tensor]) -> None:
    found = read_tensors(converted / "model.safetensors", None)
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], value) for name, value in tensors.items())
    state = load_inception(converted)._network.state_dict()
    assert all(torch.equal(state[name], value) for name, value in tensors.items())


def test_the_card_says_where_the_weights_come_from(converted: Path) -> None:
    judge = load_inception(converted)
    source = converted.parents[1] / "weights.pth"
    assert judge.card == json.loads((converted / "config.json").read_text())
    assert judge.name == judge.card["kind"] == "inception"
    assert judge.card["features"] == judge.num_features == 2048
    assert judge.digest == digest_of(converted / "model.safetensors")
    assert judge.card["source"]["file"] == "weights.pth"
    assert judge.card["source"]["digest"] == digest_of(source)
    assert judge.card["command"] == COMMAND
    assert {path.name for path in converted.iterdir()} == {
        "config.json",
        "model.safetensors",
        "README.md",
    }
    readme = (converted / "README.md").read_text()
    for part in (judge.digest, digest_of(source), COMMAND, "Apache-2.0", "1512.00567"):
        assert part in readme


def test_counters_and_the_training_head_are_dropped_and_a_judge_is_replaced(judge: Path) -> None:
    def add(tensors: dict[str, Any]) -> None:
        tensors["Conv2d_1a_3x3.bn.num_batches_tracked"] = torch.tensor(7)
        tensors["AuxLogits.fc.weight"] = torch.zeros(2)

    before = load_inception(judge).digest
    convert(save_flat(judge.parent / "other.pth", add), judge)
    after = load_inception(judge)
    assert after.digest != before
    state = after._network.state_dict()
    assert all(torch.equal(state[name], value) for name, value in flat_tensors().items())


# --- what is not opened ---------------------------------------------------------------------


def test_any_other_file_is_refused_without_being_opened_as_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb, trace = tmp_path / SOURCE_FILE, tmp_path / "trace"
    bomb.write_bytes(pickle.dumps(Bomb(trace)))
    with monkeypatch.context() as patch:
        patch.setattr(torch, "load", lambda *_, **__: pytest.fail("opened"))
        with pytest.raises(DataError) as caught:
            convert_inception(bomb, tmp_path / "out", COMMAND)
    assert f"expected {SOURCE_DIGEST}, found {digest_of(bomb)}" in str(caught.value)
    # and were its digest vouched for, only tensors would be made of it
    with pytest.raises(DataError, match="no PyTorch file of plain tensors"):
        convert(bomb, tmp_path / "out")
    assert not trace.exists()
    pickle.loads(bomb.read_bytes())
    assert trace.exists()  # it does go off
    assert not (tmp_path / "out").exists()


def test_the_published_file_is_the_one_that_its_name_says() -> None:
    # the end of such a file's name is the beginning of its SHA-256
    begin = SOURCE_FILE.removesuffix(".pth").rpartition("-")[2]
    assert len(begin) == 8
    assert SOURCE_DIGEST.startswith(f"sha256:{begin}")
    assert len(SOURCE_DIGEST) == len("sha256:") + 64


def test_a_much_larger_file_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "large.pth"
    source.write_bytes(bytes(1001))
    monkeypatch.setattr(inception_convert, "_LARGEST_SOURCE", 1000)
    with pytest.raises(DataError, match="found a much larger file"):
        convert(source, tmp_path / "out")


@pytest.mark.parametrize("name", ["missing.pth", "."])
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(GanvasError, match="cannot read"):
        convert_inception(tmp_path / name, tmp_path / "out", COMMAND)


def test_a_folder_that_is_something_else_is_never_replaced(tmp_path: Path) -> None:
    source = save_flat(tmp_path / "weights.pth")
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "config.json").write_text('{"kind": "judge", "format_version": 1}')
    for out in (tmp_path, tmp_path / "mnist", source):
        with pytest.raises(UsageError, match="no Inception judge; choose another folder"):
            convert(source, out)
    assert (tmp_path / "mnist" / "config.json").is_file()
    with pytest.raises(GanvasError, match="cannot write"):
        convert(source, source / "judges" / "inception")
    assert {path.name for path in tmp_path.iterdir()} == {"weights.pth", "mnist"}


# --- what does not fit ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop(NAME), f"lacks the tensor '{NAME}'"),
        (lambda t: t.update(extra=torch.zeros(1)), "unknown tensor 'extra'"),
        (lambda t: t.update({NAME: torch.zeros(64, 192)}), rf"'{NAME}' is .*\(64, 192\), not"),
        (lambda t: t.update({NAME: t[NAME].double()}), rf"'{NAME}' is torch.float64"),
        (lambda t: t.update({NAME: t[NAME] * torch.nan}), rf"'{NAME}' has values that are not fin"),
        (lambda t: t.update({NAME: [1.0]}), "must hold named tensors only"),
        (lambda t: t.update({7: torch.zeros(1)}), "must hold named tensors only"),
    ],
)
def test_tensors_that_do_not_fit_the_network_are_refused(
    tmp_path: Path, change: Change, message: str
) -> None:
    source = save_flat(tmp_path / "weights.pth", change)
    with pytest.raises(DataError, match=message):
        convert(source, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["weights.pth"]


@pytest.mark.parametrize("content", [torch.zeros(2), 3])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "weights.pth")
    with pytest.raises(DataError, match="must hold named tensors only"):
        convert(tmp_path / "weights.pth", tmp_path / "out")


def test_one_changed_bit_in_the_judge_is_found(judge: Path) -> None:
    path = judge / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"model.safetensors is damaged .*expected sha256:"):
        load_inception(judge)


def test_weights_of_another_network_are_refused_though_the_digest_fits(
    judge: Path, tensors: dict[str, Tensor]
) -> None:
    path = judge / "model.safetensors"
    path.unlink()
    digest = write_weights(path, {"fc.weight": torch.zeros(3)}, {})
    edit(judge, weights={"digest": digest})
    with pytest.raises(DataError, match="network described beside it needs"):
        load_inception(judge)
    other = {("fc.other" if name == "fc.bias" else name): t for name, t in tensors.items()}
    edit(judge, weights={"digest": write_weights(path, other, {})})
    with pytest.raises(DataError, match=r"lacks the tensor 'fc\.bias'"):
        load_inception(judge)


def edit(folder: Path, **entries: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format_version", 2),
        ("format_version", True),
        ("kind", "judge"),
        ("name", ""),
        ("features", 2048.0),
        ("class_names", ["cat"]),
        ("weights", None),
        ("weights", {"digest": "sha256:" + "F" * 64}),
        ("source", {"digest": 7}),
    ],
)
def test_an_odd_card_is_refused_by_name(judge: Path, name: str, value: object) -> None:
    edit(judge, **{name: value})
    with pytest.raises(DataError, match=rf"config.json: {name}(\.digest)? must be"):
        load_inception(judge)


@pytest.mark.parametrize("text", ["[]", "{", None])
def test_a_folder_without_a_card_is_refused(judge: Path, text: str | None) -> None:
    (judge / "config.json").unlink()
    if text is not None:
        (judge / "config.json").write_text(text)
    with pytest.raises(DataError, match=r"config\.json"):
        load_inception(judge)


def test_who_has_no_such_judge_is_told_the_file_and_the_command() -> None:
    text = no_inception()
    assert f"ganvas judge convert {SOURCE_FILE} -o judges/inception" in text
    assert str(UsageError(text)) == text  # one printable line
