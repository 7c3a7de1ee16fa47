"""The moment that is asked for: typed or pasted as people and programs write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from s4desk.gui.dialogs.as_of import AsOfDialog
from s4desk.viewmodels.rows import format_moment

NOW = datetime(2026, 11, 21, 13, 0, 5, 250000, UTC)
MEANT = datetime(2026, 11, 21, 12, 32, 57, tzinfo=UTC)


@pytest.fixture
def dialog(qtbot):
    dialog = AsOfDialog("bucket", NOW)
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    return dialog


def type_over(qtbot, dialog, text):
    field = dialog.findChild(QLineEdit, "moment")
    qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(field, text)


def can_show(dialog):
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == "&Show").isEnabled()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (MEANT.astimezone().strftime("%Y-%m-%d %H:%M:%S"), MEANT),
        ("2026-11-21T12:32:57Z", MEANT),
        (" 2026-11-21T12:32:57.500Z ", MEANT + timedelta(milliseconds=500)),
        ("2026-11-21T14:32:57+02:00", MEANT),
        ("2026-11-21 14:32:57 +0200", MEANT),
        ("2026-11-21 12:32:57 UTC", MEANT),
        ("Sat, 21 Nov 2026 12:32:57 GMT", MEANT),
        ("2026-11-20", datetime(2026, 11, 20).astimezone()),
        ("12h", NOW - timedelta(hours=12)),
    ],
)
def test_a_moment_is_read_in_the_usual_spellings(qtbot, dialog, text, moment):
    type_over(qtbot, dialog, text)
    assert dialog.moment == moment
    assert can_show(dialog)
    assert dialog.findChild(QLabel, "moment-error").text() == ""


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-11-21 25:00"])
def test_what_cannot_be_read_is_said_and_nothing_shown(qtbot, dialog, text):
    type_over(qtbot, dialog, text)
    assert "is no moment" in dialog.findChild(QLabel, "moment-error").text()
    assert not can_show(dialog)
    qtbot.keyClick(dialog.findChild(QLineEdit, "moment"), Qt.Key.Key_Return)
    assert dialog.isVisible()


def test_no_moment_and_one_to_come_show_nothing(qtbot, dialog):
    dialog.findChild(QLineEdit, "moment").clear()
    assert not can_show(dialog)
    type_over(qtbot, dialog, "2026-11-22T00:00Z")
    assert "has passed" in dialog.findChild(QLabel, "moment-error").text()


def test_a_moment_that_is_shown_is_read_as_itself(dialog):
    moment = MEANT + timedelta(microseconds=250001)
    dialog.show_moment(moment)
    assert dialog.moment == moment
    assert format_moment(moment).endswith(":57.250001")
