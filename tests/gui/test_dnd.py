"""Dragging out: the folder files wait in, and what the pointer does meanwhile."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from s4desk.core.domain.errors import LocalFileError
from s4desk.gui.commands.drag_folder import DragFolder
from s4desk.gui.commands.drag_picture import drag_picture
from tests.gui.stage import Stage, memory_desk, perform


def test_each_drag_gets_a_folder_that_only_its_owner_may_enter(tmp_path):
    root = tmp_path / "drag"
    folder = DragFolder(root)
    first, second = folder.new(), folder.new()
    assert first != second
    assert [path.stat().st_mode & 0o777 for path in (root, first.parent, first)] == [0o700] * 3
    assert folder.holds(first / "a")
    assert not folder.holds(tmp_path / "elsewhere")
    folder.remove()
    assert list(root.iterdir()) == []


def test_what_a_crash_left_is_removed_but_not_what_another_window_has(tmp_path):
    root = tmp_path / "drag"
    code = (
        "import os, sys; from pathlib import Path;"
        "from s4desk.gui.commands.drag_folder import DragFolder;"
        "folder = DragFolder(Path(sys.argv[1])); (folder.new() / 'left').touch();"
        "os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code, str(root)], check=False)
    assert len(list(root.rglob("left"))) == 1
    alive = DragFolder(root)
    kept = alive.new()
    DragFolder(root).remove_left_behind()
    assert list(root.rglob("left")) == []
    assert kept.is_dir()
    alive.remove()


def test_a_folder_that_cannot_be_made_is_a_local_error(tmp_path):
    (tmp_path / "drag").write_text("a file in the way")
    with pytest.raises(LocalFileError):
        DragFolder(tmp_path / "drag").new()


def test_the_picture_is_never_wider_than_a_few_words(qapp, qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    assert drag_picture("x" * 500, widget).width() < 250


def test_moving_on_while_files_are_fetched_selects_nothing_more(qapp, tmp_path):
    started = []

    async def story(stage: Stage) -> None:
        for name in "abcdef":
            await stage.put(name)
        await stage.open()
        table, pane = stage.window.pane.table, stage.window.pane
        pane.drag_started.disconnect()
        pane.drag_started.connect(started.append)
        viewport = table.viewport()

        def at(row: int) -> QPoint:
            return table.visualRect(table.model().index(row, 0)).center()

        QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=at(0))
        for row in range(1, 6):
            QTest.mouseMove(viewport, at(row))
            await _turn()
        assert [len(selection) for selection in started] == [1]
        assert len(pane.summary) == 1
        QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=at(5))
        assert len(pane.summary) == 1

    perform(memory_desk(tmp_path / "home"), story)


async def _turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)
