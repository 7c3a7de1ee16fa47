"""Closing the window, in the middle of things too, and where the next one begins."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel

from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.store.memory import MemoryStore
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place, bytes_of
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.servers.faults import Stall
from tests.servers.process import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ENDS_WITHIN_S = 3.0
MIB = 1024**2


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


@pytest.fixture
def endless(monkeypatch):
    """Reading an object never ends."""

    async def get(*_args: object, **_options: object) -> None:
        await until(lambda: False)

    monkeypatch.setattr(MemoryStore, "get", get)


async def begin_download(stage: Stage, target: Path) -> None:
    await stage.put("a")
    source = Address(HOME, Location(BUCKET, "a"))
    await stage.desk.queue.submit([TransferSpec(Direction.DOWNLOAD, source, target, size=1)])
    await until(lambda: stage.desk.queue.transfers()[0].state is TransferState.RUNNING)


def test_a_window_that_moves_something_asks_once(desk, tmp_path, endless):
    async def story(stage: Stage) -> None:
        window = stage.window
        await begin_download(stage, tmp_path / "a")
        window.close()
        dialog = await stage.opened(QuestionDialog)
        window.close()
        window.acts[Act.QUIT].trigger()
        said = [label.text() for label in dialog.findChildren(QLabel)]
        assert said == ["1 transfer is under way.", "It goes on at the next start."]
        press(dialog, "&Stay")
        await until(lambda: stage.dialog(QuestionDialog) is None)
        assert window.isVisible()
        closed = asyncio.get_running_loop().create_future()
        window.closed.connect(lambda: closed.set_result(None))
        window.close()
        press(await stage.opened(QuestionDialog), "&Close")
        await closed

    perform(desk, story)


def test_a_closed_window_does_not_come_forward_again(desk):
    """Another process may ask it to, while it puts everything away."""

    async def story(stage: Stage) -> None:
        assert stage.window.come_forward()
        stage.window.close()
        assert not stage.window.come_forward()
        assert not stage.window.isVisible()

    perform(desk, story)


def test_a_window_that_rests_closes_without_a_word(desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        stage.window.close()
        assert not stage.window.isVisible()
        assert stage.dialog(QuestionDialog) is None

    perform(desk, story)


STALLED_PROGRAM = """
import asyncio, json, sys, time
from pathlib import Path
from s4desk.app.paths import folders_under
from s4desk.app.wiring import build_desk
from s4desk.core.domain.connection import (
    Addressing, Connection, CredentialKind, CredentialReference
)
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.transfer import Direction, TransferSpec
from s4desk.gui.main_window import MainWindow
from s4desk.gui.run import run
from s4desk.viewmodels.places import Place, bytes_of
from PySide6.QtWidgets import QApplication

home, url, bucket, source = sys.argv[1:]
desk = build_desk(folders_under(Path(home)))
id = ConnectionId("stalled")
tasks = []

def at(key):
    return Address(id, Location(bucket, key))

async def closed_when_told():
    await asyncio.to_thread(sys.stdin.readline)
    next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)).close_now()

async def prepare(tell):
    environment = CredentialReference(CredentialKind.ENVIRONMENT)
    await desk.connections.add(Connection(
        id, "Stalled", url, "us-east-1", Addressing.PATH, environment
    ))
    tasks.append(asyncio.ensure_future(closed_when_told()))
    await desk.queue.submit([
        TransferSpec(Direction.UPLOAD, Path(source), at("up"), 20 << 20),
        TransferSpec(Direction.DOWNLOAD, at("down"), Path(source + ".in"), 9),
    ])
    return Place(id, Prefix(bucket, "listed/"))

run(desk, prepare)
"""


def test_a_store_that_stalls_does_not_keep_the_window_from_ending(
    tmp_path, moto, moto_bucket, fault_proxy
):
    proxy = fault_proxy(moto)
    stalls = {
        "up": Stall(after=MIB, direction="request"),
        "down": Stall(after=None),
        "prefix=listed": Stall(after=None),
    }
    for path, stall in stalls.items():
        proxy.on(stall, path_re=path, times=None)
    source = tmp_path / "source"
    with source.open("wb") as file:
        file.truncate(20 * MIB)
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "QT_QPA_PLATFORM": "offscreen",
        "AWS_ACCESS_KEY_ID": moto.access_key,
        "AWS_SECRET_ACCESS_KEY": moto.secret_key,
    }
    words = [str(tmp_path / "home"), proxy.endpoint.url, moto_bucket, str(source)]
    with subprocess.Popen(
        [sys.executable, "-c", STALLED_PROGRAM, *words],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            reached = [stall.reached.wait(30) for stall in stalls.values()]
            began = time.monotonic()
            _, errors = program.communicate("close\n", timeout=30)
        finally:
            program.kill()
        took = time.monotonic() - began
    assert reached == [True, True, True]
    assert (program.returncode, errors) == (0, "")
    assert took < ENDS_WITHIN_S


# The next start


def test_the_next_window_begins_where_the_last_one_ended(desk, tmp_path):
    async def go(stage: Stage) -> None:
        await stage.open("a/")

    async def look(stage: Stage) -> None:
        await until(lambda: stage.commands.browsing.place == Place(HOME, Prefix(BUCKET, "a/")))

    perform(desk, go)
    perform(memory_desk(tmp_path / "home"), look)


def test_a_last_place_whose_connection_is_gone_is_forgotten(desk, tmp_path):
    async def leave(stage: Stage) -> None:
        stage.window.last_place = bytes_of(Place(ConnectionId("gone"), Prefix(BUCKET)))

    async def look(stage: Stage) -> None:
        await until(stage.window.pane.page.isVisible)
        assert stage.commands.browsing.place is None

    perform(desk, leave)
    perform(memory_desk(tmp_path / "home"), look)
