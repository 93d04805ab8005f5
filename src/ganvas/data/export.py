"""Images of a data set to PNG files in class folders, as `load` reads them again."""

import re
from pathlib import Path

import numpy as np
from PIL import Image

from ganvas.data.images import ImageArray, LabelArray
from ganvas.data.whole import Whole
from ganvas.files import whole_folder

__all__ = ["export_pictures"]


def export_pictures(whole: Whole, folder: Path) -> int:
    """Write every image of `whole` as a PNG below `folder`, which is made; return how many.

    FOLDER/cat/00012.png            with classes: the number is the image's row
    FOLDER/00012.png                without
    FOLDER/train/..., FOLDER/test/...   where there is a test split
    Training images held out of a run are among those of train/. Nothing is left behind when it
    fails. Raises GanvasError when it cannot be written.
    """
    with whole_folder(folder.absolute()) as temporary:
        has_test = whole.test_images is not None
        names = _folder_names(whole.class_names)
        inside = temporary / "train" if has_test else temporary
        count = _write(inside, whole.images, whole.labels, names)
        if whole.test_images is not None:
            count += _write(temporary / "test", whole.test_images, whole.test_labels, names)
    return count


def _write(
    folder: Path, images: ImageArray, labels: LabelArray | None, names: tuple[str, ...]
) -> int:
    digits = len(str(max(len(images) - 1, 0)))
    for name in names if labels is not None else ("",):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for row in range(len(images)):
        below = folder if labels is None else folder / names[labels[row]]
        image = images[row]
        flat = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
        picture = Image.fromarray(np.ascontiguousarray(flat))
        picture.save(below / f"{row:0{digits}d}.png", "png")
    return len(images)


def _folder_names(class_names: tuple[str, ...]) -> tuple[str, ...]:
    """Return a folder's name for each class: plain, and different even where case is nothing."""
    taken: set[str] = set()
    found = []
    for number, name in enumerate(class_names):
        plain = re.sub(r"[^\w .+-]+", "-", name).strip("-. ") or "class"
        if plain.lower() in taken:
            plain = f"{plain}-{number}"
        taken.add(plain.lower())
        found.append(plain)
    return tuple(found)
