"""Weights on disk: the same tensors are the same bytes, and nothing that is not them is loaded."""

import json
import struct
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ganvas.errors import DataError, GanvasError
from ganvas.files import digest_of
from ganvas.weights import layout_of, read_tensors, read_weights, write_weights

quick = settings(max_examples=40, deadline=None)
DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.int64, torch.uint8]
SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@st.composite
def some_tensors(draw: st.DrawFn) -> dict[str, Tensor]:
    names = draw(st.sets(st.text("abc./_0é", min_size=1, max_size=6), max_size=4))
    made = {}
    for name in names:
        shape, dtype = draw(SHAPES), draw(st.sampled_from(DTYPES))
        size = torch.Size(shape).numel() * dtype.itemsize
        # Every pattern of bits: NaN with any payload, both zeros, infinities, subnormal numbers.
        bits = bytearray(draw(st.binary(min_size=size, max_size=size)))
        empty = torch.empty(shape, dtype=dtype)
        made[name] = torch.frombuffer(bits, dtype=dtype).reshape(shape) if bits else empty
    return made


def bits_of(tensor: Tensor) -> tuple[Any, ...]:
    plain = tensor.detach().contiguous()
    return plain.dtype, tuple(plain.shape), bytes(plain.flatten().view(torch.uint8).tolist())


def small() -> dict[str, Tensor]:
    return {"bias": torch.arange(3.0), "weight": torch.arange(6.0).reshape(2, 3)}


