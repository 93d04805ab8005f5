"""The pages' colours stand out from their ground, and from each other to the colour-blind, too."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import ganvas.web

CSS = (Path(ganvas.web.__file__).parent / "static" / "common.css").read_text(encoding="utf-8")
CURVES = ("real", "held-out", "fake", "generator", "discriminator")
# Linear RGB as somebody without one kind of cone sees it (Viénot, Brettel and Mollon, 1999).
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]),
    "deuteranopia": np.array(
        [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]
    ),
}


def palette(theme: str) -> dict[str, np.ndarray]:
    """The colours of a theme in linear RGB; dark ones stand over the light ones."""
    light, dark = CSS.split("@media (prefers-color-scheme: dark)")[:2]
    text = light if theme == "light" else light + dark
    found = re.findall(r"--([\w-]+): #([0-9a-f]{6});", text)
    return {name: linear(bytes.fromhex(value)) for name, value in found}


def linear(colour: bytes) -> np.ndarray:
    plain = np.array(list(colour)) / 255
    return np.where(plain <= 0.04045, plain / 12.92, ((plain + 0.055) / 1.055) ** 2.4)


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    """The ratio of WCAG 2.2, 1 to 21."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted((float(one @ weights), float(other @ weights)))
    return (high + 0.05) / (low + 0.05)


def lab(colour: np.ndarray) -> np.ndarray:
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    shares = (to_xyz @ np.clip(colour, 0, 1)) / np.array([0.9505, 1, 1.089])
    roots = np.where(shares > 0.008856, np.cbrt(shares), 7.787 * shares + 16 / 116)
    x, y, z = roots
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_curves_stand_out_from_what_they_lie_on(theme: str) -> None:
    colours = palette(theme)
    for ground in ("ground", "surface", "sunken"):
        for text in ("text", "faint", "link", "good", "note", "warning", "error"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        for curve in (*CURVES, "ideal", "focus", "accent"):
            assert contrast(colours[curve], colours[ground]) >= 3, (curve, ground)
    for kind in ("note", "warning", "error"):
        for text in ("text", "faint"):
            assert contrast(colours[text], colours[f"{kind}-ground"]) >= 4.5, (text, kind)
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_curves_are_told_apart(theme: str, blindness: str) -> None:
    colours = palette(theme)
    seen = {name: lab(BLINDNESS[blindness] @ colours[name]) for name in CURVES}
    near = {(a, b): float(np.linalg.norm(seen[a] - seen[b])) for a, b in combinations(CURVES, 2)}
    assert min(near.values()) >= 12, near
