"""A walk through the window and all dialogs that commands open, as large or in such a language as
somebody reads them; and the eye for texts that are cut off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QListWidget,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QToolButton,
    QWidget,
)

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.bucket_config.dialog import BucketConfigDialog
from s4desk.gui.dialogs.properties import PropertiesDialog
from s4desk.gui.dialogs.settings import SettingsDialog
from s4desk.viewmodels.acts import Act
from tests.gui.stage import until
from tests.gui.stray_dialogs import stray_dialogs
from tests.gui.stray_groups import stray_groups
from tests.gui.stray_lifecycle import stray_lifecycle
from tests.gui.stray_locks import stray_locks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtCore import QSize

    from tests.gui.stage import Stage

    Look = Callable[[str, QWidget], None]

OF_THE_FOLDER = (
    Act.ADD_CONNECTION,
    Act.ADD_GROUP,
    Act.IMPORT_CONNECTIONS,
    Act.SETTINGS,
    Act.FIND,
    Act.PALETTE,
    Act.SHORTCUTS,
    Act.HISTORY,
    Act.SHOW_LOGS,
    Act.DIAGNOSTICS,
    Act.ABOUT,
    Act.SYNC,
    Act.UPLOADS,
    Act.NEW_FOLDER,
    Act.NEW_BUCKET,
    Act.BUCKET_CONFIGURATION,
    Act.LOCK_DEFAULT,
    Act.STORAGE_VIEW,
    Act.LIFECYCLE_PREVIEW,
    Act.LIFECYCLE_SCHEDULES,
    Act.AS_IT_WAS,
    Act.UNDELETE,
)
OF_THE_SELECTION = (
    Act.MOVE_TO,
    Act.COPY_TO,
    Act.DELETE,
    Act.SHARE,
    Act.EXPORT_LINKS,
    Act.EDIT_TEXT,
    Act.PROPERTIES,
)
OF_A_FOLDER_IN_IT = (Act.RENAME, Act.UNARCHIVE)
"""An object gets its name in its row, and what is in no archive is not restored."""
OF_THE_CONNECTION = (Act.EDIT_CONNECTION, Act.CAPABILITIES, Act.REMOVE_CONNECTION)
FUZZ = 2
"""Pixels that nobody misses."""


async def tour(stage: Stage, look: Look) -> None:
    """Call `look` with a name and each thing that is on the screen on the way."""
    assert stage.window is not None
    await stage.show("notes.txt", "report 2026.pdf", "holiday/beach.jpg", data=b"x" * 5000)
    stage.window.acts[Act.HIDE_EMPTY_TRANSFERS].setChecked(False)
    stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
    stage.select("notes.txt")
    await _laid_out()
    look("window", stage.window)
    for act in OF_THE_FOLDER:
        await _visit(stage, act, look)
    for act in OF_THE_SELECTION:
        stage.select("notes.txt")
        await _visit(stage, act, look)
    for act in OF_A_FOLDER_IN_IT:
        stage.select("holiday")
        await _visit(stage, act, look)
    index = stage.window.tree.model().index(0, 0)
    stage.window.tree.setCurrentIndex(index)
    for act in OF_THE_CONNECTION:
        await _visit(stage, act, look)
    for name, dialog in (
        *stray_dialogs(stage.window),
        *stray_locks(stage.window),
        *stray_groups(stage.window),
        *stray_lifecycle(stage.window),
    ):
        dialog.open()
        await _laid_out()
        look(name, dialog)
        dialog.close()
        dialog.deleteLater()


async def _visit(stage: Stage, act: Act, look: Look) -> None:
    assert stage.window is not None
    if not stage.window.acts[act].isEnabled():
        raise AssertionError(f"{act}: {stage.window.acts[act].statusTip()}")
    stage.give(act)
    await until(lambda: _dialog() is not None)
    dialog = _dialog()
    assert dialog is not None
    try:
        if isinstance(dialog, SettingsDialog):
            pages = dialog.findChild(QListWidget, "pages")
            assert pages is not None
            for row in range(pages.count()):
                dialog.show_page(row)
                await _laid_out()
                look(f"{act}-{row}", dialog)
        elif isinstance(dialog, BucketConfigDialog):
            for kind in ConfigKind:
                dialog.show_page(kind)
                await _laid_out()
                look(f"{act}-{kind}", dialog)
        elif isinstance(dialog, PropertiesDialog):
            for page in range(4):
                dialog.show_page(page)
                await _laid_out()
                look(f"{act}-{page}", dialog)
        else:
            if isinstance(dialog, FormDialog):
                dialog.show_rare()
            await _laid_out()
            look(act.value, dialog)
    finally:
        dialog.reject()
        await until(lambda: _dialog() is None)


async def _laid_out() -> None:
    """Let a dialog that has just come up take its place, and what it asked for arrive."""
    for _ in range(10):
        await asyncio.sleep(0.01)


def _dialog() -> QDialog | None:
    """The dialog that is open."""
    shown = (w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible())
    return next(shown, None)


def cut_off(top: QWidget) -> list[str]:
    """The texts in `top` that cannot be read whole."""
    return [
        f"{type(w).__name__}({w.objectName()}): {said}" for w in _shown(top) for said in _cut(w)
    ]


def _shown(top: QWidget) -> Iterator[QWidget]:
    for widget in top.findChildren(QWidget):
        if widget.isVisible() and not widget.objectName().startswith("qt_"):
            yield widget


def _cut(widget: QWidget) -> Iterator[str]:
    # Tool buttons elide, or show a picture alone.
    if isinstance(widget, QLabel) and type(widget).paintEvent is QLabel.paintEvent:
        yield from _cut_label(widget)
    elif isinstance(widget, QAbstractButton) and not isinstance(widget, QToolButton):
        if _is_narrower(widget, widget.sizeHint()):
            yield widget.text()
    elif isinstance(widget, QComboBox):
        if _room_in(widget) + FUZZ < widget.fontMetrics().horizontalAdvance(widget.currentText()):
            yield widget.currentText()
    elif isinstance(widget, QListWidget) and widget.objectName() == "pages":
        yield from _cut_rows(widget)


def _cut_rows(rows: QListWidget) -> Iterator[str]:
    room = rows.viewport().width()
    for row in range(rows.count()):
        words = rows.fontMetrics().horizontalAdvance(rows.item(row).text())
        if words + rows.iconSize().width() > room:
            yield rows.item(row).text()


def _cut_label(label: QLabel) -> Iterator[str]:
    if not label.text() or (label.pixmap() and not label.pixmap().isNull()):
        return
    if label.wordWrap():
        if label.heightForWidth(label.width()) > label.height() + FUZZ:
            yield f"{label.text()} (lower than it needs)"
    elif _is_narrower(label, label.minimumSizeHint()):
        yield label.text()


def _is_narrower(widget: QWidget, needed: QSize) -> bool:
    return widget.width() + FUZZ < needed.width() or widget.height() + FUZZ < needed.height()


def _room_in(box: QComboBox) -> int:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    field = QStyle.SubControl.SC_ComboBoxEditField
    control = QStyle.ComplexControl.CC_ComboBox
    return box.style().subControlRect(control, option, field, box).width()


def sideways(top: QWidget) -> list[str]:
    """What has to be scrolled sideways to be read."""
    return [
        f"{type(area).__name__}({area.objectName()})"
        for area in top.findChildren(QScrollArea)
        if area.isVisible() and area.horizontalScrollBar().maximum() > FUZZ
    ]
