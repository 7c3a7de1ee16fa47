"""Other keys for commands, as a person sets them, on a store in memory."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QKeySequenceEdit, QLineEdit, QPushButton

from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.shortcuts import ShortcutsDialog
from s4desk.viewmodels.acts import Act
from tests.gui.stage import Stage, memory_desk, perform, until


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


async def dialog_for(stage: Stage, command: str) -> ShortcutsDialog:
    stage.give(Act.SHORTCUTS)
    dialog = await stage.opened(ShortcutsDialog)
    QTest.keyClicks(dialog.findChild(QLineEdit, "search"), command)
    return dialog


def type_keys(dialog: ShortcutsDialog, keys: str) -> None:
    dialog.findChild(QKeySequenceEdit, "keys").setKeySequence(QKeySequence(keys))


def push(dialog: ShortcutsDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def keys_of(stage: Stage, act: Act) -> str:
    return stage.window.acts[act].shortcut().toString()


def test_keys_are_given_and_kept_until_the_usual_ones_are_wanted(desk, tmp_path):
    async def first(stage: Stage) -> None:
        await stage.show("a")
        dialog = await dialog_for(stage, "refresh")
        type_keys(dialog, "Ctrl+Alt+Z")
        push(dialog, "assign")
        await until(lambda: stage.desk.shortcuts.current == {"refresh": "Ctrl+Alt+Z"})
        assert keys_of(stage, Act.REFRESH) == "Ctrl+Alt+Z"
        assert "Ctrl+Alt+Z" in stage.window.acts[Act.REFRESH].toolTip()

    async def second(stage: Stage) -> None:
        assert keys_of(stage, Act.REFRESH) == "Ctrl+Alt+Z"
        dialog = await dialog_for(stage, "refresh")
        push(dialog, "reset")
        await until(lambda: stage.desk.shortcuts.current == {})
        assert keys_of(stage, Act.REFRESH) == "F5"

    perform(desk, first)
    perform(memory_desk(tmp_path / "home"), second)


def test_keys_of_another_command_are_taken_from_it_and_that_is_said(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a")
        dialog = await dialog_for(stage, "refresh")
        type_keys(dialog, "Ctrl+U")
        assert "“Upload Files…”" in dialog.findChild(Note).text()
        push(dialog, "assign")
        await until(lambda: len(stage.desk.shortcuts.current) == 2)
        assert keys_of(stage, Act.REFRESH) == "Ctrl+U"
        assert keys_of(stage, Act.UPLOAD_FILES) == ""
        push(dialog, "reset-all")
        await until(lambda: stage.desk.shortcuts.current == {})
        assert keys_of(stage, Act.UPLOAD_FILES) == "Ctrl+U"

    perform(desk, story)


def test_a_command_can_go_without_keys(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a")
        dialog = await dialog_for(stage, "refresh")
        push(dialog, "remove")
        await until(lambda: stage.desk.shortcuts.current == {"refresh": ""})
        assert keys_of(stage, Act.REFRESH) == ""

    perform(desk, story)
