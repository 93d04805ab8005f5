"""Checkpoints: a training state comes back bit for bit, or is refused in one clear line."""

import json
import math
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ganvas.checkpoint import (
    FORMAT_VERSION,
    load_checkpoint,
    load_newest,
    newest_checkpoint,
    save_checkpoint,
)
from ganvas.errors import DataError, GanvasError
from ganvas.weights import tensors_to_bytes

quick = settings(max_examples=40, deadline=None)
KEYS = st.text("ab/1$tensor'", max_size=3) | st.integers(-2, 12) | st.booleans() | st.none()
SHAPES = st.lists(st.integers(0, 3), max_size=4).map(tuple)


@st.composite
def some_tensor(draw: st.DrawFn) -> Tensor:
    dtype = draw(st.sampled_from([torch.float32, torch.bfloat16, torch.int64, torch.bool]))
    tensor = torch.randint(0, 2, draw(SHAPES)).to(dtype)
    if tensor.dim() == 4 and draw(st.booleans()):
        return torch.empty_like(tensor, memory_format=torch.channels_last).copy_(tensor)
    return tensor


STATE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=[]), max_size=5)
    | some_tensor(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS, part, max_size=3),
    max_leaves=8,
)


def exactly(value: Any) -> Any:
    """A state in a form whose equality is bit-exactness, types, order and strides included."""
    if isinstance(value, Tensor):
        plain = value.detach().contiguous().flatten().view(torch.uint8)
        return "tensor", value.dtype, value.shape, value.stride(), plain.tolist()
    if isinstance(value, dict):
        return [(type(key), key, exactly(part)) for key, part in value.items()]
    if isinstance(value, list):
        return [exactly(part) for part in value]
    return type(value), repr(value)


def saved(tmp_path: Path, state: dict[str, Any]) -> Path:
    return save_checkpoint(tmp_path / "checkpoints", 64, state, keep=2)


def edit(checkpoint: Path, change: Callable[[Any], Any]) -> None:
    """Change a checkpoint's state.json as somebody would who makes its manifest fit again."""
    path = checkpoint / "state.json"
    document = {"state": json.loads(path.read_text())}
    change(document)
    forge(checkpoint, "state.json", json.dumps(document["state"]).encode())


def edit_manifest(checkpoint: Path, change: Callable[[Any], object]) -> None:
    path = checkpoint / "manifest.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document, indent=2) + "\n")


def forge(checkpoint: Path, part: str, content: bytes) -> None:
    (checkpoint / part).write_bytes(content)
    entry = {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    edit_manifest(checkpoint, lambda manifest: manifest["files"].update({part: entry}))


@quick
@given(state=st.dictionaries(KEYS, STATE, max_size=4))
def test_any_state_comes_back_bit_for_bit(
    state: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "states"
    found = load_checkpoint(save_checkpoint(folder, 1, state, keep=1))
    assert exactly(found) == exactly(state)


def test_keys_that_look_alike_stay_apart(tmp_path: Path) -> None:
    state: dict[Any, Any] = {
        "a/b": torch.tensor(1),
        "a": {"b": torch.tensor(2)},
        1: torch.tensor(3),
        "1": torch.tensor(4),
        "$tensor": {"$items": torch.tensor(5), "$float": 6.0},
    }
    assert exactly(load_checkpoint(saved(tmp_path, state))) == exactly(state)


def test_tuples_come_back_as_lists(tmp_path: Path) -> None:
    found = load_checkpoint(saved(tmp_path, {"betas": (0.0, (0.99, 1))}))
    assert found == {"betas": [0.0, [0.99, 1]]}


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, -0.0, 5e-324, 0.1, 2**80])
def test_numbers_come_back_exactly(tmp_path: Path, value: float) -> None:
    found = load_checkpoint(saved(tmp_path, {"best": value}))["best"]
    assert (type(found), repr(found)) == (type(value), repr(value))


