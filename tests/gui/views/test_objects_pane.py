import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeySequence,
    QMouseEvent,
    QShortcut,
)
from PySide6.QtWidgets import QPushButton

from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import Bucket
from s4desk.gui.models.cells import KEYS_MIME
from s4desk.gui.views.notices import LoadingLine
from s4desk.gui.views.objects_pane import ObjectsPane
from s4desk.viewmodels.listing import ListingState
from s4desk.viewmodels.ordering import Column, SortOrder
from s4desk.viewmodels.selection import Summary
from tests.gui.models.fakes import CUT, FakeListing, listing, settle
from tests.gui.views.conftest import Heard, Sources
from tests.viewmodels.listings import TOP, page, pages

KEY = Qt.Key


def mixed():
    return FakeListing([page(["a.txt", "b.png"], ["f/", "g/"], sizes=[10, 20])])


async def opened(pane, *listings, prefix=TOP):
    source = Sources(*listings)
    pane.open(prefix, source)
    await settle()
    return source


def press(pane, name):
    """Press the button with this name in the page or in the banner."""
    owner = pane.page if pane.page.isVisible() else pane.banner
    (button,) = owner.findChildren(QPushButton, name)
    button.click()


def shown(pane):
    model = pane.table_model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


class TestWhatIsSaid:
    async def test_a_message_while_nothing_is_open(self, pane):
        acted = Heard(pane.message_acted)
        pane.show_message("connection", "No place", "Choose one", "New…")
        assert (pane.page.notice.title, pane.page.isVisible()) == ("No place", True)
        press(pane, "message")
        assert len(acted) == 1

    async def test_rows_take_the_place_of_the_message(self, pane):
        pane.show_message("connection", "No place", "Choose one")
        await opened(pane, mixed())
        assert (pane.table.isVisible(), pane.page.isVisible()) == (True, False)
        pane.close_listing()
        assert (pane.page.isVisible(), pane.page.notice.title) == (True, "No place")

    @pytest.mark.parametrize(
        ("prefix", "marker", "title"),
        [
            (Prefix("b"), [], "This bucket is empty"),
            (TOP, [""], "This folder is empty"),
            (TOP, [], "Nothing begins with “top/”"),
        ],
    )
    @pytest.mark.parametrize("kind", ["table", "grid", "tree"])
    async def test_an_empty_place_says_which_it_is(self, pane, prefix, marker, title, kind):
        getattr(pane, f"show_{kind}")()
        await opened(pane, FakeListing([page(marker, prefix=prefix)]), prefix=prefix)
        assert (pane.page.isVisible(), pane.page.notice.title) == (True, title)

    @pytest.mark.parametrize(
        ("failure", "icon"),
        [
            (CUT, "error"),
            (PermissionDeniedError("no"), "lock"),
            (NotFoundError("no"), "search"),
        ],
    )
    async def test_a_failure_is_no_empty_folder(self, pane, failure, icon):
        await opened(pane, FakeListing([failure, page(["a"])]))
        assert pane.page.isVisible()
        assert (pane.page.notice.is_error, pane.page.notice.icon) == (True, icon)
        press(pane, "retry")
        await settle()
        assert (pane.table.isVisible(), shown(pane)) == (True, ["a"])

    async def test_why_nothing_can_be_written_is_shown_once(self, pane, monkeypatch):
        await opened(pane, FakeListing([page([])]))
        taken, status = [], ObjectsPane.status.fget
        monkeypatch.setattr(
            ObjectsPane, "status", property(lambda it: taken.append(1) or status(it))
        )
        for sentence, times in (("", 0), ("Home is down.", 1), ("Home is down.", 1), ("", 2)):
            pane.show_no_writes(sentence)
            assert len(taken) == times

    async def test_a_break_in_the_middle_is_said_below_the_rows(self, pane):
        source = listing(2, CUT, 2)
        await opened(pane, source)
        assert pane.table.isVisible()
        assert pane.banner.notice.text.startswith("Broken off after 2.")
        press(pane, "retry")
        await settle()
        assert (pane.table_model.rowCount(), pane.banner.isVisible()) == (4, False)

    async def test_a_partial_listing_offers_the_rest(self, pane):
        source = listing(*[5] * 12)
        await opened(pane, source)
        assert "first 50" in pane.banner.notice.text
        press(pane, "load-all")
        assert "Loading everything" in pane.banner.notice.text
        await settle(lambda: pane.table_model.is_complete)
        assert not pane.banner.isVisible()

    async def test_stopping_is_said_and_can_be_undone(self, pane, qtbot):
        source = listing(*[5] * 12)
        await opened(pane, source)
        source.gate.clear()
        pane.load_all()
        await settle()
        press(pane, "stop")
        assert "Stopped after 50" in pane.banner.notice.text
        source.gate.set()
        press(pane, "load-more")
        await settle()
        assert pane.table_model.rowCount() == 55

    async def test_escape_stops_loading(self, pane, qtbot):
        source = listing(*[5] * 12)
        await opened(pane, source)
        source.gate.clear()
        pane.load_all()
        await settle()
        qtbot.keyClick(pane.table, KEY.Key_Escape)
        assert pane.status.state is ListingState.STOPPED

    async def test_a_sort_of_a_part_is_refused_and_done_when_all_is_here(self, pane):
        await opened(pane, listing(*[5] * 12))
        pane.table.sortByColumn(Column.SIZE, Qt.SortOrder.DescendingOrder)
        header = pane.table.horizontalHeader()
        assert header.sortIndicatorSection() == Column.NAME
        press(pane, "sort")
        await settle(lambda: pane.table_model.is_complete)
        assert pane.table_model.order == SortOrder(Column.SIZE, True)
        assert header.sortIndicatorSection() == Column.SIZE
        assert header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder

    async def test_a_tree_that_is_not_whole_is_sorted_when_it_is(self, pane):
        pane.show_tree()
        await opened(pane, listing(*[3] * 4))
        pane.tree.sortByColumn(Column.SIZE, Qt.SortOrder.DescendingOrder)
        header = pane.tree.header()
        assert header.sortIndicatorSection() == Column.NAME
        assert "loaded to its end" in pane.banner.notice.text
        press(pane, "sort")
        await settle(lambda: pane.tree_model.is_complete)
        assert pane.tree_model.order == SortOrder(Column.SIZE, True)
        assert header.sortIndicatorSection() == Column.SIZE
        assert header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder

    async def test_the_order_of_the_tree_is_kept(self, pane):
        pane.show_tree()
        await opened(pane, mixed())
        pane.tree.sortByColumn(Column.SIZE, Qt.SortOrder.DescendingOrder)
        state = pane.save_state()
        pane.tree.sortByColumn(Column.NAME, Qt.SortOrder.AscendingOrder)
        pane.restore_state(state)
        await opened(pane, FakeListing([page(["a", "b", "c"], sizes=[1, 3, 2])]))
        names = [pane.tree_model.index(row, 0).data() for row in range(3)]
        assert names == ["b", "c", "a"]

    async def test_the_line_moves_while_something_loads(self, pane):
        source = listing(1)
        source.gate.clear()
        pane.open(TOP, Sources(source))
        await settle()
        assert pane.findChild(LoadingLine).is_moving
        source.gate.set()
        await settle()
        assert not pane.findChild(LoadingLine).is_moving

    async def test_status_comes_at_most_ten_times_a_second_and_at_the_end(self, pane):
        told = Heard(pane.status_changed)
        pane.open(TOP, Sources(listing(*[1] * 200)))
        pane.load_all()
        await settle(lambda: pane.table_model.is_complete)
        assert len(told) < 20
        assert (told[-1].state, told[-1].objects) == (ListingState.COMPLETE, 200)


