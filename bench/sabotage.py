"""Runs spoiled on purpose, and healthy ones: does the doctor see it, in time, and only there?

    python -m bench.sabotage --out runs/sabotage [--jobs 2] [--only NAME ...] [--images N] [--page]

The cases are data. Those of bench/sabotage.json are in two halves: thresholds are set on one and
judged on the other. Those of bench/sabotage_unseen.json and of bench/sabotage_second.json are two
groups of their own, `unseen` and `second`: written without knowledge of the thresholds, and judged
once. Every case trains in a process and a directory of its own, one thread each; a spoiled one that
can be mended trains once more with `--remedy apply`. What is finished is kept, so the command may
be stopped and given again. At its end, or with --page alone, docs/doctor.md gets the table.

A spoiled run is right where an expected finding is among the first two (as the doctor orders them),
told before half of its budget; a healthy one where there is no warning and no error. Healthy is
what comes out well, by a rule that knows nothing of findings: a Frechet distance of at most 30
times that of real images, or for points all modes; what does not is said and not counted. A run is
mended where its Frechet distance is at most twice that of the healthy run on the same data at the
same budget.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.marks import between_marks

ROOT = Path(__file__).resolve().parent.parent
CASES = Path(__file__).with_suffix(".json")
FRESH = {half: CASES.with_stem(f"sabotage_{half}") for half in ("unseen", "second")}
"""The files of the groups that were written without knowledge of the thresholds."""
PAGE = ROOT / "docs" / "doctor.md"
BEGIN, END = "<!-- sabotage: begin -->", "<!-- sabotage: end -->"

Case = dict[str, Any]


def read_cases() -> tuple[dict[str, Any], list[Case]]:
    """Return what all cases share, and the cases of all files; healthy ones expect nothing."""
    content = json.loads(CASES.read_text(encoding="utf-8"))
    cases = [*content.pop("healthy"), *content.pop("spoiled")]
    for half, path in FRESH.items():
        fresh = json.loads(path.read_text(encoding="utf-8"))
        cases += [{**case, "half": half} for case in [*fresh["healthy"], *fresh["spoiled"]]]
    names = [case["name"] for case in cases]
    assert len(names) == len(set(names)), "every case has a name of its own"
    return content, cases


def train_case(shared: Mapping[str, Any], case: Case, folder: Path, *, images: int) -> None:
    """Train one case, and once more with remedies where it can be mended; keep what is finished."""
    import ganvas
    from bench.spoil import spoiling
    from bench.spoil_data import spoiled_data
    from ganvas.errors import DivergedError

    for remedy in ("suggest", "apply") if case.get("mendable") else ("suggest",):
        name = case["name"] + ("" if remedy == "suggest" else "-mended")
        if is_done(folder / name):
            continue
        clear(folder / name)
        with spoiling(case.get("spoil")):
            try:
                ganvas.train(
                    spoiled_data(case.get("data", {})),
                    recipe=case.get("recipe", "swift"),
                    images=case.get("images", images),
                    seed=case.get("seed", 0),
                    unconditional=case.get("unconditional", False),
                    out=folder,
                    name=name,
                    settings=settings_of(shared, case, remedy),
                )
            except DivergedError:
                continue  # its files say so


def settings_of(shared: Mapping[str, Any], case: Case, remedy: str) -> dict[str, Any]:
    """Return a case's settings; the shared widths are swift's own."""
    common = dict(shared["settings"])
    if case.get("recipe", "swift") != "swift":
        common = {name: v for name, v in common.items() if not name.endswith(".width")}
    return {**common, **case.get("settings", {}), "doctor.remedy": remedy, "machine.threads": 1}


def is_done(run: Path) -> bool:
    """Return whether a run came to its end, good or bad."""
    try:
        status = json.loads((run / "status.json").read_text(encoding="utf-8"))["status"]
    except (OSError, ValueError, KeyError):
        return False
    return status in ("finished", "diverged")


def clear(run: Path) -> None:
    """Put aside what is left of a run that was stopped."""
    if run.exists():
        number = 1
        while (aside := run.with_name(f"{run.name}.stopped-{number}")).exists():
            number += 1
        run.rename(aside)


def is_healthy(status: Mapping[str, Any], *, most: float) -> bool:
    """Return whether a run came out well, by its own figures beside those of real data."""
    figures = (status.get("evaluation") or {}).get("metrics", {})
    if "modes" in figures:
        return bool(figures["modes"]["value"] == figures["modes"]["real"])
    return "fd" in figures and bool(figures["fd"]["value"] <= most * figures["fd"]["real"])


def verdict(shared: Mapping[str, Any], case: Case, folder: Path) -> dict[str, Any]:
    """Return what became of a case: the first two findings, when, and whether that is right.

    It is what the doctor says of the run's lines now, whatever it said when they were written.
    `right` is None for a run that was to be healthy and is not.
    """
    from ganvas.diagnosis import diagnose_run, retell_run

    run = folder / case["name"]
    told = [finding for finding in retell_run(run) if not finding.resolved]
    status = json.loads((run / "status.json").read_text(encoding="utf-8"))
    budget = json.loads((run / "recipe.json").read_text(encoding="utf-8"))["budget"]["amount"]
    serious = dict.fromkeys(finding.name for finding in told if finding.severity != "note")
    result: dict[str, Any] = {"fd": _fd(status)}
    if "expect" not in case:
        came_out_well = is_healthy(status, most=shared["healthy_fd"])
        right = not serious if came_out_well else None
        return result | {"findings": list(serious), "right": right}
    first = [finding.name for finding in diagnose_run(run)[:2]]
    seen = [finding.images for finding in told if finding.name in case["expect"]]
    in_time = bool(seen) and (min(seen) <= budget / 2 or "diverged" in case["expect"])
    result |= {"findings": first, "at": min(seen, default=None)}
    result["right"] = in_time and bool(set(first) & set(case["expect"]))
    return result


def _fd(status: Mapping[str, Any]) -> float | None:
    figures = (status.get("evaluation") or {}).get("metrics", {})
    return figures["fd"]["value"] if "fd" in figures else None


def mended(case: Case, folder: Path) -> dict[str, Any] | None:
    """Return how a treated run compares with the healthy one; None where there is none."""
    run = folder / f"{case['name']}-mended"
    if not is_done(run):
        return None
    name = "mnist-unconditional-0" if case.get("unconditional") else "mnist-0"
    try:
        healthy = _fd(json.loads((folder / name / "status.json").read_text(encoding="utf-8")))
    except OSError:
        healthy = None
    fd = _fd(json.loads((run / "status.json").read_text(encoding="utf-8")))
    right = fd is not None and healthy is not None and fd <= 2 * healthy
    return {"fd": fd, "healthy": healthy, "right": right}


def table(shared: Mapping[str, Any], cases: Iterable[Case], folder: Path) -> list[str]:
    """Return the lines of the page's table, misses marked, and the counts above it."""
    rows: list[str] = []
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for case in cases:
        if not is_done(folder / case["name"]):
            continue
        found, cure = verdict(shared, case, folder), mended(case, folder)
        kind = "spoiled" if "expect" in case else "healthy"
        for key, right in ((kind, found["right"]), ("mended", cure and cure["right"])):
            if right is not None:
                good, of = counts.get((key, case["half"]), (0, 0))
                counts[key, case["half"]] = good + bool(right), of + 1
        rows.append(
            f"| {case['name']} | {case['half']} | {', '.join(case.get('expect', [])) or 'nothing'} "
            f"| {', '.join(found['findings']) or 'nothing'} | {_images(found.get('at'))} "
            f"| {_RIGHT[found['right']]} | {_cure(cure)} |"
        )
    heads = [f"- {kind}, {half}: {good} of {of}" for (kind, half), (good, of) in counts.items()]
    columns = ("case", "half", "expected, one of", "found first", "at images", "right", "mended")
    return [*heads, "", f"| {' | '.join(columns)} |", "| --- " * 7 + "|", *rows]