@pytest.mark.parametrize("shape", [(4, 3, 5, 5), (4, 1, 5, 5), (4, 3, 1, 1), (1, 3, 1, 4)])
def test_the_memory_layout_comes_back(tmp_path: Path, shape: tuple[int, ...]) -> None:
    plain = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    last = torch.empty_like(plain, memory_format=torch.channels_last).copy_(plain)
    found = load_checkpoint(saved(tmp_path, {"plain": plain, "last": last}))
    assert torch.equal(found["plain"], found["last"])
    assert found["plain"].stride() == plain.stride()
    assert found["last"].stride() == last.stride()


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD])
def test_training_goes_on_from_a_checkpoint_as_if_it_had_never_stopped(
    tmp_path: Path, kind: type[torch.optim.Optimizer]
) -> None:
    extra = {"momentum": 0.9} if kind is torch.optim.SGD else {"betas": (0.5, 0.9)}

    def make() -> tuple[nn.Module, torch.optim.Optimizer]:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 1, 3))
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return network, kind(network.parameters(), lr=0.1, fused=True, **extra)  # type: ignore[call-arg]

    def step(network: nn.Module, optimizer: torch.optim.Optimizer, seed: int) -> None:
        images = torch.randn(2, 1, 6, 6, generator=torch.Generator().manual_seed(seed))
        optimizer.zero_grad()
        network(images).square().mean().backward()
        optimizer.step()

    network, optimizer = make()
    for seed in range(3):
        step(network, optimizer, seed)
    state = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
    path = saved(tmp_path, state)
    step(network, optimizer, 3)

    other, other_optimizer = make()
    found = load_checkpoint(path)
    other.load_state_dict(found["network"])
    other_optimizer.load_state_dict(found["optimizer"])
    step(other, other_optimizer, 3)
    for mine, theirs in zip(
        network.state_dict().values(), other.state_dict().values(), strict=True
    ):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_the_newest_are_kept_and_the_last_is_named(tmp_path: Path, keep: int) -> None:
    folder = tmp_path / "checkpoints"
    for number, images in enumerate((64, 128, 999_999_999, 1_000_000_000, 10**12), start=1):
        path = save_checkpoint(folder, images, {"images": images}, keep=keep)
        assert (folder / "last").read_text() == f"{path.name}\n"
        assert newest_checkpoint(folder) == path
        assert load_checkpoint(path) == {"images": images}
        assert len(list(folder.iterdir())) == min(number, keep) + 1  # and the file `last`


def test_the_one_just_written_is_never_removed(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    save_checkpoint(folder, 200, {"images": 200}, keep=1)
    path = save_checkpoint(folder, 100, {"images": 100}, keep=1)
    assert load_checkpoint(path) == {"images": 100}
    assert (folder / "last").read_text() == "000000100\n"


def test_the_same_place_is_saved_again_whole(tmp_path: Path) -> None:
    saved(tmp_path, {"try": 1})
    assert load_checkpoint(saved(tmp_path, {"try": 2})) == {"try": 2}


def test_other_things_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    for name in ("best", "notes", "-5", "1e3", ".000000064.abc", "²"):
        (folder / name).mkdir(parents=True)
    (folder / "000000999").write_text("a file")
    assert newest_checkpoint(folder) is None
    path = save_checkpoint(folder, 64, {}, keep=1)
    assert newest_checkpoint(folder) == path
    assert len(list(folder.iterdir())) == 9


def test_no_folder_has_no_checkpoint(tmp_path: Path) -> None:
    assert newest_checkpoint(tmp_path / "missing") is None


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_failed_save_leaves_the_old_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    path = saved(tmp_path, {"weight": torch.ones(2)})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, fails, full)
        with pytest.raises(GanvasError, match=r"cannot write .*: No space left on device"):
            save_checkpoint(path.parent, 128, {"weight": torch.zeros(2)}, keep=1)
    assert newest_checkpoint(path.parent) == path
    assert load_checkpoint(path)["weight"].tolist() == [1.0, 1.0]
    assert sorted(part.name for part in path.parent.iterdir()) == ["000000064", "last"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GanvasError, match=r"cannot write .*file.checkpoints: Not a directory"):
        save_checkpoint(tmp_path / "file" / "checkpoints", 1, {}, keep=1)


