"""The page of `ganvas play` in a browser: what one does there, and what comes of it."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from ganvas.recipe import DiscriminatorSettings
from ganvas.web.play import play_routes
from ganvas.web.playground import Playground
from tests.browser_helpers import served
from tests.play_helpers import small_playground
from tests.web_helpers import TOKEN, Client, serving


@contextmanager
def opened(page: Page, playground: Playground) -> Iterator[Client]:
    """Serve a playground and open its page, until the first picture is there."""
    with served(page.context, play_routes(playground)) as client:
        page.goto(f"{client.origin}/?token={TOKEN}")
        expect(page.locator("#command")).to_contain_text("ganvas sample")
        yield client


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Playground:
    """A grey model of three classes, whose discriminator gives probabilities."""
    return small_playground(tmp_path_factory.mktemp("play") / "model")


def pixels(canvas: Locator) -> str:
    return str(canvas.evaluate("canvas => canvas.toDataURL()"))


def place_in_pad(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where in the window the place (x, y) of the pad is."""
    box = page.locator("#pad").bounding_box()
    assert box is not None
    return box["x"] + (0.1 + 0.8 * x) * box["width"], box["y"] + (0.1 + 0.8 * y) * box["height"]


def test_dragging_over_the_pad_changes_the_picture(page: Page, playground: Playground) -> None:
    with opened(page, playground):
        picture, command = page.locator("#picture"), page.locator("#command")
        seen = {pixels(picture)}
        page.mouse.move(*place_in_pad(page, 0.5, 0.5))
        page.mouse.down()
        for x, y in ((0.9, 0.1), (0.1, 0.1), (0.2, 0.9)):
            page.mouse.move(*place_in_pad(page, x, y), steps=4)
            expect(command).to_contain_text(re.compile(rf"--at {x:.1f}\d*,{y:.1f}"))
            seen.add(pixels(picture))
        page.mouse.up()
        assert len(seen) == 4
        page.mouse.move(*place_in_pad(page, 0.5, 0.5))  # no button down: nothing moves
        assert "--at 0.2" in command.inner_text()


def test_the_copied_command_writes_the_saved_picture_byte_for_byte(
    page: Page, context: BrowserContext, playground: Playground, tmp_path: Path
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    with opened(page, playground):
        page.mouse.click(*place_in_pad(page, 0.3, 0.6))
        page.get_by_role("radio", name="square").check()
        page.get_by_label("Direction 2").fill("-1.5")
        page.get_by_role("slider", name="Truncation").fill("0.8")
        line = re.compile(r"--direction 2=-1.5 --label square --truncation 0.8 -o picture.png$")
        expect(page.locator("#command")).to_have_text(line)
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        copied = str(page.evaluate("navigator.clipboard.readText()"))
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Save PNG").click()
        waiting.value.save_as(tmp_path / "saved.png")
        assert waiting.value.suggested_filename == "picture.png"
    words = shlex.split(copied)
    assert words[0] == "ganvas"
    subprocess.run([sys.executable, "-m", *words], cwd=tmp_path, check=True)
    assert (tmp_path / "picture.png").read_bytes() == (tmp_path / "saved.png").read_bytes()


def test_everything_can_be_done_by_keys(page: Page, playground: Playground) -> None:
    with opened(page, playground):
        command, pad = page.locator("#command"), page.get_by_role("slider", name="four seeds")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # skips to the pad
        pad.focus()
        for key, at in (
            ("ArrowRight", "0.52,0.5"),
            ("Shift+ArrowUp", "0.52,0.4"),
            ("4", "1,1"),
            ("Home", "0,0"),
            ("ArrowLeft", "0,0"),
        ):
            page.keyboard.press(key)
            expect(command).to_contain_text(f"--at {at} ")
        expect(pad).to_have_attribute("aria-valuetext", "0% across, 0% down")
        before = pixels(page.locator("#picture"))
        page.locator("#seed-3").focus()
        page.keyboard.press("Control+a")
        page.keyboard.type("77")
        page.keyboard.press("Enter")
        expect(command).to_contain_text("--corners 1,2,3,77 --at 1,1 ")
        assert pixels(page.locator("#picture")) != before
        page.get_by_role("radio", name="circle").focus()
        page.keyboard.press("ArrowRight")
        expect(command).to_contain_text("--label square")
        page.get_by_label("Direction 1").focus()
        page.keyboard.press("ArrowRight")
        expect(command).to_contain_text("--direction 1=0.1 ")
        page.get_by_role("button", name="All to 0").focus()
        page.keyboard.press("Enter")
        expect(command).not_to_contain_text("--direction")
        page.get_by_role("button", name="Shuffle").focus()
        page.keyboard.press("Space")
        expect(command).not_to_contain_text("--corners 1,2,3,77")


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_walk_moves_until_it_is_stopped(page: Page, playground: Playground, motion: Any) -> None:
    page.emulate_media(reduced_motion=motion)
    page.clock.install()
    with opened(page, playground):
        walk, place = page.get_by_role("button", name="Walk"), page.locator("#place")
        walk.click()
        expect(walk).to_have_attribute("aria-pressed", "true")
        page.clock.run_for(3_000)
        expect(place).not_to_have_text("0.50, 0.50")
        page.mouse.click(*place_in_pad(page, 1, 0))  # to take hold of the pad ends it
        expect(walk).to_have_attribute("aria-pressed", "false")
        expect(place).to_have_text("1.00, 0.00")
        page.clock.run_for(6_000)
        expect(place).to_have_text("1.00, 0.00")


def test_a_phone_shows_all_of_a_colour_model_without_classes_or_verdict(
    page: Page, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    packed = small_playground(
        tmp_path / ("a-long-name-of-a-model" * 4),
        channels=3,
        class_names=(),
        discriminator=DiscriminatorSettings(width=4, pack=2),
    )
    with opened(page, packed):
        expect(page.locator("#classes")).to_be_hidden()
        expect(page.get_by_text("it judges 2 images at once")).to_be_visible()
        expect(page.get_by_text("There are none to show: the images were arrays")).to_be_attached()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide == 390
        page.get_by_label("Direction 4").scroll_into_view_if_needed()
        expect(page.locator("#picture")).to_be_in_viewport()


def test_without_the_token_there_is_no_page(
    page: Page, playground: Playground, complaints: list[str]
) -> None:
    with served(page.context, play_routes(playground)) as client:
        page.goto(client.origin)
        expect(page.get_by_role("heading", name="This page needs its token")).to_be_visible()
        page.goto(f"{client.origin}/?token=some-other-token_012345")
        expect(page.get_by_role("heading", name="This page needs its token")).to_be_visible()
    page.close()  # with what it has not said yet
    assert all("403" in line for line in complaints)  # the browser's own word on each refusal
    complaints.clear()


def test_a_server_that_is_gone_is_said_and_nothing_breaks(
    page: Page, playground: Playground, complaints: list[str]
) -> None:
    with serving(play_routes(playground)) as client:
        page.goto(f"{client.origin}/?token={TOKEN}")
        expect(page.locator("#command")).to_contain_text("ganvas sample")
    page.get_by_role("slider", name="four seeds").press("ArrowRight")
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_contain_text("Start it again")
    page.goto("about:blank")
    assert all("ERR_CONNECTION_REFUSED" in line for line in complaints)
    complaints.clear()
