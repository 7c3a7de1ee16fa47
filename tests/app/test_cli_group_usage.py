"""What verbs say when the file with the usage of groups was damaged; no server is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.endpoint import Endpoint

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.terminal import Ended, Terminal

NOBODY = Endpoint("nobody", "http://127.0.0.1:1", "id", "secret")
SAID = "is not counted, and their limits of this month begin anew: the file with it was damaged."


@pytest.fixture
def usage(terminal: Terminal) -> Path:
    """The damaged file, of a group G of which nobody answers."""
    for name in "AB":
        terminal.add(name, NOBODY)
    terminal.ok("group", "add", "G", "--backend", "A", "--backend", "B")
    terminal.ok("group", "limits", "G", "A", "--api", "1000")
    terminal.run("group", "status", "G")
    (path,) = terminal.home.rglob("failover-usage.sqlite")
    path.write_bytes(b"nothing of SQLite's" * 1000)
    return path


def aside(usage: Path) -> str:
    (path,) = usage.parent.glob("failover-usage.sqlite.damaged-*")
    return str(path)


def test_whoever_finds_it_says_so_and_no_other(terminal: Terminal, usage: Path) -> None:
    said = terminal.run("ls", "G:").err
    assert said.count(SAID) == 1
    assert f"It is kept as {aside(usage)}." in said
    assert SAID not in terminal.run("ls", "G:").err
    assert SAID not in terminal.run("ls", "A:").err


def test_the_status_says_since_when_all_is_counted(terminal: Terminal, usage: Path) -> None:
    ended: Ended = terminal.run("group", "status", "G")
    assert ended.err.count(SAID) == 1
    assert "; counted since " in ended.out.decode()
    assert "; counted since " in terminal.run("group", "status", "G").out.decode()
    told = terminal.run("group", "status", "G", "--json")
    assert told.records[0]["usage_lost"]["aside"] == aside(usage)
    assert SAID not in told.err


def test_nothing_is_said_of_a_sound_one(terminal: Terminal, usage: Path) -> None:
    usage.unlink()
    told = terminal.run("group", "status", "G", "--json")
    assert told.records[0]["usage_lost"] is None
    assert SAID not in told.err
