"""Typing a place, and what is offered meanwhile, on a store in memory."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCompleter

from s4desk.core.domain.errors import UnreachableError
from s4desk.core.domain.identity import Prefix
from s4desk.gui.views.path_bar import PlaceEdit
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until

KEYS = ("2024/june/a", "2024/july/b", "2025/c", "x")


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def line(stage: Stage) -> PlaceEdit:
    return stage.window.path_bar.findChild(PlaceEdit)


def offered(stage: Stage) -> list[str]:
    completer = line(stage).completer()
    assert isinstance(completer, QCompleter)
    model = completer.completionModel()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


async def type_in(stage: Stage, text: str, *found: str) -> None:
    QTest.keyClicks(line(stage), text)
    await until(lambda: offered(stage) == list(found))


def test_connections_buckets_and_folders_are_offered_as_they_are_typed(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)
        stage.give(Act.GO_TO)
        line(stage).clear()
        await type_in(stage, "Ho", "Home:")
        await type_in(stage, "me:", "Home:photos/")
        below = ("Home:photos/2024/", "Home:photos/2025/", "Home:photos/x")
        await type_in(stage, "photos/", *below)
        await type_in(stage, "2024/ju", "Home:photos/2024/july/", "Home:photos/2024/june/")
        await type_in(stage, "n", "Home:photos/2024/june/")

    perform(desk, story)


def test_return_goes_to_what_is_chosen(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)
        stage.give(Act.GO_TO)
        line(stage).clear()
        await type_in(stage, "photos/2024", "photos/2024/")
        popup = line(stage).completer().popup()
        assert popup.isVisible()
        QTest.keyClick(popup, Qt.Key.Key_Down)
        QTest.keyClick(popup, Qt.Key.Key_Return)
        await stage.rested()
        assert stage.commands.browsing.place == Place(HOME, Prefix(BUCKET, "2024/"))
        assert not popup.isVisible()

    perform(desk, story)


def test_a_click_completes_and_offers_what_is_below(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)
        stage.give(Act.GO_TO)
        line(stage).clear()
        await type_in(stage, "photos/2024", "photos/2024/")
        popup = line(stage).completer().popup()
        first = popup.visualRect(popup.model().index(0, 0)).center()
        QTest.mouseClick(popup.viewport(), Qt.MouseButton.LeftButton, pos=first)
        assert line(stage).text() == "photos/2024/"
        await until(lambda: offered(stage) == ["photos/2024/july/", "photos/2024/june/"])

    perform(desk, story)


def test_objects_are_offered_too(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS, "2025-plan.txt")
        stage.give(Act.GO_TO)
        line(stage).clear()
        await type_in(stage, "photos/2025", "photos/2025/", "photos/2025-plan.txt")

    perform(desk, story)


def test_a_store_that_fails_offers_nothing(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)

        async def fail(*_: object, **__: object) -> None:
            raise UnreachableError("away")

        monkeypatch.setattr(await stage.store(), "list_objects", fail)
        stage.give(Act.GO_TO)
        line(stage).clear()
        await type_in(stage, "photos", "photos/")
        QTest.keyClicks(line(stage), "/20")
        await until(lambda: not offered(stage))
        assert not stage.error

    perform(desk, story)
