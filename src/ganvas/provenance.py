"""The data set that a model was trained on, found again by what its run noted."""

from pathlib import Path
from typing import Any

from ganvas.data.named.download import Progress
from ganvas.data.points import AnySet
from ganvas.data.request import reload
from ganvas.errors import UsageError
from ganvas.model import ModelConfig
from ganvas.runlog import RunDirectory

__all__ = ["noted_of", "trained_on"]


def trained_on(
    where: str | Path | None,
    config: ModelConfig,
    *,
    data_dir: str | Path | None = None,
    download: bool = True,
    progress: Progress | None = None,
) -> AnySet:
    """Return the very data that the model at `where` learned from: a run, a model folder, None.

    data_dir  a folder to look in for a known data set's files, instead of the noted one
    download  whether those may be downloaded; `progress` is then told (done, total) bytes

    Raises UsageError where they were arrays, which may not be kept, or are no longer the same, and
    what `ganvas.data.load` raises.
    """
    noted = noted_of(where)
    if data_dir is not None:
        noted["data_dir"] = data_dir
    dataset = reload(
        noted, config.data, held_out=config.held_out, download=download, progress=progress
    )
    if dataset.digest != config.data_digest:
        raise UsageError(
            f"{dataset.name} is no longer what the model was trained on: expected "
            f"{config.data_digest}, found {dataset.digest}; name the data to measure all the same"
        )
    return dataset


def noted_of(where: str | Path | None) -> dict[str, Any]:
    """Return what the run behind a model noted of where its data came from; {} for no run."""
    if where is None:
        return {}
    path = Path(where)
    run = path.parent if path.name in ("model", "best") else path
    if not (run / "recipe.json").is_file():
        return {}
    return RunDirectory(run).read_environment()
