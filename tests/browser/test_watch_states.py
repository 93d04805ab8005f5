"""What the pages of `ganvas watch` say where a run is missing, went wrong, or has nothing yet."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ganvas.web.folder import RunsFolder
from ganvas.web.server import Address
from ganvas.web.watch import watch_routes
from tests.browser_helpers import ends_at, served, visit
from tests.run_helpers import write_line, write_run, write_sample
from tests.web_helpers import TOKEN, Client, serving


def test_an_empty_list_gives_the_command_that_fills_it(
    page: Page, client: Client, runs: Path
) -> None:
    visit(page, client)
    expect(page.get_by_role("heading", name="No runs here yet")).to_be_visible()
    command = f"ganvas train --out {runs}"
    expect(page.get_by_text(command, exact=True)).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=client.origin)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == command
    page.goto(f"{client.origin}/compare")
    expect(page.get_by_text("There are no runs here yet")).to_be_visible()
    write_run(runs, "0001-first", images=100, samples=())
    expect(page.get_by_text("There is only one run here so far")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "reason", "told", "commands"),
    [
        (
            "failed",
            "OSError: the disk is gone",
            "The run failed: OSError: the disk is gone. It had come to 1,000 real images",
            ["Copy: The same run again", "Copy: Once what made it fail is mended"],
        ),
        (
            "diverged",
            "training diverged: d_loss is NaN at 900 images; lower the rate",
            "no numbers any more (first seen: d_loss is NaN at 900 images)",
            ["Copy: Train it anew with lower", "Copy: The same run", "Copy: Try again from its"],
        ),
    ],
)
def test_a_run_that_went_wrong_says_so_and_what_to_do(
    page: Page,
    client: Client,
    runs: Path,
    status: str,
    reason: str,
    told: str,
    commands: list[str],
) -> None:
    run = write_run(runs, "a", images=1_000, status="running", samples=())
    visit(page, client, "/run/a")
    expect(page.get_by_text("The run did not end: it was killed")).to_be_visible()
    run.write_status(status, images=1_000, seconds=1.0, reason=reason)
    expect(page.get_by_text(told)).to_be_visible()
    expect(page.locator("#state")).to_contain_text(status)
    expect(page.get_by_text("It ended before its first picture")).to_be_visible()
    expect(page.get_by_text("not measured yet")).to_be_hidden()
    page.get_by_role("link", name="What to do now").click()
    expect(page.get_by_role("heading", name="Again, or on from here")).to_be_in_viewport()
    buttons = page.locator("#commands button")
    expect(buttons).to_have_count(len(commands))
    for i, name in enumerate(commands):
        expect(page.get_by_role("button", name=name)).to_be_visible()
        assert (buttons.nth(i).get_attribute("aria-label") or "").startswith(name)
    page.get_by_role("link", name="Runs").click()
    short = reason.removeprefix("training diverged: ").partition(";")[0]
    expect(page.get_by_role("listitem").filter(has_text=short)).to_contain_text(status)


@pytest.mark.usefixtures("runs_vanish")
def test_a_run_that_vanishes_leads_on(page: Page, client: Client, runs: Path) -> None:
    run = write_run(runs, "a", images=1_000)
    visit(page, client, "/run/a")
    expect(page.locator("#state")).to_contain_text("finished")
    shutil.rmtree(run.path)
    expect(page.locator("#state")).to_contain_text("gone")
    expect(page.get_by_role("alert")).to_contain_text("What was read of it stays")
    page.get_by_role("link", name="All runs").click()
    expect(page.get_by_role("heading", name="No runs here yet")).to_be_visible()
    page.goto(f"{client.origin}/run/a")
    expect(page.locator("#state")).to_contain_text("not there")
    expect(page.get_by_role("alert")).to_contain_text("There is no run 'a' in")
    expect(page.get_by_role("heading", name="What the generator makes")).to_be_hidden()
    write_run(runs, "a", images=1_000)
    expect(page.locator("#state")).to_contain_text("finished")
    expect(page.get_by_role("heading", name="What the generator makes")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/run/a", "/compare?a=a&b=b"])
def test_a_server_that_is_gone_is_said_until_it_is_back(
    page: Page, runs: Path, complaints: list[str], path: str
) -> None:
    for name in "ab":
        write_run(runs, name, images=1_000)
    notice = page.get_by_text("The server does not answer")
    with serving(watch_routes(RunsFolder(runs))) as client:
        visit(page, client, path)
        expect(page.get_by_text("finished").first).to_be_visible()
        expect(notice).to_be_hidden()
    expect(notice).to_contain_text("Start it again, and open the address that it prints")
    expect(page.get_by_text("finished").first).to_be_visible()  # what was read stays
    address = Address(port=client.port, token=TOKEN)
    with served(page.context, watch_routes(RunsFolder(runs)), address):
        expect(notice).to_be_hidden()
    assert all("ERR_" in line for line in complaints)  # the browser's own word on the connection
    complaints.clear()


@pytest.mark.usefixtures("runs_vanish")
def test_a_page_of_one_run_alone_that_is_gone_leads_to_all_of_them(page: Page, runs: Path) -> None:
    run = write_run(runs, "a", images=1_000)
    write_run(runs, "other", images=1_000)
    with served(page.context, watch_routes(RunsFolder(runs, only="a"))) as client:
        visit(page, client)
        expect(page.get_by_role("link", name="a", exact=True)).to_be_visible()
        shutil.rmtree(run.path)
        expect(page.get_by_role("heading", name="The run a is not here any more")).to_be_visible()
        expect(page.get_by_text(f"ganvas watch {runs}", exact=True)).to_be_visible()
        expect(page.get_by_text("learns handwritten digits")).to_be_hidden()
        expect(page.get_by_role("link", name="other")).to_have_count(0)


def test_two_runs_are_compared_though_one_comes_late_and_its_curves_later(
    page: Page, client: Client, runs: Path
) -> None:
    write_run(runs, "a", images=0, samples=())
    visit(page, client, "/compare?a=a&b=late")
    expect(page.get_by_text("There is no run 'late' in")).to_be_visible()
    late = write_run(runs, "late", images=0, samples=(), status="running")
    expect(page.get_by_text("Neither run has logged anything yet.")).to_be_visible()
    expect(page.get_by_text("It ended before its first picture").first).to_be_visible()
    write_line(late, 100)
    write_line(late, 200)
    curve = page.get_by_role("img", name="Losses: D;")
    expect(curve).to_have_attribute("aria-label", ends_at("200"))
    expect(page.get_by_text("Neither run has logged")).to_be_hidden()
    late.append_metrics({"images": 300, "seconds": 0.3, "probe": {"fd": 8.0, "real_fd": 2.0}})
    expect(page.get_by_role("img", name="Distance from real images;")).to_be_visible()
    write_sample(late, 1_000)
    expect(page.get_by_role("img", name="Samples of late after 1,000 images")).to_be_visible()


def test_a_picture_whose_file_is_damaged_is_said_to_be(
    page: Page, client: Client, runs: Path
) -> None:
    run = write_run(runs, "a", samples=(1_000, 2_000))
    (run.path / "samples/000002000.png").write_bytes(b"\x89PNG\r\n\x1a\nand no more")
    for path in ("/run/a", "/compare?a=a&b=a"):
        visit(page, client, path)
        expect(page.get_by_text("its file is gone or damaged").first).to_be_visible()
        page.get_by_label("Time: images seen").press("Home")
        expect(page.get_by_role("img", name="after 1,000 images").first).to_be_visible()
        expect(page.get_by_text("its file is gone or damaged").first).to_be_hidden()


def test_an_address_that_is_not_there_leads_to_the_first_page(
    page: Page, client: Client, complaints: list[str]
) -> None:
    visit(page, client)
    page.goto(f"{client.origin}/nowhere")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="Go to the first page").click()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    page.close()
    assert all("404" in line for line in complaints)  # the browser's own word on it
    complaints.clear()
