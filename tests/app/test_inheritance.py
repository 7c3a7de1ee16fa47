"""What killed verbs left goes on in the window's queue: real processes, a real server."""

from __future__ import annotations

import subprocess
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from s4desk.app.paths import folders_under
from s4desk.app.wiring import build_desk
from s4desk.core.domain.transfer import BatchId
from s4desk.core.persist.database import Database
from s4desk.core.persist.runs import NoSuchRunError
from s4desk.core.persist.secrets import Keychain
from tests.app.file_keyring import VARIABLE, FileKeyring
from tests.app.test_cli_transfers import (
    CONTENT,
    big,
    killed,
    proxy,
    runs,
    sent_parts,
    stored,
    uploads,
)
from tests.servers.client import s3_client
from tests.servers.faults import Stall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from s4desk.core.desk import Desk
    from tests.app.terminal import Terminal
    from tests.servers.fault import FaultProxy

__all__ = ["big", "proxy"]


@pytest.fixture(autouse=True)
def keyring(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(terminal.keyring))


@asynccontextmanager
async def opened(terminal: Terminal) -> AsyncIterator[Desk]:
    """The desk of a window."""
    desk = build_desk(folders_under(terminal.home), secrets=Keychain(FileKeyring))
    try:
        await desk.open()
        yield desk
    finally:
        await desk.aclose()


def kill_download(
    terminal: Terminal, proxy: FaultProxy, bucket: str, target: Path, body: bytes, stall: Stall
) -> None:
    with s3_client(proxy.endpoint) as client:
        client.put_object(Bucket=bucket, Key="big", Body=body)
    skip = 3 if stall.after == 0 else 0
    rule = proxy.on(stall, method="GET", path_re="/big", skip=skip, times=1)
    words = terminal.command("cp", f"T:{bucket}/big", str(target))
    process = subprocess.Popen(words, env=terminal.variables)
    proxy.wait_until(lambda _: rule.hits > 0, 30)
    process.kill()
    process.wait()
    proxy.cut_connections()
    proxy.clear()


async def test_a_killed_upload_goes_on_in_the_windows_queue(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, big: Path
) -> None:
    killed(terminal, proxy, ("cp", str(big), f"T:{ceph_bucket}/big"))
    before = len(proxy.requests)
    async with opened(terminal) as desk:
        (view,) = await desk.runs.look()
        run = await desk.runs.open(view.id)
        await run.bequeath(desk.queue)
        assert (runs(terminal), await desk.runs.look()) == ([], [])
        await desk.queue.wait(BatchId(view.id))
        (transfer,) = desk.queue.transfers()
        assert transfer.state == "completed"
    assert len(sent_parts(proxy.requests[before:])) <= 3
    assert stored(proxy.endpoint, ceph_bucket, "big") == CONTENT
    assert uploads(proxy.endpoint, ceph_bucket) == []


@pytest.mark.parametrize("fate", ["goes on", "is undone"])
async def test_a_killed_download_has_another_name_in_the_window(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, tmp_path: Path, fate: str
) -> None:
    target = tmp_path / "in" / "back"
    kill_download(terminal, proxy, ceph_bucket, target, CONTENT * 2, Stall(after=0))
    (partial,) = target.parent.iterdir()
    before = len(proxy.requests)
    async with opened(terminal) as desk:
        (view,) = await desk.runs.look()
        run = await desk.runs.open(view.id)
        if fate == "is undone":
            desk.queue.pause_all()
        heirs = await run.bequeath(desk.queue)
        if fate == "is undone":
            desk.queue.cancel(heirs)
        await desk.queue.wait(BatchId(view.id))
    if fate == "is undone":
        assert list(target.parent.iterdir()) == []
        return
    assert list(target.parent.iterdir()) == [target]
    assert target.read_bytes() == CONTENT * 2
    ranges = [each for each in proxy.requests[before:] if each.method == "GET"]
    assert len(ranges) <= 6  # of eight: two or three had arrived
    assert partial != target


async def test_what_a_small_download_left_does_not_stay(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, tmp_path: Path
) -> None:
    target = tmp_path / "in" / "back"
    kill_download(terminal, proxy, ceph_bucket, target, bytes(12 << 20), Stall(after=8 << 20))
    (partial,) = target.parent.iterdir()
    assert partial.name.endswith(".s4part")
    async with opened(terminal) as desk:
        (view,) = await desk.runs.look()
        await (await desk.runs.open(view.id)).bequeath(desk.queue)
        await desk.queue.wait(BatchId(view.id))
    assert [each.name for each in target.parent.iterdir()] == ["back"]


async def test_a_crash_while_it_is_handed_over_leaves_it_to_one(
    terminal: Terminal,
    proxy: FaultProxy,
    ceph_bucket: str,
    big: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    killed(terminal, proxy, ("cp", str(big), f"T:{ceph_bucket}/big"))
    monkeypatch.setattr(Database, "remove", Database.aclose)  # the file outlives the moment
    async with opened(terminal) as desk:
        (view,) = await desk.runs.look()
        await (await desk.runs.open(view.id)).bequeath(desk.queue)
        desk.queue.pause_all()
        await desk.queue.at_rest()
    monkeypatch.undo()
    assert f"{view.id}.sqlite" in runs(terminal)
    # Neither undone nor carried out by anybody else: the window's queue has it.
    asked = terminal.run("transfers", "cancel", view.id)
    assert (asked.code, "nothing unfinished" in asked.err) == (1, True)
    assert len(uploads(proxy.endpoint, ceph_bucket)) == 1
    (window, _) = terminal.ok("transfers", "list", "--json").records
    assert (window["id"], runs(terminal)) == ("window", [])
    async with opened(terminal) as desk:
        with pytest.raises(NoSuchRunError):
            await desk.runs.open(view.id)
        assert len(desk.queue.transfers()) == 1
