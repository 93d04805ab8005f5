"""`ganvas train --watch`: a real training in another process, followed in the browser."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.project_source import ROOT
from tests.web_helpers import port_of

NARROW = [f"--set={network}.width=8" for network in ("generator", "discriminator")]
OFTEN = ["--set=log.every_images=100", "--set=log.samples_every_images=500"]
UNMEASURED = ["--set=evaluation.samples=0", "--set=evaluation.probe_samples=0"]


def is_open(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex(("127.0.0.1", port)) == 0


def test_a_training_is_followed_to_its_end_and_its_page_outlives_it(
    page: Page, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "ganvas", "train", "mnist", "--watch", "--images", "3000"]
    command += ["--threads", "1", "--out", str(tmp_path / "runs"), *NARROW, *OFTEN, *UNMEASURED]
    environment = {name: value for name, value in os.environ.items() if "DISPLAY" not in name} | {
        "PYTHONPATH": str(ROOT / "src")
    }
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as training:
        assert training.stderr is not None
        found = next(
            match for line in training.stderr if (match := re.match(r"watch: +(http\S+)$", line))
        )
        page.goto(found.group(1))
        expect(page.get_by_role("heading", level=1, name="0001-mnist-swift-s0")).to_be_visible()
        for _ in training.stderr:
            pass  # until it ends
        assert training.stdout is not None
        assert training.stdout.read().strip().endswith("0001-mnist-swift-s0")
        assert training.wait() == 0
    expect(page.locator("#state")).to_contain_text("finished")
    expect(
        page.get_by_role("img", name=re.compile(r"Samples after 3,\d\d\d images"))
    ).to_be_visible()
    expect(page.get_by_role("img", name="Losses;")).to_have_attribute(
        "aria-label", re.compile(r"at 3,\d\d\d images")
    )
    expect(page.locator(".verdict")).to_contain_text("pictures shown at this place")
    expect(page.locator("svg.diagram")).to_contain_text("% real")
    port = port_of(found.group(1))
    assert is_open(port)
    page.close()
    patience = time.monotonic() + 60
    while is_open(port):
        assert time.monotonic() < patience, "the page's process did not end"
