"""Figures of a run: what it has numbers for is drawn, named and the same again."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from ganvas.cli.main import main
from ganvas.errors import UsageError
from ganvas.files import write_png
from ganvas.grid import COLUMNS, images_to_grid, upscale
from ganvas.recipe import LossSettings, Recipe
from ganvas.report.classes import class_shares
from ganvas.report.lines import Metrics, Series
from ganvas.report.panels.panel import thinned, write_title
from ganvas.report.plots import PLOTS, known_plots, panel_svg, write_picture, write_plot
from ganvas.report.record import RunRecord, read_run
from tests.report_helpers import write_run

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    return read_run(write_run(tmp_path / "run").path)


def texts(svg: str) -> str:
    return " ".join(re.findall(r">([^<>\n]+)</text>", svg))


def test_a_run_with_everything_has_every_figure(record: RunRecord) -> None:
    assert list(known_plots(record)) == list(PLOTS)
    empty = replace(record, metrics=Metrics())
    assert list(known_plots(empty)) == ["pictures"]
    unseen = replace(empty, head=replace(empty.head, newest_picture=None, real_picture=None))
    assert list(known_plots(unseen)) == []


def test_figures_name_their_lines_units_counts_and_references(record: RunRecord) -> None:
    drawn = {
        name: " ".join(texts(panel_svg(panel, record)) for panel in plot.panels)
        for name, plot in PLOTS.items()
    }
    for name, parts in {
        "losses": ("D (discriminator)", "G (generator)", "cannot tell: 1.386", "mean per image"),
        "validation": ("training images", "held-out images", "fakes", "cannot tell"),
        "logits": ("real images", "fakes", "undecided", "50%", "probability of being real"),
        "gradients": ("G's weights", "the fakes' pixels", "norm of the gradient"),
        "quality": ("as many real images", "lower is better", "seconds of training"),
        "classes": ("samples", "share of the images"),
    }.items():
        assert [part for part in parts if part not in drawn[name]] == []
    made = " ".join(panel.made(record) for plot in PLOTS.values() for panel in plot.panels)
    for part in (
        "500 samples a look",
        "judge aaaaaaaa",
        "120 images of each kind",
        "40 samples at",
    ):
        assert part in made


def test_a_legend_hides_neither_curves_nor_title(record: RunRecord) -> None:
    for panel in (panel for plot in PLOTS.values() for panel in plot.panels):
        figure = Figure(figsize=(4.6, 3.2), layout="constrained")
        axes = figure.add_subplot()
        panel.draw(axes, record)
        write_title(axes, panel.title)
        figure.draw_without_rendering()
        names = axes.get_legend()
        title = next(text for text in figure.findobj(Text) if text.get_text() == panel.title)
        assert title.get_window_extent().y0 >= axes.get_window_extent().y1
        if names is not None:
            assert names.get_window_extent().y0 >= axes.get_window_extent().y1
            assert title.get_window_extent().y0 >= names.get_window_extent().y1


def test_a_loss_without_boundary_has_no_probability(tmp_path: Path) -> None:
    recipe = Recipe(loss=LossSettings(name="wasserstein"))
    drawn = texts(
        panel_svg(
            PLOTS["logits"].panels[0], read_run(write_run(tmp_path / "w", recipe=recipe).path)
        )
    )
    assert "probability" not in drawn
    assert "undecided" not in drawn


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_figure_is_written_the_same_again(suffix: str, record: RunRecord, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path in paths:
        write_plot("losses", record, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_odd_names_and_wild_losses_are_drawn(tmp_path: Path) -> None:
    run = write_run(tmp_path / "_$x^{$")
    run.append_metrics({"images": 13_000, "seconds": 9.0, "d_loss": 1e30, "g_loss": -1e30})
    write_plot("losses", read_run(run.path), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width > picture.height


def test_what_is_not_there_is_refused_with_what_is(record: RunRecord, tmp_path: Path) -> None:
    only = replace(record, metrics=replace(Metrics(), log=record.metrics.log))
    with pytest.raises(
        UsageError, match=r"nothing to draw of 'quality'.*it has pictures, losses, logits"
    ):
        write_plot("quality", only, tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()


def test_samples_stand_beside_real_images_and_both_are_counted(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    images = np.zeros((40, 3, 8, 6), np.uint8)
    images[:20] = 200
    for name, number in (("samples.png", 40), ("reals.png", 20)):
        write_png(run.path / name, upscale(images_to_grid(images[:number], COLUMNS), 3))
    generated, real = PLOTS["pictures"].panels
    record = read_run(run.path)
    assert generated.made(record) == "samples at 12,000 images"  # no model says how large they are
    (run.path / "best").mkdir()
    (run.path / "best" / "config.json").write_text('{"image": {"height": 8, "width": 6}}')
    assert generated.made(record) == "40 samples at 12,000 images"
    assert real.made(record) == "20 training images"
    drawn = panel_svg(generated, record)
    assert "<image" in drawn
    assert "real images drawn" not in drawn  # it has no axes


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_picture_is_written_under_its_title_and_words(channels: int, tmp_path: Path) -> None:
    pixels = np.full((20, 90, channels), 120, np.uint8)
    words = "What it shows, $in$ so many words. " * 9
    write_picture(tmp_path / "a.svg", pixels, title="Its $title", words=words)
    told = texts((tmp_path / "a.svg").read_text())
    assert "Its $title" in told
    assert told.count("so many words") == 9
    write_picture(tmp_path / "a.png", pixels, title="", words="")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width > 2 * picture.height


def test_thinning_keeps_the_mean_and_the_ends() -> None:
    whole = Series(
        images=tuple(range(1_000)), seconds=(None,) * 1_000, values=tuple(map(float, range(1_000)))
    )
    few = thinned(whole, 100)
    assert len(few) == 100
    assert few.images[-1] == 999
    assert sum(few.values) / 100 == pytest.approx(499.5)
    assert thinned(few, 100) == few
    assert thinned(Series(images=(), seconds=(), values=())).values == ()


def test_classes_have_the_models_names_and_shares(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run.path / "model").mkdir()
    config = run.path / "model" / "config.json"
    for text, names, real in (
        ('{"class_names": ["a", "b", "c"], "class_frequencies": [0.5, 0.25, 0.25]}', "abc", 3),
        ('{"class_names": ["a", "b", "c"], "class_frequencies": [1, 2, "x"]}', "abc", 0),
        ('{"class_names": ["a"]}', "012", 0),
        ("nonsense", "012", 0),
    ):
        config.write_text(text)
        shares = class_shares(read_run(run.path))
        assert shares is not None
        assert shares.names == tuple(names)
        assert len(shares.real) == real
        assert shares.fake == (0.75, 0.0, 0.25)


def test_the_command_writes_all_or_one(tmp_path: Path, capsys: Captured) -> None:
    run = write_run(tmp_path / "run")
    assert main(["plot", str(run.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [str(run.path / "plots" / f"{name}.png") for name in PLOTS]
    assert all(Path(line).is_file() for line in lines)
    one = tmp_path / "losses.svg"
    assert main(["plot", str(run.path), "losses", "-o", str(one)]) == 0
    assert capsys.readouterr().out == f"{one}\n"
    assert main(["plot", str(run.path), "losses", "--pictures"]) == 0
    assert "left out: the run has left no model yet" in capsys.readouterr().err
    for words, part in (
        (["--pictures", "-o", str(one)], "leave -o out"),
        (["loses"], "did you mean 'losses'"),
        (["losses", "quality", "-o", str(tmp_path / "x.svg")], "one figure"),
    ):
        assert main(["plot", str(run.path), *words]) == 2
        assert part in capsys.readouterr().err
    assert main(["plot", str(run.path), "pictures", "classes", "--format", "svg"]) == 0
    for line, name in zip(
        capsys.readouterr().out.splitlines(), ("pictures", "classes"), strict=True
    ):
        assert line == str(run.path / "plots" / f"{name}.svg")
        assert Path(line).read_text().startswith("<?xml")
    (run.path / "metrics.jsonl").unlink()
    for name in ("samples.png", "reals.png"):
        (run.path / name).unlink()
    assert main(["plot", str(run.path)]) == 2
    assert "nothing to draw yet" in capsys.readouterr().err
