"""Lines of metrics.jsonl: every figure comes through, whatever else stands in the file."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.report.lines import Metrics, bands, parse_metrics, parse_newest, plain_figures, series

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def written(*entries: Any) -> bytes:
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


@settings(deadline=None)
@given(
    points=st.lists(
        st.tuples(st.integers(0, 2**40), st.floats(0, 1e9), st.none() | NUMBERS), max_size=9
    )
)
def test_a_figure_comes_back_as_it_was_written(
    points: list[tuple[int, float, float | None]],
) -> None:
    entries = [{"images": i, "seconds": s, "d_loss": v, "g_loss": 1.5} for i, s, v in points]
    found = parse_metrics(written(*entries))
    known = [point for point in points if point[2] is not None]
    read = series(found.log, "d_loss")
    assert list(zip(read.images, read.seconds, read.values, strict=True)) == known
    assert len(series(found.log, "g_loss")) == len(points)
    assert len(series(found.log, "nothing")) == 0
    assert found.damaged == 0


def test_lines_are_sorted_by_their_kind() -> None:
    found = parse_metrics(
        written(
            {"images": 10, "seconds": 1.0, "d_loss": 1.0},
            {"images": 20, "seconds": 2.0, "validation": {"d_loss_train": 1.25}},
            {"images": 20, "seconds": 2.0, "probe": {"fd": 3.0, "samples": 500}},
            {"images": 30, "seconds": 3.0, "probe": {"g_gradient_norm": 0.5}},
            {"images": 40, "seconds": 4.0, "probe": {"fd": 2.0, "fake_logits": [1, 2, 3, 4, 5]}},
            {"images": 50, "seconds": 5.0, "validation": {}, "probe": {"fd": 1.0}},
        )
    )
    assert [line.images for line in found.log] == [10]
    assert [line.images for line in found.validation] == [20, 50]
    assert [line.images for line in found.quality] == [20, 40, 50]
    assert [line.images for line in found.signals] == [30, 40]
    assert found.last is not None
    assert found.last.images == 50
    assert Metrics().last is None


def test_quantiles_are_five_ascending_numbers() -> None:
    rows: list[Any] = [[1, 2, 3, 4, 5], [1, 2, 3], "x", [5, 4, 3, 2, 1], [0, 0, 0, 0, 0.5], [[1]]]
    entries = [
        {"images": n, "seconds": n, "probe": {"real_logits": row, "contrast": 1}}
        for n, row in enumerate(rows)
    ]
    found = bands(parse_metrics(written(*entries)).signals, "real_logits")
    assert found.images == (0, 4)
    assert found.values[1] == (0, 0, 0, 0, 0.5)


@pytest.mark.parametrize(
    "line",
    [b"nonsense", b"[]", b"7", b"{}", b'{"images": "7"}', b'{"images": true}', b'{"images": -1}',
     b'{"images": 1.5}', b'{"images": 7, "validation": 3}', b'{"images": 7, "probe": [1]}',
     b'{"images": 1%s}' % (b"0" * 5_000), b"[" * 100_000, b"\xff\xfe"],
)  # fmt: skip
def test_a_damaged_line_is_counted_and_costs_no_other(line: bytes) -> None:
    whole = written({"images": 10, "d_loss": 1.0})
    found = parse_metrics(whole + line + b"\n" + whole)
    assert found.damaged == 1
    assert series(found.log, "d_loss").values == (1.0, 1.0)


def test_what_is_no_plain_figure_is_left_out() -> None:
    values = json.loads(
        '{"a": NaN, "b": Infinity, "c": true, "d": null, "e": {"x": 1}, "f": [1, "2"], "g": 1e999,'
        ' "h": 3, "i": [1, 2.5], "j": "word", "k": ' + "9" * 400 + "}"
    )
    assert plain_figures(values) == {"h": 3, "i": (1.0, 2.5), "j": "word"}
    assert len(plain_figures({"long": "x" * 10_000})["long"]) < 1_000  # type: ignore[arg-type]


@settings(deadline=None)
@given(entries=st.lists(st.dictionaries(st.sampled_from(["images", "seconds", "d_loss", "probe",
    "validation", "fd", "real_logits"]), JSON), max_size=5), cut=st.integers(0, 200))  # fmt: skip
def test_nothing_in_a_file_makes_it_unreadable(entries: list[Any], cut: int) -> None:
    content = written(*entries)
    found = parse_metrics(content[: max(0, len(content) - cut)])
    for line in (*found.log, *found.validation, *found.quality, *found.signals):
        assert line.images >= 0
        json.dumps(line.figures, allow_nan=False)


@settings(deadline=None)
@given(cut=st.integers(0, 400))
def test_a_file_read_in_two_parts_is_the_file(cut: int) -> None:
    content = written(*[{"images": n, "seconds": n, "d_loss": n / 7} for n in range(9)])
    content += b'{"images": 9, "d_l'  # being written right now
    first = content[: content.rfind(b"\n", 0, cut) + 1]
    rest = content[len(first) :]
    assert parse_metrics(first) + parse_metrics(rest) == parse_metrics(content)
    assert parse_metrics(content).damaged == 0


@settings(deadline=None)
@given(kinds=st.lists(st.sampled_from(["log", "validation", "quality", "damage"]), max_size=40))
def test_the_newest_lines_are_those_at_the_end_of_all(kinds: list[str]) -> None:
    inner: dict[str, Any] = {
        "log": {"d_loss": 1.0},
        "validation": {"validation": {"fooling_rate": 0.5}},
    }
    inner["quality"] = {"probe": {"fd": 1.0}}
    entries = [
        {"images": n, "seconds": n, **inner[kind]} if kind in inner else []
        for n, kind in enumerate(kinds)
    ]
    content = written(*entries) + b'{"images": 99, "d_l'
    newest, whole = parse_newest(content), parse_metrics(content)
    assert newest.log[-1:] == whole.log[-1:]
    assert newest.last == whole.last
