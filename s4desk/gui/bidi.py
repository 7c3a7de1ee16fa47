"""Texts that keep their own order where a window is read from right to left."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt

LEFT_TO_RIGHT: Final = "\u2066"
BY_ITS_LETTERS: Final = "\u2068"
END: Final = "\u2069"


def in_its_order(text: str, direction: Qt.LayoutDirection) -> str:
    """`text` to be drawn, never to be copied: with marks around it where it would be torn apart.

    Without them “48 B” is shown as “B 48”, and a path loses its first slash to its end. A path goes
    from left to right whatever its names are written in; other texts as their first letter does.
    (Unicode Standard Annex #9, isolates.)
    """
    if direction is not Qt.LayoutDirection.RightToLeft or not text:
        return text
    return f"{LEFT_TO_RIGHT if '/' in text else BY_ITS_LETTERS}{text}{END}"