def header_and(header: dict[str, Any] | bytes, data: bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


@quick
@given(tensors=some_tensors())
def test_tensors_come_back_bit_for_bit(
    tensors: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "some.safetensors"
    digest = write_weights(path, tensors, {})
    found = read_weights(path, layout_of(tensors), digest)
    assert {name: bits_of(part) for name, part in found.items()} == {
        name: bits_of(part) for name, part in tensors.items()
    }


@quick
@given(tensors=some_tensors(), order=st.randoms(use_true_random=False))
def test_the_same_tensors_give_the_same_bytes(
    tensors: dict[str, Tensor], order: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    shuffled = list(tensors)
    order.shuffle(shuffled)
    copies = {name: tensors[name].clone() for name in shuffled}
    first = write_weights(folder / "first", tensors, {"format": "pt"})
    assert write_weights(folder / "second", copies, {"format": "pt"}) == first
    assert (folder / "first").read_bytes() == (folder / "second").read_bytes()


def test_the_memory_layout_does_not_change_the_bytes(path: Path) -> None:
    image = torch.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    digest = write_weights(path, {"a": image}, {})
    layouts = (
        image.to(memory_format=torch.channels_last),
        image.permute(3, 2, 1, 0).clone().permute(3, 2, 1, 0),
        torch.stack([image, image])[1],
        image.clone().requires_grad_(),
    )
    assert {write_weights(path, {"a": other}, {}) for other in layouts} == {digest}


def test_the_digest_is_that_of_the_file(path: Path) -> None:
    digest = write_weights(path, small(), {})
    assert digest == digest_of(path)
    assert digest == f"sha256:{sha256(path.read_bytes()).hexdigest()}"


def test_one_bit_of_one_value_changes_the_digest(path: Path) -> None:
    digest = write_weights(path, {"a": torch.zeros(2)}, {})
    assert write_weights(path, {"a": torch.tensor([0.0, -0.0])}, {}) != digest


def test_a_file_cut_at_any_byte_is_refused(path: Path) -> None:
    digest = write_weights(path, small(), {})
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        for known in (digest, None):  # the size, the digest, or the parser finds it
            with pytest.raises(DataError, match=r"model\.safetensors") as caught:
                read_weights(path, layout_of(small()), known)
            assert "\n" not in str(caught.value)


@quick
@given(data=st.data())
def test_any_flipped_bit_is_found_by_the_digest(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped.safetensors"
    digest = write_weights(path, small(), {})
    content = bytearray(path.read_bytes())
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    with pytest.raises(DataError, match="is damaged or was changed: expected sha256:"):
        read_weights(path, layout_of(small()), digest)


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_a_flipped_bit_never_gives_other_names_shapes_or_types(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Without a digest the header still cannot lie: what comes back has the layout asked for."""
    path = tmp_path_factory.getbasetemp() / "header.safetensors"
    write_weights(path, small(), {})
    content = bytearray(path.read_bytes())
    header = 8 + struct.unpack("<Q", content[:8])[0]
    bit = data.draw(st.integers(0, 8 * header - 1))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    try:
        found = read_weights(path, layout_of(small()), None)
    except DataError:
        return
    assert layout_of(found) == layout_of(small())


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"bias": torch.ones(3), "weights": torch.ones(2, 3)}, "unknown tensor 'weight'; did you"),
        ({"bias": torch.ones(3), "weight": torch.ones(3, 2)}, "float32 2x3, not float32 3x2"),
        ({"bias": torch.ones(3), "weight": torch.ones(6)}, "float32 2x3, not float32 6"),
        (
            {"bias": torch.ones(3), "weight": torch.ones(2, 3, dtype=torch.int32)},
            "tensor 'weight' is float32 2x3, not int32 2x3",
        ),
        ({"bias": torch.ones(3)}, "unknown tensor 'weight'; choose from bias"),
        (small() | {"extra": torch.ones(0)}, "lacks the tensor 'extra'"),
        ({}, "unknown tensor 'bias'"),
    ],
)
def test_what_is_not_what_was_expected_is_named(
    path: Path, expected: dict[str, Tensor], message: str
) -> None:
    write_weights(path, small(), {})
    with pytest.raises(DataError, match=message) as caught:
        read_weights(path, layout_of(expected), None)
    assert str(path) in str(caught.value)


def test_a_scalar_is_spoken_of_as_one(path: Path) -> None:
    write_weights(path, {"a": torch.tensor(1.0)}, {})
    with pytest.raises(DataError, match="float32 scalar, not float32 1"):
        read_weights(path, layout_of({"a": torch.ones(1)}), None)


def test_a_file_of_the_wrong_size_is_never_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = sum(4 * part.numel() for part in small().values())
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    for size in (0, needed - 1, needed + (1 << 20) + 1, 10**12):
        with path.open("wb") as file:
            file.truncate(size)  # takes no room on the disk
        with pytest.raises(DataError, match=f"has {size} bytes; .* needs {needed}"):
            read_weights(path, layout_of(small()), None)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(8),
        struct.pack("<Q", 2**63) + bytes(40),
        struct.pack("<Q", 10**11) + b"{}",
        header_and(b"{", b""),
        header_and(b"[]", b""),
        header_and(b'{"a":' * 500, b""),
        header_and({"a": {"dtype": "F32", "shape": [10**9], "data_offsets": [0, 4 * 10**9]}}, b""),
        header_and({"a": {"dtype": "F32", "shape": [10**9], "data_offsets": [0, 4]}}, bytes(4)),
        header_and({"a": {"dtype": "F32", "shape": [2**62, 8], "data_offsets": [0, 0]}}, b""),
        header_and({"a": {"dtype": "F32", "shape": [0, 2**63], "data_offsets": [0, 0]}}, b""),
        header_and(
            {"a": {"dtype": "F32", "shape": [0, 2**32, 2**32], "data_offsets": [0, 0]}}, b""
        ),
        header_and({"a": {"dtype": "F8_E8M0", "shape": [0], "data_offsets": [0, 0]}}, b""),
        header_and({"a": {"dtype": "X", "shape": [1], "data_offsets": [0, 4]}}, bytes(4)),
        header_and({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, bytes(4)),
        header_and({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}, bytes(4)),
        header_and({"a": {"shape": [1]}}, bytes(4)),
    ],
    ids=range(17),
)
def test_a_header_that_lies_is_refused_in_one_line(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DataError, match="is not a whole safetensors file: ") as caught:
        read_tensors(path, f"sha256:{sha256(content).hexdigest()}")
    assert str(caught.value).isprintable()
    assert r"\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_file_that_cannot_be_read_is_named(path: Path) -> None:
    with pytest.raises(GanvasError, match=r"cannot read .*model\.safetensors: No such file"):
        read_weights(path, {}, None)
    path.mkdir()
    with pytest.raises(GanvasError, match=r"model\.safetensors"):
        read_weights(path, {}, None)


def test_loaded_tensors_do_not_hang_on_the_file(path: Path) -> None:
    digest = write_weights(path, small(), {})
    found = read_weights(path, layout_of(small()), digest)
    path.write_bytes(bytes(path.stat().st_size))
    path.unlink()
    found["bias"].add_(1)
    assert found["bias"].tolist() == [1.0, 2.0, 3.0]
    assert found["weight"].tolist() == small()["weight"].tolist()
