"""Colours: seen on their ground, told apart by every kind of eye, the same on pages and figures."""

import re
from itertools import combinations

import pytest

from ganvas.report import palette
from tests.project_source import PACKAGE

LINES = ("REAL", "HELD_OUT", "FAKE", "GENERATOR", "DISCRIMINATOR", "OTHER", "FAINT")


def linear(colour: str) -> tuple[float, float, float]:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""
    bright = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) + 0.05
        for x in (one, other)
    )
    return bright[1] / bright[0]


@pytest.mark.parametrize("name", LINES)
def test_lines_and_text_are_seen_on_their_ground(name: str) -> None:
    colour = getattr(palette, name)
    dark, ground = palette.to_dark(colour), palette.to_dark(palette.GROUND)
    for contrast_of in (contrast(colour, palette.GROUND), contrast(dark, ground)):
        assert contrast_of >= (4.5 if name == "FAINT" else 3)


def test_the_dark_picture_is_the_light_one_but_for_its_colours() -> None:
    svg = f'<path style="stroke: {palette.REAL}"/><text fill="{palette.TEXT}">#0072b</text>'
    dark = palette.to_dark(svg)
    assert re.sub("#[0-9a-f]{6}", "", dark) == re.sub("#[0-9a-f]{6}", "", svg)
    assert palette.REAL not in dark
    assert palette.TEXT not in dark


def test_no_two_roles_share_a_colour() -> None:
    light = [getattr(palette, name) for name in LINES]
    dark = [palette.to_dark(colour) for colour in light]
    for colours in (light, dark):
        assert all(one != other for one, other in combinations(colours, 2))


def test_the_pages_in_the_browser_have_the_same_colours() -> None:
    css = (PACKAGE / "web" / "static" / "common.css").read_text(encoding="utf-8")
    for role in ("REAL", "HELD_OUT", "FAKE", "GENERATOR"):
        name, light = role.lower().replace("_", "-"), getattr(palette, role)
        assert re.findall(rf"--{name}: (#\w+);", css)[:2] == [light, palette.to_dark(light)]
