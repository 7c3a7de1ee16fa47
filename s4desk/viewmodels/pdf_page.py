"""The first page of a PDF as a picture, drawn in a process of its own: `python -m` this module.

What draws it reads what anybody may have written, in C++. If that breaks, or never ends, it is not
the window's process that does. Needs pypdfium2: `s4desk[pdf]`.
"""

from __future__ import annotations

import importlib.util
import struct
import sys
from dataclasses import dataclass
from typing import Final

from s4desk.core.domain.parts import GIB

MAGIC: Final = b"%PDF-"
LARGEST: Final = 1600
"""Pixels of the longer side."""
TIMEOUT_S: Final = 15.0
_HEAD: Final = struct.Struct("<4I")
_MEMORY: Final = 2 * GIB
_CHANNELS: Final = 3


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """`pixels` are rows of blue, green, red; `stride` bytes each. `pages` are all of the file."""

    width: int
    height: int
    stride: int
    pages: int
    pixels: bytes


def is_pdf(data: bytes) -> bool:
    return data.startswith(MAGIC)


def can_draw() -> bool:
    return importlib.util.find_spec("pypdfium2") is not None


def command() -> list[str]:
    """What draws: it reads a PDF and writes what `drawn_page` reads."""
    return [sys.executable, "-m", "s4desk.viewmodels.pdf_page"]


def drawn_page(written: bytes) -> DrawnPage | None:
    """None for a page that could not be drawn."""
    if len(written) < _HEAD.size:
        return None
    width, height, stride, pages = _HEAD.unpack_from(written)
    pixels = written[_HEAD.size :]
    if stride < width * _CHANNELS or len(pixels) != stride * height:
        return None
    return DrawnPage(width, height, stride, pages, pixels)


def draw(data: bytes) -> bytes:
    """The first page, as `drawn_page` reads it. Raises what pypdfium2 raises."""
    import pypdfium2  # noqa: PLC0415

    document = pypdfium2.PdfDocument(data)
    page = document[0]
    scale = min(LARGEST / max(1.0, *page.get_size()), 4.0)
    bitmap = page.render(scale=scale, force_bitmap_format=pypdfium2.raw.FPDFBitmap_BGR)
    head = _HEAD.pack(bitmap.width, bitmap.height, bitmap.stride, len(document))
    return head + bytes(bitmap.buffer)


def _limit() -> None:
    """Not all systems can be told."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    seconds = int(TIMEOUT_S)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def main() -> None:
    _limit()
    sys.stdout.buffer.write(draw(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
