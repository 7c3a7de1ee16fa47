"""Columns of a table where there is too little room for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.gui.dialogs.table import LEAST_LETTERS, TextTable, TextTableModel, text_table

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

TITLES = ["Rule", "Date", "Why"]
ROW = ["a name that is rather long " * 3, "2026-11-21", "a reason that is longer yet " * 4]


@pytest.fixture
def table(qtbot: QtBot) -> TextTable:
    made = text_table(TextTableModel(TITLES, [ROW]), "Rows")
    qtbot.addWidget(made)
    return made


def widths(table: TextTable, room: int) -> list[int]:
    table.resize(room, 200)
    table.show()
    table.fit()
    return [table.columnWidth(at) for at in range(len(TITLES))]


def test_all_are_cut_alike_unless_some_are_kept(table: TextTable) -> None:
    cut = widths(table, 180)
    assert sum(cut) <= 180
    needed = table.sizeHintForColumn(1)
    assert cut[1] < needed
    table.keep([1])
    kept = widths(table, 180)
    assert kept[1] >= needed
    least = table.fontMetrics().averageCharWidth() * LEAST_LETTERS
    assert kept[0] == kept[2] == least
    assert table.horizontalHeader().length() > table.viewport().width()


def test_what_is_left_goes_where_it_is_wanted(table: TextTable) -> None:
    wide = sum(widths(table, 3000))
    table.keep([1], spare=2)
    rule, date, why = widths(table, 3000)
    assert rule + date + why == wide
    assert why > 2 * rule
    assert table.horizontalHeader().length() <= table.viewport().width()
