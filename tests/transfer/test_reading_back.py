"""What nothing but its size proves is read back, where that is wished."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.transfer import TransferState
from s4desk.core.transfer.ends import READ_BACK_SUM
from s4desk.core.wire.checksums import checksum
from tests.transfer.specs import BUCKET, download_spec
from tests.transfer.test_moves import _Never
from tests.transfer.world import PART, World, noise

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import PutReply
    from s4desk.core.store.wrapper import Request

SMALL = b"hello"
LARGE = noise(4 * PART + 500)
COMPLETED, FAILED = TransferState.COMPLETED, TransferState.FAILED


@pytest.fixture
def mute(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A store of which no reply and no ETag proves anything."""
    monkeypatch.setattr("s4desk.core.transfer.verify._MD5_ETAG", _Never)
    monkeypatch.setattr("s4desk.core.transfer.composite._MD5_ETAG", _Never)
    monkeypatch.setattr("s4desk.core.transfer.composite._COMPOSITE_ETAG", _Never)
    put = world.store.memory.put

    async def unchecked(*args: object, **kwargs: object) -> PutReply:
        return replace(await put(*args, **kwargs), checked="")  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.memory, "put", unchecked)
    world.reads_back = True
    return world


async def transfer(world: World, content: bytes, way: str) -> Transfer:
    if way == "up":
        return await world.run(await world.upload(content))
    await world.object("key", content)
    target = world.folder / "target.bin"
    return await world.run(await world.add(download_spec("key", target, size=len(content))))


@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize("way", ["up", "down"])
async def test_both_ends_are_compared(mute: World, content: bytes, way: str) -> None:
    done = await transfer(mute, content, way)
    assert (done.state, done.verified) == (COMPLETED, READ_BACK_SUM)
    assert done.checksum == checksum(READ_BACK_SUM, content)


@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize("way", ["up", "down"])
async def test_unless_it_is_wished_nothing_is_read(mute: World, content: bytes, way: str) -> None:
    mute.reads_back = False
    assert (await transfer(mute, content, way)).verified == "size-only"
    gets = mute.store.count["get"]
    assert gets == 0 if way == "up" else gets <= len(content) // PART + 1


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_what_is_proved_is_not_read_again(world: World, content: bytes) -> None:
    world.reads_back = True
    assert (await transfer(world, content, "up")).verified == "md5"
    assert world.store.count["get"] == 0


@pytest.mark.parametrize("content", [SMALL, LARGE])
async def test_other_bytes_do_not_stay(mute: World, content: bytes) -> None:
    """What arrived is not what was sent, and the store noticed nothing."""
    objects = mute.store.memory.buckets[BUCKET].objects

    def damage(request: Request) -> None:
        if request.operation in ("put", "complete_multipart"):
            (there,) = objects["key"]
            objects["key"] = [replace(there, data=content[:-1] + b"?")]

    mute.store.after = damage
    failed = await transfer(mute, content, "up")
    assert (failed.state, failed.error_kind) == (FAILED, "IntegrityError")
    assert checksum(READ_BACK_SUM, content) in failed.error
    assert checksum(READ_BACK_SUM, content[:-1] + b"?") in failed.error
    assert mute.stored("key") is None


async def test_a_source_that_changed_since_is_not_compared(mute: World, tmp_path: Path) -> None:
    source = tmp_path / "source.bin"

    def change(request: Request) -> None:
        if request.operation == "head":
            source.write_bytes(b"other")

    mute.store.after = change
    done = await transfer(mute, SMALL, "up")
    assert (done.state, done.verified) == (COMPLETED, "size-only")
    assert mute.stored("key") == SMALL
