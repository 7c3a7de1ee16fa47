"""Several processes at one file, each of them real."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.persist.claim import changing, claim
from s4desk.core.persist.toml_file import TomlFile
from tests.servers.process import ROOT

if TYPE_CHECKING:
    from pathlib import Path

WRITERS, CHANGES = 4, 10
ADD = """
import asyncio, pathlib, sys
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.persist.connections import ConnectionBook
from s4desk.core.persist.secrets import Keychain
from s4desk.core.runtime.events import EventBus

book = ConnectionBook(pathlib.Path(sys.argv[1]), EventBus(), Keychain())
print("ready", flush=True)
sys.stdin.readline()

async def main():
    for number in range(int(sys.argv[3])):
        name = f"{sys.argv[2]}-{number}"
        await book.add(Connection(ConnectionId(name), name))

asyncio.run(main())
"""
SET = """
import asyncio, pathlib, sys
from s4desk.core.persist.settings import SettingsFile

settings = SettingsFile(pathlib.Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    asyncio.run(settings.change(**{sys.argv[2]: 1000 + number}))
"""


def together(code: str, path: Path, *names: str) -> None:
    """Run `code` in one process for each name, all from the same moment on."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), name, str(CHANGES)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for name in names
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in running:
        process.communicate(timeout=60)
        assert process.returncode == 0


def test_no_connection_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "connections.toml"
    names = [f"writer {number}" for number in range(WRITERS)]
    together(ADD, path, *names)
    there = {entry["name"] for entry in tomllib.loads(path.read_text())["connections"]}
    assert there == {f"{name}-{number}" for name in names for number in range(CHANGES)}


def test_no_setting_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    names = ("upload_rate", "download_rate", "transfer_limit", "part_limit")
    together(SET, path, *names)
    there = tomllib.loads(path.read_text())
    assert {name: there[name] for name in names} == dict.fromkeys(names, 999 + CHANGES)


def test_who_cannot_get_at_a_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file.toml"
    held = claim(path, 0)
    try:
        with pytest.raises(LocalFileError, match="another s4desk"), changing(path, timeout_s=0):
            pass
    finally:
        held.close()
    with changing(path, timeout_s=0):
        pass


def test_a_disk_that_is_full_is_told_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "file.toml"
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LocalFileError) as caught:
        TomlFile(path).change(lambda document: document.update(x=1))
    assert (caught.value.path, caught.value.cause.errno) == (path, errno.ENOSPC)
    assert not path.exists()


def test_where_there_can_be_no_lock_a_file_is_written_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "file.toml"
    (tmp_path / "file.toml.lock").mkdir()
    TomlFile(path).change(lambda document: document.update(x=1))
    assert TomlFile(path).load()["x"] == 1
