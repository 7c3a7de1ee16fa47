"""Tabs in the window: opened, gone through, dropped on, and there again after a restart."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from s4desk.core.domain.identity import Prefix
from s4desk.gui.views.tab_strip import CLOSE_SIDE
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, memory_desk, perform, until


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def titles(stage) -> list[str]:
    strip = stage.window.tab_strip
    return [strip.tabText(at) for at in range(strip.count())]


def test_each_tab_is_somewhere_and_looks_at_it_in_its_own_way(desk):
    async def story(stage):
        await stage.show("a/one", "b/two", "b/three")
        strip, acts = stage.window.tab_strip, stage.window.acts
        assert not strip.isVisible()
        assert acts[Act.CLOSE_TAB].statusTip() == "There is only one tab."
        stage.give(Act.NEW_TAB)
        await stage.open("b/")
        stage.give(Act.SHOW_GRID)
        stage.select("two")
        assert (titles(stage), strip.currentIndex(), strip.isVisible()) == ([BUCKET, "b"], 1, True)

        stage.give(Act.PREVIOUS_TAB)
        await until(lambda: stage.names() == ["a", "b"])
        assert acts[Act.SHOW_TABLE].isChecked()
        assert not stage.window.pane.is_grid
        stage.give(Act.NEXT_TAB)
        await until(lambda: stage.names() == ["three", "two"])
        assert acts[Act.SHOW_GRID].isChecked()
        await until(lambda: stage.window.pane.current_name == "two")

        stage.give(Act.BACK)
        await until(lambda: stage.names() == ["a", "b"])
        stage.give(Act.CLOSE_TAB)
        await stage.rested()
        assert (titles(stage), strip.isVisible()) == ([BUCKET], False)
        stage.give(Act.REOPEN_TAB)
        stage.give(Act.FORWARD)
        await until(lambda: stage.names() == ["three", "two"])

    perform(desk, story)


def test_a_folder_is_opened_in_a_tab_behind(desk):
    async def story(stage):
        await stage.show("a/one", "b/two", "c")
        acts = stage.window.acts
        stage.select("c")
        assert acts[Act.OPEN_IN_TAB].statusTip() == "Select one folder or bucket."
        stage.select("b")
        stage.give(Act.OPEN_IN_TAB)
        table = stage.window.pane.table
        row = table.visualRect(table.model().index(0, 0)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.MiddleButton, pos=row)
        assert (titles(stage), stage.names()) == ([BUCKET, "a", "b"], ["a", "b", "c"])
        strip = stage.window.tab_strip
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.tabRect(1).center())
        await until(lambda: stage.names() == ["one"])
        QTest.mouseClick(strip, Qt.MouseButton.MiddleButton, pos=strip.tabRect(2).center())
        assert (titles(stage), strip.currentIndex()) == ([BUCKET, "a"], 1)
        strip.tabButton(1, CLOSE_SIDE).click()
        await until(lambda: stage.names() == ["a", "b", "c"])
        assert not strip.isVisible()

    perform(desk, story)


def test_the_filter_of_a_tab_is_there_again(desk):
    async def story(stage):
        await stage.show("apple", "pear")
        stage.window.pane.filter_bar.recall("pea")
        await until(lambda: stage.names() == ["pear"])
        stage.give(Act.NEW_TAB)
        await until(lambda: stage.names() == ["pear"])
        stage.window.pane.filter_bar.dismiss()
        stage.give(Act.PREVIOUS_TAB)
        await until(lambda: stage.window.pane.filter_bar.pattern == "pea")
        await until(lambda: stage.names() == ["pear"])

    perform(desk, story)


def test_what_is_held_over_a_tab_is_shown_its_place(desk):
    async def story(stage):
        await stage.show("a/one", "b/two")
        stage.give(Act.NEW_TAB)
        await stage.open("b/")
        strip = stage.window.tab_strip
        strip._hold_over(strip.tabRect(0).center())
        assert strip.drop_target == Place(HOME, Prefix(BUCKET))
        await until(lambda: stage.names() == ["a", "b"])
        strip._hold_over(QPoint(-5, -5))
        assert strip.drop_target is None

    perform(desk, story)


def test_the_filter_and_the_way_back_are_there_again_after_a_restart(desk, tmp_path):
    async def first(stage):
        await stage.show("a/one", "a/two")
        await stage.open("a/")
        stage.window.pane.filter_bar.recall("tw")
        await until(lambda: stage.names() == ["two"])

    async def second(stage):
        await stage.put("a/one")
        await stage.put("a/two")
        await until(lambda: stage.commands.browsing.place == Place(HOME, Prefix(BUCKET, "a/")))
        stage.give(Act.REFRESH)
        await until(lambda: stage.names() == ["two"])
        assert stage.window.pane.filter_bar.pattern == "tw"
        stage.give(Act.BACK)
        await until(lambda: stage.commands.browsing.place == Place(HOME, Prefix(BUCKET)))

    perform(desk, first)
    perform(memory_desk(tmp_path / "home"), second)


def test_tabs_are_there_again_after_a_restart(desk, tmp_path):
    async def first(stage):
        await stage.show("a/one", "b/two")
        stage.give(Act.NEW_TAB)
        await stage.open("b/")
        stage.give(Act.NEW_TAB)
        await stage.open("a/")
        stage.give(Act.PREVIOUS_TAB)
        await until(lambda: stage.names() == ["two"])

    async def second(stage):
        await until(lambda: titles(stage) == [BUCKET, "b", "a"])
        assert stage.window.tab_strip.currentIndex() == 1
        await until(lambda: stage.commands.browsing.place == Place(HOME, Prefix(BUCKET, "b/")))

    perform(desk, first)
    perform(memory_desk(tmp_path / "home"), second)
