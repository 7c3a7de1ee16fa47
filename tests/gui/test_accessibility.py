"""What somebody hears who does not see the window: every widget that takes keys has a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QLineEdit, QScrollBar, QWidget

from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.palette import PaletteDialog
from s4desk.gui.dialogs.settings import SettingsDialog
from s4desk.gui.dialogs.sync import SyncDialog
from s4desk.gui.dialogs.uploads import UploadsDialog
from s4desk.viewmodels.availability import Act
from tests.gui.stage import Stage, memory_desk, perform

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def nameless(top: QWidget) -> list[str]:
    """The widgets in a window that can have the keyboard, or are pressed, and have no name."""
    return [
        f"{type(widget).__name__}({widget.objectName()})"
        for widget in _reachable(top)
        if not _name_of(widget)
    ]


def _reachable(top: QWidget) -> Iterator[QWidget]:
    for widget in top.findChildren(QWidget):
        takes_keys = widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        is_inner = isinstance(widget, QLineEdit) and isinstance(
            widget.parentWidget(), QAbstractSpinBox
        )
        is_part = isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_")
        is_reachable = takes_keys or isinstance(widget, QAbstractButton)
        if widget.isVisible() and is_reachable and not is_inner and not is_part:
            yield widget


def _name_of(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return "" if interface is None else interface.text(QAccessible.Text.Name)


def test_the_window_has_names_for_all_that_can_be_reached(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", "folder/b.txt")
        stage.window.acts[Act.HIDE_EMPTY_TRANSFERS].trigger()
        assert nameless(stage.window) == []
        stage.give(Act.SHOW_TREE)
        await stage.rested()
        stage.give(Act.FILTER)
        assert nameless(stage.window) == []
        stage.give(Act.GO_TO)
        assert nameless(stage.window) == []

    perform(desk, story)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (Act.ADD_CONNECTION, ConnectionDialog),
        (Act.SETTINGS, SettingsDialog),
        (Act.FIND, FormDialog),
        (Act.PALETTE, PaletteDialog),
        (Act.SYNC, SyncDialog),
        (Act.UPLOADS, UploadsDialog),
        (Act.DELETE, DeletionDialog),
        (Act.RENAME, FormDialog),
        (Act.NEW_BUCKET, FormDialog),
        (Act.NEW_FOLDER, FormDialog),
    ],
)
def test_dialogs_have_names_for_all_that_can_be_reached(desk, act, kind):
    async def story(stage: Stage) -> None:
        await stage.show("a b.txt", "folder/b.txt")
        stage.select("folder")
        stage.give(act)
        dialog = await stage.opened(kind)
        if isinstance(dialog, FormDialog):
            dialog.show_rare()
        assert nameless(dialog) == []
        dialog.reject()

    perform(desk, story)
