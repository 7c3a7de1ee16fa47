"""The table of what lifecycle rules will do, while more is found."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt

from s4desk.core.lifecycle.findings import Findings
from s4desk.gui.models.finding_table import KEPT, FindingTableModel
from s4desk.viewmodels.lifecycle_sheet import FindingColumn, Kind, Sieve
from tests.viewmodels.lifecycle_findings import NOW, RULES, finding, some


@pytest.fixture
def model(qapp: object) -> FindingTableModel:
    return FindingTableModel()


def keys(model: FindingTableModel) -> list[str]:
    return [model.index(row, FindingColumn.KEY).data() for row in range(model.rowCount())]


def test_it_keeps_what_a_model_promises(model: FindingTableModel, qtmodeltester: Any) -> None:
    qtmodeltester.check(model)
    found = some()
    model.begin(found, RULES, NOW)
    model.grow()
    found.extend(some())
    model.grow()
    model.show_rows(Sieve(Kind.MOVES), [2], 4)
    model.grow()
    assert keys(model) == ["cold/b", "cold/b"]
    qtmodeltester.check(model)


def test_what_is_found_is_shown_when_it_grows(model: FindingTableModel) -> None:
    found = Findings()
    told: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _, first, last: told.append((first, last)))
    model.begin(found, RULES, NOW)
    model.grow()
    found.extend(some())
    assert (model.rowCount(), told) == (0, [])
    model.grow()
    found.add(finding("later"))
    model.grow()
    model.grow()
    assert told == [(0, 3), (4, 4)]
    assert keys(model) == ["logs/a", "logs/B", "cold/b", "held", "later"]


def test_a_sieve_stays_for_what_comes(model: FindingTableModel) -> None:
    found = some()
    model.begin(found, RULES, NOW)
    model.show_rows(Sieve(text="logs"), [0, 1], 4)
    found.extend(some())
    model.grow()
    assert keys(model) == ["logs/a", "logs/B"] * 2
    assert model.row_of(model.index(2, 0)) == 4


def test_another_look_forgets_the_words_of_the_last(model: FindingTableModel) -> None:
    model.begin(some(), RULES, NOW)
    model.grow()
    assert keys(model)[0] == "logs/a"
    other = Findings()
    other.add(finding("other"))
    model.begin(other, RULES, NOW)
    model.grow()
    assert keys(model) == ["other"]


def test_words_of_many_rows_are_not_kept(model: FindingTableModel) -> None:
    found = Findings()
    for at in range(2 * KEPT):
        found.add(finding(f"k{at}"))
    model.begin(found, RULES, NOW)
    model.grow()
    assert keys(model)[-1] == f"k{2 * KEPT - 1}"
    assert len(model._words) <= KEPT
    assert keys(model)[0] == "k0"


def test_sizes_stand_on_the_right_and_titles_name_every_column(model: FindingTableModel) -> None:
    model.begin(some(), RULES, NOW)
    model.grow()
    right = [
        column
        for column in FindingColumn
        if model.index(0, column).data(Qt.ItemDataRole.TextAlignmentRole)
        & Qt.AlignmentFlag.AlignRight
    ]
    assert right == [FindingColumn.SIZE]
    titles = [model.headerData(each, Qt.Orientation.Horizontal) for each in FindingColumn]
    assert all(titles)
    assert len(set(titles)) == len(FindingColumn)
