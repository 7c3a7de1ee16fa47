"""Telling whoever looks at another window."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from s4desk.core.domain.errors import UnreachableError
from s4desk.gui.bridge.tasks import GuiTasks
from s4desk.gui.commands import notices as module
from s4desk.gui.commands.notices import Notices
from s4desk.gui.views.status_bar import StatusBar
from s4desk.viewmodels.acts import Act

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


class World:
    """Notices of a window, on a desktop with a tray."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.front: QWidget | None = None
        self.has_tray = True
        told = self.told

        class Tray(QSystemTrayIcon):
            def showMessage(self, *words: Any) -> None:
                told.append(words[:2])

            def show(self) -> None:
                """There is no tray here to show it in."""

        Tray.isSystemTrayAvailable = lambda: self.has_tray
        Tray.supportsMessages = lambda: True
        monkeypatch.setattr(module, "QSystemTrayIcon", Tray)
        monkeypatch.setattr(QApplication, "activeWindow", lambda: self.front)
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.bar = StatusBar(self.window)
        self.notices = Notices(self.bar, self.window, QIcon())

    @property
    def line(self) -> str:
        """What stands there until it is clicked."""
        return self.bar.error


@pytest.fixture
def world(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(qtbot, monkeypatch)


def test_the_end_is_notified_while_another_window_is_in_front(world: World) -> None:
    world.notices.notify("Done", "3 files.")
    assert world.told == [("Done", "3 files.")]
    world.front = world.window
    world.notices.notify("Done", "3 files.")
    assert len(world.told) == 1
    world.notices.close()


def test_without_a_tray_nothing_is_missed(world: World) -> None:
    world.has_tray = False
    world.notices.notify("Done", "3 files.")
    assert world.told == []
    world.notices.close()


def test_what_is_done_again_takes_back_what_was_said_of_the_last_try(world: World) -> None:
    notices = world.notices
    with notices.begun(Act.DELETE):
        notices.warn("It cannot be deleted.")
    with notices.begun(Act.RENAME):
        pass
    with notices.begun(None):
        pass
    assert world.line == "It cannot be deleted."
    with notices.begun(Act.DELETE):
        assert world.line == ""
        notices.fail(UnreachableError("no way"))
    assert "no way" in world.line


def test_what_came_meanwhile_of_something_else_stays(world: World) -> None:
    notices = world.notices
    with notices.begun(Act.DELETE):
        notices.warn("It cannot be deleted.")
    notices.warn("The keys end soon.")
    with notices.begun(Act.DELETE):
        pass
    with notices.begun(None):
        pass
    assert world.line == "The keys end soon."


async def test_a_task_speaks_of_the_deed_that_began_it(world: World) -> None:
    tasks = GuiTasks(world.window)
    tasks.failed.connect(world.notices.fail)

    async def fail() -> None:
        raise UnreachableError("no way")

    with world.notices.begun(Act.DELETE):
        task = tasks.start(fail())
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert "no way" in world.line
    with world.notices.begun(Act.DELETE):
        assert world.line == ""
