"""What is on the disk at the moment a request goes out: all that the next life must know."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.parts import PartPlan
from tests.transfer.test_crashes import (
    CONTENT,
    SOURCE,
    Fate,
    Lives,
    copy_between_large,
    download_large,
    upload_large,
)
from tests.transfer.world import PART

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.store.wrapper import Request
    from tests.transfer.queue_world import QueueWorld

PARTS = PartPlan(len(CONTENT), PART).count
TABLES = ("intended_upload", "upload", "upload_part", "move")


class Disk:
    """Counts the rows of the journal as a copy of its files has them, at each request."""

    def __init__(self, lives: Lives) -> None:
        self._lives = lives
        self.seen: defaultdict[str, list[dict[str, int]]] = defaultdict(list)

    def look(self, request: Request) -> None:
        copy = self._lives.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for each in self._lives.folder.glob("s4desk.sqlite*"):
            if not each.name.endswith(".lock"):
                shutil.copy(each, copy)
        connection = sqlite3.connect(copy / "s4desk.sqlite")
        try:
            rows = {
                table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in TABLES
            }
        finally:
            connection.close()
        self.seen[request.operation].append(rows)


async def watched(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    spec_of: Callable[[QueueWorld], TransferSpec],
    *,
    move: bool = False,
) -> Disk:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    lives = Lives(folder / "life")
    disk = Disk(lives)
    for store in (lives.world.store, lives.world.other):
        await store.memory.put(SOURCE.location, CONTENT)
    await lives.begin(Fate(0, is_deadly=False))
    for store in (lives.world.store, lives.world.other):
        store.before = disk.look
    await lives.submit(replace(spec_of(lives.world), removes_source=move))
    await lives.world.rest()
    assert lives.world.states() == ["completed"]
    await lives.end()
    return disk


@pytest.mark.parametrize("spec_of", [upload_large, copy_between_large])
async def test_an_upload_is_written_down_before_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec_of: Callable[[QueueWorld], TransferSpec]
) -> None:
    disk = await watched(tmp_path, monkeypatch, spec_of)
    assert [each["intended_upload"] for each in disk.seen["create_multipart"]] == [1]
    assert {each["upload"] for each in disk.seen["put_part"]} == {1}
    assert [each["upload_part"] for each in disk.seen["complete_multipart"]] == [PARTS]


async def test_a_move_is_written_down_before_the_source_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = await watched(tmp_path, monkeypatch, copy_between_large, move=True)
    assert [each["move"] for each in disk.seen["delete"]] == [1]


async def test_bytes_are_on_the_disk_before_they_are_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the name is on the disk before the object may go."""
    order: list[str] = []
    sync, rename = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        order.append("folder" if os.path.isdir(path) else "file")
        sync(descriptor)

    def renamed(source: Path, target: Path, **options: int) -> None:
        order.append("rename")
        rename(source, target, **options)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    disk = await watched(tmp_path, monkeypatch, download_large, move=True)
    assert order[-3:] == ["file", "rename", "folder"]
    assert [each["move"] for each in disk.seen["delete"]] == [1]
