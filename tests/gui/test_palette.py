"""The palette of commands, as a person uses it, on a store in memory."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from s4desk.gui.actions import words_of
from s4desk.gui.dialogs.palette import PaletteDialog
from s4desk.viewmodels.acts import Act
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
        assert len(entries) == len({entry.act for entry in entries})
        assert {entry.act for entry in entries} >= set(Act) - {Act.PALETTE}

    perform(desk, story)


@pytest.mark.parametrize("text", ["&Open…", "Ö&ffnen…", "開く(&O)…", "打开(&O)…"])
def test_a_command_is_called_without_the_letter_to_press(qapp, text):
    assert words_of(QAction(text)) in ("Open…", "Öffnen…", "開く…", "打开…")
