"""Uploads of others, completed with a local file: which parts count, and which do not."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import NotFoundError, TargetExistsError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Upload
from s4desk.core.domain.parts import MIB
from s4desk.core.transfer.adoption import Adoption, NotAdoptableError, plan_adoption
from s4desk.core.wire.checksums import checksum
from tests.transfer.queue_world import BATCH, QueueWorld
from tests.transfer.specs import BUCKET, HERE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PART = 5 * MIB
CONTENT = random.Random(5).randbytes(3 * PART + 1000)
KEY = Location(BUCKET, "theirs")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[QueueWorld]:
    world = QueueWorld(tmp_path)
    await world.queue.open()
    yield world
    await world.queue.aclose()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "mine").write_bytes(CONTENT)
    return tmp_path / "mine"


def part(number: int, size: int = PART) -> bytes:
    return CONTENT[(number - 1) * size : number * size]


async def begun(world: QueueWorld, parts: dict[int, bytes]) -> Upload:
    """What another program left."""
    ticket = await world.store.create_multipart(KEY)
    for number, body in parts.items():
        await world.store.put_part(KEY, ticket, number, body)
    world.store.count.clear()
    return Upload(KEY, ticket.upload, None)


async def adopted(world: QueueWorld, adoption: Adoption) -> None:
    await world.queue.inherit([adoption.inheritance(BATCH)])
    await world.rest()


async def test_what_has_arrived_is_not_sent_again(world: QueueWorld, file: Path):
    upload = await begun(world, {1: part(1), 3: part(3)})
    adoption = await plan_adoption(world.store, HERE, upload, file)
    assert (adoption.kept, adoption.replaces) == (2 * PART, False)
    assert (adoption.size, adoption.checkpoint.part_size) == (len(CONTENT), PART)
    await adopted(world, adoption)
    assert world.states() == ["completed"]
    assert world.stored()["theirs"] == CONTENT
    assert world.store.count["put_part"] == 2
    assert world.store.memory.uploads == {}


@pytest.mark.parametrize(
    ("parts", "count"),
    [
        pytest.param({1: bytes(PART), 2: bytes(PART)}, "2 parts that have arrived, 0", id="none"),
        pytest.param({1: part(1), 2: bytes(PART), 4: part(4)}, "3 parts .* 2 are", id="not-all"),
        pytest.param({1: bytes(PART), 2: part(2)}, "2 parts .* 1 are", id="not-the-first"),
        pytest.param({1: part(1), 9: bytes(PART)}, "2 parts .* 1 are", id="beyond-the-end"),
        pytest.param({1: bytes(PART)}, "1 part that has arrived, 0 is", id="one"),
    ],
)
async def test_a_file_that_does_not_hold_all_that_has_arrived_is_refused(
    world: QueueWorld, file: Path, parts: dict[int, bytes], count: str
):
    upload = await begun(world, parts)
    with pytest.raises(NotAdoptableError, match=count):
        await plan_adoption(world.store, HERE, upload, file)
    assert world.store.memory.uploads.keys() == {upload.upload}


async def test_what_is_there_is_only_replaced_when_that_was_said(world: QueueWorld, file: Path):
    upload = await begun(world, {1: part(1)})
    await world.store.put(KEY, b"newer")
    with pytest.raises(TargetExistsError):
        await plan_adoption(world.store, HERE, upload, file, may_replace=False)
    adoption = await plan_adoption(world.store, HERE, upload, file)
    assert adoption.replaces
    await world.queue.inherit([adoption.inheritance(BATCH, overwrites=True)])
    await world.rest()
    assert world.stored()["theirs"] == CONTENT


async def test_what_comes_while_it_is_completed_is_not_replaced(world: QueueWorld, file: Path):
    upload = await begun(world, {1: part(1)})
    adoption = await plan_adoption(world.store, HERE, upload, file)
    await world.store.put(KEY, b"newer")
    await adopted(world, adoption)
    assert world.states() == ["failed"]
    assert world.stored()["theirs"] == b"newer"


async def test_a_short_last_part_alone_tells_how_the_file_was_cut(world: QueueWorld, file: Path):
    size = 8 * MIB
    upload = await begun(world, {2: part(2, size)})
    adoption = await plan_adoption(world.store, HERE, upload, file)
    assert (adoption.checkpoint.part_size, adoption.kept) == (size, len(CONTENT) - size)


async def test_an_upload_without_parts_takes_our_part_size(world: QueueWorld, file: Path):
    upload = await begun(world, {})
    adoption = await plan_adoption(world.store, HERE, upload, file, part_size=6 * MIB)
    assert (adoption.checkpoint.part_size, adoption.kept) == (6 * MIB, 0)
    await adopted(world, adoption)
    assert world.stored()["theirs"] == CONTENT


async def test_a_small_file_joins_its_one_part(world: QueueWorld, tmp_path: Path):
    (tmp_path / "small").write_bytes(b"small")
    upload = await begun(world, {1: b"small"})
    adoption = await plan_adoption(world.store, HERE, upload, tmp_path / "small")
    assert adoption.kept == len(b"small")
    await adopted(world, adoption)
    assert (world.stored()["theirs"], world.store.count["put_part"]) == (b"small", 0)
    assert world.store.memory.uploads == {}


async def test_a_cancelled_adoption_leaves_no_upload(world: QueueWorld, file: Path):
    upload = await begun(world, {1: part(1)})
    adoption = await plan_adoption(world.store, HERE, upload, file)
    world.store.let_through(0)
    (id_,) = await world.queue.inherit([adoption.inheritance(BATCH)])
    await world.stuck()
    world.queue.cancel([id_])
    world.store.open_gate()
    await world.rest()
    assert (world.states(), world.store.memory.uploads) == (["cancelled"], {})


@pytest.mark.parametrize("algorithm", ["sha256", "crc32"])
async def test_parts_with_sums_of_their_own_are_proved_by_them(
    world: QueueWorld, file: Path, algorithm: str
):
    upload = await begun(world, {1: part(1), 3: part(3)})
    held = world.store.memory.uploads[upload.upload].parts
    for number, (receipt, data) in held.items():
        held[number] = (replace(receipt, etag="0" * 32, checksum=checksum(algorithm, data)), data)
    theirs = replace(upload, algorithm=algorithm, is_composite=True)
    adoption = await plan_adoption(world.store, HERE, theirs, file)
    assert adoption.kept == 2 * PART
    checkpoint = adoption.checkpoint
    assert (checkpoint.algorithm, checkpoint.is_composite) == (algorithm, True)
    await adopted(world, adoption)
    assert world.stored()["theirs"] == CONTENT
    assert world.store.count["put_part"] == 2


async def test_what_cannot_be_adopted_says_why(world: QueueWorld, file: Path, tmp_path: Path):
    upload = await begun(world, {1: part(1)})
    unknown = replace(upload, algorithm="xxh3", is_composite=True)
    with pytest.raises(NotAdoptableError, match="XXH3"):
        await plan_adoption(world.store, HERE, unknown, file)
    (tmp_path / "empty").touch()
    with pytest.raises(NotAdoptableError, match="empty"):
        await plan_adoption(world.store, HERE, upload, tmp_path / "empty")
    await world.store.abort_multipart(KEY, upload.upload)
    with pytest.raises(NotFoundError):
        await plan_adoption(world.store, HERE, upload, file)
