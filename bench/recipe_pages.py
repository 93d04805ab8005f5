"""The page of all recipes, docs/recipes.md, written from their code and from runs of them.

    python -m bench.recipe_pages [--run RUN]...

Each `--run`, a finished run directory, first becomes what the page shows of its recipe: its
figures in docs/recipes/NAME.json and its samples in docs/recipes/NAME.png.
"""

import argparse
import json
import re
import shutil
from pathlib import Path
from typing import Any

from ganvas.description import Description, describe_recipe, layer_cells, totals
from ganvas.recipes import RECIPES, get_recipe
from ganvas.run import find_run

DOCS = Path(__file__).parents[1] / "docs"

FORMS = {"none": "-unconditional", "clusters": "-clusters"}
"""What a run's name ends in, by what it tells apart instead of classes."""
WORDS = {
    "": "",
    "-unconditional": " without classes",
    "-clusters": " with clusters in place of classes",
}

HEAD = """# The recipes

Written by `python -m bench.recipe_pages` from the recipes themselves; a test holds the two
together. `ganvas recipes NAME` shows the same with every setting, `-o FILE` draws the layers.

Figures are measured at the end of a run, each beside that of real test images; they compare where
data, judge and number of samples are the same ([docs/metrics.md](metrics.md)). All of them at the
same seconds: [compared.md](compared.md). A step of each published recipe takes 0.60 to 0.91 of
the time of the same networks in a plain float32 PyTorch loop, in bfloat16 0.45 to 0.65
([LOG.md](LOG.md)).

Where data has fewer than 10,000 test images (`cifar10:automobile` 1,000, `digits14` 2,117) the
figures below were made before samples were counted as the real images are: there `fd` flatters
([LOG.md](LOG.md)).
"""


def document(figures: Path) -> str:
    """Return the whole page, with what is known of runs in the folder `figures`."""
    sections = [section(describe_recipe(name), figures) for name in RECIPES]
    return "\n".join([HEAD, *sections])


def section(found: Description, figures: Path) -> str:
    """Return one recipe's part of the page."""
    page = found.page
    lines = [
        f"## {found.name}",
        "",
        page.title,
        "",
        "| | |",
        "| --- | --- |",
        f"| source | {cell(page.source)} |",
        f"| published budget | {cell(page.published_budget)} |",
        f"| what to expect | {cell(page.expect)} |",
        f"| its own data | {cell(found.recipe.data.name)} |",
        "",
    ]
    if page.deviations:
        lines += ["Where it differs from what was published:", ""]
        lines += [f"- {' '.join(deviation.split())}" for deviation in page.deviations]
        lines.append("")
    for name, rows in found.diagram.sides:
        lines += [f"The {name}: {totals(rows)}.", "", "| layer | output | parameters |"]
        lines.append("| --- | ---: | ---: |")
        for row, (_, kind, shape, parameters, _) in zip(rows, layer_cells(rows), strict=True):
            is_end = row.kind in ("input", "output")
            what = f"*{row.name}* {row.detail}".strip() if is_end else kind
            lines.append(f"| {cell(what)} | {shape} | {parameters} |")
        lines.append("")
    return "\n".join([*lines, *of_runs(found.name, figures)])


def of_runs(name: str, figures: Path) -> list[str]:
    """Return what runs of the recipe came to; a plain sentence where there is none."""
    lines = []
    for path in sorted(figures.glob("*.json")):
        run = json.loads(path.read_text(encoding="utf-8"))
        if run["recipe"] != name:
            continue
        lines += [
            f"A run{WORDS[run['form']]} on {run['data']}: "
            f"{run['images']:,} images, {run['pace']}; {run['machine']}, seed {run['seed']}; "
            f"{run['samples']:,} samples, judge {run['judge']}.",
            "",
            "| figure | value | real images |",
            "| --- | ---: | ---: |",
        ]
        for metric, figure in run["metrics"].items():
            real = "-" if figure["real"] is None else f"{figure['real']:.4g}"
            lines.append(f"| {metric} | {figure['value']:.4g} | {real} |")
        lines += ["", f"![Samples of that run](recipes/{path.stem}.png)", ""]
    return lines or ["No run of it is kept here yet.", ""]


def keep(run: str, figures: Path) -> str:
    """Keep a finished run's figures and samples for the page; return under which name."""
    directory = find_run(run)
    recipe, status = directory.read_recipe(), directory.read_status()
    measured = directory.path.with_suffix(".json")  # all figures, where they were taken beside it
    evaluation = status.get("evaluation")
    if measured.is_file():
        evaluation = json.loads(measured.read_text(encoding="utf-8"))
    if status["status"] != "finished" or evaluation is None:
        raise SystemExit(f"{run} is not finished and measured")
    own = get_recipe(recipe.name)
    told = "" if recipe.conditioning == own.conditioning else FORMS.get(recipe.conditioning, "")
    key = recipe.name + told
    if recipe.data.name != own.data.name:
        key += f"-on-{re.sub(r'[^a-z0-9]+', '-', recipe.data.name.lower())}"
    kept: dict[str, Any] = {
        "recipe": recipe.name,
        "form": told,
        "data": recipe.data.name,
        "images": status["images"],
        "pace": pace(directory.path, status),
        "machine": f"{recipe.machine.threads} thread(s), {recipe.machine.precision}",
        "seed": recipe.seed,
        "samples": evaluation["samples"],
        "judge": f"{evaluation['judge']['name']} {evaluation['judge']['digest'][7:15]}",
        "metrics": evaluation["metrics"],
    }
    figures.mkdir(exist_ok=True)
    (figures / f"{key}.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(directory.path / "samples.png", figures / f"{key}.png")
    return key


def pace(run: Path, status: dict[str, Any]) -> str:
    """Return how long the run's images take: by the speed of a quiet minute where it was taken.

    `bench.recipes_compared` measures that before it trains, so that what else the machine did
    later tells in no figure.
    """
    speeds = run.parent / "speeds.json"
    if speeds.is_file():
        found = json.loads(speeds.read_text(encoding="utf-8"))["images_per_second"]
        if run.name in found:
            seconds = status["images"] / found[run.name]
            return f"{seconds:,.0f} s at the {found[run.name]:,.4g} images/s measured before"
    return f"{status['seconds']:,.0f} s"


def cell(words: str) -> str:
    """Return words that stay inside their cell of a table."""
    return " ".join(words.split()).replace("|", "\\|")


def main() -> None:
    """Keep the runs that are named, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--run", action="append", default=[], metavar="RUN")
    for run in parser.parse_args().run:
        print(f"kept: {keep(run, DOCS / 'recipes')}")
    (DOCS / "recipes.md").write_text(document(DOCS / "recipes"), encoding="utf-8")
    print(DOCS / "recipes.md")


if __name__ == "__main__":
    main()
