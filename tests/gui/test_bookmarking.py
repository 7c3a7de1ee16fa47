"""Bookmarks and recent places in the menus, on a store in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.identity import Prefix
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def words(menu: QMenu) -> list[str]:
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions()]


def test_a_bookmark_leads_back_also_after_the_next_start(desk, tmp_path):
    async def first(stage: Stage) -> None:
        await stage.show("a&b/c/d", "x", prefix="a&b/c/")
        act = stage.window.acts[Act.BOOKMARK]
        assert (words(stage.window.bookmark_menu), act.isChecked()) == (["No bookmarks yet"], False)
        stage.give(Act.BOOKMARK)
        await until(lambda: words(stage.window.bookmark_menu) == ["Home:photos/a&&b/c/"])
        assert act.isChecked()
        await stage.open()
        assert not act.isChecked()

    async def second(stage: Stage) -> None:
        await stage.show("a&b/c/d")
        await until(lambda: words(stage.window.bookmark_menu) == ["Home:photos/a&&b/c/"])
        stage.window.bookmark_menu.actions()[0].trigger()
        await stage.rested()
        assert stage.commands.browsing.place == Place(HOME, Prefix(BUCKET, "a&b/c/"))
        stage.give(Act.BOOKMARK)
        await until(lambda: words(stage.window.bookmark_menu) == ["No bookmarks yet"])

    perform(desk, first)
    perform(memory_desk(tmp_path / "home"), second)


def test_recent_places_are_the_last_ones_first_without_this_one(desk, tmp_path):
    async def first(stage: Stage) -> None:
        await stage.show("a/x", "b/x")
        for folder in ("a/", "b/", "a/"):
            await stage.open(folder)
        assert words(stage.window.recent_menu)[:2] == ["Home:photos/b/", "Home:photos/"]

    async def second(stage: Stage) -> None:
        await stage.show("a/x", "b/x", prefix="b/")
        assert words(stage.window.recent_menu)[0] == "Home:photos/a/"

    perform(desk, first)
    perform(memory_desk(tmp_path / "home"), second)
