"""The card tells a stranger everything in config.json that matters, in whole Markdown."""

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganvas.card import model_card
from ganvas.model import Generator, load_generator
from tests.model_helpers import small_config, write_model

FACTS: dict[str, Any] = {
    "data": "fashion-mnist",
    "data_digest": "sha256:" + "ab" * 32,
    "recipe": "swift",
    "seed": 17,
    "images": 90_112,
    "command": "ganvas train fashion-mnist",
}


def rows_of(card: str) -> dict[str, str]:
    rows = re.findall(r"^\| ([a-z ]+) \| (.*) \|$", card, re.MULTILINE)
    return dict(rows)


def test_every_fact_is_in_its_row() -> None:
    config = small_config(3, 20, 45, **FACTS)
    card = model_card(config, licence="MIT", quality="Good.")
    assert rows_of(card) == {
        "data": f"fashion-mnist (`{FACTS['data_digest']}`), training split",
        "data licence": "MIT",
        "classes": "circle, square, 7",
        "recipe": "swift, seed 17, 90,112 images drawn",
        "made by": "`ganvas train fashion-mnist`",
        "quality": "Good.",
    }
    assert "conditional on 3 classes" in card
    assert "images of 20x45 RGB" in card


def test_a_model_without_classes_says_so() -> None:
    card = model_card(small_config(class_names=()), licence="", quality="")
    assert "generator, unconditional, and" in card
    assert rows_of(card)["classes"] == "none"


def test_a_model_without_its_discriminator_says_so() -> None:
    kept = small_config(model_digest="sha256:" + "ab" * 32)
    assert "without the discriminator" in model_card(kept, licence="", quality="")
    both = small_config(model_digest="sha256:" + "ab" * 32, discriminator_digest="sha256:cd")
    assert "and the discriminator" in model_card(both, licence="", quality="")


@pytest.mark.parametrize("text", ["a | b", "two\nlines", "a\r\n\r\n# heading", "|"])
def test_no_text_breaks_out_of_its_cell(text: str) -> None:
    config = small_config(class_names=(text,), **FACTS | {"command": text})
    card = model_card(config, licence=text, quality=text)
    plain = model_card(small_config(class_names=("a",), **FACTS), licence="b", quality="c")
    assert len(card.splitlines()) == len(plain.splitlines())
    table = [line for line in card.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {3}


def test_the_example_does_what_its_comment_says(tmp_path: Path) -> None:
    config = write_model(tmp_path / "model", small_config(3, 9, 12))
    code = re.findall(r"```python\n(.*?)```", model_card(config, licence="", quality=""), re.S)
    assert len(code) == 1
    ast.parse(code[0])
    comment = re.search(r"generator\(16, seed=0\)  # uint8, (\(.*\))", code[0])
    assert comment is not None
    generator: Generator = load_generator(tmp_path / "model")
    images = generator(16, seed=0)
    assert images.dtype == np.uint8
    assert images.shape == ast.literal_eval(comment[1])
