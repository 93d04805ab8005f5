"""The README.md that goes with every model: what it is, what it was made from, how to use it."""

from ganvas.model import ModelConfig
from ganvas.nets.shape import image_in_words

__all__ = ["model_card"]


def model_card(config: ModelConfig, *, licence: str, quality: str) -> str:
    """Return Markdown that tells a stranger what this model is; `quality` is a plain sentence."""
    names = config.class_names
    clusters = len(config.cluster_frequencies)
    told = f"{len(names)} classes" if names else f"{clusters} clusters of the training images"
    if config.cluster_parts > 1:
        each = clusters // config.cluster_parts
        told = f"{each} clusters of each of the training images' {config.cluster_parts} channels"
    kind = f"conditional on {told}" if names or clusters else "unconditional"
    judged = "and the discriminator it was trained against"
    if config.model_digest and not config.discriminator_digest:
        judged = "without the discriminator it was trained against"
    return f"""# {config.data} generator ({config.recipe})

A generative adversarial network's generator, {kind}, {judged}.
It makes {_made(config)}.

| | |
| --- | --- |
| data | {config.data} (`{config.data_digest}`), training split |
| data licence | {_cell(licence)} |
| classes | {_cell(", ".join(names) or "none")} |
| recipe | {config.recipe}, seed {config.seed}, {config.images:,} images drawn |
| made by | `{_cell(config.command)}` |
| quality | {_cell(quality)} |

`config.json` holds the architecture and the SHA-256 of each weights file; the weights are
safetensors. Nothing here runs code when it is loaded.

```python
import ganvas

generator = ganvas.load("path/to/this/folder")
{_example(config)}
```
"""


def _made(config: ModelConfig) -> str:
    if config.makes_points:
        return f"points of {config.shape.sizes[0]} coordinates"
    return f"images of {image_in_words(*config.image.sizes)}"


def _example(config: ModelConfig) -> str:
    if config.makes_points:
        return f"points = generator(16, seed=0)  # float32, (16, {config.shape.sizes[0]})"
    image = config.image
    shape = f"(16, {image.height}, {image.width}, {image.channels})"
    return f"images = generator(16, seed=0)  # uint8, {shape}"


def _cell(text: str) -> str:
    """Return `text` so that it stays inside its cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")
