"""report.html: one run's story with its figures, in one file that opens without a network.

The page has no script, and a policy in its head that lets none run and nothing be fetched; all
that comes from the run's files is escaped, pictures are decoded and written anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from ganvas.files import write_text
from ganvas.recipes import DEFAULTS
from ganvas.report.advice import advice
from ganvas.report.commands import commands_of, default_command
from ganvas.report.figures import has_matplotlib
from ganvas.report.likeness import likeness
from ganvas.report.markup import (
    array_image,
    chart,
    code,
    details,
    facts,
    items,
    paragraph,
    picture,
    rows,
    section,
)
from ganvas.report.noticed import findings_html, shown
from ganvas.report.plots import PLOTS, panel_svg
from ganvas.report.portraits import Portrait, portraits
from ganvas.report.readings import readings
from ganvas.report.record import RunRecord, over, read_run
from ganvas.report.story import beginning, ending, quality, recipe, table
from ganvas.report.style import CSS
from ganvas.report.verdict import Verdict, verdict
from ganvas.report.words import count

__all__ = ["NAME", "PLOT_TITLES", "report_at_the_end", "to_html", "write_report"]

NAME = "report.html"
"""The page's name in a run directory."""

PLOT_TITLES = {
    "quality": "Quality on the way",
    "losses": "The two players' losses",
    "validation": "What the discriminator knows",
    "logits": "How sure the discriminator is",
    "gradients": "What moves the networks",
    "classes": "Are all classes there?",
}
"""The figures of the page in the order of its story."""

_LEAST_LINES = 20  # of the log
_STAGES = 6  # pictures on the way
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def write_report(record: RunRecord, path: Path, made: Sequence[Portrait] = ()) -> None:
    """Write the page of a run, whole or not at all. Raises GanvasError where that fails."""
    write_text(path, to_html(record, made))


def report_at_the_end(
    run: Path,
    *,
    status: str,
    images: int,
    seconds: float,
    evaluation: Mapping[str, Any] | None,
    reason: str | None = None,
) -> Path | None:
    """Leave the report of a run in it, before its files say that it is over; return its path.

    None where matplotlib is missing, and where the run was too short for curves to say anything.
    Raises what `write_report` raises.
    """
    if not has_matplotlib():
        return None
    record = read_run(run)
    if len(record.metrics.log) < _LEAST_LINES:
        return None
    ended = over(
        record,
        status=status,
        images=images,
        seconds=seconds,
        evaluation=evaluation,
        reason=reason,
    )
    made, _ = portraits(ended, nearest=False)  # what is missing, the next command says
    write_report(ended, run / NAME, made)
    return run / NAME


def to_html(record: RunRecord, made: Sequence[Portrait] = ()) -> str:
    """Return the page; without matplotlib it has no curves, and says so."""
    alike = likeness(record.head)
    told = verdict(record, alike)
    parts = [
        _head(record, told),
        section(
            "What was trained",
            paragraph(beginning(record)),
            paragraph(recipe(record)),
            _stages(record),
        ),
        section("How good it is", paragraph(quality(record)), _table(record)),
        section("What was found", *findings_html(record)),
        section("What to do next", items(advice(record, alike, told.level))),
        section("How training went", *_curves(record)),
        section("What the generator has learnt", *_portraits(made)),
        section("Again, and further", *_commands(record, poor=told.level == "poor")),
        section("The recipe", _recipe(record)),
        section("The environment", _environment(record.head.environment)),
        section("What could not be read", _problems(record)),
    ]
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(record.head.name)} - ganvas</title>\n<style>{CSS}</style></head>\n"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _head(record: RunRecord, told: Verdict) -> str:
    head = record.head
    pictures = [
        picture(
            head.newest_picture,
            title=f"Generated, at {count(head.images)} images" if record.samples else "Generated",
            alt="Grid of the newest generated pictures",
        ),
        picture(
            head.real_picture,
            title="Real: training images",
            alt="Grid of real training images, laid out like the generated ones",
        ),
    ]
    shown = "".join(pictures)
    return (
        f"<header><h1>{escape(head.name)}</h1>"
        f'<span class="state {escape(head.state)}">{escape(head.state)}</span>'
        f"{paragraph([ending(record.head)], 'lead')}"
        f'<div class="verdict {escape(told.level)}"><strong>{escape(told.title)}</strong>'
        f"{paragraph([told.words])}</div></header>"
        + (f'<div class="figures">{shown}</div>' if shown else "")
    )


def _stages(record: RunRecord) -> str:
    """The same latents on the way, from the first picture to the last."""
    samples = record.samples
    if len(samples) < 3:
        return ""
    kept = min(_STAGES, len(samples))
    # Early pictures change most: the places are closer there.
    places = sorted({round((len(samples) - 1) * (i / (kept - 1)) ** 2) for i in range(kept)})
    shown = [
        picture(
            samples[i].path,
            title=f"{count(samples[i].images)} images",
            alt=f"Generated pictures after {samples[i].images:,} real images",
            shrink=2,
        )
        for i in places
    ]
    words = (
        "What G drew from the same random numbers on its way, after so many real images were "
        "shown to D:"
    )
    return paragraph([words]) + f'<div class="strip">{"".join(shown)}</div>' if any(shown) else ""


def _table(record: RunRecord) -> str:
    headings = ("figure", "what it is", "generated", "real", "which way")
    return rows(headings, table(record), "Beside real images that nobody trained on")


def _curves(record: RunRecord) -> Iterator[str]:
    if not has_matplotlib():
        yield paragraph(["The curves need matplotlib: pip install 'ganvas[plot]'."])
        return
    for name, title in PLOT_TITLES.items():
        panels = PLOTS[name].known(record)
        if not panels:
            continue
        charts = "".join(
            chart(
                panel_svg(panel, record),
                title=panel.title,
                made=panel.made(record),
                alt=f"Chart: {panel.title}. What it says stands in the text above it.",
            )
            for panel in panels
        )
        words = paragraph(readings(name, record))
        yield f'<h3>{escape(title)}</h3>{words}<div class="figures">{charts}</div>'


def _portraits(made: Sequence[Portrait]) -> Iterator[str]:
    for portrait in made:
        yield array_image(
            portrait.picture, title=portrait.title, words=portrait.words, alt=portrait.title
        )


def _commands(record: RunRecord, *, poor: bool) -> Iterator[str]:
    found = commands_of(record.head)
    default = default_command(record.head)
    if poor and default is not None and record.head.text("name") not in DEFAULTS.values():
        found.insert(0, ("train the default recipe on the same data", default))
    for words, line in found:
        yield paragraph([f"To {words}:"]) + code(line)


def _recipe(record: RunRecord) -> str:
    if not record.head.recipe:
        return ""
    found = list(_settings(record.head.recipe))
    settings = rows(("setting", "value"), found, "Every setting of the run")
    return paragraph(["The whole of what decides the run beside its data."]) + details(
        "Show every setting", settings
    )


def _settings(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and prefix.count(".") < 5:
            yield from _settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", shown(value)


def _environment(environment: Mapping[str, Any]) -> str:
    plain = [
        (name.replace("_", " "), shown(value))
        for name, value in environment.items()
        if not isinstance(value, Mapping) and value is not None and name != "command"
    ]
    versions = environment.get("versions")
    if isinstance(versions, Mapping):
        plain.append(("versions", ", ".join(f"{k} {shown(v)}" for k, v in versions.items())))
    return facts(plain)


def _problems(record: RunRecord) -> str:
    return items(record.problems)
