"""Telling whoever looks at another window."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from s4desk.core.domain.errors import UnreachableError
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.gui.bridge.tasks import GuiTasks
from s4desk.gui.commands import notices as module
from s4desk.gui.commands.notices import Notices
from s4desk.gui.dialogs.details import DetailsDialog
from s4desk.gui.views.status_bar import StatusBar
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

HERE, THERE, ELSEWHERE = (Place(ConnectionId("home"), Prefix("b", key)) for key in ("", "t/", "e/"))


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


def told_at(world: World, *places: Place | None) -> list[str]:
    """What stands there at each of these, one after the other."""
    lines = []
    for place in places:
        world.notices.moved(place)
        lines.append(world.line)
    return lines


def test_what_failed_is_told_where_it_was_and_nowhere_else(world: World) -> None:
    world.notices.moved(HERE)
    world.notices.fail(UnreachableError("no way"))
    said = world.line
    assert "no way" in said
    versions = Place(HERE.connection, HERE.prefix, versions=True)
    assert told_at(world, versions, THERE, None, HERE) == [said, "", "", said]


def test_what_fails_after_the_person_went_on_is_told_to_them(world: World) -> None:
    notices = world.notices
    notices.moved(HERE)
    with notices.begun(Act.DELETE):
        notices.moved(THERE)
        notices.warn("It is only half done.")
    said = world.line
    assert told_at(world, ELSEWHERE, THERE, HERE) == ["", said, said]
    notices.moved(ELSEWHERE)
    with notices.begun(Act.DELETE):  # it is out of date there too
        assert told_at(world, HERE) == [""]


def test_a_refusal_is_over_when_the_person_has_gone_on(world: World) -> None:
    world.notices.moved(HERE)
    world.notices.refuse("It cannot be renamed.")
    assert told_at(world, HERE, THERE, HERE) == ["It cannot be renamed.", "", ""]


def test_what_is_of_no_place_goes_along(world: World) -> None:
    world.notices.warn("The list was damaged.")  # before any place was shown
    assert told_at(world, HERE) == ["The list was damaged."]
    with world.notices.begun(Act.SIGN_IN):
        world.notices.remind("The keys end soon.")
    assert told_at(world, THERE, None) == ["The keys end soon."] * 2
    world.notices.take_back("The keys end soon.")
    assert told_at(world, HERE) == [""]


def test_what_is_taken_back_meanwhile_is_not_found_again(world: World) -> None:
    notices = world.notices
    for by in ("", "Two days left."):
        notices.moved(HERE)
        notices.warn("Three days left.")
        notices.moved(THERE)
        notices.replace("Three days left.", by)
        assert world.line == ""
        assert told_at(world, HERE) == [by]


def test_what_is_said_of_an_error_may_change(world: World) -> None:
    notices, error = world.notices, UnreachableError("no way")
    notices.moved(HERE)
    notices.fail(error, lead="Nothing was deleted.")
    before = world.line
    assert before.startswith("Nothing was deleted.")
    notices.reword(lambda _: None)
    assert world.line == before
    notices.reword(lambda each: "There is a way." if each is error else None)
    assert world.line == "Nothing was deleted. There is a way."
    notices.reword(lambda _: "")
    assert world.line == before


def test_what_there_is_no_room_for_is_shown_in_full(world: World) -> None:
    world.window.show()
    for width, is_cut in ((2000, False), (300, True)):
        world.bar.resize(width, 26)
        world.notices.warn("It cannot be deleted, and this is why. " * 4)
        world.bar.layout().activate()
        world.bar.error_clicked.emit()
        dialog = world.window.findChild(DetailsDialog)
        assert (dialog is not None) == is_cut
    dialog.reject()
