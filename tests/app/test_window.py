"""What surrounds the window: profile, logs, the last net, the demo. The window itself is a fake."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from s4desk.app import window
from s4desk.app.demo import launch
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Prefix

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from s4desk.core.desk import Desk
    from s4desk.gui.opening import Host, Prepare
    from s4desk.viewmodels.places import Place


@dataclass(slots=True)
class FakeWindow:
    """Stands for `gui.run`: prepares, does what the test wants, closes the desk."""

    act: Callable[[Desk], Awaitable[None]] | None = None
    place: Place | None = None
    told: list[str] = field(default_factory=list)
    home: Path | None = None

    def run(self, desk: Desk, prepare: Prepare, _host: Host) -> int:
        return asyncio.run(self._live(desk, prepare))

    async def _live(self, desk: Desk, prepare: Prepare) -> int:
        self.home = desk.folders.config.parent
        try:
            self.place = await prepare(self.told.append)
            if self.act is not None:
                await self.act(desk)
        finally:
            await desk.stores.aclose()
        return 7


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeWindow:
    fake = FakeWindow()
    monkeypatch.setattr(window, "run", fake.run)
    return fake


def test_the_window_opens_on_the_profile_of_the_user(fake: FakeWindow):
    assert window.open_window(is_demo=False) == 7
    assert str(fake.home) == os.environ["S4DESK_HOME"]
    assert (fake.place, fake.told) == (None, [])


def test_the_log_is_written_while_the_window_is_there(fake: FakeWindow, capsys):
    async def complain(_desk: Desk) -> None:
        logging.getLogger("elsewhere").error("something for the log")

    fake.act = complain
    before = list(logging.getLogger().handlers)
    window.open_window(is_demo=False)
    assert fake.home is not None
    assert "something for the log" in (fake.home / "logs" / "s4desk.log").read_text()
    assert "something for the log" not in capsys.readouterr().err
    assert logging.getLogger().handlers == before


def test_errors_that_nobody_caught_are_told_in_the_window(fake: FakeWindow, expected_logs):
    async def fail(_desk: Desk) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: 1 // 0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        sys.excepthook(S4DeskError, S4DeskError("The reason."), None)

    fake.act = fail
    before = (sys.excepthook, threading.excepthook)
    window.open_window(is_demo=False)
    assert len(fake.told) == 2
    assert "unexpected" in fake.told[0]
    assert fake.told[1] == "The reason."
    assert (sys.excepthook, threading.excepthook) == before
    assert len(expected_logs) == 2


def test_a_damaged_file_is_told_in_the_window(fake: FakeWindow, expected_logs):
    config = os.path.join(os.environ["S4DESK_HOME"], "config")
    os.makedirs(config)
    for name in ("settings.toml", "connections.toml"):
        with open(os.path.join(config, name), "w", encoding="utf-8") as file:
            file.write("= broken")
    window.open_window(is_demo=False)
    assert [told.split()[0] for told in fake.told] == ["settings.toml", "connections.toml"]


def test_a_profile_that_cannot_be_made_is_told_on_the_terminal(
    fake: FakeWindow, tmp_path, capsys, monkeypatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("S4DESK_HOME", str(tmp_path / "file" / "home"))
    assert window.open_window(is_demo=False) == 1
    assert "inside a file" in capsys.readouterr().err
    assert fake.home is None


def test_the_demo_has_a_server_and_a_home_of_its_own_and_leaves_neither(
    fake: FakeWindow, monkeypatch, tmp_path
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    servers: list[launch.DemoServer] = []

    async def launched() -> launch.DemoServer:
        servers.append(await original())
        return servers[0]

    original = launch.launch
    monkeypatch.setattr(launch, "launch", launched)

    async def look(desk: Desk) -> None:
        (connection,) = desk.connections.all()
        store = await desk.stores.get(connection.id)
        buckets = [bucket.name for bucket in await store.list_buckets()]
        assert "documents" in buckets
        page = await store.list_objects(Prefix("documents"))
        assert len(page)
        assert servers[0].process.poll() is None
        state = await desk.secrets.state()
        assert (state.usable, "demo" in state.reason) == (False, True)
        for file in tmp_path.rglob("*"):
            if file.is_file():
                assert servers[0].secret_key.encode() not in file.read_bytes()

    fake.act = look
    assert window.open_window(is_demo=True) == 7
    assert fake.place is not None
    assert fake.place.prefix is None
    assert servers[0].process.poll() is not None
    assert list(tmp_path.iterdir()) == []
    assert not os.path.exists(os.environ["S4DESK_HOME"])


def test_a_demo_that_is_not_installed_is_told_and_leaves_nothing(
    fake: FakeWindow, monkeypatch, tmp_path
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(launch, "is_installed", lambda: False)
    with pytest.raises(launch.DemoUnavailableError, match="pip install"):
        window.open_window(is_demo=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only here Qt needs a display server")
def test_without_a_display_there_is_a_sentence(fake: FakeWindow, monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert window.open_window(is_demo=False) == 1
    assert "no display" in capsys.readouterr().err
