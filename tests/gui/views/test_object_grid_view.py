"""The grid under mouse and keys, and what it says of its screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from s4desk.core.domain.identity import Location, Prefix
from s4desk.gui.views import picture_delegate
from s4desk.gui.views.picture_delegate import AIR, SIDE
from tests.gui.models.fakes import FakeListing, listing, settle
from tests.gui.views.conftest import Heard, Sources
from tests.viewmodels.listings import TOP, page

KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
NAMES = [f"{number:03}.png" for number in range(100)]


def album(folders=()):
    return FakeListing([page(NAMES, list(folders))])


@pytest.fixture
async def grid(pane):
    pane.show_grid()
    pane.open(TOP, Sources(album(), album()))
    await settle()
    assert pane.grid.isVisible()
    assert pane.grid.cells().columns == 4
    return pane.grid


def at(grid, row):
    return grid.visualRect(grid.model().index(row, 0)).center()


def click(grid, row, keys=NO_KEY):
    QTest.mouseClick(grid.viewport(), LEFT, keys, at(grid, row))


def selected(grid):
    return [row for first, last in grid.runs() for row in range(first, last + 1)]


class TestMouse:
    async def test_clicks_select_as_everywhere(self, grid):
        click(grid, 1)
        assert selected(grid) == [1]
        click(grid, 6, SHIFT)
        assert selected(grid) == [1, 2, 3, 4, 5, 6]
        click(grid, 3, CTRL)
        assert selected(grid) == [1, 2, 4, 5, 6]
        click(grid, 9)
        click(grid, 6, SHIFT)
        assert selected(grid) == [6, 7, 8, 9]

    async def test_a_click_beside_the_cells_selects_nothing(self, grid):
        click(grid, 1)
        beside = grid.visualRect(grid.model().index(0, 0)).bottomRight() + QPoint(2, 0)
        assert not grid.indexAt(beside).isValid()
        QTest.mouseClick(grid.viewport(), LEFT, NO_KEY, beside)
        assert selected(grid) == []

    async def test_a_band_selects_the_cells_that_it_touches(self, grid):
        view = grid.viewport()
        begin = grid.visualRect(grid.model().index(0, 0)).bottomRight() + QPoint(2, 2)
        QTest.mousePress(view, LEFT, NO_KEY, begin)
        QTest.mouseMove(view, begin + QPoint(20, 20))
        QTest.mouseMove(view, at(grid, 6))
        assert selected(grid) == [5, 6]
        drawn = grid.grab().toImage()
        QTest.mouseRelease(view, LEFT, NO_KEY, at(grid, 6))
        assert selected(grid) == [5, 6]
        assert grid.grab().toImage() != drawn

    async def test_a_double_click_opens_and_a_drag_begins_on_a_cell(self, pane, grid):
        heard, dragged = Heard(pane.opened), Heard(pane.drag_started)
        click(grid, 2)
        QTest.mouseDClick(grid.viewport(), LEFT, NO_KEY, at(grid, 2))
        assert heard == [Location("b", "top/002.png")]
        QTest.mouseRelease(grid.viewport(), LEFT, NO_KEY, at(grid, 2))
        QTest.mousePress(grid.viewport(), LEFT, NO_KEY, at(grid, 2))
        for step in (5, 40, 60):
            QTest.mouseMove(grid.viewport(), at(grid, 2) + QPoint(step, step))
        assert [each.only for each in dragged] == [Location("b", "top/002.png")]
        QTest.mouseRelease(grid.viewport(), LEFT, NO_KEY, at(grid, 2))


class TestKeys:
    @pytest.mark.parametrize(
        ("begin", "key", "end"),
        [
            (0, KEY.Key_Left, 0),
            (3, KEY.Key_Right, 4),
            (5, KEY.Key_Up, 1),
            (2, KEY.Key_Up, 2),
            (5, KEY.Key_Down, 9),
            (99, KEY.Key_Down, 99),
            (5, KEY.Key_Home, 0),
            (5, KEY.Key_End, 99),
            (50, KEY.Key_PageUp, 38),
            (50, KEY.Key_PageDown, 62),
            (97, KEY.Key_PageDown, 97),
        ],
    )
    async def test_they_move_by_cells_and_lines(self, grid, begin, key, end):
        grid.setCurrentIndex(grid.model().index(begin, 0))
        QTest.keyClick(grid, key)
        assert grid.currentIndex().row() == end
        assert grid.is_seen(grid.currentIndex())

    async def test_a_shorter_last_line_is_reached(self, pane, grid):
        pane.open(TOP, Sources(listing(6)))
        await settle()
        grid.setCurrentIndex(grid.model().index(3, 0))
        QTest.keyClick(grid, KEY.Key_Down)
        assert grid.currentIndex().row() == 5

    async def test_shift_selects_a_run_and_from_right_to_left_it_is_mirrored(self, grid):
        grid.setCurrentIndex(grid.model().index(2, 0))
        QTest.keyClick(grid, KEY.Key_Down, SHIFT)
        assert selected(grid) == [2, 3, 4, 5, 6]
        grid.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        assert at(grid, 0).x() > at(grid, 1).x()
        grid.setCurrentIndex(grid.model().index(2, 0))
        QTest.keyClick(grid, KEY.Key_Left)
        assert grid.currentIndex().row() == 3


class TestCurrent:
    async def test_the_current_cell_is_framed_where_nothing_else_tells_it_apart(self, grid, qtbot):
        def drawn(row):
            return grid.grab(grid.visualRect(grid.model().index(row, 0))).toImage()

        grid.activateWindow()
        grid.setFocus()
        qtbot.waitUntil(grid.hasFocus)
        click(grid, 1)
        alone, plain = drawn(1), drawn(2)
        QTest.keyClick(grid, KEY.Key_Right, CTRL)
        assert (grid.currentIndex().row(), selected(grid)) == (2, [1])
        assert drawn(1) == alone  # one that is selected alone is told apart by that
        assert drawn(2) != plain
        QTest.keyClick(grid, KEY.Key_Space, CTRL)
        QTest.keyClick(grid, KEY.Key_Left, CTRL)
        assert selected(grid) == [1, 2]
        assert drawn(1) != alone


class TestTips:
    async def test_they_tell_what_has_no_room_in_a_cell(self, pane, grid, monkeypatch):
        shown = []
        monkeypatch.setattr(
            picture_delegate.QToolTip, "showText", lambda _at, text, *_: shown.append(text)
        )
        pane.open(TOP, Sources(FakeListing([page(["a<b.png"], ["f/"], sizes=[2048])])))
        await settle()
        for row in (0, 1):
            at_cell = at(grid, row)
            where = grid.viewport().mapToGlobal(at_cell)
            event = QHelpEvent(QEvent.Type.ToolTip, at_cell, where)
            QApplication.sendEvent(grid.viewport(), event)
        assert shown[0] == "<span>s3://b/top/f/</span>"
        assert shown[1].startswith("<span>s3://b/top/a&lt;b.png</span><br><span>2.0 KiB")


class TestPlace:
    async def test_the_table_and_the_grid_show_the_same_place(self, pane, grid):
        grid.setCurrentIndex(grid.model().index(60, 0))
        pane.show_table()
        assert pane.table.isVisible()
        assert pane.table.is_seen(pane.table.currentIndex())
        assert pane.selection().only == Location("b", "top/060.png")
        pane.table.verticalScrollBar().setValue(0)
        pane.show_grid()
        assert grid.top_row()[0] == 0
        assert pane.table_model.rowCount() == 100

    async def test_what_is_current_stays_on_the_screen_where_less_fits_on_it(self, pane, grid):
        pane.show_table()
        pane.table.setCurrentIndex(pane.table.model().index(20, 0))
        pane.show_grid()
        pane.show_table()
        pane.table.verticalScrollBar().setValue(0)
        assert pane.table.is_seen(pane.table.currentIndex())
        pane.show_grid()
        assert grid.is_seen(grid.currentIndex())

    async def test_it_survives_a_refresh_by_name(self, pane, grid):
        grid.setCurrentIndex(grid.model().index(60, 0))
        grid.verticalScrollBar().setValue(grid.cells().rect(56).top() + 7)
        fresh = FakeListing([page(["000.a", "000.b", "000.c", "000.d", *NAMES])])
        pane._source = Sources(fresh)
        pane.refresh()
        await settle()
        assert pane.selection().only == Location("b", "top/060.png")
        row, offset = grid.top_row()
        assert (grid.model().index(row, 0).data(), offset) == ("056.png", -7)

    async def test_a_wider_window_begins_with_the_same_line(self, pane, grid):
        grid.look_at(40, 0)
        pane.resize(1100, 600)
        assert grid.cells().columns > 4
        first = grid.top_row()[0]
        assert first <= 40 < first + grid.cells().columns

    async def test_scrolling_to_the_end_loads_more(self, pane):
        pane.show_grid()
        pane.open(TOP, Sources(listing(*[1000] * 12)))
        await settle()
        assert pane.table_model.rowCount() == 10_000
        pane.grid.scrollToBottom()
        await settle()
        assert pane.table_model.rowCount() == 11_000

    async def test_what_a_search_finds_may_be_a_grid_but_no_tree(self, pane, grid):
        pane.open(TOP, Sources(album()), is_search=True)
        await settle()
        assert grid.isVisible()
        pane.show_table()
        assert pane.table.isVisible()
        pane.show_tree()
        assert pane.table.isVisible()
        pane.show_grid()
        assert grid.isVisible()


class TestPictures:
    async def test_it_says_what_is_on_the_screen_when_that_rests(self, pane, grid, qtbot):
        heard = Heard(grid.looked_at)
        with qtbot.waitSignal(grid.looked_at):
            grid.scrollToBottom()
        names = [meta.location.name for meta in heard[-1][0]]
        assert names == NAMES[100 - len(names) :]
        assert 8 <= len(names) <= 20
        assert heard[-1][1] == SIDE
        pane.show_table()
        assert heard[-1] == ([], 0)

    async def test_folders_are_no_pictures(self, pane, grid, qtbot):
        heard = Heard(grid.looked_at)
        with qtbot.waitSignal(grid.looked_at):
            pane.open(TOP, Sources(FakeListing([page(["a.png"], ["f/"])])))
            await settle()
        assert [meta.location.key for meta in heard[-1][0]] == ["top/a.png"]

    async def test_a_picture_is_drawn_where_its_object_is(self, grid):
        red = QPixmap(100, 60)
        red.fill(QColor("#ff0000"))
        pictures = {}
        grid.let_picture(lambda meta: pictures.get(meta.location.name))
        before = grid.grab().toImage()
        pictures["001.png"] = red
        grid.show_picture(Location("b", "top/001.png"))
        after = grid.grab().toImage()
        middle = grid.visualRect(grid.model().index(1, 0))
        point = QPoint(middle.center().x(), middle.top() + AIR + SIDE // 2)
        assert after.pixelColor(point).name() == "#ff0000"
        assert before.pixelColor(point).name() != "#ff0000"
        assert after.pixelColor(at(grid, 0)) == before.pixelColor(at(grid, 0))

    async def test_only_the_cell_is_painted_for_which_a_picture_came(self, grid, qtbot):
        painted = []

        class Watch(QObject):
            def eventFilter(self, _watched, event):
                if event.type() is QEvent.Type.Paint:
                    painted.append(event.region().boundingRect())
                return False

        watch = Watch()
        grid.viewport().installEventFilter(watch)
        with qtbot.waitSignal(grid.looked_at):  # the window has come to rest
            grid.look_again()
        painted.clear()
        grid.show_picture(Location("b", "top/not here.png"))
        grid.show_picture(Location("b", "top/005.png"))
        qtbot.waitUntil(lambda: bool(painted))
        assert painted == [grid.visualRect(grid.model().index(5, 0))]

    async def test_what_was_cut_pales(self, pane, grid):
        red = QPixmap(100, 60)
        red.fill(QColor("#ff0000"))
        grid.let_picture(lambda _meta: red)
        pane.show_cut([Location("b", "top/001.png"), Prefix("b", "top/none/")])
        middle = grid.visualRect(grid.model().index(1, 0))
        point = QPoint(middle.center().x(), middle.top() + AIR + SIDE // 2)
        assert grid.grab().toImage().pixelColor(point).green() > 80
