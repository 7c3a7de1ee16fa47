"""Typing, or pasting, the way to an object: its folder opens, and it is selected there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import UnreachableError
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.gui.commands import going_to
from s4desk.gui.views.path_bar import PlaceEdit
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until

KEYS = ("2024/a.txt", "2024/a.txt.bak", "2024/b.txt", "x")


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def submit(stage: Stage, text: str) -> None:
    stage.give(Act.GO_TO)
    line = stage.window.path_bar.findChild(PlaceEdit)
    line.clear()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def current(stage: Stage) -> str:
    return stage.window.pane.current_name


def notes(stage: Stage) -> list[str]:
    labels = stage.window.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisible() and "add one" in label.text()]


@pytest.mark.parametrize("typed", ["s3://photos/2024/a.txt", "Home:photos/2024/a.txt"])
def test_an_object_is_selected_in_its_folder(desk, typed):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)
        submit(stage, typed)
        await until(lambda: current(stage) == "a.txt")
        assert stage.commands.browsing.place == Place(HOME, Prefix(BUCKET, "2024/"))
        assert not stage.window.path_bar.is_editing
        submit(stage, typed.replace("a.txt", "b.txt"))
        await until(lambda: current(stage) == "b.txt")

    perform(desk, story)


@pytest.mark.parametrize("typed", ["s3://photos/2024", "photos/2024/"])
def test_a_folder_is_opened_with_its_slash_or_without(desk, typed):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)
        submit(stage, typed)
        wanted = Place(HOME, Prefix(BUCKET, "2024/"))
        await until(lambda: stage.commands.browsing.place == wanted)

    perform(desk, story)


def test_a_store_that_does_not_say_shows_the_folder(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)

        async def fail(*_: object, **__: object) -> None:
            raise UnreachableError("away")

        monkeypatch.setattr(await stage.store(), "list_objects", fail)
        submit(stage, "photos/2024/a.txt")
        wanted = Place(HOME, Prefix(BUCKET, "2024/a.txt/"))
        await until(lambda: stage.commands.browsing.place == wanted)

    perform(desk, story)


def test_who_went_elsewhere_meanwhile_stays_there(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)
        submit(stage, "photos/2024/a.txt")
        await stage.open("2025/")
        await stage.rested()
        assert stage.commands.browsing.place == Place(HOME, Prefix(BUCKET, "2025/"))

    perform(desk, story)


def test_a_web_address_leads_to_its_object(desk, monkeypatch):
    def place_of_url(url: str, connections: list[Connection]) -> tuple[Connection, Prefix]:
        """A store in memory has no web address."""
        assert url == "https://s3.test/photos/2024/a.txt?X-Amz-Expires=9"
        return connections[0], Prefix(BUCKET, "2024/a.txt")

    monkeypatch.setattr(going_to, "place_of_url", place_of_url)

    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)
        submit(stage, "https://s3.test/photos/2024/a.txt?X-Amz-Expires=9 ")
        await until(lambda: current(stage) == "a.txt")
        assert stage.commands.browsing.place == Place(HOME, Prefix(BUCKET, "2024/"))

    perform(desk, story)


def test_a_web_address_of_nobody_is_said(desk):
    async def story(stage: Stage) -> None:
        await desk.connections.add(Connection(ConnectionId("c"), "C", "http://localhost:9"))
        await stage.show(*KEYS)
        submit(stage, "https://x.test:99/photos/a")
        assert notes(stage) == [
            "No connection leads to x.test:99: add one, or type NAME:bucket/folder."
        ]
        assert stage.window.path_bar.is_editing

    perform(desk, story)
