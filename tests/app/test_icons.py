"""Every icon parses, shows something, and can be recoloured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication

ICONS = Path(__file__).parents[2] / "resources" / "icons"
COLOURED = {"app"}
NAMES = {
    "add", "app", "back", "bottom", "bucket", "bucket-lock", "cancel", "check", "chevron",
    "clear", "close", "connection", "copy", "cut", "delete", "delete-marker",
    "down", "download", "edit", "error", "eye", "file", "file-archive", "file-audio",
    "file-code", "file-data", "file-document", "file-image", "file-text", "file-video",
    "filter", "folder", "folder-open",
    "forward", "grid", "group", "history", "hourglass", "info", "link", "load-all", "lock",
    "lock-compliance", "lock-hold", "minus", "more", "move", "new-bucket",
    "new-folder", "paste", "pause", "refresh", "replica", "replication", "resume", "retry",
    "search", "settings", "stop", "sync", "table", "top", "transfers", "tree", "undelete",
    "unlock", "up", "upload", "warning",
}  # fmt: skip
SIZE = 40
LEAST_INK = SIZE * SIZE // 50


def test_the_set_is_complete() -> None:
    assert {path.stem for path in ICONS.glob("*.svg")} == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_an_icon_renders_inside_its_box(qapp: QGuiApplication, name: str) -> None:
    renderer = QSvgRenderer(str(ICONS / f"{name}.svg"))
    assert renderer.isValid()
    box = renderer.viewBoxF()
    assert (box.width(), box.height()) == ((128, 128) if name in COLOURED else (20, 20))
    margin = SIZE // 10
    image = QImage(SIZE + 2 * margin, SIZE + 2 * margin, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(margin, margin, SIZE, SIZE))
    painter.end()
    inked = {
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 0
    }
    assert len(inked) >= LEAST_INK
    assert all(margin <= value < margin + SIZE for pixel in inked for value in pixel)


@pytest.mark.parametrize("name", sorted(NAMES - COLOURED))
def test_a_symbolic_icon_has_one_colour_to_replace(name: str) -> None:
    text = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
    assert set(re.findall(r'(?:fill|stroke|stop-color)="([^"]*)"', text)) == {"none", "#000"}
    assert "style=" not in text
    assert 'stroke-width="1.5"' in text
