"""The pages of `ganvas watch` in a browser: lists, a live run, the time slider, two runs."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser_helpers import ends_at, visit
from tests.run_helpers import shade, write_finding, write_line, write_run, write_sample
from tests.web_helpers import Client


def grey_of(picture: Locator) -> int:
    """The grey value of the first image in a picture of samples, as the browser shows it."""
    value: int = picture.evaluate(
        """async (image) => {
            await image.decode();
            const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const [x, y] = [image.naturalWidth / 20, image.naturalHeight / 20];
            return context.getImageData(x, y, 1, 1).data[0];
        }"""
    )
    return value


@pytest.mark.usefixtures("runs_vanish")
def test_runs_appear_change_and_vanish_in_the_list(page: Page, client: Client, runs: Path) -> None:
    visit(page, client)
    expect(page.get_by_role("heading", name="No runs here yet")).to_be_visible()
    first = write_run(runs, "0001-first", images=1_000, status="running", samples=(1_000,))
    write_run(runs, "0002-second", images=2_000)
    expect(page.get_by_role("link", name="0001-first")).to_be_visible()
    expect(page.get_by_role("heading", name="No runs here yet")).to_be_hidden()
    expect(page.get_by_text("2 runs", exact=True)).to_be_visible()
    expect(page.locator("li", has_text="0001-first")).to_contain_text("interrupted")
    first.write_status("finished", images=1_000)
    expect(page.locator("li", has_text="0001-first")).to_contain_text("finished")
    page.get_by_label("Find").fill("second")
    expect(page.get_by_role("link", name="0001-first")).to_be_hidden()
    page.get_by_label("Find").fill("")
    shutil.rmtree(first.path)
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    page.get_by_role("link", name="0002-second").click()
    expect(page.get_by_role("heading", level=1, name="0002-second")).to_be_visible()


def test_a_live_run_streams_curves_pictures_and_findings(
    page: Page, client: Client, runs: Path
) -> None:
    run = write_run(runs, "live", images=1_000, status="running", samples=(1_000,))
    visit(page, client, "/run/live")
    losses = page.get_by_role("img", name="Losses;")
    expect(losses).to_have_attribute("aria-label", ends_at("1,000"))
    expect(page.get_by_text("Nothing was noticed.")).to_be_visible()
    places = page.evaluate("[...document.querySelectorAll('.chart')].map((e) => e.offsetTop)")
    for images in range(1_100, 4_100, 100):
        write_line(run, images)
    write_sample(run, 4_000)
    expect(losses).to_have_attribute("aria-label", ends_at("4,000"))
    picture = page.get_by_role("img", name="Samples after 4,000 images")
    expect(picture).to_be_visible()
    assert grey_of(picture) == shade(4_000)
    assert places == page.evaluate(
        "[...document.querySelectorAll('.chart')].map((e) => e.offsetTop)"
    )
    run.append_metrics({"images": 4_000, "seconds": 4, "probe": {"fd": 8.0, "real_fd": 2.0}})
    expect(page.get_by_role("img", name="Distance from real images;")).to_have_attribute(
        "aria-label", ends_at("4,000")
    )
    write_finding(run, 4_000, "mode_collapse", explanation="G makes <b>one</b> picture")
    found = page.get_by_role("listitem").filter(has_text="mode collapse")
    expect(found).to_contain_text("G makes <b>one</b> picture")
    expect(found).to_contain_text("what helps against mode_collapse")
    write_finding(run, 5_000, "mode_collapse", resolved=True)
    expect(found).to_contain_text("Over")


def test_the_slider_shows_the_right_picture_and_moves_the_curves_cursor(
    page: Page, client: Client, runs: Path
) -> None:
    write_run(runs, "a", images=3_000)
    visit(page, client, "/run/a")
    slider = page.get_by_label("Time: images seen")
    expect(page.get_by_role("img", name="Samples after 3,000 images")).to_be_visible()
    loss = page.locator(".chart", has_text="Losses").locator(".legend .value").first
    slider.focus()
    for key, images, value in [
        ("Home", 1_000, "1.10"),
        ("ArrowRight", 2_000, "1.20"),
        ("End", 3_000, "1.30"),
        ("ArrowLeft", 2_000, "1.20"),
    ]:
        slider.press(key)
        picture = page.get_by_role("img", name=f"Samples after {images:,} images")
        expect(picture).to_be_visible()
        assert grey_of(picture) == shade(images)
        expect(slider).to_have_attribute(
            "aria-valuetext", f"{images:,} images, picture {images // 1_000} of 3"
        )
        expect(loss).to_have_text(value)
    plot = page.get_by_role("img", name="Losses;")
    box = plot.bounding_box()
    assert box is not None
    plot.click(position={"x": 60, "y": box["height"] / 2})
    expect(page.get_by_role("img", name="Samples after 1,000 images")).to_be_visible()
    page.get_by_role("button", name="Real images").click()
    assert grey_of(page.get_by_role("img", name="Real images, laid out")) == 200


@pytest.mark.usefixtures("runs_vanish")
def test_a_run_that_vanishes_stays_on_the_page_and_comes_back(
    page: Page, client: Client, runs: Path
) -> None:
    run = write_run(runs, "a", images=1_000)
    visit(page, client, "/run/a")
    tile = page.locator(".tile", has_text="Images seen")
    expect(tile).to_contain_text("1,000")
    shutil.move(run.path, runs / ".aside")
    expect(page.get_by_role("alert")).to_contain_text("moved or removed")
    expect(tile).to_contain_text("1,000")
    shutil.move(runs / ".aside", run.path)
    write_line(run, 1_100)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(tile).to_contain_text("1,100")


def test_two_runs_stand_side_by_side_at_the_same_images(
    page: Page, client: Client, runs: Path
) -> None:
    write_run(runs, "a", images=3_000)
    write_run(runs, "b", images=2_000, samples=(1_000, 2_000))
    visit(page, client)
    page.get_by_label("Choose a to compare").check()
    page.get_by_label("Choose b to compare").check()
    page.get_by_role("button", name="Compare two").click()
    for side, images in (("a", 3_000), ("b", 2_000)):
        picture = page.get_by_role("img", name=f"Samples of {side} after {images:,} images")
        expect(picture).to_be_visible()
        assert grey_of(picture) == shade(images)
    page.get_by_label("Time: images seen").press("Home")
    for side in "ab":
        picture = page.get_by_role("img", name=f"Samples of {side} after 1,000 images")
        expect(picture).to_be_visible()
        assert grey_of(picture) == shade(1_000)
    row = page.get_by_role("row", name="images seen")
    expect(row).to_contain_text("3,000")
    expect(row).to_contain_text("2,000")
    page.get_by_role("button", name="over time").click()
    expect(page.get_by_role("button", name="over time")).to_have_attribute("aria-pressed", "true")


def test_commands_are_shown_to_be_copied(page: Page, client: Client, runs: Path) -> None:
    write_run(runs, "a", command="ganvas train mnist --minutes 1", status="stopped")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=client.origin)
    visit(page, client, "/run/a")
    page.get_by_role("button", name="Copy: Go on").click()
    expect(page.get_by_role("button", name="Copy: Go on")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"ganvas resume {runs / 'a'}"
    expect(page.get_by_text("ganvas train mnist --seed 0 --images 3000")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone_and_names_its_controls(
    chromium: Browser, client: Client, runs: Path, scheme: str
) -> None:
    write_run(runs, "0001-a-run-with-a-name-that-is-long-enough-to-be-broken-over-lines")
    run = write_run(runs, "b")
    write_finding(run, 1_000, "a" * 80)
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    visit(page, client)
    for path, shown in [
        ("/", page.get_by_role("link", name="b", exact=True)),
        ("/run/b", page.get_by_role("heading", name="aaaaaaa")),
        ("/compare?a=b&b=b", page.get_by_role("heading", name="Losses: D")),
        ("/run/no-such", page.get_by_role("alert")),
    ]:
        page.goto(f"{client.origin}{path}")
        expect(shown).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        nameless = page.evaluate(
            """[...document.querySelectorAll("button, input, select, a, img, svg[role=img]")]
                .filter((e) => !(e.labels?.length || e.textContent.trim()
                    || e.getAttribute("aria-label") || e.hasAttribute("alt")))
                .map((e) => e.outerHTML)"""
        )
        assert nameless == [], path
        small = page.evaluate(
            """[...document.querySelectorAll("button, select, input[type=range]")].filter((e) =>
                e.offsetParent && e.getBoundingClientRect().height < 24).map((e) => e.outerHTML)"""
        )
        assert small == [], path
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
        assert len(ids) == len(set(ids)), path
    context.close()


def test_without_the_token_a_page_says_what_to_do(
    page: Page, client: Client, complaints: list[str]
) -> None:
    page.goto(client.origin)
    expect(page.get_by_role("heading", name="This page needs its token")).to_be_visible()
    page.close()
    complaints.clear()  # the browser says that the answer was 403