_RIGHT = {True: "yes", False: "**no**", None: "not counted: it did not come out well"}


def _images(images: int | None) -> str:
    return "-" if images is None else f"{images:,}"


def _cure(cure: Mapping[str, Any] | None) -> str:
    if cure is None:
        return "-"
    figures = f"{cure['fd'] or float('nan'):.1f} beside {cure['healthy'] or float('nan'):.1f}"
    return f"{'yes' if cure['right'] else '**no**'} ({figures})"


def write_page(lines: list[str]) -> None:
    """Put the table between its marks in docs/doctor.md."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(between_marks(page, BEGIN, END, lines), encoding="utf-8")


def run_all(names: list[str], options: argparse.Namespace) -> None:
    """Train every case in a process of its own, so many at a time."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}

    def start(name: str) -> None:
        command = [sys.executable, "-m", "bench.sabotage", "--out", str(options.out)]
        command += ["--case", name, "--images", str(options.images)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        last = done.stderr.strip().splitlines()[-1:] if done.returncode else ["done"]
        print(f"{name}: {' '.join(last)}", flush=True)

    with ThreadPoolExecutor(options.jobs) as jobs:
        list(jobs.map(start, names))


def main() -> None:
    """Parse, train what is not yet trained, and write the table."""
    shared, cases = read_cases()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--images", type=int, default=shared["budget"])
    parser.add_argument("--only", nargs="*", metavar="NAME", help="these cases alone")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--page", action="store_true", help="write the table, train nothing")
    parser.add_argument("--print", action="store_true", help="print the table, leave the page")
    options = parser.parse_args()
    options.out = options.out.resolve()
    chosen = [case for case in cases if not options.only or case["name"] in options.only]
    if options.case:
        (case,) = (case for case in cases if case["name"] == options.case)
        train_case(shared, case, options.out, images=options.images)
        return
    if not options.page:
        run_all([case["name"] for case in chosen], options)
    lines = table(shared, chosen, options.out)
    if options.print or options.only:
        print("\n".join(lines))
    else:
        write_page(lines)


if __name__ == "__main__":
    main()
