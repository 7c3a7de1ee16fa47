"""The space bar: an object is looked at, and nothing of it is left anywhere."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QSize, Qt, QUrl
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QTableView, QTextBrowser

from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Attributes
from s4desk.gui.models.json_tree import JsonTreeModel
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.viewmodels import preview
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.json_tree import tree_of
from tests.gui.real_store import connection_to, go
from tests.gui.stage import BUCKET, Stage, memory_desk, perform, until
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from typing import Any

    from tests.servers.endpoint import Endpoint

KEY = Qt.Key


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def card(stage: Stage) -> PreviewPanel:
    return stage.window.findChild(PreviewPanel)


def key(stage: Stage, key_: Qt.Key) -> None:
    """Type into whatever has the keyboard."""
    QTest.keyClick(stage.window.focusWidget() or stage.window, key_)


def png(width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#306090"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    assert image.save(buffer, "png")
    return bytes(buffer.data().data())


async def looked_at(stage: Stage, name: str, words: str) -> None:
    stage.select(name)
    stage.window.pane.focus_rows()
    key(stage, KEY.Key_Space)
    await until(lambda: card(stage).isVisible() and words in card(stage).words())


def gets(store: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, str]]:
    """The key, the bytes and the condition of every GET."""
    asked: list[tuple[str, int, str]] = []
    real = store.get

    async def get(location: Location, sink: Any, **options: Any) -> Any:
        asked.append((location.key, options["span"].size, options["if_match"]))
        assert "version" not in options  # that takes a right of its own
        return await real(location, sink, **options)

    monkeypatch.setattr(store, "get", get)
    return asked


def test_space_shows_arrows_go_on_and_space_ends_it(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        await stage.put("a.txt", b"first")
        await stage.put("b.txt", b"second")
        await stage.show("c/x")
        asked = gets(await stage.store(), monkeypatch)
        await looked_at(stage, "a.txt", "first")
        key(stage, KEY.Key_Down)
        await until(lambda: card(stage).words() == "second")
        key(stage, KEY.Key_Down)  # there is no further one
        key(stage, KEY.Key_Up)
        await until(lambda: card(stage).words() == "first")
        key(stage, KEY.Key_Up)  # above there is only a folder
        assert stage.window.pane.current_object == Location(BUCKET, "a.txt")
        key(stage, KEY.Key_Space)
        assert not card(stage).isVisible()
        assert stage.window.focusWidget() is stage.window.pane.table
        key(stage, KEY.Key_Space)
        await until(lambda: card(stage).words() == "first")
        key(stage, KEY.Key_Escape)
        assert not card(stage).isVisible()
        assert [(name, size) for name, size, _ in asked] == [
            ("a.txt", 5),
            ("b.txt", 6),
            ("a.txt", 5),
            ("a.txt", 5),
        ]
        assert all(etag for *_, etag in asked)

    perform(desk, story)


def test_only_the_begin_of_a_large_text_is_fetched(desk, monkeypatch):
    monkeypatch.setattr("s4desk.gui.commands.previewing.TEXT_LIMIT", 1000)

    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=b"word " * 1000)
        asked = gets(await stage.store(), monkeypatch)
        await looked_at(stage, "a.txt", "word")
        assert [size for _, size, _ in asked] == [1000]
        assert card(stage).notes == "The first 1000 B of 4.9 KiB are shown."

    perform(desk, story)


def test_an_encoding_is_chosen(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data="Привет, мир".encode("cp1251"))
        await looked_at(stage, "a.txt", "Привет, мир")
        choice = card(stage).findChild(QComboBox)
        assert choice.itemText(0) == "Guessed: Cyrillic (Windows-1251)"
        at = choice.findData("cp1252")
        choice.setCurrentIndex(at)
        choice.activated.emit(at)
        await until(lambda: card(stage).words() == "Ïðèâåò, ìèð")

    perform(desk, story)


def test_a_table_and_markdown_that_fetches_nothing(desk):
    async def story(stage: Stage) -> None:
        await stage.put("t.csv", b"a,b\n1,2\n")
        await stage.put("r.md", b"# Title\n\n![x](file:///etc/hostname) [link](http://127.0.0.1:9)")
        await stage.open()
        stage.select("t.csv")
        stage.give(Act.PREVIEW)
        table = card(stage).findChild(QTableView)
        await until(lambda: table.isVisible())
        assert table.model().index(0, 1).data() == "2"
        stage.select("r.md")
        await until(lambda: "Title" in card(stage).words())
        markdown = card(stage).findChild(QTextBrowser)
        assert markdown.isVisible()
        assert markdown.loadResource(2, QUrl("file:///etc/hostname")) is None
        markdown.anchorClicked.emit(QUrl("http://127.0.0.1:9"))
        assert "Title" in markdown.toPlainText()

    perform(desk, story)


def test_images_are_drawn_and_large_ones_asked_about(desk, monkeypatch):
    data = png(300, 200)
    monkeypatch.setattr("s4desk.gui.commands.previewing.TEXT_LIMIT", 64)
    monkeypatch.setattr("s4desk.gui.commands.previewing.STEP", 200)

    async def story(stage: Stage) -> None:
        await stage.put("a.png", data)
        await stage.put("bad.png", data[:50])
        await stage.put("not.png", b"just words")
        await stage.open()
        asked = gets(await stage.store(), monkeypatch)
        stage.select("a.png")
        stage.give(Act.PREVIEW)
        view = card(stage).image_view
        await until(lambda: view.isVisible() and view.image.size() == QSize(300, 200))
        assert sum(size for _, size, _ in asked) == len(data)
        stage.select("bad.png")
        await until(lambda: "damaged" in card(stage).words())
        stage.select("not.png")
        await until(lambda: card(stage).words() == "just words")

        monkeypatch.setattr(preview, "IMAGE_LIMIT", 100)
        stage.select("a.png")
        await until(lambda: "This image is large" in card(stage).words())
        button = next(b for b in card(stage).findChildren(QPushButton) if b.isVisible())
        assert button.text() == "Load Anyway"
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        await until(lambda: view.isVisible())

    perform(desk, story)


def test_an_archived_object_is_not_fetched(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        cold = Attributes(storage_class="GLACIER")
        await store.put(Location(BUCKET, "cold"), b"x", attributes=cold)
        await stage.show("empty", data=b"")
        asked = gets(store, monkeypatch)
        await looked_at(stage, "cold", "archived (GLACIER)")
        stage.select("empty")
        await until(lambda: card(stage).words() == "It is empty.")
        assert asked == []

    perform(desk, story)


def test_an_object_that_changes_meanwhile_is_not_mixed(desk, monkeypatch):
    monkeypatch.setattr("s4desk.gui.commands.previewing.TEXT_LIMIT", 64)

    async def story(stage: Stage) -> None:
        await stage.show("a.png", data=png(300, 200))
        store = await stage.store()
        real = store.get

        async def get(location: Location, sink: Any, **options: Any) -> Any:
            reply = await real(location, sink, **options)
            await store.put(location, b"x" * 5000)
            return reply

        monkeypatch.setattr(store, "get", get)
        stage.select("a.png")
        stage.give(Act.PREVIEW)
        await until(lambda: "meanwhile" in card(stage).words())
        button = next(b for b in card(stage).findChildren(QPushButton) if b.isVisible())
        assert button.text() == "Try Again"
        monkeypatch.setattr(store, "get", real)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        await until(lambda: card(stage).words().startswith("xxx"))

    perform(desk, story)


def test_what_is_being_fetched_ends_with_the_preview(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt")
        store = await stage.store()
        begun, ended = asyncio.Event(), asyncio.Event()

        async def get(*_: Any, **__: Any) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        monkeypatch.setattr(store, "get", get)
        stage.select("a.txt")
        stage.give(Act.PREVIEW)
        await asyncio.wait_for(begun.wait(), 10)
        card(stage).left.emit()
        await asyncio.wait_for(ended.wait(), 10)

    perform(desk, story)


def test_it_is_for_objects_only(desk):
    async def story(stage: Stage) -> None:
        await stage.show("dir/a", "b")
        act = stage.window.acts[Act.PREVIEW]
        assert (act.isEnabled(), act.statusTip()) == (False, "Select an object.")
        stage.select("dir")
        assert not act.isEnabled()
        stage.select("b")
        assert act.isEnabled()
        stage.give(Act.PREVIEW)
        await until(lambda: card(stage).words() == "x")
        stage.commands.browsing.go(stage.commands.browsing.place.parent)
        await until(lambda: not card(stage).isVisible())
        assert QApplication.activeModalWidget() is None

    perform(desk, story)


JSON = b'{"name": "s4desk", "parts": [1, {"deep": true}], "empty": {}}'


def test_json_is_folded_and_gone_through_by_keys(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.json", "b.json", data=JSON)
        await looked_at(stage, "a.json", "deep")
        panel = card(stage)
        tree = panel._tree
        await until(lambda: tree.hasFocus())
        model = tree.model()
        assert [model.index(row, 0).data() for row in range(model.rowCount())] == [
            "name",
            "parts",
            "empty",
        ]
        assert model.index(1, 1).data() == "[2 entries]"
        assert model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "parts: [2 entries]"
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down):
            QTest.keyClick(tree, key)
        assert tree.currentIndex().siblingAtColumn(1).data() == "{1 entry}"
        QTest.keyClick(tree, Qt.Key.Key_Right)
        QTest.keyClick(tree, Qt.Key.Key_Down)
        assert tree.currentIndex().data() == "deep"
        panel.findChild(QPushButton, "as-text").click()
        assert '"deep": true' in panel._stack.currentWidget().toPlainText()
        panel.findChild(QPushButton, "as-text").click()
        title = panel._title.text()
        tree.setFocus()
        QTest.keyClick(tree, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: panel._title.text() != title)

    perform(desk, story)


def test_at_the_ends_of_a_tree_the_arrows_lead_to_the_next_object(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.json", "b.json", data=b'{"one": 1, "two": 2}')
        await looked_at(stage, "a.json", "one")
        panel = card(stage)
        tree, title = panel._tree, panel._title.text()
        await until(lambda: tree.hasFocus())
        QTest.keyClick(tree, Qt.Key.Key_Down)
        assert (tree.currentIndex().data(), panel._title.text()) == ("two", title)
        QTest.keyClick(tree, Qt.Key.Key_Down)
        await until(lambda: panel._title.text() != title)
        await until(lambda: tree.currentIndex().data() == "one")
        QTest.keyClick(tree, Qt.Key.Key_Up)
        await until(lambda: panel._title.text() == title)

    perform(desk, story)


def test_the_tree_keeps_what_a_model_promises(qtmodeltester, qapp):
    model = JsonTreeModel()
    model.show_value(tree_of(JSON.decode()))
    qtmodeltester.check(model)


def parquet(rows: int) -> bytes:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    file = io.BytesIO()
    table = pa.table({"at": list(range(rows)), "pad": [os.urandom(64) for _ in range(rows)]})
    pq.write_table(table, file, compression="none", use_dictionary=False)
    return file.getvalue()


def test_rows_of_parquet_are_read_by_ranges(desk, monkeypatch):
    data = parquet(80_000)

    async def story(stage: Stage) -> None:
        await stage.show("a.parquet", data=data)
        asked = gets(await stage.store(), monkeypatch)
        await looked_at(stage, "a.parquet", "")
        table = card(stage)._table
        await until(table.isVisible)
        assert table.model().rowCount() == 200
        assert table.model().headerData(0, Qt.Orientation.Horizontal) == "at (int64)"
        assert "80" in card(stage).notes
        assert not card(stage).findChild(QPushButton, "edit").isVisible()
        assert sum(size for _, size, _ in asked) < len(data) // 2
        assert all(condition for *_, condition in asked)

    perform(desk, story)


def test_a_real_store_is_read_by_ranges(desk, endpoint: Endpoint, bucket: str, monkeypatch):
    data = parquet(30_000)
    with s3_client(endpoint) as client:
        client.put_object(Bucket=bucket, Key="a.parquet", Body=data)

    async def story(stage: Stage) -> None:
        await go(stage, bucket)
        await looked_at(stage, "a.parquet", "")
        table = card(stage)._table
        await until(table.isVisible)
        assert (table.model().rowCount(), table.model().index(199, 0).data()) == (200, "199")

    perform(desk, story, connections=(connection_to(endpoint, monkeypatch),))


def test_parquet_that_is_left_is_fetched_no_further(desk, monkeypatch):
    data = parquet(80_000)

    async def story(stage: Stage) -> None:
        await stage.show("a.parquet", data=data)
        store = await stage.store()
        real, asked, gate = store.get, [], asyncio.Event()

        async def get(location: Location, sink: Any, **options: Any) -> Any:
            asked.append(options["span"].offset)
            if len(asked) > 1:
                await gate.wait()
            return await real(location, sink, **options)

        monkeypatch.setattr(store, "get", get)
        await looked_at(stage, "a.parquet", "")
        await until(lambda: len(asked) == 2)
        running = stage.commands.previewing._running
        key(stage, KEY.Key_Space)
        await until(running.done)
        gate.set()
        assert len(asked) == 2
        assert not card(stage).isVisible()

    perform(desk, story)


def pdf(pages: int) -> bytes:
    pypdfium2 = pytest.importorskip("pypdfium2")
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 300)
    file = io.BytesIO()
    document.save(file)
    document.close()
    return file.getvalue()


def test_the_first_page_of_a_document_is_drawn(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a.pdf", pdf(3))
        await stage.put("b.pdf", b"%PDF-1.7 and nothing else")
        await stage.show("z")
        await looked_at(stage, "a.pdf", "")
        panel = card(stage)
        await until(lambda: panel._stack.currentWidget() is panel.image_view)
        assert panel.notes == "The first of 3 pages."
        assert not panel.findChild(QPushButton, "edit").isVisible()
        key(stage, KEY.Key_Down)
        await until(lambda: "protected or damaged" in panel.words())

    perform(desk, story)


def test_drawing_ends_with_the_preview(desk, monkeypatch):
    endless = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr("s4desk.gui.bridge.pdf.command", lambda: endless)

    async def story(stage: Stage) -> None:
        await stage.show("a.pdf", data=pdf(1))
        await looked_at(stage, "a.pdf", "Drawing")
        running = stage.commands.previewing._running
        key(stage, KEY.Key_Space)
        await until(running.done)
        assert not card(stage).isVisible()

    perform(desk, story)
