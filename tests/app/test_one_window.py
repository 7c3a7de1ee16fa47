"""Several `s4desk` on the same folders: real processes, one window."""

from __future__ import annotations

import json
import os
import signal
import socket
from typing import TYPE_CHECKING

import pytest

from s4desk.app.channel import ANSWER_S
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.transfer import BatchId, Direction, TransferSpec
from s4desk.core.persist.database import Database
from s4desk.core.persist.journal import SqliteJournal
from tests.gui.actors import Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

    Opened = Callable[..., Actor]


@pytest.fixture
def opened(terminal: Terminal) -> Iterator[Opened]:
    """Start windows; what still runs at the end is ended."""
    started: list[Actor] = []

    def start(**variables: str) -> Actor:
        started.append(Actor("tests.app.one_window", env={**terminal.variables, **variables}))
        return started[-1]

    yield start
    for each in started:
        each.kill()


def is_open(said: dict[str, object]) -> object:
    return said.get("is_open")


def entrance(terminal: Terminal) -> Path:
    return terminal.home / "data" / "window.json"


def test_a_second_start_brings_the_first_window_to_the_front(
    terminal: Terminal, opened: Opened
) -> None:
    first = opened()
    first.until(is_open)
    second = terminal.run()
    assert (second.code, second.out, second.err) == (0, b"", "")
    first.until(lambda said: said.get("forward") == 1)
    assert entrance(terminal).stat().st_mode & 0o777 == 0o600
    assert first.quit()[0] == 0
    assert not entrance(terminal).exists()


def test_of_windows_that_are_opened_at_once_exactly_one_stays(opened: Opened) -> None:
    started = [opened() for _ in range(3)]
    ended = [each for each in started if each.ends_by_itself()]
    (left,) = [each for each in started if each not in ended]
    assert [each.wait()[0] for each in ended] == [0, 0]
    left.until(lambda said: said.get("forward") == 2)
    assert left.quit()[0] == 0


def test_a_window_that_hangs_is_said(terminal: Terminal, opened: Opened) -> None:
    first = opened()
    first.until(is_open)
    os.kill(first.pid, signal.SIGSTOP)
    try:
        second = terminal.run()
        asked = terminal.run("transfers", "list")
    finally:
        os.kill(first.pid, signal.SIGCONT)
    assert second.code == 1
    assert second.err == "s4desk: s4desk is open already, but its window does not answer.\n"
    assert (asked.code, asked.err) == (0, "Nothing is unfinished.\n")
    # It was only late: what was asked is done nevertheless.
    first.until(lambda said: said.get("forward") == 1)


def test_what_a_killed_window_has_left_leads_nowhere(terminal: Terminal, opened: Opened) -> None:
    first = opened()
    first.until(is_open)
    first.kill()
    left = entrance(terminal).read_text()
    again = opened()
    again.until(is_open)
    assert entrance(terminal).read_text() != left
    assert again.quit()[0] == 0


def test_a_window_that_is_being_closed_makes_room(opened: Opened) -> None:
    first = opened()
    first.until(is_open)
    os.kill(first.pid, signal.SIGTERM)
    second = opened()
    second.until(is_open)
    assert first.wait()[0] == 0
    assert "forward" not in second.latest


def test_other_folders_are_another_world(opened: Opened, tmp_path: Path) -> None:
    first, other = opened(), opened(S4DESK_HOME=str(tmp_path / "elsewhere"))
    for each in (first, other):
        each.until(is_open)
    assert "forward" not in {**first.latest, **other.latest}
    for each in (first, other):
        assert each.quit()[0] == 0


def test_who_does_not_know_the_word_is_refused(terminal: Terminal, opened: Opened) -> None:
    first = opened()
    first.until(is_open)
    where = json.loads(entrance(terminal).read_text())
    for line in ({"do": "show"}, {"token": "x", "do": "show"}, {"token": 7, "do": "show"}):
        assert asked(where["port"], json.dumps(line).encode()) == {"ok": False, "why": "token"}
    for garbage in (b"[1]", b"GET / HTTP/1.1", b"\xff\xfe", b'{"token": "\\ud800"}'):
        assert not (asked(where["port"], garbage) or {}).get("ok")
    known = {"token": where["token"], "do": "quit"}
    assert asked(where["port"], json.dumps(known).encode()) == {"ok": False, "why": "unknown"}
    known["do"] = "show"
    assert asked(where["port"], json.dumps(known).encode()) == {"ok": True}
    first.until(lambda said: said.get("forward") == 1)
    assert first.quit()[0] == 0


async def test_wishes_for_the_windows_queue_are_handed_over(
    terminal: Terminal, opened: Opened, moto: Endpoint, moto_bucket: str, tmp_path: Path
) -> None:
    terminal.add("T", moto)
    (connection,) = terminal.ok("connections", "list", "--json").records
    source = tmp_path / "source"
    source.write_bytes(b"content")

    def spec(key: str) -> TransferSpec:
        place = Address(ConnectionId(connection["id"]), Location(moto_bucket, key))
        return TransferSpec(Direction.UPLOAD, source, place, 7, batch=BatchId("of yesterday"))

    await keep_paused(terminal, [spec("a"), spec("b")])
    window = opened()
    # Until then the queue is nobody's, and the verb carries it out itself.
    window.until(lambda said: said.get("has_queue"))
    (undone,) = terminal.ok("transfers", "cancel", "window.1", "--json").records
    assert (undone["event"], undone["target"]) == ("undone", f"T:{moto_bucket}/a")
    resumed = terminal.ok("transfers", "resume", "window", "--json", "--jobs", "1")
    (handed,) = resumed.records
    assert "It keeps to limits of its own" in resumed.err
    assert (handed["event"], handed["transfers"]) == ("handed over", 1)
    window.until(lambda said: said.get("states") == ["cancelled", "completed"])
    assert [each["key"] for each in terminal.ok("ls", f"T:{moto_bucket}", "--json").records] == [
        "b"
    ]
    again = terminal.run("transfers", "cancel", "window.2")
    assert (again.code, "nothing unfinished" in again.err) == (1, True)
    assert window.quit()[0] == 0


async def keep_paused(terminal: Terminal, specs: list[TransferSpec]) -> None:
    """What a window of yesterday left in its queue."""
    (terminal.home / "data").mkdir(parents=True, exist_ok=True)
    database = Database(terminal.home / "data" / "s4desk.sqlite")
    await database.open()
    journal = SqliteJournal(database)
    await journal.add(specs)
    await database.run(lambda c: c.execute("UPDATE transfer SET state = 'paused'"))
    await journal.aclose()
    await database.aclose()


def asked(port: int, line: bytes) -> dict[str, object] | None:
    """What the window says to a line; None when it hangs up without a word."""
    with socket.create_connection(("127.0.0.1", port), ANSWER_S) as link:
        link.sendall(line + b"\n")
        said = link.makefile("rb").readline()
    return json.loads(said) if said else None
