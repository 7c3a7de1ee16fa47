"""The tree at the side: what a click means, what a place reveals, where files may fall."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView

from s4desk.core.domain.errors import PermissionDeniedError, UnavailableError
from s4desk.core.domain.identity import Prefix
from s4desk.gui.assets import fusion_palette
from s4desk.gui.models.cells import KEYS_MIME
from s4desk.gui.models.connection_tree import ConnectionTreeModel
from s4desk.gui.views.connection_tree_view import ConnectionTreeView
from tests.gui.models.fake_tree import AWAY, HOME, FakeTreeSource, connection, place
from tests.gui.models.fakes import no_icons, settle

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def source():
    source = FakeTreeSource()
    source.folders[Prefix("b")] = [["x/", "y/"], ["z/"]]
    return source


@pytest.fixture
async def view(qtbot, source):
    model = ConnectionTreeModel(source, no_icons)
    model.show_connections([connection(), connection(AWAY, start_bucket="s")])
    view = ConnectionTreeView(model)
    view.told = []
    view.opened.connect(lambda place: view.told.append(("opened", place)))
    view.chosen.connect(lambda place: view.told.append(("chosen", place)))
    qtbot.addWidget(view)
    view.resize(300, 400)
    view.show()
    yield view
    await model.tasks.aclose()


async def expand(view, *path):
    index = view.model().find(place(*path))
    view.expand(index)
    lay_out(view, index)
    await settle()
    lay_out(view, index)
    view.told.clear()


async def read(view, *path):
    """Read a row without opening it."""
    view.model().fetchMore(view.model().find(place(*path)))
    await settle()
    view.told.clear()


async def reveal(view, *path):
    view.reveal(place(*path))
    await reveal_done(view)


async def reveal_done(view):
    for _level in range(4):
        lay_out(view, view.model().find(place()))
        await settle()


def lay_out(view, index):
    """Let the view ask for rows now rather than when Qt's own loop turns."""
    assert view.visualRect(index).isValid()


def click(view, index, button=LEFT):
    QTest.mouseClick(view.viewport(), button, pos=view.visualRect(index).center())


def child(view, row, *path):
    return view.model().index(row, 0, view.model().find(place(*path)))


def how(mime):
    return (Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier)


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("is_open", [False, True])
async def test_the_arrow_of_a_selected_row_can_be_seen(view, is_dark, is_open):
    view.setPalette(fusion_palette(is_dark=is_dark))
    await expand(view)
    row = view.model().find(place())
    view.setExpanded(row, is_open)
    view.setCurrentIndex(row)
    rect = view.visualRect(row)
    image = view.viewport().grab().toImage()
    inks = [
        image.pixelColor(x, y)
        for x in range(rect.left())
        for y in range(rect.top() + 2, rect.bottom() - 1)
    ]
    ground = image.pixelColor(rect.right() - 2, rect.center().y())
    assert max(each.lightness() for each in inks) - ground.lightness() > 60


class TestOpening:
    async def test_expanding_reads_and_does_not_open(self, view, source):
        opened = []
        view.opened.connect(opened.append)
        await expand(view)
        assert source.asked == [HOME]
        assert child(view, 1).data() == "c"
        assert opened == []

    async def test_a_click_opens_once_and_a_double_click_too(self, view):
        await expand(view)
        bucket = view.model().find(place("b"))
        click(view, bucket)
        assert view.told == [("chosen", place("b")), ("opened", place("b"))]
        view.told.clear()
        QTest.mouseDClick(view.viewport(), LEFT, pos=view.visualRect(bucket).center())
        assert view.told == []
        assert view.isExpanded(bucket)

    async def test_return_opens_the_current_row(self, view):
        await expand(view)
        view.setCurrentIndex(view.model().find(place("c")))
        view.told.clear()
        QTest.keyClick(view, Qt.Key.Key_Return)
        QTest.keyClick(view, Qt.Key.Key_Enter)
        assert view.told == [("opened", place("c"))] * 2

    async def test_a_connection_with_a_start_opens_there(self, view):
        click(view, view.model().find(place(id_=AWAY)))
        assert view.told[-1] == ("opened", place("s", id_=AWAY))

    async def test_a_note_does_what_it_offers(self, view):
        await expand(view)
        await expand(view, "b")
        more = child(view, 2, "b")
        assert more.data() == "Load more…"
        click(view, more)
        assert view.told == [("chosen", place("b"))]
        await settle()
        assert child(view, 2, "b").data() == "z"
        assert [word for word, _place in view.told] == ["chosen", "chosen"]

    async def test_an_error_is_tried_again_where_it_stands(self, view, source):
        source.buckets[HOME] = UnavailableError("cut")
        await expand(view)
        source.buckets[HOME] = ["b"]
        click(view, child(view, 1))
        await settle()
        assert child(view, 0).data() == "b"
        assert view.isExpanded(view.model().find(place()))

    async def test_another_address_stays_expanded(self, view, source):
        await expand(view)
        source.buckets[HOME] = ["new"]
        view.model().show_connections([connection(endpoint="http://other")])
        await settle()
        home = view.model().find(place())
        assert view.isExpanded(home)
        assert child(view, 0).data() == "new"
        assert view.visualRect(child(view, 0)).isValid()


