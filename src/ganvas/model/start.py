"""The saved networks of a model, for a new training to begin from."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from ganvas.clusters import Clusters
from ganvas.errors import UsageError
from ganvas.model.config import ModelConfig
from ganvas.model.files import find_model, read_clusters, read_config, read_networks
from ganvas.weights import Layout, layout_of, spoken_layout

__all__ = ["Start", "read_start"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """Both networks of the model at `where`, as it was saved: G is the average that it samples.

    `clusters` are those that they tell apart, or None.
    """

    where: str
    config: ModelConfig
    generator: Mapping[str, Tensor]
    discriminator: Mapping[str, Tensor]
    clusters: Clusters | None

    def require_fit(self, *, generator: nn.Module, discriminator: nn.Module) -> None:
        """Raise UsageError unless the new networks have the same tensors in the same shapes."""
        for player, network, tensors in (
            ("generator", generator, self.generator),
            ("discriminator", discriminator, self.discriminator),
        ):
            difference = _difference(layout_of(tensors), layout_of(network.state_dict()))
            if difference:
                raise UsageError(
                    f"cannot begin from {self.where}: its {player} {difference}; take the recipe "
                    f"({self.config.recipe}), settings and kind of data that it was trained with"
                )


def read_start(where: str | os.PathLike[str]) -> Start:
    """Return the networks of a run directory, a model folder or a shipped model.

    Raises UsageError when there is no such thing or it lacks a discriminator, DataError when its
    files are not what config.json says.
    """
    folder = find_model(where)
    config = read_config(folder)
    generator, discriminator = read_networks(folder, config)
    return Start(
        where=os.fspath(where),
        config=config,
        generator=generator,
        discriminator=discriminator,
        clusters=read_clusters(folder, config),
    )


def _difference(there: Layout, here: Layout) -> str:
    """Return in words where two layouts part first, "" where they are the same."""
    for name in sorted(there.keys() | here.keys()):
        if name not in here:
            return f"has a tensor '{name}' that this one has not"
        if name not in there:
            return f"has no tensor '{name}'"
        if there[name] != here[name]:
            return f"has '{name}' as {spoken_layout(there[name])}, not {spoken_layout(here[name])}"
    return ""
