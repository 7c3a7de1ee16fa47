"""What Tab and Enter do in dialogs, those too that no story opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from s4desk.gui.dialogs.frame import button_box, choice_box, column, let_enter_decline
from s4desk.gui.dialogs.lock_report import LockReportDialog
from tests.gui.reading import unreached
from tests.gui.stray_dialogs import stray_dialogs
from tests.gui.stray_groups import stray_groups
from tests.gui.stray_locks import stray_locks

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

ROWS = [("a", "", "", "It would be locked."), ("b", "", "", "It would be locked.")]


def shown(qtbot: QtBot, dialog: QDialog) -> QDialog:
    dialog.show()
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    return dialog


def test_tab_comes_round_in_every_dialog(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    for name, dialog in (*stray_dialogs(window), *stray_locks(window), *stray_groups(window)):
        assert unreached(shown(qtbot, dialog)) == [], name
        dialog.close()


def test_tab_leads_to_what_stands_before_the_default(qtbot):
    dialog = LockReportDialog("Locks", "Two.", ROWS, "&Set 2 Locks")
    qtbot.addWidget(dialog)
    assert unreached(shown(qtbot, dialog)) == []


def test_a_stop_that_tab_never_comes_to_is_found(qtbot):
    """As Qt makes them: a box that hands its focus on to the default button."""
    dialog = QDialog()
    qtbot.addWidget(dialog)
    layout = QVBoxLayout(dialog)
    layout.addWidget(QLineEdit(dialog))
    box = choice_box(dialog, "Do it")
    let_enter_decline(box)
    box.addButton("More", QDialogButtonBox.ButtonRole.ActionRole)
    layout.addWidget(box)
    assert len(unreached(shown(qtbot, dialog))) == 2


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
@pytest.mark.parametrize("accept_text", ["&Set 2 Locks", ""])
def test_enter_presses_the_button_that_has_the_focus(qtbot, key, accept_text):
    dialog = LockReportDialog("Locks", "Two.", ROWS, accept_text)
    qtbot.addWidget(shown(qtbot, dialog))
    save = dialog.findChild(QPushButton, "save")
    save.setFocus()
    with qtbot.waitSignal(dialog.save_wanted):
        qtbot.keyClick(save, key)
    assert dialog.isVisible()


def test_enter_elsewhere_presses_the_default(qtbot):
    dialog = QDialog()
    qtbot.addWidget(dialog)
    layout = column(dialog)
    line = QLineEdit(dialog)
    layout.addWidget(line)
    box = button_box(QDialogButtonBox.StandardButton.Ok, dialog)
    box.accepted.connect(dialog.accept)
    layout.addWidget(box)
    shown(qtbot, dialog)
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted
