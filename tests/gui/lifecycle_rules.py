"""What somebody does in the editor of lifecycle rules, by keys alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QListWidget,
    QMenu,
    QWidget,
)
from shiboken6 import isValid

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.gui.dialogs.bucket_config.review import SaveDialog
from s4desk.gui.dialogs.lifecycle.rule_dialog import RuleDialog
from s4desk.gui.dialogs.lifecycle.rule_table import RuleView
from s4desk.viewmodels.config_pages import PageState
from tests.gui.bucket_config import READ, said
from tests.gui.stage import until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.gui.dialogs.bucket_config.dialog import BucketConfigDialog
    from s4desk.gui.dialogs.bucket_config.page import ConfigPage
    from tests.gui.stage import Stage

ALT = Qt.KeyboardModifier.AltModifier
KEY = Qt.Key


async def turned_to_rules(dialog: BucketConfigDialog) -> ConfigPage:
    """By typing the name of the page into the list of pages."""
    pages = dialog.findChild(QListWidget, "pages")
    pages.setFocus()
    QTest.keyClicks(pages, "Life")
    page = dialog.page(ConfigKind.LIFECYCLE)
    await until(lambda: page.state in READ)
    return page


def rules_of(page: ConfigPage) -> RuleView:
    """The table as it is now: it is made anew when the page shows another value."""
    return page.findChild(RuleView)


async def alt(window: QWidget, letter: str) -> None:
    """Press what is called by that letter. A button is down for a moment before it acts."""
    window.activateWindow()  # what a window manager does when the dialog above it is closed
    await until(window.isActiveWindow)
    pressed = asyncio.get_running_loop().create_future()

    def press() -> None:
        QTest.keyClick(window.windowHandle(), KEY[f"Key_{letter.upper()}"], ALT)
        pressed.set_result(None)

    # Qt turns its loop in there, which a coroutine must not.
    QTimer.singleShot(0, press)
    await pressed
    await until(lambda: not isValid(window) or not _is_any_down(window))


def _is_any_down(window: QWidget) -> bool:
    return any(each.isDown() for each in window.findChildren(QAbstractButton))


async def asked_for_rule(stage: Stage, page: ConfigPage, template: str) -> RuleDialog:
    """A new rule, from the menu; `template` is the letter of its entry."""
    # The menu runs until something is chosen in it.
    button = page.findChild(QWidget, "add")
    menu = button.findChild(QMenu)
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
    await until(menu.isVisible)
    QTest.keyClick(menu, KEY[f"Key_{template.upper()}"])
    dialog = await stage.opened(RuleDialog)
    await until(dialog.isActiveWindow)
    return dialog


async def fill(dialog: RuleDialog, texts: Mapping[str, str]) -> None:
    """Type texts into fields, called by the letters after Alt; a choice goes down by as much, and
    a tick is switched."""
    for letter, text in texts.items():
        await alt(dialog, letter)
        field = dialog.focusWidget()
        if isinstance(field, QCheckBox):
            continue  # it was switched by its letter
        if isinstance(field, QComboBox):
            for _ in range(int(text)):
                QTest.keyClick(field, KEY.Key_Down)
        else:
            assert isinstance(field, QLineEdit), (letter, field)
            field.selectAll()
            QTest.keyClicks(field, text) if text else QTest.keyClick(field, KEY.Key_Delete)


async def add_row(dialog: RuleDialog, letter: str, table: str, cells: Sequence[str]) -> None:
    """By the button of that letter; the first cell is edited at once, the others after F2."""
    await alt(dialog, letter)
    view = dialog.tables[table].view
    for column, text in enumerate(cells):
        if column:
            QTest.keyClick(view, KEY.Key_Right)
            QTest.keyClick(view, KEY.Key_F2)
        editor = dialog.focusWidget()
        line = editor.lineEdit() if isinstance(editor, QComboBox) else editor
        assert isinstance(line, QLineEdit), (table, column, editor)
        line.selectAll()
        QTest.keyClicks(line, text)
        QTest.keyClick(editor, KEY.Key_Return)
        await until(view.hasFocus)


async def finish(stage: Stage, dialog: RuleDialog) -> None:
    assert dialog.form.errors == {}, dialog.form.errors
    await alt(dialog, "i")
    await until(lambda: stage.dialog(RuleDialog) is None)


async def save_by_keys(stage: Stage, page: ConfigPage) -> None:
    await alt(page.window(), "s")
    asked = await stage.opened(SaveDialog)
    QTest.keyClick(asked.focusWidget() or asked, KEY.Key_Return)
    await until(lambda: stage.dialog(SaveDialog) is None)
    await until(lambda: said(page).startswith("Saved") or page.state is PageState.FAILED)
    assert said(page).startswith("Saved"), said(page)
