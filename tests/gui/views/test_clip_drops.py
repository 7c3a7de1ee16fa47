"""Objects of our own over rows, steps of the way and empty folders: what falls where, and how."""

from __future__ import annotations

from array import array

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent

from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.gui.models.cells import KEYS_MIME
from s4desk.gui.models.clip_mime import ClipMime, clip_in
from s4desk.gui.views import file_drops
from s4desk.gui.views.crumbs import CrumbButton
from s4desk.gui.views.path_bar import PathBar
from s4desk.viewmodels.clip import Clip, Deed, bytes_of, deed_at
from s4desk.viewmodels.listing import Notice
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.selection import Selection
from tests.gui.models.fakes import FakeListing, no_icons, settle
from tests.gui.views.conftest import Heard, Sources
from tests.viewmodels.listings import TOP, page

HOME = ConnectionId("home")
NO_KEY = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
BOTH = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction


async def opened(pane) -> None:
    listing = FakeListing([page(["a.txt", "b.png"], ["f/", "g/"], sizes=[10, 20])])
    pane.open(TOP, Sources(listing))
    await settle()


def clip(*keys: str, folders: tuple[str, ...] = (), prefix: Prefix = TOP) -> Clip:
    objects = [Location(prefix.bucket, key) for key in keys]
    sizes, times = array("q", [1] * len(keys)), array("d", [0.0] * len(keys))
    chosen = [Prefix(prefix.bucket, folder) for folder in folders]
    return Clip(HOME, Selection(prefix, chosen, objects, sizes, times))


def judge(held: Clip, prefix: Prefix, asked: Deed | None) -> Deed | None:
    return deed_at(held, Place(HOME, prefix), asked)


def move(target, mime: QMimeData, at: QPoint, keys=NO_KEY) -> Qt.DropAction:
    """Enter and move there; the action that the pointer shows."""
    button = Qt.MouseButton.LeftButton
    target.dragEnterEvent(QDragEnterEvent(at, BOTH, mime, button, keys))
    moved = QDragMoveEvent(at, BOTH, mime, button, keys)
    target.dragMoveEvent(moved)
    return moved.dropAction() if moved.isAccepted() else Qt.DropAction.IgnoreAction


def drop(target, mime: QMimeData, at: QPoint, keys=NO_KEY) -> Qt.DropAction:
    move(target, mime, at, keys)
    fell = QDropEvent(QPointF(at), BOTH, mime, Qt.MouseButton.LeftButton, keys)
    fell.ignore()
    target.dropEvent(fell)
    return fell.dropAction() if fell.isAccepted() else Qt.DropAction.IgnoreAction


