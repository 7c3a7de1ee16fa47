"""Cells found by arithmetic: the same as by looking at each of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize

from s4desk.gui.views.cell_layout import GAP, MARGIN, CellLayout

LAYOUTS = st.builds(
    CellLayout,
    st.builds(QSize, st.integers(20, 80), st.integers(20, 80)),
    st.integers(0, 60),
    st.integers(0, 400),
    st.booleans(),
)
AREAS = st.builds(
    QRect, st.integers(-50, 450), st.integers(-50, 900), st.integers(1, 300), st.integers(1, 300)
)


def rows_of(runs: list[tuple[int, int]]) -> list[int]:
    return [row for first, last in runs for row in range(first, last + 1)]


@given(LAYOUTS, AREAS)
def test_an_area_touches_the_cells_that_it_touches(cells: CellLayout, area: QRect) -> None:
    expected = [row for row in range(cells.count) if cells.rect(row).intersects(area)]
    assert rows_of(cells.runs_in(area)) == expected


@given(LAYOUTS)
def test_cells_lie_apart_within_the_height_and_are_found(cells: CellLayout) -> None:
    rects = [cells.rect(row) for row in range(cells.count)]
    assert all(rect.top() >= 0 and rect.bottom() < cells.height for rect in rects)
    assert not any(a.intersects(b) for a in rects for b in rects if a is not b)
    for row, rect in enumerate(rects):
        assert cells.row_at(rect.topLeft()) == cells.row_at(rect.bottomRight()) == row
        assert cells.row_at(rect.bottomRight() + QPoint(0, 1)) == -1


def test_a_line_is_shared_out_and_begins_on_the_right_in_a_mirror() -> None:
    size = QSize(100, 50)
    cells = CellLayout(size, 5, 2 * MARGIN + 230)
    assert (cells.columns, cells.lines) == (2, 3)
    assert cells.rect(1) == QRect(MARGIN + 115, MARGIN, 115 - GAP, 50 - GAP)
    mirrored = CellLayout(size, 5, 2 * MARGIN + 230, is_mirrored=True)
    assert mirrored.rect(0).right() == cells.width - MARGIN - 1
    assert mirrored.rect(1).right() < mirrored.rect(0).left()


def test_what_is_on_top() -> None:
    cells = CellLayout(QSize(100, 50), 5, 2 * MARGIN + 200)
    assert [cells.first_below(y) for y in (0, 57, 58, 108, 158, 500)] == [0, 0, 2, 4, -1, -1]
