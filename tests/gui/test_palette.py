"""The palette of commands, as a person uses it, on a store in memory."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from s4desk.core.runtime.i18n import choose
from s4desk.gui.actions import words_of
from s4desk.gui.dialogs.palette import PaletteDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.synonyms import synonyms
from tests.gui.stage import Stage, memory_desk, perform, until


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


async def palette(stage: Stage, letters: str) -> QLineEdit:
    stage.give(Act.PALETTE)
    dialog = await stage.opened(PaletteDialog)
    line = dialog.findChild(QLineEdit, "palette")
    QTest.keyClicks(line, letters)
    return line


def test_return_gives_the_command_that_fits_best(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a", "b")
        line = await palette(stage, "as tree")
        QTest.keyClick(line, Qt.Key.Key_Return)
        await until(lambda: stage.window.pane.tree.isVisible())
        assert stage.dialog(PaletteDialog) is None

    perform(desk, story)


def test_the_arrows_choose_among_what_fits(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a")
        line = await palette(stage, "appearance")
        QTest.keyClick(line, Qt.Key.Key_Down)
        QTest.keyClick(line, Qt.Key.Key_Up)
        QTest.keyClick(line, Qt.Key.Key_Down)
        marked = stage.dialog(PaletteDialog)._rows.currentIndex().data()
        act = {"Dark": Act.DARK, "Light": Act.LIGHT}[marked.rpartition(": ")[2]]
        QTest.keyClick(line, Qt.Key.Key_Return)
        await until(lambda: stage.window.acts[act].isChecked())

    perform(desk, story)


def test_what_cannot_be_given_says_why_and_is_not_given(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a")
        line = await palette(stage, "edit: rename")
        dialog = stage.dialog(PaletteDialog)
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert dialog.isVisible()
        said = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
        assert said == ["Select something first."]
        QTest.keyClick(line, Qt.Key.Key_Escape)
        assert not dialog.isVisible()

    perform(desk, story)


def test_every_command_of_the_menus_is_there(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a")
        await palette(stage, "")
        entries = stage.dialog(PaletteDialog)._model.entries
        acts = [entry.act for entry in entries if entry.act is not None]
        assert len(acts) == len(set(acts))
        assert {entry.act for entry in entries} >= set(Act) - {Act.PALETTE}

    perform(desk, story)


WANTED = {
    "move to top": Act.MOVE_TO_TOP,
    "preferences": Act.SETTINGS,
    "options": Act.SETTINGS,
    "language": Act.SETTINGS,
    "reload": Act.REFRESH,
    "mkdir": Act.NEW_FOLDER,
    "presign": Act.SHARE,
    "quick look": Act.PREVIEW,
    "search": Act.FIND,
    "searc": Act.FIND,
    "login": Act.SIGN_IN,
    "what will be deleted": Act.LIFECYCLE_PREVIEW,
    "expire": Act.LIFECYCLE_PREVIEW,
    "retention rules": Act.LIFECYCLE_PREVIEW,
}


@pytest.fixture
def spoken():
    yield
    choose("en")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_others_call_a_command_finds_it(desk, language, spoken):
    choose(language)

    async def story(stage: Stage) -> None:
        await stage.show("a")
        line = await palette(stage, "")
        model = stage.dialog(PaletteDialog)._model
        for typed, act in WANTED.items():
            line.setText(typed)
            # A sign-in of nobody cannot be given, and adding a connection is the same word.
            first = [entry.act for entry in model.entries[:2]]
            assert act in first[: 2 if typed == "login" else 1], typed
        line.setText("theme")
        themes = {entry.act for entry in model.entries[:4]}
        assert themes >= {Act.FOLLOW_SYSTEM, Act.LIGHT, Act.DARK}
        line.setText("dark")
        assert model.entries[0].act is Act.DARK

    perform(desk, story)


def test_nearly_every_command_has_other_words():
    """Some may be called what everybody calls them."""
    assert len(set(Act) - set(synonyms())) < 5


def test_places_are_found_too(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a/b", "c/d", prefix="a/")
        await stage.open("c/")
        line = await palette(stage, "photos/a")
        model = stage.dialog(PaletteDialog)._model
        assert model.entries[0].text == "Recent Places: Home:photos/a/"
        line.setText("recent")
        assert model.entries[0].menu == "Recent Places"
        line.setText("home")
        assert model.entries[0].text == "Connection: Home"
        QTest.keyClick(line, Qt.Key.Key_Return)
        await until(lambda: stage.commands.browsing.place.prefix is None)

    perform(desk, story)


@pytest.mark.parametrize("text", ["&Open…", "Ö&ffnen…", "開く(&O)…", "打开(&O)…"])
def test_a_command_is_called_without_the_letter_to_press(qapp, text):
    assert words_of(QAction(text)) in ("Open…", "Öffnen…", "開く…", "打开…")
