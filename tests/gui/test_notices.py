"""Telling whoever looks at another window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from s4desk.gui.commands import notices as module
from s4desk.gui.commands.notices import Notices
from s4desk.gui.views.status_bar import StatusBar

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
        self.notices = Notices(StatusBar(self.window), self.window, QIcon())


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
