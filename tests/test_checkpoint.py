"""Checkpoints: a training state comes back bit for bit, or is refused in one clear line."""

import math
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from ganvas.checkpoint import (
    load_checkpoint,
    load_newest,
    newest_checkpoint,
    save_checkpoint,
)
from ganvas.errors import DataError, GanvasError
from tests.checkpoint_helpers import quick, saved

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


@pytest.mark.parametrize("keep", [1, 2, 3, 4, 5, 10])
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
