"""The preview of a sync: shown now and then, at any number of rows."""

from __future__ import annotations

import time
from math import nan
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.domain.transfer import Direction, TransferSpec
from s4desk.core.transfer.inventory import Held
from s4desk.core.transfer.sync import Change, Difference, Why
from s4desk.gui.dialogs.sync_preview import PreviewTable
from s4desk.gui.models.sync_table import COLUMNS, SyncTableModel
from s4desk.viewmodels.sync_rows import SyncColumn, SyncRows
from tests.gui.models.fakes import no_icons
from tests.gui.models.transfers import address

C = SyncColumn
NEW, CHANGED, GONE = Change.NEW, Change.CHANGED, Change.GONE
_Role = Qt.ItemDataRole


def difference(name: str, change: Change, size: int = 100) -> Difference:
    spec = TransferSpec(Direction.UPLOAD, Path("/here") / name, address(f"to/{name}"), size)
    meta = ObjectMeta(Location("b", f"to/{name}"), 7, None, "e")
    held = Held(meta.location, 7, nan, meta)
    if change is NEW:
        return Difference(NEW, spec, None, modified=0.0)
    if change is GONE:
        return Difference(GONE, None, held)
    return Difference(CHANGED, spec, held, Why.SIZE, 0.0)


THREE = [difference("new", NEW), difference("longer", CHANGED), difference("gone", GONE)]


@pytest.fixture
def model(qapp):
    model = SyncTableModel(no_icons)
    model.begin(SyncRows("to/"))
    return model


@pytest.fixture
def told(model):
    told = []
    model.rowsInserted.connect(lambda _parent, first, last: told.append(("+", first, last)))
    model.dataChanged.connect(lambda top, bottom: told.append(("~", top.row(), bottom.row())))
    model.modelReset.connect(lambda: told.append("reset"))
    return told


def cell(model, row, column, role=_Role.DisplayRole):
    return model.index(row, column).data(role)


def line(model, row):
    return [cell(model, row, column) for column in COLUMNS]


def ticks(model):
    return [
        Qt.CheckState(cell(model, row, C.NAME, _Role.CheckStateRole)) is Qt.CheckState.Checked
        for row in range(model.rowCount())
    ]


def fill(model, *batches):
    for batch in batches:
        model.add(batch)
    model.show_added()


def test_what_is_added_is_shown_at_once_when_it_is_asked_for(model, told, qtmodeltester):
    model.add(THREE[:2])
    assert (model.rowCount(), told) == (0, [])
    fill(model, THREE[2:])
    fill(model, THREE[:1])
    fill(model)
    assert told == [("+", 0, 2), ("+", 3, 3)]
    assert line(model, 0)[:5] == ["new", "Add", "Not at the target", "100 B", ""]
    assert line(model, 1)[:5] == ["longer", "Replace", "Another size", "100 B", "7 B"]
    assert line(model, 2)[:5] == ["gone", "Stays", "Not at the source", "", "7 B"]
    qtmodeltester.check(model)


def test_what_is_gone_is_only_ticked_when_it_may_go(model, told, qtmodeltester):
    fill(model, THREE)
    index = model.index(2, C.NAME)
    assert ticks(model) == [True, True, False]
    assert cell(model, 2, C.DEED, _Role.DecorationRole) is None
    assert not model.flags(index) & Qt.ItemFlag.ItemIsEnabled
    assert not model.setData(index, Qt.CheckState.Checked, _Role.CheckStateRole)
    assert model.rows.gone() == []
    model.delete_gone(True)
    assert ticks(model) == [True, True, True]
    assert cell(model, 2, C.DEED) == "Delete"
    assert [held.place.key for held in model.rows.gone()] == ["to/gone"]
    assert told[-1] == ("~", 0, 2)
    qtmodeltester.check(model)


def test_what_is_unticked_is_left_out(model, told):
    fill(model, THREE)
    model.delete_gone(True)
    assert model.setData(model.index(0, C.NAME), 0, _Role.CheckStateRole)
    assert told[-1] == ("~", 0, 0)
    model.toggle([1, 2])
    assert ticks(model) == [False, False, False]
    assert (model.rows.transfers(), model.rows.gone()) == ([], [])
    assert [model.rows.chosen(each) for each in Change] == [0, 0, 0]
    model.toggle([0, 1])
    assert [spec.target.location.key for spec in model.rows.transfers()] == ["to/new", "to/longer"]
    assert (model.rows.chosen(NEW), model.rows.chosen_size(CHANGED)) == (1, 100)


def test_a_filter_shows_one_kind_and_ticks_stay(model, told, qtmodeltester):
    fill(model, THREE)
    model.tick([1], is_on=False)
    model.show(CHANGED)
    assert [cell(model, row, C.NAME) for row in range(model.rowCount())] == ["longer"]
    assert ticks(model) == [False]
    told.clear()
    fill(model, THREE)
    assert told == [("+", 1, 1)]
    fill(model, THREE[:1])
    assert told == [("+", 1, 1)]
    model.show(None)
    assert ticks(model)[:4] == [True, False, False, True]
    assert model.rows.total == 7
    qtmodeltester.check(model)


def test_painting_asks_little_when_all_is_selected(qtbot, model, monkeypatch):
    fill(model, [difference(str(number), NEW) for number in range(3000)])
    view, asked = PreviewTable(model), []
    qtbot.addWidget(view)
    flags = SyncTableModel.flags
    monkeypatch.setattr(SyncTableModel, "flags", lambda *which: asked.append(1) or flags(*which))
    view.selectAll()
    view.grab()
    assert 0 < len(asked) < 3000


def test_a_hundred_thousand_rows_cost_a_moment(model):
    batches = [[difference(f"{batch}/{n}", NEW) for n in range(1000)] for batch in range(100)]
    began = time.perf_counter()
    longest = 0.0
    for batch in batches:
        start = time.perf_counter()
        fill(model, batch)
        longest = max(longest, time.perf_counter() - start)
    model.show(NEW)
    model.delete_gone(True)
    assert model.rowCount() == 100_000
    assert time.perf_counter() - began < 5
    assert longest < 0.5
    assert cell(model, 99_999, C.NAME) == "99/999"
