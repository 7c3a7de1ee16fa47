"""The inspector beside the objects: one question for the one thing that is selected."""

from __future__ import annotations

import asyncio
import urllib.request
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QTextBrowser

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
)
from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import Attributes
from s4desk.gui.commands import inspecting
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tests.servers.endpoint import Endpoint


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def told(stage: Stage) -> str:
    return stage.window.inspector.findChild(QTextBrowser).toPlainText()


def spy(store: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> list[Location]:
    """Remember what a store is asked by this name."""
    asked: list[Location] = []
    real: Callable[..., Any] = getattr(store, name)

    async def ask(location: Location, **options: Any) -> Any:
        asked.append(location)
        return await real(location, **options)

    monkeypatch.setattr(store, name, ask)
    return asked


def read(url: str) -> bytes:
    """Follow a link, as anybody would."""
    with urllib.request.urlopen(url, timeout=10) as reply:
        body: bytes = reply.read()
        return body


def show(stage: Stage) -> None:
    stage.give(Act.SHOW_INSPECTOR)
    assert stage.window.inspector.isVisible()


def test_the_one_object_that_is_selected_is_told(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        attributes = Attributes(metadata={"who": "me"}, tags={"colour": "<b>red"})
        store = await stage.store()
        await store.put(Location(BUCKET, "dir/a.txt"), b"abc", attributes=attributes)
        await stage.show("dir/b.txt", "dir/c.txt", prefix="dir/")
        heads, tags = spy(store, "head", monkeypatch), spy(store, "get_tags", monkeypatch)
        stage.select("c.txt")
        assert not stage.window.inspector.isVisible()
        show(stage)
        stage.select("b.txt")
        for _ in range(10):
            await asyncio.sleep(0)
        stage.select("a.txt")
        await until(lambda: "<b>red" in told(stage))
        for words in ("dir/a.txt", "3 bytes", "colour", "who", "looks like the MD5"):
            assert words in told(stage)
        assert heads == tags == [Location(BUCKET, "dir/a.txt")]  # of what it ran past nothing
        stage.give(Act.SHOW_INSPECTOR)
        stage.select("b.txt")
        await asyncio.sleep(inspecting.SETTLED_S * 2)
        assert heads == [Location(BUCKET, "dir/a.txt")]

    perform(desk, story)


def test_what_cannot_be_read_says_why_in_its_place(desk, monkeypatch):
    async def refuse(location: Location, **_: object) -> None:
        raise PermissionDeniedError("no", operation="head", location=location)

    async def story(stage: Stage) -> None:
        await stage.show("a", "b")
        store = await stage.store()
        monkeypatch.setattr(store, "get_tags", refuse)
        show(stage)
        stage.select("a")
        await until(lambda: "Tags\n" in told(stage) and "may not" in told(stage))
        assert "looks like the MD5" in told(stage)
        monkeypatch.setattr(store, "head", refuse)
        stage.select("b")
        await until(lambda: "Not read" in told(stage))
        assert "s3://photos/b" in told(stage)
        assert stage.error == ""

    perform(desk, story)


def test_several_are_counted_and_nothing_is_the_folder(desk):
    async def story(stage: Stage) -> None:
        await stage.show("dir/a", "dir/b", prefix="dir/")
        show(stage)
        assert "dir/" in told(stage)
        stage.select("a", "b")
        sheet = stage.window.inspector.sheet
        assert (sheet.title, sheet.counts) == ("2 selected", "")
        assert "2 bytes" in told(stage)

    perform(desk, story)


def test_all_below_a_folder_is_counted_and_that_can_be_stopped(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        await stage.show(*(f"dir/{n}/x" for n in range(30)), data=b"xy")
        show(stage)
        stage.select("dir")
        button = stage.window.inspector.findChild(QPushButton)
        assert button.text() == "&Count All Below"
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        await until(lambda: "60 bytes" in told(stage) and button.text() == "&Count All Below")

        gate = asyncio.Event()
        store = await stage.store()

        async def wait(*_: object, **__: object) -> None:
            await gate.wait()

        monkeypatch.setattr(store, "list_objects", wait)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        await until(lambda: button.text() == "&Stop Counting")
        assert "Counting…" in told(stage)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        await until(lambda: "Stopped: there is more." in told(stage))
        assert button.text() == "&Count All Below"

    perform(desk, story)


def test_a_value_is_copied_as_it_is(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a\nb")
        show(stage)
        stage.select("a␊b")
        await until(lambda: "ETag" in told(stage))
        inspector = stage.window.inspector
        html = inspector.findChild(QTextBrowser).toHtml()
        assert html.count("copy:") >= 8
        inspector.findChild(QTextBrowser).anchorClicked.emit("copy:1")
        assert QGuiApplication.clipboard().text() == "a\nb"

    perform(desk, story)


def test_an_object_that_was_written_again_is_asked_again(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a", data=b"old")
        show(stage)
        stage.select("a")
        await until(lambda: "3 bytes" in told(stage) and "ETag" in told(stage))
        await stage.put("a", b"longer")
        stage.give(Act.REFRESH)
        await until(lambda: "6 bytes" in told(stage))

    perform(desk, story)


def test_it_is_kept_and_closed_by_its_button(desk, tmp_path):
    async def first(stage: Stage) -> None:
        await stage.show("a")
        assert not stage.window.inspector.isVisible()
        show(stage)

    async def second(stage: Stage) -> None:
        inspector = stage.window.inspector
        assert inspector.isVisible()
        assert stage.window.acts[Act.SHOW_INSPECTOR].isChecked()
        inspector.closed.emit()
        assert not inspector.isVisible()

    perform(desk, first)
    perform(memory_desk(tmp_path / "home"), second)


def test_a_real_store_tells_its_headers(
    desk, monkeypatch, moto: Endpoint, moto_bucket: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", moto.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", moto.secret_key)
    real = Connection(
        HOME,
        "Home",
        endpoint=moto.url,
        region=moto.region,
        addressing=Addressing.PATH,
        credentials=CredentialReference(CredentialKind.ENVIRONMENT),
    )

    async def story(stage: Stage) -> None:
        store = await stage.desk.stores.get(HOME)
        attributes = Attributes(content_type="text/plain", metadata={"who": "me"}, tags={"k": "v"})
        await store.put(Location(moto_bucket, "a.txt"), b"hello", attributes=attributes)
        stage.commands.browsing.go(Place(HOME, Prefix(moto_bucket)))
        await stage.rested()
        show(stage)
        stage.select("a.txt")
        await until(lambda: "content-length" in told(stage))
        for words in ("text/plain", "who", "Headers", f"{moto.url}/{moto_bucket}/a.txt"):
            assert words in told(stage)
        await until(lambda: "k\nv" in told(stage))
        inspector = stage.window.inspector
        inspector.findChild(QTextBrowser).anchorClicked.emit("offer:sign")
        await until(lambda: "Anybody who has it" in told(stage))
        links = next(s for s in inspector.sheet.sections if s.title == "Links")
        url = links.facts[-1].copied
        assert "X-Amz-Expires=3600" in url
        assert "secret" not in url
        assert await asyncio.to_thread(read, url) == b"hello"
        stage.give(Act.PREVIEW)
        panel = stage.commands.previewing._panel
        await until(lambda: panel.words() == "hello")

    perform(desk, story, connections=(real,))
