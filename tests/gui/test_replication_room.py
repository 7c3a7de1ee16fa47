"""The window of replication where there is little room: numbers are seen, and keys reach all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QTableView

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.replication.rules import Destination, Rule
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.service import Running
from s4desk.core.replication.table import Source
from s4desk.core.runtime import i18n
from s4desk.gui.dialogs.replication import LEAST, SIZE, ReplicationDialog
from s4desk.gui.dialogs.scrolled import Scrolled
from s4desk.viewmodels.replication_overview import Going, going_facts, our_row

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME, AWAY = ConnectionId("home"), ConnectionId("away")
NAMES = {HOME: "Produktion Frankfurt", AWAY: "Sicherung Nürnberg"}
RULE = Rule("everything-to-the-backup", Destination(AWAY, "copies-of-photos", "2026/"))
COUNTS = {Status.PENDING: 12_345, Status.COMPLETED: 1_234_567, Status.FAILED: 321}
RUN_BY = 2
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(params=["en", "de"])
def dialog(request, qtbot) -> Iterator[ReplicationDialog]:
    i18n.choose(request.param)
    try:
        dialog = ReplicationDialog()
        qtbot.addWidget(dialog)
        dialog.show()
        rules = [replace(RULE, id=f"{RULE.id}-{number}") for number in range(4)]
        source = Source(HOME, "photos-and-films")
        going = Going(COUNTS)
        dialog.show_rows(
            [our_row(source, each, going, Running.ON, NAMES.__getitem__) for each in rules]
        )
        dialog.show_rule(going_facts(going, Running.ON, NOW) * 4, [], [])
        yield dialog
    finally:
        i18n.choose()


def sized(dialog: ReplicationDialog, width: int, height: int, qtbot) -> QTableView:
    dialog.resize(width, height)
    table = next(each for each in dialog.findChildren(QTableView) if each.model() is dialog.model)
    qtbot.waitUntil(lambda: width - 50 < table.width() < width)
    return table


def test_all_numbers_are_in_sight_on_a_small_screen(dialog, qtbot):
    table = sized(dialog, 632, 448, qtbot)
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0, timeout=2000)
    assert table.isColumnHidden(RUN_BY)
    rows = table.viewport().height() // table.rowHeight(0)
    assert rows >= 4


def test_where_there_is_room_it_is_said_who_runs_each(dialog, qtbot):
    table = sized(dialog, *SIZE, qtbot)
    assert not table.isColumnHidden(RUN_BY)
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0, timeout=2000)


def test_what_is_told_of_a_rule_can_be_scrolled_by_keys(dialog, qtbot):
    sized(dialog, LEAST[0], LEAST[1], qtbot)
    facts = dialog.findChild(Scrolled)
    assert isinstance(facts, QAbstractScrollArea)
    assert facts.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert facts.accessibleName()
    facts.setFocus()
    before = facts.verticalScrollBar().value()
    qtbot.keyClick(facts, Qt.Key.Key_Down)
    assert facts.verticalScrollBar().value() > before
