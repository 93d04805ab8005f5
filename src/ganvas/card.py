"""The README.md that goes with every model: what it is, what it was made from, how to use it."""

from ganvas.model import ModelConfig

__all__ = ["model_card"]


def model_card(config: ModelConfig, *, licence: str, quality: str) -> str:
    """Return Markdown that tells a stranger what this model is; `quality` is a plain sentence."""
    image = config.image
    names = config.class_names
    kind = f"conditional on {len(names)} classes" if names else "unconditional"
    return f"""# {config.data} generator ({config.recipe})

A generative adversarial network's generator, {kind}, and the discriminator it was trained
against. It makes {image.height}x{image.width} images with {image.channels} channel(s).

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
images = generator(16, seed=0)  # uint8, (16, {image.height}, {image.width}, {image.channels})
```
"""


def _cell(text: str) -> str:
    """Return `text` so that it stays inside its cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")
