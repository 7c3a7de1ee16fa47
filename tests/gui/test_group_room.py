"""Dialogs of failover groups where there is little room, and where there is much."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QTableView

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.failover.holdings import MemberSummary
from s4desk.core.failover.usage import Usage
from s4desk.core.runtime import i18n
from s4desk.gui.dialogs.frame import MARGIN, SPACING
from s4desk.gui.dialogs.group import GroupDialog
from s4desk.gui.dialogs.group_compare import GroupCompareDialog
from s4desk.gui.dialogs.group_member import MemberDialog
from s4desk.gui.dialogs.group_status import LETTERS, GroupStatusDialog
from s4desk.gui.dialogs.scrolled import AROUND, Scrolled
from s4desk.viewmodels.group_compare import compared_text
from s4desk.viewmodels.group_form import GroupForm
from s4desk.viewmodels.group_status import USAGE, group_facts, member_rows, month_text
from tests.gui.stray_groups import GROUP, NAMES, STATUS, STORES, SUMMARY

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog, QWidget

    from s4desk.gui.dialogs.base import FormDialog

LOW = (632, 448)
"""What a dialog may have on a screen of 640 times 480."""
WIDE = (1400, 900)
LONG = "Long-term archive of the second data centre in Nuremberg, eu-central-1"


@pytest.fixture(params=["en", "de"], autouse=True)
def _language(request):
    i18n.choose(request.param)
    yield
    i18n.choose()


def shown(dialog: QDialog, size: tuple[int, int], qtbot) -> None:
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.resize(*size)
    QApplication.processEvents()
    assert (dialog.width(), dialog.height()) == size


def on_low_screen(dialog: FormDialog) -> FormDialog:
    """As if there were room for an outcome, and not for all fields."""
    screen = dialog.screen().availableGeometry().height()
    dialog.leave_room(screen - AROUND - 260)
    return dialog


def group_dialog() -> GroupDialog:
    return GroupDialog(GroupForm(ConnectionId("g"), STORES, "Photos", GROUP), is_new=False)


def member_dialog() -> MemberDialog:
    form = GroupForm(ConnectionId("g"), STORES, "Photos", GROUP)
    return MemberDialog(form.member_form(1))


def empty_room(dialog: FormDialog) -> int:
    """Between what is edited and the buttons."""
    scrolled, buttons = dialog.findChild(Scrolled), dialog.findChild(QDialogButtonBox)
    return _top(buttons, dialog) - _top(scrolled, dialog) - scrolled.height()


def _top(widget: QWidget, dialog: QDialog) -> int:
    return widget.mapTo(dialog, widget.rect().topLeft()).y()


@pytest.mark.parametrize("make", [group_dialog, member_dialog])
@pytest.mark.parametrize("size", [LOW, (900, 600), WIDE])
def test_no_room_is_left_empty(make, size, qtbot):
    dialog = on_low_screen(make())
    shown(dialog, size, qtbot)
    assert empty_room(dialog) <= 2 * SPACING


@pytest.mark.parametrize("make", [group_dialog, member_dialog])
def test_what_is_beside_the_fields_is_for_the_rows(make, qtbot):
    dialog = make()
    shown(dialog, (900, 600), qtbot)
    table = dialog.findChild(QTableView)
    before = table.height()
    dialog.resize(900, 800)
    QApplication.processEvents()
    assert table.height() == before + 200


def test_rows_take_no_more_than_they_need_on_a_low_screen(qtbot):
    dialog = on_low_screen(group_dialog())
    shown(dialog, LOW, qtbot)
    editor = dialog.members
    assert editor.height() <= editor.minimumSizeHint().height()
    member = on_low_screen(member_dialog())
    shown(member, LOW, qtbot)
    assert member.findChild(Scrolled).verticalScrollBar().maximum() == 0


def test_a_member_begins_at_the_top(qtbot):
    """There is no name above that could be edited."""
    dialog = member_dialog()
    shown(dialog, (900, 600), qtbot)
    assert _top(dialog.findChild(QTableView), dialog) < MARGIN + 3 * SPACING


def status_dialog() -> GroupStatusDialog:
    dialog = GroupStatusDialog()
    dialog.show_groups([(ConnectionId("g"), LONG)])
    used = Usage(9_876_543_210, 987 * 2**50, 987 * 2**50)
    named = [
        replace(each, name=f"{LONG} {at}", used=used) for at, each in enumerate(STATUS.backends)
    ]
    dialog.show_members(member_rows(replace(STATUS, backends=tuple(named))))
    dialog.show_facts(group_facts(STATUS, lambda id_: NAMES[id_]), month_text(STATUS))
    return dialog


@pytest.mark.parametrize("size", [LOW, (900, 600), WIDE])
def test_usage_is_never_cut_and_names_can_be_told_apart(size, qtbot):
    dialog = status_dialog()
    shown(dialog, size, qtbot)
    table = dialog.findChild(QTableView)
    for column in USAGE:
        assert table.columnWidth(column) >= table.sizeHintForColumn(column)
        assert table.columnWidth(column) >= table.horizontalHeader().sectionSizeHint(column)
    assert table.columnWidth(0) >= LETTERS * table.fontMetrics().averageCharWidth()
    assert table.horizontalScrollBar().maximum() == 0


def test_limits_are_told_where_there_is_room(qtbot):
    dialog = status_dialog()
    shown(dialog, WIDE, qtbot)
    table = dialog.findChild(QTableView)
    wide = [table.columnWidth(each) for each in USAGE]
    dialog.resize(*LOW)
    QApplication.processEvents()
    assert all(table.columnWidth(each) < width for each, width in zip(USAGE, wide, strict=True))
    # By pointing at it all is told.
    tip = dialog.model.index(0, USAGE[0]).data(Qt.ItemDataRole.ToolTipRole)
    assert "10\N{NARROW NO-BREAK SPACE}000" in tip


def test_many_members_with_long_names_are_compared_on_a_small_screen(qtbot):
    names = [f"{LONG} {at}" for at in range(16)]
    dialog = GroupCompareDialog("Photos", "photos/2026/", names)
    dialog.begin("")
    told = [
        MemberSummary(ConnectionId(name), name, held=40, size=1, missing=1, unproved=3)
        for name in names
    ]
    dialog.end(compared_text(replace(SUMMARY, members=tuple(told))))
    shown(dialog, LOW, qtbot)
    table = dialog.findChild(QTableView)
    assert table.height() >= 5 * table.verticalHeader().defaultSectionSize()
    assert table.horizontalHeader().textElideMode() is Qt.TextElideMode.ElideRight
    scrolled = dialog.findChild(Scrolled)
    assert scrolled.verticalScrollBar().maximum() > 0
    assert scrolled.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert scrolled.horizontalScrollBar().maximum() == 0


def test_before_anything_was_compared_nothing_is_told(qtbot):
    dialog = GroupCompareDialog("Photos", "", ["Home", "Away"])
    shown(dialog, LOW, qtbot)
    assert not dialog.findChild(Scrolled).isVisible()
    dialog.fail("No")
    assert dialog.state.isVisible()
