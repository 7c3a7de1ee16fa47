"""The grid: the same rows as pictures, and what is read for them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Attributes
from s4desk.gui.commands import thumbnailing
from s4desk.gui.main_window import MainWindow
from s4desk.gui.models.cells import META_ROLE
from s4desk.gui.views.picture_delegate import SIDE
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.ordering import Column
from tests.gui.stage import BUCKET, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from s4desk.gui.views.object_grid_view import ObjectGridView

KEY = Qt.Key
RED, BLUE = "#c03030", "#3060c0"


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def image_of(colour: str, format_: str = "png", width: int = 300, height: int = 200) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    assert image.save(buffer, format_)
    return bytes(buffer.data().data())


def grid_of(stage: Stage) -> ObjectGridView:
    assert stage.window is not None
    return stage.window.pane.grid


def picture(stage: Stage, name: str) -> QPixmap | None:
    """What is drawn for an object, None for its icon."""
    model = grid_of(stage).model()
    meta = model.index(stage.names().index(name), 0).data(META_ROLE)
    found: QPixmap | None = stage.commands.thumbnailing.picture(meta)
    return found


def colour(stage: Stage, name: str) -> str:
    found = picture(stage, name)
    assert found is not None
    return found.toImage().pixelColor(10, 10).name()


async def looked(stage: Stage) -> None:
    """Wait until the grid has said what is on the screen, and all of that is done."""
    told: list[object] = []
    grid = grid_of(stage)
    grid.looked_at.connect(lambda *said: told.append(said))
    grid.look_again()
    await until(lambda: told and not stage.commands.thumbnailing.is_busy)


def gets(store: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, str]]:
    """The key, the bytes and the condition of every GET."""
    asked: list[tuple[str, int, str]] = []
    real = store.get

    async def get(location: Location, sink: Any, **options: Any) -> Any:
        asked.append((location.key, options["span"].size, options["if_match"]))
        return await real(location, sink, **options)

    monkeypatch.setattr(store, "get", get)
    return asked


def test_images_are_seen_and_all_else_keeps_its_icon(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        red = image_of(RED)
        await stage.put("a.png", red)
        await stage.put("b.JPG", image_of(BLUE, "jpeg"))
        await stage.put("words.txt", b"just words")
        await stage.put("liar.png", b"no image at all")
        await stage.put("vector.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        await stage.show("album/x.png")
        asked = gets(await stage.store(), monkeypatch)
        assert not asked
        stage.give(Act.SHOW_GRID)
        await until(lambda: picture(stage, "a.png") and picture(stage, "b.JPG"))
        await looked(stage)
        assert colour(stage, "a.png") == RED
        assert max(picture(stage, "a.png").width(), picture(stage, "a.png").height()) == SIDE
        assert picture(stage, "liar.png") is None
        assert sorted(key for key, *_ in asked) == ["a.png", "b.JPG", "liar.png"]
        assert all(etag for *_, etag in asked)
        # Nothing is asked for twice, be it a picture or none.
        await looked(stage)
        assert len(asked) == 3

    perform(desk, story)


def test_an_object_that_was_written_anew_has_another_picture(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a.png", image_of(RED))
        await stage.open()
        stage.give(Act.SHOW_GRID)
        await until(lambda: picture(stage, "a.png"))
        await stage.put("a.png", image_of(BLUE))
        stage.give(Act.REFRESH)
        await until(lambda: picture(stage, "a.png") and colour(stage, "a.png") == BLUE)

    perform(desk, story)


def test_what_is_archived_costs_extra_or_is_too_large_is_not_read(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        store, red = await stage.store(), image_of(RED)
        for name, storage_class in (("cold", "GLACIER"), ("rare", "STANDARD_IA")):
            cold = Attributes(storage_class=storage_class)
            await store.put(Location(BUCKET, f"{name}.png"), red, attributes=cold)
        await stage.put("large.bmp", image_of(RED, "bmp"))
        await desk.settings.change(thumbnail_size=100_000)
        await stage.show("small.png", data=red)
        asked = gets(store, monkeypatch)
        stage.give(Act.SHOW_GRID)
        await until(lambda: picture(stage, "small.png"))
        await looked(stage)
        assert [key for key, *_ in asked] == ["small.png"]

        await stage.commands.preferring.change(thumbnail_fees=True)
        await until(lambda: picture(stage, "rare.png"))
        await looked(stage)
        assert [key for key, *_ in asked] == ["small.png", "rare.png"]

        await stage.commands.preferring.change(thumbnails=False)
        assert picture(stage, "small.png") is None
        await stage.put("more.png", red)
        stage.give(Act.REFRESH)
        await looked(stage)
        assert len(asked) == 2

    perform(desk, story)


def test_only_what_is_on_the_screen_is_read_a_few_at_a_time(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        red = image_of(RED, width=30, height=20)
        for number in range(300):
            await stage.put(f"{number:03}.png", red)
        await stage.open()
        store, waiting = await stage.store(), asyncio.Event()
        asked: list[str] = []
        ended: list[str] = []
        real = store.get

        async def get(location: Location, sink: Any, **options: Any) -> Any:
            asked.append(location.key)
            try:
                await waiting.wait()
            finally:
                ended.append(location.key)
            return await real(location, sink, **options)

        monkeypatch.setattr(store, "get", get)
        stage.give(Act.SHOW_GRID)
        await until(lambda: len(asked) == thumbnailing.AT_ONCE)
        assert asked == ["000.png", "001.png", "002.png", "003.png"]

        grid_of(stage).scrollToBottom()
        await until(lambda: len(ended) == thumbnailing.AT_ONCE)  # cancelled: nobody let them go
        await until(lambda: len(asked) == 2 * thumbnailing.AT_ONCE)
        assert min(asked[thumbnailing.AT_ONCE :]) > "200.png"
        waiting.set()
        await until(lambda: picture(stage, "299.png"))
        await looked(stage)
        assert len(asked) < 100
        assert picture(stage, "000.png") is None

        stage.give(Act.SHOW_TABLE)
        await until(lambda: not stage.commands.thumbnailing.is_busy)

    perform(desk, story)


def test_leaving_the_grid_ends_what_is_read(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        await stage.show("a.png", "dir/b.png", data=image_of(RED))
        store = await stage.store()
        begun, ended = asyncio.Event(), asyncio.Event()

        async def get(*_: Any, **__: Any) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        monkeypatch.setattr(store, "get", get)
        stage.give(Act.SHOW_GRID)
        await asyncio.wait_for(begun.wait(), 10)
        stage.give(Act.SHOW_TABLE)
        await asyncio.wait_for(ended.wait(), 10)

    perform(desk, story)


def test_a_store_that_refuses_is_left_alone(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        for number in range(30):
            await stage.put(f"{number:02}.png", image_of(RED))
        await stage.open()
        asked: list[str] = []

        async def get(location: Location, *_: Any, **__: Any) -> None:
            asked.append(location.key)
            await asyncio.sleep(0)
            raise PermissionDeniedError("no", operation="get", location=location)

        monkeypatch.setattr(await stage.store(), "get", get)
        stage.give(Act.SHOW_GRID)
        await until(lambda: asked)
        await looked(stage)
        await looked(stage)
        assert len(asked) <= thumbnailing.PATIENCE + thumbnailing.AT_ONCE
        assert stage.error == ""
        # Half a minute later it may have changed its mind.
        before = len(asked)
        later = time.monotonic() + thumbnailing.REST_S
        monkeypatch.setattr(stage.commands.thumbnailing._clock, "monotonic", lambda: later)
        await looked(stage)
        assert len(asked) > before

    perform(desk, story)


def test_what_is_gone_is_asked_for_once_and_is_no_refusal(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        gone = [f"{number}.png" for number in range(thumbnailing.PATIENCE + 2)]
        for name in gone:
            await stage.put(name, image_of(RED))
        await stage.show("last.png", data=image_of(RED))
        store = await stage.store()
        for name in gone:
            await store.delete(Location(BUCKET, name))
        asked = gets(store, monkeypatch)
        stage.give(Act.SHOW_GRID)
        await until(lambda: picture(stage, "last.png"))
        await looked(stage)
        await looked(stage)
        assert len(asked) == len(gone) + 1

    perform(desk, story)


def test_nothing_is_decoded_that_is_not_trusted_whatever_it_is_called(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        await stage.put("is-tiff.png", image_of(RED, "tiff"))
        await stage.show("is-png.gif", data=image_of(RED))
        stage.give(Act.SHOW_GRID)
        await until(lambda: picture(stage, "is-png.gif"))
        await looked(stage)
        assert picture(stage, "is-tiff.png") is None

    perform(desk, story)


def test_the_window_is_closed_while_something_is_read(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        for number in range(10):
            await stage.put(f"{number}.png", image_of(RED))
        await stage.open()
        asked: list[str] = []

        async def get(location: Location, *_: Any, **__: Any) -> None:
            asked.append(location.key)
            await asyncio.Event().wait()

        monkeypatch.setattr(await stage.store(), "get", get)
        stage.give(Act.SHOW_GRID)
        await until(lambda: len(asked) == thumbnailing.AT_ONCE)

    perform(desk, story)  # nothing is left behind: the guards look


def test_it_has_the_rows_the_order_and_the_selection_of_the_table(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a.txt", b"xxx")
        await stage.put("b.txt", b"x")
        await stage.show("c.txt", data=b"xx")
        pane = stage.window.pane
        pane.table.sortByColumn(Column.SIZE, Qt.SortOrder.AscendingOrder)
        stage.select("a.txt", "c.txt")
        stage.give(Act.SHOW_GRID)
        assert (pane.grid.isVisible(), pane.table.isVisible()) == (True, False)
        assert [pane.grid.model().index(row, 0).data() for row in range(3)] == [
            "b.txt",
            "c.txt",
            "a.txt",
        ]
        assert sorted(entry.key for entry in pane.selection().objects) == ["a.txt", "c.txt"]
        assert stage.window.acts[Act.DELETE].isEnabled()
        pane.show_filter()
        pane.filter_bar.changed.emit("b")
        assert stage.names() == ["b.txt"]

    perform(desk, story)


def test_keys_move_type_ahead_open_and_go_up(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*(f"{letter}.txt" for letter in "abcdefghijkl"), "zoo/x.txt")
        stage.give(Act.SHOW_GRID)
        pane, grid = stage.window.pane, grid_of(stage)
        pane.focus_rows()
        assert stage.window.focusWidget() is grid
        columns = grid.cells().columns
        assert columns > 2
        QTest.keyClick(grid, KEY.Key_Home)
        QTest.keyClick(grid, KEY.Key_Right)
        QTest.keyClick(grid, KEY.Key_Down)
        assert grid.currentIndex().row() == 1 + columns
        QTest.keyClick(grid, KEY.Key_End)
        assert grid.currentIndex().row() == 12
        QTest.keyClick(grid, KEY.Key_Home)
        QTest.keyClick(grid, KEY.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert len(pane.summary) == 2
        QTest.keyClick(grid, KEY.Key_D)
        assert grid.currentIndex().data() == "d.txt"
        QTest.keyClick(grid, KEY.Key_Home)
        QTest.keyClick(grid, KEY.Key_Return)
        await until(lambda: stage.commands.browsing.place.prefix.prefix == "zoo/")
        await stage.rested()
        assert grid.isVisible()
        QTest.keyClick(grid, KEY.Key_Backspace)
        await until(lambda: stage.commands.browsing.place.prefix.prefix == "")
        await until(lambda: grid.currentIndex().data() == "zoo")

    perform(desk, story)


def test_the_space_bar_previews_and_arrows_go_on(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a.txt", b"first")
        await stage.show("b.txt", data=b"second")
        stage.give(Act.SHOW_GRID)
        stage.select("a.txt")
        stage.window.pane.focus_rows()
        QTest.keyClick(grid_of(stage), KEY.Key_Space)
        panel = stage.commands.previewing._panel
        await until(lambda: panel.words() == "first")
        QTest.keyClick(stage.window.focusWidget(), KEY.Key_Down)
        await until(lambda: panel.words() == "second")
        panel.left.emit()
        assert stage.window.focusWidget() is grid_of(stage)

    perform(desk, story)


def test_a_name_is_edited_in_its_cell(desk):
    async def story(stage: Stage) -> None:
        await stage.show("old.txt")
        stage.give(Act.SHOW_GRID)
        stage.select("old.txt")
        stage.window.pane.focus_rows()
        stage.give(Act.RENAME)
        grid = grid_of(stage)
        editor = grid.indexWidget(grid.currentIndex())
        assert isinstance(editor, QLineEdit)
        assert grid.visualRect(grid.currentIndex()).contains(editor.geometry())
        editor.setText("new.txt")
        QTest.keyClick(editor, KEY.Key_Return)
        await until(lambda: stage.names() == ["new.txt"])

    perform(desk, story)


def test_it_is_chosen_again_at_the_next_start(desk):
    async def first(stage: Stage) -> None:
        await stage.show("a.txt")
        stage.give(Act.SHOW_GRID)

    async def second(stage: Stage) -> None:
        await stage.show("a.txt")
        assert isinstance(stage.window, MainWindow)
        assert stage.window.acts[Act.SHOW_GRID].isChecked()
        assert grid_of(stage).isVisible()

    perform(desk, first)
    perform(memory_desk(desk.folders.config.parent), second)


def test_cells_have_names_for_who_does_not_see_them(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", "b.txt")
        stage.give(Act.SHOW_GRID)
        interface = QAccessible.queryAccessibleInterface(grid_of(stage))
        assert interface.text(QAccessible.Text.Name) == "Objects as a grid"
        # A list with one child for each object, not for each column.
        assert interface.role() is QAccessible.Role.List
        children = [interface.child(at) for at in range(interface.childCount())]
        assert [each.text(QAccessible.Text.Name) for each in children] == ["a.txt", "b.txt"]
        rect = grid_of(stage).visualRect(grid_of(stage).model().index(1, 0))
        point = grid_of(stage).viewport().mapToGlobal(rect.center())
        cell = interface.childAt(point.x(), point.y())
        assert cell.text(QAccessible.Text.Name) == "b.txt"

    perform(desk, story)


def test_it_is_sorted_by_commands(desk):
    async def story(stage: Stage) -> None:
        acts = stage.window.acts
        assert acts[Act.SORT_BY_SIZE].statusTip() == "Open a bucket first."
        await stage.put("a.txt", b"xxx")
        await stage.put("b.txt", b"x")
        await stage.show("c.txt", data=b"xx")
        stage.give(Act.SHOW_GRID)
        assert acts[Act.SORT_BY_NAME].isChecked()
        stage.give(Act.SORT_BY_SIZE)
        assert stage.names() == ["b.txt", "c.txt", "a.txt"]
        assert acts[Act.SORT_BY_SIZE].isChecked()
        stage.give(Act.SORT_DESCENDING)
        assert stage.names() == ["a.txt", "c.txt", "b.txt"]
        assert acts[Act.SORT_DESCENDING].isChecked()
        stage.give(Act.SHOW_TABLE)
        header = stage.window.pane.table.horizontalHeader()
        assert header.sortIndicatorSection() == Column.SIZE
        header.setSortIndicator(Column.NAME, Qt.SortOrder.AscendingOrder)
        assert acts[Act.SORT_BY_NAME].isChecked()
        assert not acts[Act.SORT_DESCENDING].isChecked()
        stage.give(Act.SHOW_TREE)
        await stage.rested()
        stage.give(Act.SORT_DESCENDING)
        assert acts[Act.SORT_DESCENDING].isChecked()

    perform(desk, story)


def test_a_part_of_a_listing_is_not_sorted_and_the_ticks_say_so(desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        for number in range(12):
            await store.put(Location(BUCKET, f"{number}.txt"), b"x" * (20 - number))
        await stage.open()
        stage.give(Act.SHOW_GRID)
        # As after the first pages of many.
        stage.window.pane.table_model._columns.is_complete = False
        stage.give(Act.SORT_BY_SIZE)
        assert stage.names()[0] == "0.txt"
        assert stage.window.acts[Act.SORT_BY_NAME].isChecked()

    perform(desk, story)


def test_the_menu_beside_the_cells_sorts(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a.txt", b"xxx")
        await stage.show("b.txt", data=b"x")
        stage.give(Act.SHOW_GRID)
        pane = stage.window.pane
        pane.menu_requested.emit(pane.selection(), QPoint(0, 0))
        await until(QApplication.activePopupWidget)
        popup = QApplication.activePopupWidget()
        (sort,) = [each.menu() for each in popup.actions() if each.menu() is not None]
        by_size = next(each for each in sort.actions() if each.objectName() == Act.SORT_BY_SIZE)
        popup.close()
        by_size.trigger()
        assert stage.names() == ["b.txt", "a.txt"]

    perform(desk, story)
