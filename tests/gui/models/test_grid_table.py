"""Rows of text as a table."""

from __future__ import annotations

from PySide6.QtCore import Qt

from s4desk.gui.models.grid_table import GridTableModel

HORIZONTAL, VERTICAL = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


def test_rows_of_different_lengths(qapp, qtmodeltester):
    model = GridTableModel()
    qtmodeltester.check(model)
    model.show_rows([["1", "2\n"], ["3"]], ["a", "b"])
    qtmodeltester.check(model)
    assert (model.rowCount(), model.columnCount()) == (2, 2)
    assert model.index(0, 1).data() == "2␊"
    assert model.index(1, 1).data() is None
    assert [model.headerData(at, HORIZONTAL) for at in (0, 1)] == ["a", "b"]
    assert model.headerData(1, VERTICAL) == 2


def test_columns_without_names_are_numbered(qapp):
    model = GridTableModel()
    model.show_rows([["<b>x", "y"]], [])
    assert [model.headerData(at, HORIZONTAL) for at in (0, 1)] == [1, 2]
    tip = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "<span>&lt;b&gt;x</span>"
