"""A whole window on a desk in memory, and stories told in it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QPushButton, QWidget
from shiboken6 import isValid

from s4desk.app.paths import folders_under
from s4desk.app.wiring import build_desk
from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.persist.secrets import Keychain
from s4desk.core.store.memory import MemoryStore
from s4desk.core.wire.body import BytesSink
from s4desk.gui.main_window import MainWindow
from s4desk.gui.run import run
from s4desk.gui.session import Session
from s4desk.gui.views.status_bar import ErrorLine
from s4desk.viewmodels.places import Place
from tests.gui.reading import nameless, unreached
from tests.persist.fakes import FakeKeyring

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from s4desk.core.desk import Desk
    from s4desk.core.domain.transfer import TransferState
    from s4desk.viewmodels.acts import Act

W = TypeVar("W", bound=QWidget)

HOME = ConnectionId("home")
BUCKET = "photos"
PATIENCE_S = 20.0


@dataclass
class Stage:
    """One desk with one connection to a MemoryStore, and what happens on it."""

    desk: Desk
    told: list[str] = field(default_factory=list)
    window: MainWindow | None = None

    @property
    def session(self) -> Session:
        assert self.window is not None
        return self.window.findChild(Session)

    @property
    def commands(self) -> Any:
        return self.session.commands

    async def store(self) -> MemoryStore:
        store = await self.desk.stores.get(HOME)
        assert isinstance(store, MemoryStore)
        return store

    async def put(self, key: str, data: bytes = b"x") -> None:
        await (await self.store()).put(Location(BUCKET, key), data)

    async def read(self, key: str) -> bytes:
        sink = BytesSink()
        await (await self.store()).get(Location(BUCKET, key), sink)
        return bytes(sink.data)

    async def keys(self) -> list[str]:
        page = await (await self.store()).list_objects(Prefix(BUCKET), delimiter="")
        return list(page.keys)

    async def open(self, prefix: str = "") -> None:
        """Show a folder and wait until it is loaded."""
        self.commands.browsing.go(Place(HOME, Prefix(BUCKET, prefix)))
        await self.rested()

    async def show(self, *keys: str, prefix: str = "", data: bytes = b"x") -> None:
        """Put objects of this content, and show a folder."""
        for key in keys:
            await self.put(key, b"" if key.endswith("/") else data)
        await self.open(prefix)

    async def rested(self) -> None:
        assert self.window is not None
        pane = self.window.pane
        await until(lambda: not pane.status.is_busy)

    def names(self) -> list[str]:
        """What the table shows."""
        assert self.window is not None
        model = self.window.pane.table.model()
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    def select(self, *names: str) -> None:
        """Select rows of the table by their names, and no others."""
        assert self.window is not None
        table = self.window.pane.table
        table.clearSelection()
        flags = table.selectionModel().SelectionFlag
        for name in names:
            index = table.model().index(self.names().index(name), 0)
            table.selectionModel().setCurrentIndex(index, flags.Select | flags.Rows)

    def give(self, act: Act) -> None:
        """Give a command that can be given."""
        assert self.window is not None
        action = self.window.acts[act]
        assert action.isEnabled(), action.statusTip()
        action.trigger()

    @property
    def error(self) -> str:
        """What the line says that stays until it is clicked."""
        assert self.window is not None
        line = self.window.status_bar.findChild(ErrorLine)
        assert line is not None
        return line.accessibleName()

    @property
    def states(self) -> list[TransferState]:
        return [transfer.state for transfer in self.desk.queue.transfers()]

    def dialog(self, kind: type[W]) -> W | None:
        """The dialog of this kind that is open."""
        shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, kind)]
        return next((w for w in shown if w.isVisible()), None)

    async def opened(self, kind: type[W]) -> W:
        """Wait for a dialog; each thing in it has a name, and Tab leads to it."""
        await until(lambda: self.dialog(kind) is not None)
        dialog = self.dialog(kind)
        assert dialog is not None
        if not isinstance(dialog, QFileDialog):  # Qt's own
            assert not nameless(dialog), nameless(dialog)
            assert not unreached(dialog), unreached(dialog)
        return dialog


def press(dialog: QDialog, text: str) -> None:
    """Click the button with these words."""
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == text)
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def until(is_so: Callable[[], object]) -> None:
    """Let the loop turn until something is so. Fails after some seconds."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, f"never came: {is_so}"
        await asyncio.sleep(0.01)


def memory_desk(home: Path) -> Desk:
    """A desk in a folder of its own; its one connection has one empty bucket in memory."""
    keyring = FakeKeyring()
    return build_desk(folders_under(home), secrets=Keychain(lambda: keyring))


def connection(endpoint: str = f"memory:{BUCKET}") -> Connection:
    return Connection(
        HOME,
        "Home",
        endpoint=endpoint,
        credentials=CredentialReference(CredentialKind.ANONYMOUS),
    )


def perform(
    desk: Desk,
    story: Callable[[Stage], Awaitable[None]],
    *,
    connections: tuple[Connection, ...] = (connection(),),
) -> Stage:
    """Open the window, tell the story, close the window; raises what the story raised."""
    stage = Stage(desk)
    stories: list[asyncio.Task[None]] = []

    async def tell_story() -> None:
        assert stage.window is not None
        try:
            await story(stage)
        finally:
            if isValid(stage.window):  # the story may have closed it
                stage.window.close_now()

    async def prepare(_tell: object) -> None:
        for each in connections:
            if desk.connections.get(each.id) is None:
                await desk.connections.add(each)
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
        stage.window = next(w for w in windows if w.isVisible())
        stories.append(asyncio.ensure_future(tell_story()))

    assert run(desk, prepare) == 0
    stories[0].result()
    return stage
