"""The bench of the doctor's looks measures what it says."""

from pathlib import Path

from bench.doctor import measure
from ganvas.evaluation.discriminator import Validation
from tests.training_helpers import tiny_trainer


def test_every_part_is_measured_as_often_and_looks_are_written(tmp_path: Path) -> None:
    trainer = tiny_trainer(folder=tmp_path)
    validation = Validation(trainer.recipe, trainer.dataset, count=8, clusters=trainer.clusters)
    seconds, drawn = measure(trainer, validation, repeats=3)
    assert {name: len(values) for name, values in seconds.items()} == {
        "training": 3,
        "update": 3,
        "update measured": 3,
        "asking": 3,
        "looking": 3,
    }
    assert drawn >= 512
    looks = trainer.directory.read_metrics("probe", dict)
    assert len(looks) == 5  # two to warm up
    assert all("g_update_ratio" in look["probe"] for look in looks)
