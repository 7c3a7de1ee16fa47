"""Unfinished uploads: found, told apart, and aborted with a proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import PermissionDeniedError, UnavailableError
from s4desk.core.domain.identity import Prefix, UploadId
from s4desk.core.domain.objects import Upload
from s4desk.core.transfer.leftovers import ABORTS, Leftover, abort_for_good, find_leftovers
from s4desk.core.transfer.owners import Owners
from tests.transfer.settle import settle
from tests.transfer.specs import BUCKET, at

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location
    from tests.transfer.world import World


async def begin(world: World, key: str, *parts: bytes) -> UploadId:
    location = at(key).location
    ticket = await world.store.create_multipart(location)
    for number, part in enumerate(parts, 1):
        await world.store.put_part(location, ticket, number, part)
    return ticket.upload


async def found(
    world: World, known: dict[tuple[Location, UploadId], str] | None = None
) -> list[Leftover]:
    owners = Owners()
    for (location, upload), transfer in (known or {}).items():
        owners.add(transfer, location, upload)

    async def owners_of() -> Owners:
        # Whoever began one meanwhile is known when this is asked.
        assert world.store.count["list_uploads"]
        return owners

    return await find_leftovers(world.store, Prefix(BUCKET, "p/"), owners_of)


async def test_size_parts_and_owner_of_what_lies_below(world: World) -> None:
    mine = await begin(world, "p/b", b"12345", b"678")
    await begin(world, "p/a")
    await begin(world, "elsewhere", b"1")
    first, second = await found(world, {(at("p/b").location, mine): "run.1"})
    assert (first.upload.location.key, first.parts, first.size, first.owner) == ("p/a", 0, 0, "")
    assert (second.upload.upload, second.parts, second.size) == (mine, 2, 8)
    assert second.owner == "run.1"
    # The same id under another key is not ours.
    assert {each.owner for each in await found(world, {(at("p/a").location, mine): "run.1"})} == {
        ""
    }


async def test_what_was_asked_for_is_supposed_to_be_ours_unless_it_has_parts(world: World) -> None:
    asked = [world.clock.now()]
    owners = Owners()
    for key in ("p/empty", "p/full"):
        owners.add("run.1", at(key).location, None, asked)
    await begin(world, "p/empty")
    await begin(world, "p/full", b"somebody's")
    await begin(world, "p/other")

    async def owners_of() -> Owners:
        return owners

    told = await find_leftovers(world.store, Prefix(BUCKET, "p/"), owners_of)
    assert [each.owner for each in told] == ["run.1", "", ""]


async def test_what_cannot_be_asked_for_has_no_size_and_what_is_gone_is_left_out(
    world: World,
) -> None:
    await begin(world, "p/a", b"1")
    world.store.fail("list_parts", PermissionDeniedError("no"))
    (leftover,) = await found(world)
    assert (leftover.parts, leftover.size) == (None, None)
    gone = Upload(at("p/gone").location, UploadId("gone"), None)
    uploads = [*await world.store.memory.list_uploads(Prefix(BUCKET, "p/")), gone]

    async def listed(_: Prefix) -> list[Upload]:
        world.store.count["list_uploads"] += 1
        return uploads

    world.store.list_uploads = listed  # type: ignore[method-assign]
    assert [each.upload.location.key for each in await found(world)] == ["p/a"]


def test_an_age_is_known_when_the_store_tells_it() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    upload = Upload(at("k").location, UploadId("u"), now - timedelta(hours=3))
    assert Leftover(upload).age(now) == timedelta(hours=3)
    assert Leftover(Upload(at("k").location, UploadId("u"), None)).age(now) is None


async def test_an_upload_is_aborted_until_it_is_gone(world: World) -> None:
    upload = await begin(world, "p/a", b"1")
    await abort_for_good(world.store, at("p/a").location, upload, world.clock)
    assert world.store.memory.uploads == {}
    assert world.store.count["list_parts"] == 1


async def test_an_upload_that_stays_is_an_error(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await begin(world, "p/a", b"1")

    async def deaf(*_: object) -> None:
        world.store.count["abort_multipart"] += 1

    monkeypatch.setattr(world.store, "abort_multipart", deaf)
    aborting = abort_for_good(world.store, at("p/a").location, upload, _Impatient())
    with pytest.raises(UnavailableError):
        await aborting
    assert world.store.count["abort_multipart"] == ABORTS
    await settle()


class _Impatient:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, _seconds: float) -> None:
        return