@pytest.mark.parametrize("part", ["state.json", "state.safetensors", "manifest.json"])
def test_a_part_cut_at_any_byte_or_missing_is_refused(tmp_path: Path, part: str) -> None:
    checkpoint = saved(tmp_path, {"weight": torch.ones(2), "betas": [0.0, 0.99], "step": 3})
    content = (checkpoint / part).read_bytes()
    for length in range(len(content)):
        (checkpoint / part).write_bytes(content[:length])
        with pytest.raises(GanvasError, match=part.replace(".", r"\.")):
            load_checkpoint(checkpoint)
    (checkpoint / part).unlink()
    with pytest.raises(GanvasError, match=rf"cannot read .*{part}: No such file"):
        load_checkpoint(checkpoint)


@quick
@given(data=st.data(), part=st.sampled_from(["state.json", "state.safetensors", "manifest.json"]))
def test_any_flipped_bit_is_found(
    data: st.DataObject, part: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    checkpoint = saved(tmp_path_factory.mktemp("flip"), {"weight": torch.ones(2)})
    content = bytearray((checkpoint / part).read_bytes())
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    (checkpoint / part).write_bytes(content)
    with pytest.raises(GanvasError, match=str(checkpoint)):
        load_checkpoint(checkpoint)


MALFORMED: dict[str, Callable[[dict[str, Any]], object]] = {
    "a list for a state": lambda d: d.update(state=[1]),
    "a tensor for a state": lambda d: d.update(state={"$tensor": "/w", "channels_last": False}),
    "nothing for a state": lambda d: d.update(state=None),
    "an unknown tensor": lambda d: d.update(state={"$tensor": "/x", "channels_last": False}),
    "a list for a name": lambda d: d.update(state={"$tensor": ["/w"], "channels_last": False}),
    "no layout": lambda d: d.update(state={"$tensor": "/w"}),
    "a layout that does not fit": lambda d: d.update(
        state={"$items": [["w", {"$tensor": "/w", "channels_last": True}]]}
    ),
    "no items": lambda d: d.update(state={"weight": 1}),
    "items that are no pairs": lambda d: d.update(state={"$items": [[1, 2, 3]]}),
    "items that are a number": lambda d: d.update(state={"$items": 5}),
    "a key that is a list": lambda d: d.update(state={"$items": [[[1], 2]]}),
    "no number": lambda d: d.update(state={"$items": [["a", {"$float": "x"}]]}),
    "a list for a number": lambda d: d.update(state={"$items": [["a", {"$float": []}]]}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_state_is_one_clear_line(tmp_path: Path, name: str) -> None:
    checkpoint = saved(tmp_path, {"w": torch.ones(2)})
    edit(checkpoint, MALFORMED[name])
    with pytest.raises(DataError) as caught:
        load_checkpoint(checkpoint)
    assert str(checkpoint) in str(caught.value)
    assert r"\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


MISLEADING: dict[str, Callable[[dict[str, Any]], object]] = {
    "no version": lambda m: m.pop("format_version"),
    "a later version": lambda m: m.update(format_version=FORMAT_VERSION + 1),
    "no files": lambda m: m.pop("files"),
    "a list of files": lambda m: m.update(files=[]),
    "a file too few": lambda m: m["files"].pop("state.json"),
    "a file too many": lambda m: m["files"].update({"../x": {"bytes": 1, "sha256": "0"}}),
    "no digest": lambda m: m["files"]["state.json"].pop("sha256"),
    "a wrong digest": lambda m: m["files"]["state.json"].update(sha256="0" * 64),
    "a list for a digest": lambda m: m["files"]["state.json"].update(sha256=[]),
    "an endless length": lambda m: m["files"]["state.safetensors"].update(bytes=2**62),
    "a length below zero": lambda m: m["files"]["state.safetensors"].update(bytes=-1),
    "a text for a length": lambda m: m["files"]["state.safetensors"].update(bytes="x"),
}


@pytest.mark.parametrize("name", MISLEADING)
def test_a_manifest_that_misleads_is_one_clear_line(tmp_path: Path, name: str) -> None:
    checkpoint = saved(tmp_path, {"w": torch.ones(2)})
    edit_manifest(checkpoint, MISLEADING[name])
    with pytest.raises(DataError, match=str(checkpoint)):
        load_checkpoint(checkpoint)


@pytest.mark.parametrize("content", ["[]", "null", "5", '"text"', "{}"])
def test_a_manifest_that_is_no_object_is_refused(tmp_path: Path, content: str) -> None:
    checkpoint = saved(tmp_path, {})
    (checkpoint / "manifest.json").write_text(content)
    with pytest.raises(DataError, match=f"has checkpoint format None, not {FORMAT_VERSION}"):
        load_checkpoint(checkpoint)


@pytest.mark.parametrize("depth", [900, 100_000])
def test_a_state_nested_beyond_reason_is_refused(tmp_path: Path, depth: int) -> None:
    checkpoint = saved(tmp_path, {})
    deep = "[" * depth + "]" * depth  # of 900, JSON's own reader still takes it
    forge(checkpoint, "state.json", f'{{"$items": [["a",{deep}]]}}'.encode())
    with pytest.raises(GanvasError, match=r"state\.json"):
        load_checkpoint(checkpoint)


def test_tensors_that_the_state_does_not_name_are_refused(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path, {"w": torch.ones(2)})
    forge(checkpoint, "state.safetensors", tensors_to_bytes({"other": torch.ones(2)}))
    with pytest.raises(DataError, match=r"state\.json does not hold a state: KeyError '/w'"):
        load_checkpoint(checkpoint)


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(GanvasError, match=r"cannot read .*nowhere.manifest\.json: No such file"):
        load_checkpoint(tmp_path / "nowhere")


@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
@pytest.mark.parametrize("part", ["state.json", "state.safetensors", "manifest.json"])
def test_a_link_out_of_the_checkpoint_is_not_followed(tmp_path: Path, part: str) -> None:
    checkpoint = saved(tmp_path, {"w": torch.ones(2)})
    (checkpoint / part).rename(tmp_path / "outside")
    (checkpoint / part).symlink_to(tmp_path / "outside")
    with pytest.raises(DataError, match=rf"{part} is a link out of its folder"):
        load_checkpoint(checkpoint)


@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
def test_a_folder_of_checkpoints_that_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "000000001").mkdir(parents=True)
    (tmp_path / "checkpoints").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GanvasError, match="checkpoints is a link"):
        saved(tmp_path, {})
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["000000001"]


def test_the_newest_that_verifies_is_loaded_and_the_others_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    paths = [save_checkpoint(folder, n, {"images": n}, keep=3) for n in (64, 128, 192)]
    (paths[2] / "state.json").write_text("{}")
    (paths[1] / "manifest.json").unlink()
    loaded = load_newest(folder)
    assert loaded is not None
    assert (loaded.path, loaded.state) == (paths[0], {"images": 64})
    assert [str(path) in why for path, why in zip(paths[:0:-1], loaded.passed_over, strict=True)]
    (paths[0] / "state.safetensors").write_bytes(b"")
    with pytest.raises(DataError, match=r"no checkpoint in .* is whole") as caught:
        load_newest(folder)
    assert all(str(path) in str(caught.value) for path in paths)


def test_without_checkpoints_there_is_none_to_load(tmp_path: Path) -> None:
    assert load_newest(tmp_path / "missing") is None


def test_a_second_checkpoint_of_the_same_images_takes_no_place(tmp_path: Path) -> None:
    first, second = saved(tmp_path, {"try": 1}), saved(tmp_path, {"try": 2})
    assert (first.name, second.name) == ("000000064", "000000064.1")
    assert load_checkpoint(first) == {"try": 1}
    assert newest_checkpoint(first.parent) == second
    third = saved(tmp_path, {"try": 3})
    assert (third.name, first.exists(), second.exists()) == ("000000064.2", False, True)


def test_the_best_is_kept_until_there_is_a_better_one(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    for images in (10, 20, 30, 40, 50):
        save_checkpoint(folder, images, {}, keep=2, is_best=images in (20, 50))
        kept = sorted(int(path.name) for path in folder.iterdir() if path.is_dir())
        best = {10: [], 20: [], 30: [20], 40: [20], 50: []}[images]
        assert kept == sorted({*best, *range(max(10, images - 10), images + 1, 10)})
    assert (folder / "best").read_text() == "000000050\n"


def test_a_future_that_was_given_up_goes(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    for images in (100, 200, 300, 150):
        save_checkpoint(folder, images, {}, keep=3)
    assert sorted(path.name for path in folder.iterdir()) == ["000000100", "000000150", "last"]
