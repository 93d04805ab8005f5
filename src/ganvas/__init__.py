"""Trains GANs on small images on a plain PC.

    run = ganvas.train("mnist", images=100_000)    # -> Run; numpy arrays are data, too
    run.sample(16)                                 # a picture, in a notebook
    generator = ganvas.load("mnist")               # a shipped model, a run, a model folder
    images = generator(64, labels=3, seed=0)       # uint8, (64, 28, 28, 1)
    ganvas.evaluate(run)                           # the figures, beside real images'
    ganvas.score(run, "pictures/", label=3)        # how real pictures look to its discriminator

Nothing heavy is imported before one of these names is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganvas.measure import evaluate
    from ganvas.model import Discriminator, Generator, load_discriminator
    from ganvas.model import load_generator as load
    from ganvas.recipe import Recipe
    from ganvas.run import Run
    from ganvas.scoring import score
    from ganvas.session import resume, train

    __version__: str

__all__ = [
    "Discriminator",
    "Generator",
    "Recipe",
    "Run",
    "__version__",
    "evaluate",
    "load",
    "load_discriminator",
    "resume",
    "score",
    "train",
]

_PLACE_OF = {
    "Discriminator": ("model", "Discriminator"),
    "Generator": ("model", "Generator"),
    "Recipe": ("recipe", "Recipe"),
    "Run": ("run", "Run"),
    "evaluate": ("measure", "evaluate"),
    "load": ("model", "load_generator"),
    "load_discriminator": ("model", "load_discriminator"),
    "resume": ("session", "resume"),
    "score": ("scoring", "score"),
    "train": ("session", "train"),
}


def __getattr__(name: str) -> Any:
    value: Any
    if name == "__version__":
        from ganvas.environment import package_version

        value = package_version()
    elif name in _PLACE_OF:
        room, attribute = _PLACE_OF[name]
        value = getattr(import_module(f"ganvas.{room}"), attribute)
    else:
        raise AttributeError(f"module 'ganvas' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
