"""HTML from plain values: everything that is not made here is escaped."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

import numpy as np

from ganvas.errors import GanvasError
from ganvas.files import read_bytes
from ganvas.report.palette import to_dark

__all__ = ["array_image", "chart", "code", "details", "facts", "paragraph", "picture", "rows"]
__all__ += ["section"]

_MOST_BYTES = 1 << 24
_MOST_PIXELS = 40_000_000
_PNG = b"\x89PNG\r\n\x1a\n"


def paragraph(sentences: Iterable[str], kind: str = "") -> str:
    """Return sentences as one paragraph; "" for none."""
    text = escape(" ".join(sentences))
    return f"<p{_class(kind)}>{text}</p>" if text else ""


def section(title: str, *parts: str, name: str = "") -> str:
    """Return a section with a heading around finished HTML; "" where that is empty."""
    inner = "\n".join(part for part in parts if part)
    mark = f' id="{escape(name)}"' if name else ""
    return f"<section{mark}><h2>{escape(title)}</h2>\n{inner}\n</section>" if inner else ""


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names and values as a list of descriptions."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs
    )
    return f"<dl>{items}</dl>" if items else ""


def rows(headings: Sequence[str], cells: Sequence[Sequence[str]], caption: str) -> str:
    """Return a table whose first column names its rows; "" without any."""
    if not cells:
        return ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in headings)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in cells
    )
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def details(summary: str, inner: str) -> str:
    """Return finished HTML folded away under a line."""
    return f"<details><summary>{escape(summary)}</summary>\n{inner}\n</details>"


def code(text: str) -> str:
    """Return a line to copy."""
    return f"<pre><code>{escape(text)}</code></pre>"


def chart(svg: str, *, title: str, made: str, alt: str) -> str:
    """Return a figure drawn in the light colours, with the dark ones for who prefers these."""
    light, dark = (_data("svg+xml", text.encode()) for text in (svg, to_dark(svg)))
    return (
        f'<figure class="chart"><figcaption>{escape(title)}<small>{escape(made)}</small>'
        '</figcaption><picture><source media="(prefers-color-scheme: dark)" '
        f'srcset="{dark}"><img src="{light}" alt="{escape(alt)}" width="520" height="360">'
        "</picture></figure>"
    )


def picture(path: Path | None, *, title: str, alt: str, kind: str = "", shrink: int = 1) -> str:
    """Return a PNG file of the run, decoded and written anew; "" where that cannot be.

    `shrink` > 1 makes it that many times smaller.
    """
    if path is None:
        return ""
    from PIL import Image

    try:
        content = read_bytes(path, max_bytes=_MOST_BYTES)
        if not content.startswith(_PNG):
            return ""
        with Image.open(BytesIO(content), formats=["PNG"]) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return ""
            plain = opened.convert("L" if opened.mode in ("1", "L") else "RGB")
    # What damaged files make Pillow raise is not one kind of error.
    except (GanvasError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
    if shrink > 1:
        plain = plain.reduce(shrink)
    return _figure(np.asarray(plain), title=title, words="", alt=alt, kind=kind)


def array_image(array: np.ndarray, *, title: str, words: str, alt: str) -> str:
    """Return a picture uint8 (H, W, C), C 1, 3 or 4."""
    return _figure(array[..., 0] if array.shape[2] == 1 else array, title=title, words=words,
                   alt=alt, kind="")  # fmt: skip


def _figure(pixels: np.ndarray, *, title: str, words: str, alt: str, kind: str) -> str:
    from PIL import Image

    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "png", optimize=True)
    height, width = pixels.shape[:2]
    small = f"<small>{escape(words)}</small>" if words else ""
    return (
        f"<figure{_class(kind)}><figcaption>{escape(title)}{small}</figcaption>"
        f'<img src="{_data("png", buffer.getvalue())}" alt="{escape(alt)}" width="{width}" '
        f'height="{height}"></figure>'
    )


def _data(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _class(kind: str) -> str:
    return f' class="{escape(kind)}"' if kind else ""
