"""The README.md that goes with every model: what it is, what it was made from, how to use it."""

from ganvas.model import ModelConfig

__all__ = ["model_card"]


def model_card(config: ModelConfig, *, licence: str, quality: str) -> str:
    """Return Markdown that tells a stranger what this model is; `quality` is a plain sentence."""
    image = config.image
    kind = (
        f"conditional on {len(config.class_names)} classes"
        if config.class_names
        else ("unconditional")
    )
    classes = ", ".join(config.class_names) or "none"
    return f"""# {config.data} generator ({config.recipe})

A generative adversarial network's generator, {kind}, and the discriminator it was trained
against. It makes {image.height}x{image.width} images with {image.channels} channel(s).

| | |
| --- | --- |
| data | {config.data} (`{config.data_digest}`), training split |
| data licence | {licence} |
| classes | {classes} |
| recipe | {config.recipe}, seed {config.seed}, {config.images:,} images drawn |
| made by | `{config.command}` |
| quality | {quality} |

`config.json` holds the architecture and the SHA-256 of each weights file; the weights are
safetensors. Nothing here runs code when it is loaded.

```python
import ganvas

generator = ganvas.load("path/to/this/folder")
images = generator(16, seed=0)  # uint8, (16, {image.height}, {image.width}, {image.channels})
```
"""