class TestRows:
    @pytest.fixture(params=["table", "grid"])
    async def table(self, pane, request):
        getattr(pane, f"show_{request.param}")()
        await opened(pane)
        pane.let_judge(judge)
        return getattr(pane, request.param)

    @staticmethod
    def at(table, row: int) -> QPoint:
        return table.visualRect(table.model().index(row, 0)).center()

    @pytest.mark.parametrize(
        ("keys", "deed", "action"),
        [
            (NO_KEY, Deed.MOVE, Qt.DropAction.MoveAction),
            (SHIFT, Deed.MOVE, Qt.DropAction.MoveAction),
            (CTRL, Deed.COPY, Qt.DropAction.CopyAction),
        ],
    )
    async def test_a_key_says_which(self, pane, table, keys, deed, action):
        heard = Heard(pane.clip_dropped)
        held = clip("top/a")
        mime = ClipMime(held)
        assert drop(table, mime, self.at(table, 1), keys) is action
        assert heard == [(held, Prefix("b", "top/g/"), deed)]

    async def test_beside_the_rows_is_into_the_folder_that_is_shown(self, pane, table):
        heard = Heard(pane.clip_dropped)
        below = table.viewport().rect().bottomLeft() + QPoint(20, -5)
        mime = ClipMime(clip("top/a"))
        assert drop(table, mime, below) is Qt.DropAction.IgnoreAction
        assert heard == []
        elsewhere = ClipMime(clip("x", prefix=Prefix("other")))
        assert drop(table, elsewhere, below) is Qt.DropAction.CopyAction
        assert heard[0][1:] == (TOP, Deed.COPY)

    async def test_a_folder_does_not_fall_into_itself(self, pane, table):
        mime = ClipMime(clip(folders=("top/g/",)))
        assert move(table, mime, self.at(table, 1)) is Qt.DropAction.IgnoreAction
        assert move(table, mime, self.at(table, 0)) is Qt.DropAction.MoveAction
        table.dragLeaveEvent(QDragLeaveEvent())

    async def test_a_drag_that_rests_on_a_folder_opens_it(self, pane, table, qtbot, monkeypatch):
        monkeypatch.setattr(file_drops, "SPRING_MS", 0)
        mime = ClipMime(clip("top/a"))
        with qtbot.waitSignal(pane.opened) as waited:
            move(table, mime, self.at(table, 1))
        assert waited.args == [Prefix("b", "top/g/")]
        table.dragLeaveEvent(QDragLeaveEvent())

    async def test_nothing_falls_where_nobody_judges(self, pane):
        await opened(pane)
        mime = ClipMime(clip("top/a"))
        assert drop(pane.table, mime, self.at(pane.table, 1)) is Qt.DropAction.IgnoreAction

    async def test_an_empty_folder_takes_it_too(self, pane):
        heard = Heard(pane.clip_dropped)
        pane.let_judge(judge)
        pane.page.show_notice(Notice("folder", "Empty", ""), TOP)
        mime = ClipMime(clip("x", prefix=Prefix("b")))
        assert drop(pane.page, mime, QPoint(5, 5), SHIFT) is Qt.DropAction.MoveAction
        assert heard[0][1:] == (TOP, Deed.MOVE)
        pane.page.show_notice(Notice("folder", "Nowhere", ""), None)
        assert drop(pane.page, mime, QPoint(5, 5)) is Qt.DropAction.IgnoreAction


def test_a_step_of_the_way_takes_it_and_a_connection_does_not(qapp, qtbot):
    bar = PathBar(no_icons)
    qtbot.addWidget(bar)
    bar.resize(600, 30)
    bar.let_judge(deed_at)
    bar.show_place(Place(HOME, Prefix("b", "top/g/")), "Home")
    heard = Heard(bar.clip_dropped)
    bar.show()
    steps = {step.label: step for step in bar.findChildren(CrumbButton)}
    mime = ClipMime(clip("top/g/a", prefix=Prefix("b", "top/g/")))
    assert drop(steps["top"], mime, QPoint(3, 3)) is Qt.DropAction.MoveAction
    assert heard[0][1:] == (Place(HOME, Prefix("b", "top/")), Deed.MOVE)
    assert drop(steps["g"], mime, QPoint(3, 3)) is Qt.DropAction.IgnoreAction
    assert not steps["Home"].acceptDrops()


def test_another_program_is_told_the_same_as_text():
    held = clip("top/a", folders=("top/\udcff/",))
    mime = ClipMime(held)
    assert clip_in(mime) is held
    other = QMimeData()
    other.setData(KEYS_MIME, mime.data(KEYS_MIME))
    assert clip_in(other) == held
    assert bytes(other.data(KEYS_MIME)) == bytes_of(held)


def test_files_are_there_once_they_are_here(tmp_path):
    mime = ClipMime(clip("top/a"))
    assert mime.hasUrls()
    assert (mime.urls(), mime.has_files) == ([], False)
    mime.offer([tmp_path / "ünï #?.txt"])
    assert [url.toLocalFile() for url in mime.urls()] == [str(tmp_path / "ünï #?.txt")]
    assert mime.has_files
