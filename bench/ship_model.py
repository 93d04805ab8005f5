"""Makes a shipped model of a finished run: its generator, its card, nothing of the machine.

    python -m bench.ship_model RUN NAME

A discriminator of more than two megabytes stays behind. The command that config.json and the card
name is the one that makes the run from nothing: its data, recipe, seed and number of images.
"""

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path

from ganvas import data
from ganvas.card import model_card
from ganvas.evaluation import in_words
from ganvas.files import whole_folder
from ganvas.model import read_config
from ganvas.model.files import write_config

MODELS = Path(__file__).parents[1] / "src" / "ganvas" / "assets" / "models"
LARGEST = 2_000_000  # bytes of a discriminator


def main() -> None:
    """Write the folder of a shipped model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("name")
    options = parser.parse_args()
    model = options.run / "model"
    config = read_config(model)
    parts = ["model.safetensors", "discriminator.safetensors"]
    if (model / parts[1]).stat().st_size > LARGEST:
        parts.pop()
        config = replace(config, discriminator_digest="")
    command = f"ganvas train {config.data} --recipe {config.recipe} --images {config.images}"
    config = replace(config, command=f"{command} --seed {config.seed}")
    status = json.loads((options.run / "status.json").read_text())
    card = model_card(
        config,
        licence=data.load(config.data).licence,
        quality=" ".join(in_words(status["evaluation"])),
    )
    with whole_folder(MODELS / options.name) as folder:
        for part in parts:
            shutil.copyfile(model / part, folder / part)
        write_config(folder, config, card)
    print(MODELS / options.name)


if __name__ == "__main__":
    main()
