"""The bytes of an object, changed: everything else of it stays, and nobody's write is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.access import CannedAcl
from s4desk.core.domain.errors import LockedError, LostUpdateError, NotSupportedError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Attributes
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.content_editing import read_content, save_content
from s4desk.core.wire.body import BytesSink
from tests.store.scripted import ScriptedStore
from tests.transfer.editing_contract import Between

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import ObjectStore

WHERE = Location("b", "notes.txt")
NOW = datetime.now(UTC)
ATTRIBUTES = Attributes(
    content_type="text/plain; charset=utf-8",
    cache_control="no-cache",
    metadata={"who": "me"},
    tags={"k": "v"},
)


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore()
    await store.create_bucket("b")
    await store.put(WHERE, b"old", attributes=ATTRIBUTES)
    return store


async def bytes_of(store: ObjectStore) -> bytes:
    sink = BytesSink()
    await store.get(WHERE, sink)
    return bytes(sink.data)


async def test_all_that_belongs_to_it_stays(store):
    script = ScriptedStore(store)
    seen = await read_content(script, await store.head(WHERE))
    assert (seen.data, dict(seen.tags)) == (b"old", {"k": "v"})
    saved = await save_content(script, seen, b"new and longer", NOW)
    assert "put_tags" not in script.seen  # they came with it
    assert saved.is_guarded
    assert saved.not_kept == ()
    assert await bytes_of(store) == b"new and longer"
    there: ObjectMeta = await store.head(WHERE)
    wanted = replace(ATTRIBUTES, tags={})
    assert replace(there.attributes, tags={}, storage_class="") == wanted
    assert dict(await store.get_tags(WHERE)) == {"k": "v"}
    # And once more, from what came of it.
    again = await save_content(store, saved.content, b"third", NOW)
    assert await bytes_of(store) == b"third"
    assert again.content.meta.etag != saved.content.meta.etag


async def test_what_somebody_else_wrote_is_not_lost(store):
    seen = await read_content(store, await store.head(WHERE))
    await store.put(WHERE, b"theirs")
    with pytest.raises(LostUpdateError):
        await save_content(store, seen, b"mine", NOW)
    assert await bytes_of(store) == b"theirs"


async def test_what_was_deleted_is_made_only_on_purpose(store):
    seen = await read_content(store, await store.head(WHERE))
    await store.delete(WHERE)
    with pytest.raises(LostUpdateError):
        await save_content(store, seen, b"mine", NOW)
    saved = await save_content(store, replace(seen, is_gone=True), b"mine", NOW)
    assert await bytes_of(store) == b"mine"
    assert not saved.content.is_gone
    with pytest.raises(LostUpdateError):
        await save_content(store, replace(seen, is_gone=True), b"mine too", NOW)


@pytest.mark.parametrize("how", ["same", "written", "deleted"])
async def test_without_conditions_it_is_looked_right_before(store, how):
    script = ScriptedStore(store)
    seen = await read_content(script, await script.head(WHERE))
    script.before["put"] = [NotSupportedError("not known to honour If-Match")]
    deeds = {
        "same": None,
        "written": lambda: store.put(WHERE, b"theirs"),
        "deleted": lambda: store.delete(WHERE),
    }
    late = Between(script, "put", deeds[how])
    if how == "same":
        saved = await save_content(late, seen, b"mine", NOW)
        assert not saved.is_guarded
        assert await bytes_of(store) == b"mine"
    else:
        with pytest.raises(LostUpdateError):
            await save_content(late, seen, b"mine", NOW)
        assert script.seen.count("put") == 1


async def test_what_others_changed_of_its_belongings_stays(store):
    """None of it changes the ETag."""
    seen = await read_content(store, await store.head(WHERE))
    theirs = replace(ATTRIBUTES, cache_control="max-age=9", metadata={"theirs": "1"})
    await store.copy(WHERE, WHERE, attributes=theirs)
    await store.put_tags(WHERE, {"theirs": "1"})
    await store.put_acl(WHERE, CannedAcl.PUBLIC_READ)
    saved = await save_content(store, seen, b"mine", NOW)
    assert saved.not_kept == ()
    assert await bytes_of(store) == b"mine"
    there = await store.head(WHERE)
    assert (there.attributes.cache_control, dict(there.attributes.metadata)) == (
        "max-age=9",
        {"theirs": "1"},
    )
    assert dict(await store.get_tags(WHERE)) == {"theirs": "1"}
    assert (await store.get_acl(WHERE)).is_public


async def test_what_the_store_does_not_keep_is_named(store):
    script = ScriptedStore(store)
    await store.put_acl(WHERE, CannedAcl.PUBLIC_READ)
    seen = await read_content(script, await script.head(WHERE))
    script.before["put_acl"] = [NotSupportedError("no grants")]
    saved = await save_content(script, seen, b"new", NOW)
    assert saved.not_kept == ("acl",)
    saved = await save_content(script, saved.content, b"newer", NOW)
    assert saved.not_kept == ()
    assert (await store.get_acl(WHERE)).is_public


async def test_what_was_locked_meanwhile_is_not_written_over(store):
    await store.create_bucket("kept", with_lock=True)
    where = Location("kept", "notes.txt")
    await store.put(where, b"old")
    seen = await read_content(store, await store.head(where))
    await store.put_legal_hold(where, is_on=True)
    script = ScriptedStore(store)
    with pytest.raises(LockedError):
        await save_content(script, seen, b"mine", NOW)
    assert "put" not in script.seen
    await store.put_legal_hold(where, is_on=False)
    assert (await save_content(script, seen, b"mine", NOW)).not_kept == ()