class TestRevealing:
    async def test_the_row_of_a_place_becomes_the_current_one(self, view):
        await read(view)
        await read(view, "b")
        view.reveal(place("b", "y/deeper/"))
        assert view.currentIndex().data() == "y"
        assert view.isExpanded(view.model().find(place("b")))
        assert view.told == [("chosen", place("b", "y/"))]

    async def test_a_tree_that_is_hidden_opens_up_too(self, view):
        await read(view)
        await read(view, "b")
        view.hide()
        view.reveal(place("b", "y/"))
        assert view.isExpanded(view.model().find(place("b")))

    async def test_the_way_to_a_place_is_opened_and_read_a_page_each(self, view, source):
        source.folders[Prefix("b", "x/")] = [["x1/"], ["x2/"]]
        await reveal(view, "b", "x/x1/")
        assert view.currentIndex().data() == "x1"
        assert source.asked == [HOME, (Prefix("b"), 0), (Prefix("b", "x/"), 0)]
        await reveal(view, "b", "y/")
        assert view.currentIndex().data() == "y"
        assert len(source.asked) == 3
        assert not view.isExpanded(view.currentIndex())

    @pytest.mark.parametrize("closed", [(), ("b",)])
    async def test_what_a_person_closed_stays_closed_and_is_marked(self, view, source, closed):
        await reveal(view, "b", "x/")
        asked = list(source.asked)
        row = view.model().find(place(*closed))
        view.collapse(row)
        await reveal(view, "b", "y/")
        assert view.currentIndex() == row
        assert not view.isExpanded(row)
        view.expand(row)
        await reveal(view, "b", "x/")
        assert view.currentIndex().data() == "x"
        assert source.asked == asked

    async def test_a_list_of_buckets_is_opened_too(self, view, source):
        await reveal(view)
        assert (view.currentIndex().data(), source.asked) == ("Home", [HOME])

    async def test_a_level_that_may_not_be_read_is_marked(self, view, source):
        source.folders[Prefix("b")] = [PermissionDeniedError("no")]
        await reveal(view, "b", "x/y/")
        assert view.currentIndex().data() == "b"
        assert source.asked == [HOME, (Prefix("b"), 0)]

    async def test_a_person_who_went_elsewhere_is_not_called_back(self, view):
        view.reveal(place("b"))
        QTest.keyClick(view, Qt.Key.Key_Down)
        here = view.currentIndex().data()
        await reveal_done(view)
        assert view.currentIndex().data() == here

    async def test_a_row_that_leads_there_stays_the_current_one(self, view):
        away = view.model().find(place(id_=AWAY))
        view.expand(away)
        view.setCurrentIndex(away)
        view.reveal(place("s", id_=AWAY))
        assert view.currentIndex() == away

    async def test_an_unknown_connection_changes_nothing(self, view):
        view.setCurrentIndex(view.model().find(place()))
        view.reveal(place("b", id_="gone"))
        assert view.currentIndex().data() == "Home"


class TestMenu:
    async def test_rows_and_empty_space(self, view):
        await expand(view)
        asked = []
        view.menu_requested.connect(lambda place, position: asked.append((place, position)))
        reason = QContextMenuEvent.Reason.Mouse
        over = view.visualRect(view.model().find(place("b"))).center()
        for position in (over, QPoint(10, 390)):
            view.contextMenuEvent(QContextMenuEvent(reason, position, QPoint()))
        assert asked == [
            (place("b"), view.viewport().mapToGlobal(over)),
            (None, view.viewport().mapToGlobal(QPoint(10, 390))),
        ]

    async def test_the_keyboard_asks_about_the_current_row(self, view):
        view.setCurrentIndex(view.model().find(place()))
        asked = []
        view.menu_requested.connect(lambda place, _position: asked.append(place))
        keyboard = QContextMenuEvent.Reason.Keyboard
        view.contextMenuEvent(QContextMenuEvent(keyboard, QPoint(10, 390), QPoint()))
        assert asked == [place()]

    async def test_a_right_click_opens_nothing(self, view):
        click(view, view.model().find(place()), Qt.MouseButton.RightButton)
        assert view.told == [("chosen", place())]


class TestDrops:
    @pytest.fixture
    def files(self):
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile("/tmp/a b"), QUrl("http://x/y")])
        return mime

    @staticmethod
    def drop(view, mime, index):
        at = view.visualRect(index).center()
        is_welcome = TestDrops.hover(view, mime, at)
        fell = QDropEvent(QPointF(at), *how(mime), QEvent.Type.Drop)
        fell.ignore()
        view.dropEvent(fell)
        assert view.state() is QAbstractItemView.State.NoState
        return is_welcome, fell.isAccepted()

    @staticmethod
    def hover(view, mime, at):
        view.dragEnterEvent(QDragEnterEvent(at, *how(mime)))
        move = QDragMoveEvent(at, *how(mime))
        view.dragMoveEvent(move)
        return move.isAccepted()

    async def test_a_bucket_takes_files(self, view, files):
        await expand(view)
        dropped = []
        view.files_dropped.connect(lambda paths, place: dropped.append((paths, place)))
        assert self.drop(view, files, view.model().find(place("b"))) == (True, True)
        assert dropped == [([Path("/tmp/a b")], place("b"))]

    async def test_a_connection_does_not(self, view, files):
        dropped = []
        view.files_dropped.connect(lambda *each: dropped.append(each))
        assert self.drop(view, files, view.model().find(place())) == (False, False)
        assert dropped == []

    async def test_a_row_that_is_hovered_over_opens_up(self, view, files, qtbot):
        view.setAutoExpandDelay(0)
        home = view.model().find(place())
        over = view.visualRect(home).center()
        QCursor.setPos(view.viewport().mapToGlobal(over))
        self.hover(view, files, over)
        qtbot.waitUntil(lambda: view.isExpanded(home))
        view.dragLeaveEvent(QDragLeaveEvent())
        assert view.state() is QAbstractItemView.State.NoState
        await settle()

    async def test_our_own_drags_are_not_for_the_tree(self, view, files):
        await expand(view)
        files.setData(KEYS_MIME, b"1")
        assert self.drop(view, files, view.model().find(place("b"))) == (False, False)
