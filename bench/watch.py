"""What pages of runs cost: how soon they open, what following costs, and what training loses.

    python -m bench.watch [--seconds 20] [--images 60000]

Runs are made up of real ones' kinds of lines and pictures. Times are of a headless Chromium on this
machine, from the request to what is asked for being on the screen; with the browser's own work.
`train --watch` is compared with the same training without, alternating in one run.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ganvas.data import load
from ganvas.recipes import make_recipe
from ganvas.runlog import RunDirectory

TOKEN = "a-token-for-the-bench_0123"
STEPS, PICTURES, RUNS = 2_000, 500, 300
PAIRS = 3
DRAWN = [".chart:nth-child(4) path.line", ".grid-picture:not([hidden])"]


def main() -> None:
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20, help="how long a run is followed")
    parser.add_argument("--images", type=int, default=60_000, help="of each training")
    parser.add_argument("--no-training", action="store_true", help="leave trainings out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bench_pages(Path(name), options.seconds)
        if not options.no_training:
            bench_training(Path(name), options.images)


def bench_pages(folder: Path, seconds: float) -> None:
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import find_chromium

    first = make_run(folder / "many", "0000", steps=200, pictures=1)
    for number in range(1, RUNS):
        shutil.copytree(first.path, folder / "many" / f"{number:04d}", copy_function=os.link)
    long = make_run(folder / "long", "long", steps=STEPS, pictures=PICTURES)
    path = find_chromium()
    if path is None:
        sys.exit("no Chromium to measure pages with")
    with sync_playwright() as driver:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = driver.chromium.launch(executable_path=path, args=arguments)
        for title, runs, address, shown in [
            (f"a list of {RUNS} runs", "many", "/", [f".run:nth-child({RUNS})"]),
            (f"{STEPS} lines, {PICTURES} pictures", "long", "/run/long", DRAWN),
        ]:
            # The first time the server reads everything; after that, only what changed.
            with serving(folder / runs) as (process, base):
                page = browser.new_context().new_page()
                page.goto(f"{base}/static/icon.svg?token={TOKEN}")
                page.wait_for_url(f"{base}/static/icon.svg")
                start = time.perf_counter()
                page.goto(f"{base}/static/common.css")
                print(f"a file alone, as a measure: {time.perf_counter() - start:.2f} s")
                times = []
                for _ in range(4):
                    start = time.perf_counter()
                    page.goto(f"{base}{address}")
                    for selector in shown:
                        page.wait_for_selector(selector, state="attached")
                    times.append(time.perf_counter() - start)
                    page.goto("about:blank")
                print(f"{title}: first {times[0]:.2f} s, then {statistics.median(times[1:]):.2f} s")
                if address != "/":
                    page.goto(f"{base}{address}")
                    follow(process, long, seconds)
        browser.close()


def follow(process: "subprocess.Popen[str]", run: RunDirectory, seconds: float) -> None:
    """Print the server's share of a core while a run writes two lines a second and a page looks."""
    before, start = cpu_seconds(process.pid), time.perf_counter()
    place = STEPS * 1_000
    while time.perf_counter() - start < seconds:
        place += 1_000
        run.append_metrics(line(place))
        time.sleep(0.5)
    share = (cpu_seconds(process.pid) - before) / (time.perf_counter() - start)
    print(f"following it live, two lines a second: {share:.1%} of a core")


def bench_training(folder: Path, images: int) -> None:
    """Print images a second with `--watch` and a listening page, beside those without."""
    speeds: dict[bool, list[float]] = {False: [], True: []}
    for number in range(PAIRS):
        for watched in (False, True) if number % 2 else (True, False):
            speeds[watched].append(train(folder / f"{number}-{watched}", images, watched))
    ratios = [w / p for w, p in zip(speeds[True], speeds[False], strict=True)]
    plain, seen = statistics.median(speeds[False]), statistics.median(speeds[True])
    told = ", ".join(f"{ratio:.3f}" for ratio in ratios)
    print(
        f"training: {plain:,.0f} images/s alone, {seen:,.0f} with --watch and a page open; "
        f"pairs: {told}; median {statistics.median(ratios):.3f}"
    )


def train(out: Path, images: int, watched: bool) -> float:
    """Return images a second of training proper, as the run itself measured them."""
    command = [sys.executable, "-m", "ganvas", "train", "mnist", "--images", str(images)]
    command += ["--out", str(out), "--threads", "1", "--set", "evaluation.samples=0"]
    process = subprocess.Popen(
        [*command, *(["--watch"] if watched else [])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for said in process.stderr:
        if said.startswith("watch:"):
            threading.Thread(target=listen, args=(said.split()[1],), daemon=True).start()
    assert process.stdout is not None
    run = Path(process.stdout.read().strip())
    process.wait()
    status = json.loads((run / "status.json").read_text())
    return float(status["images"] / status["seconds"])


def listen(url: str) -> None:
    """Read the stream of a run's page to its end, as a page that is open does."""
    from urllib.parse import urlsplit
    from urllib.request import Request, urlopen

    place = urlsplit(url)
    token = place.query.removeprefix("token=")
    request = Request(f"http://{place.netloc}/api/runs/{place.path.split('/')[-1]}")
    request.add_header("Cookie", f"ganvas-{place.port}={token}")
    with urlopen(request) as answer:
        while answer.readline():
            pass


def make_run(folder: Path, name: str, *, steps: int, pictures: int) -> RunDirectory:
    path = folder / name
    path.mkdir(parents=True)
    run = RunDirectory(path)
    run.write_recipe(make_recipe("swift", budget={"images": steps * 1_000}))
    run.write_environment({"command": "ganvas train", "data_digest": "sha256:0"})
    lines = [line(1_000 * (step + 1)) for step in range(steps)]
    lines += [
        {"images": place, "seconds": place / 2e3, "validation": ASKED}
        for place in range(5_000, steps * 1_000, 5_000)
    ]
    lines.sort(key=lambda values: values["images"])
    (path / "metrics.jsonl").write_text("".join(f"{json.dumps(values)}\n" for values in lines))
    digits = load("mnist", download=False).train.images[:100]
    run.write_grid("reals.png", digits, 10)
    first, _ = run.write_grid("samples/000001000.png", digits, 10)
    for number in range(2, pictures + 1):
        os.link(first, first.with_name(f"{1_000 * number:09d}.png"))
    os.link(first, path / "samples.png")
    run.write_status("finished", images=steps * 1_000, seconds=steps / 2)
    return run


ASKED: dict[str, Any] = {
    "d_loss_train": 1.3,
    "d_loss_held_out": 1.4,
    "d_loss_ideal": 1.38629,
    "d_accuracy_train": 0.6,
    "d_accuracy_held_out": 0.55,
    "fooling_rate": 0.4,
    "count": 500,
}


def line(images: int) -> dict[str, Any]:
    return {
        "images": images,
        "seconds": images / 2_000,
        "images_per_second": 2_000 + images % 97,
        "learning_rate_factor": 1.0,
        "d_loss": 1.3 + images % 13 / 100,
        "real_logit": 0.3,
        "fake_logit": -0.3,
        "d_accuracy_real": 0.6,
        "d_accuracy_fake": 0.6,
        "g_loss": 0.8 + images % 11 / 100,
    }


@contextmanager
def serving(runs: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`ganvas watch` in a process of its own while the context lasts: it, and its address."""
    command = [sys.executable, "-m", "ganvas", "watch", str(runs), "--quiet"]
    command += ["--port", "0", "--token", TOKEN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().partition("/?")[0]
        finally:
            process.terminate()


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
