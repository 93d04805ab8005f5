"""HTML from plain values: everything that is not made here is escaped."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

import numpy as np

from ganvas.report.palette import to_dark
from ganvas.report.pixels import read_pixels

__all__ = ["array_image", "chart", "code", "details", "facts", "items", "paragraph"]
__all__ += ["picture", "rows", "section"]


def paragraph(sentences: Iterable[str], kind: str = "") -> str:
    """Return sentences as one paragraph; "" for none."""
    text = escape(" ".join(sentences))
    return f"<p{_class(kind)}>{text}</p>" if text else ""


def items(sentences: Iterable[str]) -> str:
    """Return sentences as a list; "" for none."""
    inner = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<ul>{inner}</ul>" if inner else ""


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
    pixels = read_pixels(path, shrink)
    if pixels is None:
        return ""
    return array_image(pixels, title=title, words="", alt=alt, kind=kind)


def array_image(array: np.ndarray, *, title: str, words: str, alt: str, kind: str = "") -> str:
    """Return a picture uint8 (H, W, C), C 1, 3 or 4."""
    from PIL import Image

    pixels = array[..., 0] if array.shape[2] == 1 else array
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
