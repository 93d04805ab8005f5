"""report.html: the whole story in one file, and nothing from a run's files but as text."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ganvas.cli.main import main
from ganvas.recipe import Recipe
from ganvas.report.page import PLOT_TITLES, report_at_the_end, to_html
from ganvas.report.plots import PLOTS
from ganvas.report.record import STATES, read_run
from ganvas.runlog import RunDirectory
from tests.report_helpers import EVALUATION, png, write_run

Captured = pytest.CaptureFixture[str]
EVIL = "</style></title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"
VOID = frozenset("meta img br source".split())


class Outline(HTMLParser):
    """Elements and attributes of a page; an element closed out of order is an error."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return write_run(tmp_path / "0001-mnist-swift-s0")


@pytest.fixture
def no_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where matplotlib is missing: quick, for tests of everything else."""
    monkeypatch.setattr("ganvas.report.figures.find_spec", lambda name: None)


def page_of(run: RunDirectory) -> Outline:
    return Outline(to_html(read_run(run.path)))


def test_a_finished_run_is_told_whole(run: RunDirectory) -> None:
    run.write_status("finished", images=12_000, seconds=65.0, evaluation=EVALUATION)
    page = page_of(run)
    for words in (
        "The run is finished: 12,000 real images drawn in 1 min 5 s",
        "Close to real pictures",
        "The samples lie 2 times as far from the training images as real test images",
        "For the samples it is 0.5, for real test images 0.25",
        "At 2 times that, they are close to real pictures",
        "trained on real images and took no part in this run",
        "98.50% of them show the class",
        "2,000 samples and 1,500 test images",
        "At the end it called 75% of training images real, 62% of held-out ones, and 40%",
        "ganvas train mnist --set batch_size=64 --seed 0 --images 12000",
        f"ganvas resume {run.path} --images 24000",
        "optimizer.generator.learning_rate",
        "torch 2.13.0",
        *PLOT_TITLES.values(),
    ):
        assert words in page.text
    assert "What could not be read" not in page.text


def test_it_opens_alone_and_every_picture_has_words_and_a_size(run: RunDirectory) -> None:
    page = page_of(run)
    assert {name for name, _ in page.elements}.isdisjoint({"script", "link", "iframe", "object"})
    images = [attributes for name, attributes in page.elements if name == "img"]
    assert len(images) == 7 + sum(len(PLOTS[name].panels) for name in PLOT_TITLES)
    for attributes in images:
        assert (attributes["src"] or "").startswith("data:image/")
        assert attributes["alt"]
        assert int(attributes["width"] or 0) > 0
        assert int(attributes["height"] or 0) > 0
    fetched = [v for _, a in page.elements for k, v in a.items() if k in ("href", "src", "srcset")]
    assert all(value and value.startswith("data:") for value in fetched)
    policy = [a["content"] for _, a in page.elements if "http-equiv" in a]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.usefixtures("no_curves")
def test_a_run_in_any_state_has_a_report_that_says_so(state: str, run: RunDirectory) -> None:
    record = read_run(run.path)
    head = replace(record.head, state=state, images=3_000, reason="a loss is not finite")
    page = Outline(to_html(replace(record, head=head)))
    expected = {
        "running": "still going: 3,000 real images drawn of 12,000, 25% so far",
        "finished": "The run is finished",
        "stopped": "stopped at 3,000 real images drawn of 12,000",
        "diverged": "no numbers any more (first seen: a loss is not finite).",
        "failed": "The run failed: a loss is not finite.",
        "interrupted": "it was killed",
        "unknown": "is not known",
    }
    assert expected[state] in page.text


@pytest.mark.usefixtures("no_curves")
def test_an_empty_run_has_a_report_too(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path / "empty")
    run.path.mkdir()
    (run.path / "recipe.json").write_text("{")
    page = page_of(run)
    assert "Quality has not been measured" in page.text
    assert "recipe.json is no JSON object" in page.text


def test_nothing_of_a_hostile_run_is_markup(tmp_path: Path) -> None:
    run = write_run(tmp_path / "<b onclick=alert(3)>x")
    plain = Recipe().to_json()
    plain.update(name=EVIL, **{EVIL: EVIL, "nested": {EVIL: [EVIL]}})
    plain["data"]["name"] = EVIL
    plain["loss"]["name"] = EVIL
    (run.path / "recipe.json").write_text(json.dumps(plain))
    run.write_environment({"data_digest": EVIL, EVIL: EVIL, "versions": {EVIL: EVIL},
                           "command": f"ganvas train '{EVIL.replace(chr(39), '')}'"})  # fmt: skip
    evaluation = {
        **EVALUATION,
        "split": EVIL,
        "judge": {"name": EVIL, "digest": EVIL, "kind": EVIL},
        "metrics": {EVIL: EVALUATION["metrics"]["fd"], **EVALUATION["metrics"]},
    }
    run.write_status(EVIL, images=5, reason=EVIL, evaluation=evaluation)
    finding = {"images": 5, "name": EVIL, "severity": EVIL, "evidence": {EVIL: EVIL},
               "explanation": EVIL, "remedies": [EVIL]}  # fmt: skip
    (run.path / "findings.jsonl").write_text(json.dumps(finding) + "\n")
    (run.path / "model").mkdir()
    config = {"class_names": [EVIL, "b", "c"], "class_frequencies": [0.1, 0.2, 0.7]}
    (run.path / "model" / "config.json").write_text(json.dumps(config))
    (run.path / "samples.png").write_bytes(EVIL.encode())
    run.append_metrics({"images": 99_000, "probe": {"fd": 1.0, "judge": EVIL, "samples": 5}})
    text = to_html(read_run(run.path))
    page = Outline(text)
    assert "alert(1)" in page.text  # it is shown, as the text that it is
    assert {name for name, _ in page.elements}.isdisjoint({"script", "b"})
    assert [a for _, a in page.elements if any(key.startswith("on") for key in a)] == []
    assert re.findall(r"<script|onerror=alert\(2\)>(?!&quot;)", text) == []


@pytest.mark.usefixtures("no_curves")
def test_pictures_that_are_none_are_left_out(run: RunDirectory) -> None:
    for content in (b"", b"GIF89a", png()[:60], b"\x89PNG\r\n\x1a\n" + b"x" * 99):
        (run.path / "samples.png").write_bytes(content)
        page = page_of(run)
        alts = [attributes.get("alt") for name, attributes in page.elements if name == "img"]
        assert "Grid of the newest generated pictures" not in alts
        assert "Grid of real training images, laid out like the generated ones" in alts


@pytest.mark.usefixtures("no_curves")
def test_findings_are_told_with_where_they_held(run: RunDirectory) -> None:
    (run.path / "findings.jsonl").write_text(
        '{"images": 3000, "name": "mode_collapse", "severity": "error", "since_images": 2000, '
        '"evidence": {"coverage": 0.25}, "explanation": "Few kinds are left.", '
        '"remedies": ["Raise the penalty."]}\n'
        '{"images": 5000, "name": "mode_collapse", "resolved": true}\n'
    )
    text = page_of(run).text
    for words in ("over: mode collapse", "from 2,000 to 5,000 images", "coverage: 0.25",
                  "Few kinds are left.", "What helps", "Raise the penalty."):  # fmt: skip
        assert words in text


@pytest.mark.usefixtures("no_curves")
def test_what_still_holds_comes_first_and_what_came_and_went_is_told_once(
    run: RunDirectory,
) -> None:
    with (run.path / "findings.jsonl").open("w") as file:
        for start in range(1_000, 31_000, 1_000):
            line = {
                "images": start,
                "name": "missing_class",
                "severity": "error",
                "evidence": {"coverage": start / 100_000},
                "explanation": "One is gone.",
            }
            over = {"images": start + 500, "name": "missing_class", "resolved": True}
            file.write(f"{json.dumps(line)}\n{json.dumps(over)}\n")
        file.write(json.dumps({"images": 5, "name": "modes_lost", "severity": "warning"}) + "\n")
    page = page_of(run)
    text = page.text
    assert text.count("One is gone.") == 1
    assert "1 trouble that came and went" in text
    assert "30 times from 1,000 to 30,500 images; the last time (coverage: 0.3)" in text
    assert text.index("warning: modes lost") < text.index("over: missing class")
    classes = [attributes["class"] for name, attributes in page.elements if name == "article"]
    assert classes == ["warning", "over"]  # what is over is no error any more


@pytest.mark.usefixtures("no_curves")
def test_without_matplotlib_the_rest_is_told(run: RunDirectory) -> None:
    page = page_of(run)
    assert "ganvas[plot]" in page.text
    assert "Every setting of the run" in page.text


def test_a_run_leaves_its_report_before_its_files_say_it_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganvas.report.page.panel_svg", lambda panel, record: "<svg/>")
    over: Any = {"status": "finished", "images": 20_000, "seconds": 9.0, "evaluation": EVALUATION}
    run = write_run(tmp_path / "run", lines=20)
    run.write_status("running", images=0)
    assert report_at_the_end(run.path, **over) == run.path / "report.html"
    page = Outline((run.path / "report.html").read_text())
    assert "The run is finished: 20,000 real images drawn in 9 s" in page.text
    assert "98.50% of them show the class" in page.text
    assert read_run(run.path).head.state == "interrupted"
    report_at_the_end(run.path, **over, reason="the doctor ended it: it has been better")
    page = Outline((run.path / "report.html").read_text())
    assert "The doctor ended it: it has been better." in page.text
    short = write_run(tmp_path / "short", lines=19)
    assert report_at_the_end(short.path, **over) is None
    monkeypatch.setattr("ganvas.report.figures.find_spec", lambda name: None)
    (run.path / "report.html").unlink()
    assert report_at_the_end(run.path, **over) is None
    assert not list(tmp_path.rglob("report.html"))


@pytest.mark.usefixtures("no_curves")
def test_a_run_that_no_doctor_watched_is_shown_to_one(run: RunDirectory) -> None:
    lines = [{"images": 1_000 * number, "d_loss": 1e-6, "g_loss": 9.0} for number in range(1, 40)]
    (run.path / "metrics.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert main(["report", str(run.path), "--no-model"]) == 0
    page = Outline((run.path / "report.html").read_text())
    assert "error: the discriminator wins every time" in page.text
    assert "Begin with what was found: the discriminator wins every time" in page.text
    (run.path / "recipe.json").write_text("{")  # nothing to be told of a damaged run
    assert main(["report", str(run.path), "--no-model"]) == 0
    assert "wins every time" not in (run.path / "report.html").read_text()


@pytest.mark.usefixtures("no_curves")
def test_the_command_writes_where_asked_and_says_where(
    run: RunDirectory, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["report", str(run.path)]) == 0
    told = capsys.readouterr()
    assert told.out == f"{run.path / 'report.html'}\n"
    assert "no model yet" in told.err
    asked = tmp_path / "asked.html"
    assert main(["report", str(run.path), "-o", str(asked), "--no-model"]) == 0
    assert capsys.readouterr() == (f"{asked}\n", "")
    assert asked.read_text() == (run.path / "report.html").read_text()
    assert main(["report", str(tmp_path)]) == 2
    assert main(["report", str(run.path), "-o", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 2