async def test_the_arrow_of_the_order_has_room_beside_every_title(pane):
    """Qt draws it at the right end, over a title that stands there."""
    for model in (pane.table_model, pane.tree_model):
        for section in range(model.columnCount()):
            across = Qt.Orientation.Horizontal
            alignment = model.headerData(section, across, Qt.ItemDataRole.TextAlignmentRole)
            assert not alignment & Qt.AlignmentFlag.AlignRight


class TestFilter:
    async def test_typing_filters_and_counts(self, pane, qtbot):
        await opened(pane, mixed())
        pane.show_filter()
        line = pane.filter_bar._line
        assert line.isVisible()
        qtbot.keyClicks(line, "*.PNG")
        assert shown(pane) == ["b.png"]
        assert pane.filter_bar._count.text() == "1 of 4"
        qtbot.keyClick(line, KEY.Key_Escape)
        assert (len(shown(pane)), pane.filter_bar.isVisible()) == (4, False)

    async def test_nothing_that_fits_is_said(self, pane, qtbot):
        await opened(pane, mixed())
        pane.show_filter()
        qtbot.keyClicks(pane.filter_bar._line, "zzz")
        assert pane.page.notice.title == "Nothing fits “zzz”"
        press(pane, "clear-filter")
        assert (pane.table.isVisible(), len(shown(pane))) == (True, 4)

    async def test_escape_is_the_filters_before_it_is_the_windows(self, pane, qtbot):
        await opened(pane, mixed())
        stop = QShortcut(QKeySequence("Esc"), pane)
        stopped = Heard(stop.activated)
        pane.show_filter()
        qtbot.keyClick(pane.filter_bar._line, KEY.Key_Escape)
        assert (pane.filter_bar.isVisible(), len(stopped)) == (False, 0)

    @pytest.mark.parametrize("kind", ["table", "tree", "buckets"])
    async def test_what_is_selected_among_the_few_stays_so_among_all(self, pane, qtbot, kind):
        names = [f"{number:03}" for number in range(300)]
        if kind == "buckets":

            async def list_buckets():
                return [Bucket(name) for name in names]

            pane.open_buckets(list_buckets)
        else:
            pane.show_tree() if kind == "tree" else pane.show_table()
            await opened(pane, FakeListing([page(names, [])]))
        await settle()
        view = {"table": pane.table, "tree": pane.tree, "buckets": pane.buckets}[kind]
        pane.show_filter()
        qtbot.keyClicks(pane.filter_bar._line, "*7")
        row = next(i for i in range(300) if view.model().index(i, 0).data() == "247")
        view.setCurrentIndex(view.model().index(row, 0))
        qtbot.keyClick(view, KEY.Key_Escape)
        await settle()
        only = pane.selection().only
        assert (only.bucket if kind == "buckets" else only.key).endswith("247")
        assert view.currentIndex().data() == "247"
        assert view.viewport().rect().intersects(view.visualRect(view.currentIndex()))

    async def test_when_it_ends_the_table_is_where_it_was_before(self, pane, qtbot):
        names = page([f"{number:03}" for number in range(300)])
        pane.open(TOP, Sources(FakeListing([names]), FakeListing([names])))
        await settle()
        bar = pane.table.verticalScrollBar()
        bar.setValue(bar.maximum() // 2 + 7)
        before = bar.value()
        pane.show_filter()
        line = pane.filter_bar._line
        qtbot.keyClicks(line, "29")
        assert len(shown(pane)) == 13
        qtbot.keyClick(line, KEY.Key_Escape)
        assert (len(shown(pane)), bar.value()) == (300, before)
        bar.setValue(0)
        pane.refresh()
        await settle()
        assert bar.value() == 0

    async def test_another_folder_is_not_filtered(self, pane, qtbot):
        await opened(pane, mixed())
        pane.show_filter()
        qtbot.keyClicks(pane.filter_bar._line, "zzz")
        await opened(pane, mixed())
        assert (pane.filter_bar.isVisible(), len(shown(pane))) == (False, 4)

    async def test_the_tree_hides_objects_that_do_not_fit(self, pane, qtbot):
        pane.show_tree()
        await opened(pane, FakeListing([page(["a.txt", "b.png"], ["f/"]), page(["c.txt"])]))
        pane.tree.expand(pane.tree_model.index(0, 0))
        await settle()
        pane.show_filter()
        qtbot.keyClicks(pane.filter_bar._line, "*.txt")
        root = pane.tree.rootIndex()
        assert [pane.tree.isRowHidden(row, root) for row in range(3)] == [False, False, True]
        pane.tree.selectAll()
        assert pane.summary == Summary(1, 1, 0)  # the one in the folder goes with it


class TestGoing:
    async def test_return_opens_and_backspace_goes_up(self, pane, qtbot):
        heard, up = Heard(pane.opened), Heard(pane.went_up)
        await opened(pane, mixed())
        for row in (0, 2):
            pane.table.selectRow(row)
            qtbot.keyClick(pane.table, KEY.Key_Return)
        assert heard == [Prefix("b", "top/f/"), Location("b", "top/a.txt")]
        qtbot.keyClick(pane.table, KEY.Key_Backspace)
        qtbot.keyClick(pane.table, KEY.Key_Up, Qt.KeyboardModifier.AltModifier)
        assert len(up) == 2

    @pytest.mark.parametrize("kind", ["table", "grid", "tree"])
    @pytest.mark.parametrize("is_renewed", [True, False])
    async def test_a_refresh_between_two_clicks_does_not_spoil_them(
        self, pane, qtbot, kind, is_renewed
    ):
        heard = Heard(pane.opened)
        getattr(pane, f"show_{kind}")()
        await opened(pane, mixed(), mixed())
        view, left = getattr(pane, kind), Qt.MouseButton.LeftButton
        place = view.visualRect(view.model().index(2, 0)).center()
        qtbot.mouseClick(view.viewport(), left, pos=place)
        if is_renewed:
            pane.refresh()
            await settle()
        qtbot.mouseDClick(view.viewport(), left, pos=place)
        qtbot.mouseRelease(view.viewport(), left, pos=place)
        assert heard == [Location("b", "top/a.txt")]

    async def test_delete_and_rename_say_what_about(self, pane, qtbot):
        deleted, renamed = Heard(pane.delete_requested), Heard(pane.rename_requested)
        await opened(pane, mixed())
        pane.table.selectRow(3)
        qtbot.keyClick(pane.table, KEY.Key_Delete)
        qtbot.keyClick(pane.table, KEY.Key_F2)
        assert [each.only for each in (*deleted, *renamed)] == [Location("b", "top/b.png")] * 2

    async def test_coming_up_the_folder_one_left_is_current(self, pane):
        await opened(pane, mixed(), prefix=Prefix("b", "top/g/deeper/"))
        await opened(pane, mixed())
        assert pane.table.currentIndex().data() == "g"
        assert pane.summary == Summary(folders=1)

    async def test_the_kind_of_view_can_be_changed_and_is_kept(self, pane):
        source = Sources(mixed(), mixed(), mixed())
        pane.open(TOP, source)
        await settle()
        pane.show_tree()
        await settle()
        assert (pane.tree.isVisible(), pane.tree_model.rowCount()) == (True, 4)
        assert pane.table_model.status.state is ListingState.CLOSED
        assert pane.save_state().startswith(b"tree,0,0;")
        pane.show_table()
        await settle()
        assert (pane.table.isVisible(), shown(pane)) == (True, ["f", "g", "a.txt", "b.png"])

    async def test_buckets(self, pane):
        heard = Heard(pane.opened)

        async def list_buckets():
            return [Bucket("zoo"), Bucket("ant")]

        pane.open_buckets(list_buckets)
        await settle()
        assert pane.buckets.isVisible()
        assert [pane.bucket_model.index(row, 0).data() for row in (0, 1)] == ["ant", "zoo"]
        pane.buckets.selectRow(1)
        pane.buckets.open_index(pane.buckets.currentIndex())
        assert heard == [Prefix("zoo")]
        assert (pane.selection().prefix, pane.selection().only) == (None, Prefix("zoo"))

    async def test_the_bucket_one_left_is_current(self, pane):
        async def list_buckets():
            return [Bucket("a"), Bucket("b")]

        await opened(pane, mixed())
        pane.open_buckets(list_buckets)
        await settle()
        assert pane.buckets.currentIndex().data() == "b"

    async def test_no_buckets_and_no_answer_are_told_apart(self, pane):
        answers = [PermissionDeniedError("no"), []]

        async def list_buckets():
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        pane.open_buckets(list_buckets)
        await settle()
        assert pane.page.notice.icon == "lock"
        press(pane, "retry")
        await settle()
        assert pane.page.notice.title == "There are no buckets"

    async def test_late_buckets_of_another_connection_are_dropped(self, pane):
        gate = asyncio.Event()

        async def late():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                await gate.wait()
            return [Bucket("late")]

        async def now():
            return [Bucket("now")]

        pane.open_buckets(late)
        await settle()
        pane.open_buckets(now)
        gate.set()
        await settle()
        assert [pane.bucket_model.index(0, 0).data(), pane.bucket_model.rowCount()] == ["now", 1]


class TestSelection:
    async def test_a_summary_for_each_change(self, pane):
        heard = Heard(pane.selection_changed)
        await opened(pane, mixed())
        pane.select_all()
        assert heard[-1] == Summary(2, 2, 30, at_hand=1)
        assert heard[-1].text == "4 selected, 30 B"
        pane.table_model.set_filter("b")
        assert heard[-1] == Summary(0, 1, 20, at_hand=1)

    async def test_it_survives_a_refresh_by_name(self, pane):
        await opened(pane, FakeListing([page([f"k{at:03}" for at in range(100)])]))
        pane.table.selectRow(50)
        pane.table.verticalScrollBar().setValue(40 * 24 + 7)
        fresh = FakeListing([page([*["a1", "a2"], *(f"k{at:03}" for at in range(100))])])
        pane._source = Sources(fresh)
        pane.refresh()
        await settle()
        assert pane.selection().only == Location("b", "top/k050")
        assert pane.table.currentIndex().data() == "k050"
        assert pane.table.verticalScrollBar().value() == 42 * 24 + 7

    async def test_what_is_hidden_by_the_filter_is_not_selected(self, pane):
        await opened(pane, mixed())
        pane.select_all()
        pane.table_model.set_filter("a.")
        pane.table_model.set_filter("")
        assert pane.selection().only == Location("b", "top/a.txt")

    async def test_a_large_selection_survives_sorting(self, pane, monkeypatch):
        monkeypatch.setattr("s4desk.gui.views.place_keeper.FEW_SELECTED", 1)
        await opened(pane, FakeListing([page(["a", "b", "c"], sizes=[3, 1, 2])]))
        pane.table.select_rows([0, 2])
        pane.table.sortByColumn(Column.SIZE, Qt.SortOrder.AscendingOrder)
        assert sorted(each.key for each in pane.selection().objects) == ["top/a", "top/c"]
        assert (shown(pane), pane.table.runs()) == (["b", "c", "a"], [(1, 2)])

    async def test_the_menu_is_about_the_selection_or_the_background(self, pane):
        heard = Heard(pane.menu_requested)
        await opened(pane, mixed())
        pane.table.selectRow(0)
        centre = pane.table.visualRect(pane.table_model.index(0, 0)).center()
        for reason, position in (
            (QContextMenuEvent.Reason.Mouse, centre),
            (QContextMenuEvent.Reason.Keyboard, QPoint(10, 500)),
            (QContextMenuEvent.Reason.Mouse, QPoint(10, 500)),
        ):
            pane.table.contextMenuEvent(QContextMenuEvent(reason, position, QPoint()))
        assert [len(selection) for selection, _ in heard] == [1, 1, 0]
        assert heard[0][1] == pane.table.viewport().mapToGlobal(centre)
        assert pane.table.rowAt(pane.table.viewport().mapFromGlobal(heard[1][1]).y()) == 0
        assert heard[2][0].prefix == TOP

    async def test_a_drag_says_what_is_dragged(self, pane):
        heard = Heard(pane.drag_started)
        await opened(pane, mixed())
        pane.select_all()
        pane.table.startDrag(Qt.DropAction.CopyAction)
        assert len(heard[0]) == 4

    @pytest.mark.parametrize("kind", ["table", "grid", "tree"])
    async def test_a_drag_begins_with_the_mouse(self, pane, qtbot, kind):
        heard = Heard(pane.drag_started)
        getattr(pane, f"show_{kind}")()
        await opened(pane, mixed())
        view = getattr(pane, kind)
        start = view.visualRect(view.model().index(2, 0)).center()
        button = Qt.MouseButton.LeftButton
        qtbot.mousePress(view.viewport(), button, pos=start)
        for step in (5, 20, 40):
            at = QPointF(start + QPoint(0, step))
            move = QMouseEvent(
                QEvent.Type.MouseMove,
                at,
                view.viewport().mapToGlobal(at),
                Qt.MouseButton.NoButton,
                button,
                Qt.KeyboardModifier.NoModifier,
            )
            view.mouseMoveEvent(move)
        assert [selection.only for selection in heard] == [Location("b", "top/a.txt")]


class TestColumns:
    async def test_owners_are_asked_for_when_they_are_shown(self, pane):
        source = Sources(mixed(), mixed(), mixed())
        pane.open(TOP, source)
        await settle()
        menu = pane.table.column_menu()
        actions = {action.text(): action for action in menu.actions()}
        assert [text for text, action in actions.items() if action.isChecked()] == [
            *["Size", "Modified", "Storage class"]
        ]
        actions["Owner"].trigger()
        await settle()
        assert source.asked == [("top/", False), ("top/", True)]
        assert not pane.table.isColumnHidden(Column.OWNER)
        menu.close()

    async def test_names_keep_room_to_be_read(self, pane):
        await opened(pane, mixed(), mixed())
        width, wide = pane.table.viewport().width(), pane.table.columnWidth(Column.NAME)
        assert pane.table.horizontalHeader().length() == width
        for column in (Column.TYPE, Column.ETAG, Column.OWNER):
            pane.table.show_column(column, True)
        await settle()
        assert pane.table.columnWidth(Column.NAME) == 180
        for column in (Column.TYPE, Column.ETAG, Column.OWNER):
            pane.table.show_column(column, False)
        assert pane.table.columnWidth(Column.NAME) == wide

    async def test_widths_order_and_sort_are_kept(self, pane, qtbot):
        await opened(pane, mixed())
        pane.table.show_column(Column.ETAG, True)
        pane.table.setColumnWidth(Column.SIZE, 123)
        header = pane.table.horizontalHeader()
        header.moveSection(header.visualIndex(Column.CLASS), 1)
        pane.table.sortByColumn(Column.SIZE, Qt.SortOrder.DescendingOrder)
        state = pane.save_state()
        pane.table.show_column(Column.ETAG, False)
        pane.table.setColumnWidth(Column.SIZE, 60)
        pane.table.horizontalHeader().moveSection(3, 1)
        pane.table.sortByColumn(Column.NAME, Qt.SortOrder.AscendingOrder)
        pane.restore_state(state)
        assert not pane.table.isColumnHidden(Column.ETAG)
        assert pane.table.columnWidth(Column.SIZE) == 123
        assert pane.table.horizontalHeader().visualIndex(Column.CLASS) == 1
        await opened(pane, FakeListing([page(["a", "b"], sizes=[1, 2])]))
        assert shown(pane) == ["b", "a"]

    @pytest.mark.parametrize("state", [b"", b"nonsense", b"table;9,0;x", b"table;1,0;garbage"])
    async def test_a_state_of_no_sense_changes_nothing(self, pane, state):
        pane.restore_state(state)
        assert not pane.is_tree
        assert pane.table.isColumnHidden(Column.OWNER)


def drag(urls, *, is_ours=False):
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    if is_ours:
        mime.setData(KEYS_MIME, b"")
    return mime


def drop(target, mime, position):
    """Enter, move to `position`, drop; say whether it was taken."""
    actions, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    no_key = Qt.KeyboardModifier.NoModifier
    target.dragEnterEvent(QDragEnterEvent(position, actions, mime, button, no_key))
    if hasattr(target, "dragMoveEvent"):
        target.dragMoveEvent(QDragMoveEvent(position, actions, mime, button, no_key))
    event = QDropEvent(QPointF(position), actions, mime, button, no_key)
    target.dropEvent(event)
    return event.isAccepted()


class TestDrops:
    @pytest.fixture
    async def table(self, pane):
        await opened(pane, mixed())
        return pane.table

    @pytest.mark.parametrize(
        ("row", "target"),
        [(1, Prefix("b", "top/g/")), (2, TOP), (None, TOP)],
    )
    async def test_on_a_folder_is_into_it(self, pane, table, row, target):
        heard = Heard(pane.files_dropped)
        at = QPoint(300, 500)
        if row is not None:
            at = table.visualRect(table.model().index(row, 1)).center()
        assert drop(table, drag(["file:///tmp/x", "file:///tmp/y%20z"]), at)
        assert heard == [([Path("/tmp/x"), Path("/tmp/y z")], target)]

    async def test_the_row_below_is_marked_and_forgotten(self, table):
        centre = table.visualRect(table.model().index(1, 0)).center()
        mime = drag(["file:///tmp/x"])
        move = QDragMoveEvent(
            centre,
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        table.dragMoveEvent(move)
        assert (move.isAccepted(), table._target.row()) == (True, 1)
        row = table._target_rect()
        assert (row.height(), row.width()) == (24, table.viewport().width())
        drop(table, mime, centre)
        assert (table._is_over, table._target.isValid()) == (False, False)

    @pytest.mark.parametrize(
        "mime",
        [drag(["https://example.test/x"]), drag([]), drag(["file:///tmp/x"], is_ours=True)],
    )
    async def test_what_is_no_file_of_others_is_not_taken(self, pane, table, mime):
        heard = Heard(pane.files_dropped)
        assert not drop(table, mime, QPoint(300, 500))
        assert heard == []

    async def test_an_empty_folder_takes_files(self, pane):
        heard = Heard(pane.files_dropped)
        await opened(pane, FakeListing([page()]))
        drop(pane.page, drag(["file:///tmp/x"]), QPoint(10, 10))
        assert heard == [([Path("/tmp/x")], TOP)]

    async def test_nothing_open_takes_none(self, pane):
        pane.show_message("connection", "No place", "")
        event = QDragEnterEvent(
            QPoint(10, 10),
            Qt.DropAction.CopyAction,
            mime := drag(["file:///tmp/x"]),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        event.ignore()
        pane.page.dragEnterEvent(event)
        assert not event.isAccepted()
        assert mime.hasUrls()

    async def test_files_fall_into_a_bucket_not_beside_one(self, pane):
        async def list_buckets():
            return [Bucket("a")]

        heard = Heard(pane.files_dropped)
        pane.open_buckets(list_buckets)
        await settle()
        view = pane.buckets
        assert not drop(view, drag(["file:///tmp/x"]), QPoint(300, 500))
        assert drop(
            view, drag(["file:///tmp/x"]), view.visualRect(view.model().index(0, 0)).center()
        )
        assert heard == [([Path("/tmp/x")], Prefix("a"))]


class TestLiveRows:
    @pytest.mark.parametrize("kind", ["table", "grid", "tree"])
    async def test_deleted_rows_go(self, pane, kind):
        getattr(pane, f"show_{kind}")()
        await opened(pane, mixed())
        pane.remove([Prefix("b", "top/f/"), Location("b", "top/a.txt"), Location("x", "top/b.png")])
        assert pane.status.shown == 2

    async def test_typing_goes_to_the_next_name(self, pane):
        await opened(pane, FakeListing(list(pages(50))))
        pane.table.setCurrentIndex(pane.table_model.index(3, 0))
        pane.table.keyboardSearch("k")
        assert pane.table.currentIndex().row() == 4
        pane.table.keyboardSearch("0000020")
        assert pane.table.currentIndex().row() == 20

    async def test_home_and_end_go_to_rows(self, pane, qtbot):
        await opened(pane, FakeListing(list(pages(50))))
        qtbot.keyClick(pane.table, KEY.Key_End)
        assert pane.table.currentIndex().row() == 49
        qtbot.keyClick(pane.table, KEY.Key_Home)
        assert pane.table.currentIndex().row() == 0

    async def test_rows_that_come_unseen_move_the_bar_and_paint_nothing(self, pane, qapp):
        await opened(pane, FakeListing(list(pages(*[60] * 12))))
        viewport = pane.table.viewport()
        for _ in range(5):
            qapp.processEvents()
        painted = Painted(viewport)
        pane.table_model.load_more()
        await settle()
        qapp.processEvents()
        assert pane.table.verticalScrollBar().maximum() == 660 * 24 - viewport.height()
        assert painted.count == 0
        pane.table.scrollToBottom()
        pane.table_model.load_more()
        await settle()
        qapp.processEvents()
        assert painted.count > 0


class Painted(QObject):
    """Counts how often a widget was painted."""

    def __init__(self, widget):
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched, event):
        self.count += event.type() is QEvent.Type.Paint
        return False
