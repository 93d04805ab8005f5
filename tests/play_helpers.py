"""Small models for tests of the page of `ganvas play`."""

from pathlib import Path

from ganvas.web.playground import Playground
from tests.model_helpers import small_config, write_model


def small_playground(folder: Path, **values: object) -> Playground:
    """The playground of an untrained model that is written to `folder`; see `small_config`."""
    given = {"loss": "non_saturating", "data": "arrays", "recipe": "swift", **values}
    write_model(folder, small_config(**given))  # type: ignore[arg-type]
    return Playground(str(folder))
