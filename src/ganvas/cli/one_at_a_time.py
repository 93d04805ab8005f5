"""`ganvas sweep --one-at-a-time`: its table, JSON and picture."""

import argparse
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganvas.cli.output import note_if_heard, print_json, print_table
from ganvas.cli.series import checked_request, default_out, threads_each
from ganvas.cli.stopped import say_stopped

if TYPE_CHECKING:
    from ganvas.scale.one_at_a_time import Look

__all__ = ["carry_out"]

_STEPS = (500, 1_000)


def carry_out(options: argparse.Namespace) -> int:
    """Run the variants that the options ask for, show them, and return the exit code."""
    from ganvas.pictures import require_file
    from ganvas.recipes import make_recipe
    from ganvas.report.figures import require_matplotlib, require_suffix
    from ganvas.scale.children import Children
    from ganvas.scale.space import parse_space
    from ganvas.settings import parse_assignments

    asked = checked_request(options)
    recipe = make_recipe(
        options.recipe,
        budget={},
        seed=options.seed,
        unconditional=options.unconditional,
        settings=parse_assignments(options.settings),
    )
    space = parse_space(options.vary, recipe)
    out = options.out or default_out("one-at-a-time", options)
    picture = options.output or out / "side-by-side.png"
    if options.output is not None:
        require_suffix(picture)
        require_file(picture)
    require_matplotlib()

    from ganvas.scale.one_at_a_time import looks_of, run_variants, variants_of

    steps = options.at or _STEPS
    variants = variants_of(space, recipe)
    series = (*options.vary, f"--at {','.join(map(str, steps))}", f"--seed {options.seed}")
    try:
        outcomes = run_variants(
            out,
            replace(asked, series=series),
            variants,
            recipe=recipe,
            steps=steps,
            seed=options.seed,
            jobs=options.jobs,
            threads=threads_each(options.jobs),
            runner=Children(),
            tell=note_if_heard,
        )
    except KeyboardInterrupt as stop:
        return say_stopped(stop)
    rows = []
    for variant in variants:
        changed = recipe.with_settings(dict(variant.changes))
        looks = looks_of(out / variant.folder, changed, steps)
        outcome = outcomes[variant.label]
        rows.append({"variant": variant.label, "looks": looks, **_ended(asdict(outcome))})
    _draw(picture, rows, steps, f"{options.recipe} on {options.data}, seed {options.seed}")
    if options.json:
        print_json(_to_json(options, rows, steps, picture))
    else:
        _print(rows, steps)
    note_if_heard(f"picture: {picture}")
    return 1 if any(row["status"] not in ("finished", "diverged") for row in rows) else 0


def _to_json(
    options: argparse.Namespace, rows: list[dict[str, Any]], steps: tuple[int, ...], picture: Path
) -> dict[str, Any]:
    return {
        "data": options.data,
        "recipe": options.recipe,
        "steps": list(steps),
        "seed": options.seed,
        "picture": str(picture),
        "variants": [{**row, "looks": list(map(_plain, row["looks"]))} for row in rows],
    }


def _ended(outcome: dict[str, Any]) -> dict[str, Any]:
    names = ("run", "status", "images", "seconds", "reason", "findings", "metrics")
    return {name: outcome[name] for name in names}


def _plain(look: "Look") -> dict[str, Any]:
    return {**asdict(look), "picture": None if look.picture is None else str(look.picture)}


def _print(rows: list[dict[str, Any]], steps: tuple[int, ...]) -> None:
    headings = ["variant", "status"]
    for step in steps:
        headings += [f"D loss {step:,}", f"G loss {step:,}", f"x real {step:,}"]
    shown = [
        [row["variant"], row["status"]]
        + [
            "-" if value is None else f"{value:.3g}"
            for look in row["looks"]
            for value in (look.d_loss, look.g_loss, look.fd)
        ]
        for row in rows
    ]
    print_table(headings, shown, right=2)
    for row in rows:
        if row["reason"]:
            print(f"{row['variant']}: {row['reason']}")


def _draw(path: Path, rows: list[dict[str, Any]], steps: tuple[int, ...], title: str) -> None:
    from ganvas.report.side_by_side import Cell, draw_side_by_side

    draw_side_by_side(
        path,
        {
            row["variant"]: [
                Cell(picture=look.picture, words=_words(look)) for look in row["looks"]
            ]
            for row in rows
        },
        [f"step {step:,}" for step in steps],
        title=title,
    )


def _words(look: "Look") -> str:
    words = [
        f"{name} {value:.3g}"
        for name, value in (("D loss", look.d_loss), ("G loss", look.g_loss))
        if value is not None
    ]
    if look.fd is not None:
        words.append(f"FD {look.fd:.3g} x real")
    return ", ".join(words) or "nothing"
