"""When a request is made again, and what a lost reply means."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest

from s4desk.core.domain.errors import (
    ClockSkewError,
    ConflictError,
    IntegrityError,
    MalformedReplyError,
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionFailedError,
    StalledError,
    ThrottledError,
    TlsError,
    UnavailableError,
)
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Attributes, Checksum, Doomed, ObjectMeta
from s4desk.core.domain.parts import Span
from s4desk.core.store.identical import proof_of
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.once import not_twice
from s4desk.core.store.protocol import Condition, PutReply
from s4desk.core.store.retry import RetryingStore, backoff, looked_at_between
from s4desk.core.store.waits import watch
from s4desk.core.wire.body import BytesSink, Slice
from tests.store.scripted import FakeClock, ScriptedStore

KEY = Location("bucket", "key")
ABSENT = Condition(if_absent=True)


class World:
    """A retrying store over a scripted one, with a clock that does not wait."""

    def __init__(self) -> None:
        self.memory = MemoryStore(["bucket"])
        self.script = ScriptedStore(self.memory)
        self.clock = FakeClock()
        self.store = RetryingStore(self.script, clock=self.clock, jitter=lambda: 1.0)


@pytest.fixture
def world():
    return World()


class Lender(MemoryStore):
    """Lends a thread that is stopped amid its work."""

    lent = 0

    async def directly(self, work):
        self.lent += 1
        work(None)
        raise StalledError("no byte for 3 s")


async def test_a_thread_is_lent_once(world):
    """What it had in hand when it failed would be forgotten for what it takes then."""
    lender, taken = Lender([]), []
    with pytest.raises(StalledError):
        await RetryingStore(lender, clock=world.clock).directly(taken.append)
    assert (lender.lent, len(taken)) == (1, 1)


@pytest.mark.parametrize("kind", [UnavailableError, StalledError, ThrottledError, IntegrityError])
async def test_what_may_pass_is_asked_again(world, kind):
    await world.memory.put(KEY, b"data")
    world.script.before["head"] = [kind("no"), kind("no")]
    assert (await world.store.head(KEY)).size == 4
    assert world.script.seen == ["head"] * 3


@pytest.mark.parametrize(
    "kind",
    [
        NotFoundError,
        PermissionDeniedError,
        ClockSkewError,
        MalformedReplyError,
        TlsError,
        ConflictError,
    ],
)
async def test_what_will_not_pass_is_not_asked_again(world, kind):
    world.script.before["head"] = [kind("no")]
    with pytest.raises(kind):
        await world.store.head(KEY)
    assert (world.script.seen, world.clock.slept) == (["head"], [])


async def test_five_attempts_are_enough(world):
    world.script.before["list_buckets"] = [UnavailableError(str(n)) for n in range(9)]
    with pytest.raises(UnavailableError, match="4"):
        await world.store.list_buckets()
    assert len(world.script.seen) == 5
    assert world.clock.slept == [0.2, 0.4, 0.8, 1.6]


def test_the_delay_grows_to_a_cap_and_is_jittered_from_nothing():
    error = UnavailableError("no")
    assert [backoff(error, n, 1.0) for n in (1, 2, 6, 7, 60)] == [0.2, 0.4, 6.4, 10.0, 10.0]
    assert backoff(error, 3, 0.0) == 0.0
    assert backoff(error, 3, 0.5) == 0.4


def test_a_throttled_request_waits_longer_and_never_nothing():
    error = ThrottledError("slow down")
    assert [backoff(error, n, 1.0) for n in (1, 2, 6, 60)] == [1.0, 2.0, 30.0, 30.0]
    assert backoff(error, 1, 0.0) == 0.5


async def test_progress_of_a_failed_attempt_is_taken_back_exactly(world):
    heard = []
    world.script.half_moved = 3
    world.script.before["put"] = [UnavailableError("cut"), StalledError("stuck")]
    await world.store.put(KEY, b"0123456789", moved=heard.append)
    assert heard == [3, -3, 3, -3, 10]


async def test_progress_is_taken_back_before_the_wait(world):
    heard = []
    world.script.half_moved = 3
    world.script.before["get"] = [UnavailableError("cut")]
    await world.memory.put(KEY, b"abc")
    seen_at_sleep = []
    sleep = world.clock.sleep

    async def watched(seconds):
        seen_at_sleep.append(sum(heard))
        await sleep(seconds)

    world.clock.sleep = watched
    await world.store.get(KEY, BytesSink(), moved=heard.append)
    assert (seen_at_sleep, sum(heard)) == ([0], 3)


async def test_an_attempt_that_moved_nothing_takes_nothing_back(world):
    heard = []
    world.script.before["put_part"] = [UnavailableError("refused")]
    ticket = await world.memory.create_multipart(KEY)
    await world.store.put_part(KEY, ticket, 1, b"abc", moved=heard.append)
    assert heard == [3]


async def test_cancelling_during_the_wait_ends_it(world):
    world.script.before["head"] = [UnavailableError("no")]
    asleep = asyncio.Event()

    async def forever(_seconds):
        asleep.set()
        await asyncio.Event().wait()

    world.clock.sleep = forever
    running = asyncio.create_task(world.store.head(KEY))
    await asleep.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert world.script.seen == ["head"]


async def test_winning_with_a_lost_reply_is_winning(world):
    world.script.after["put"] = [UnavailableError("reply lost")]
    mine = Attributes(metadata={"owner": "me"})
    reply = await world.store.put(KEY, b"mine", attributes=mine, condition=ABSENT)
    there = await world.memory.head(KEY)
    assert (reply.etag, reply.checked) == (there.etag, "md5")
    assert world.script.seen == ["put", "put", "head"]


async def test_losing_after_a_lost_request_is_losing(world):
    world.script.before["put"] = [UnavailableError("never arrived")]
    await world.memory.put(KEY, b"them")
    with pytest.raises(PreconditionFailedError):
        await world.store.put(KEY, b"mine", condition=ABSENT)


async def test_the_same_bytes_with_other_metadata_are_not_mine(world):
    world.script.before["put"] = [UnavailableError("never arrived")]
    await world.memory.put(KEY, b"same", attributes=Attributes(metadata={"owner": "them"}))
    mine = Attributes(metadata={"owner": "me"})
    with pytest.raises(PreconditionFailedError):
        await world.store.put(KEY, b"same", attributes=mine, condition=ABSENT)


async def test_a_first_refusal_is_a_refusal_even_of_the_same_bytes(world):
    await world.memory.put(KEY, b"same")
    with pytest.raises(PreconditionFailedError):
        await world.store.put(KEY, b"same", condition=ABSENT)
    assert world.script.seen == ["put"]


async def test_a_throttled_request_lost_no_reply(world):
    world.script.before["put"] = [ThrottledError("slow down")]
    await world.memory.put(KEY, b"same")
    with pytest.raises(PreconditionFailedError):
        await world.store.put(KEY, b"same", condition=ABSENT)
    assert "head" not in world.script.seen


async def test_an_edit_with_a_lost_reply_is_done(world):
    etag = (await world.memory.put(KEY, b"old")).etag
    world.script.after["put"] = [StalledError("reply lost")]
    reply = await world.store.put(KEY, b"new", condition=Condition(if_match=etag))
    assert reply.etag == (await world.memory.head(KEY)).etag


@pytest.mark.parametrize("is_ours", [True, False])
async def test_a_conditional_copy_with_a_lost_reply(world, is_ours):
    await world.memory.put(KEY, b"data")
    target = replace(KEY, key="copy")
    if is_ours:
        world.script.after["copy"] = [UnavailableError("reply lost")]
    else:
        await world.memory.put(target, b"theirs")
        world.script.before["copy"] = [UnavailableError("request lost")]
    copying = world.store.copy(KEY, target, condition=Condition(if_absent=True))
    if is_ours:
        assert (await copying).etag == (await world.memory.head(KEY)).etag
    else:
        with pytest.raises(PreconditionFailedError):
            await copying
    assert (await world.memory.head(target)).size == (4 if is_ours else 6)


@pytest.mark.parametrize("is_gone", [True, False])
async def test_a_conditional_deletion_with_a_lost_reply(world, is_gone):
    """Some stores refuse by its ETag what is not there any more."""
    seen = await world.memory.put(KEY, b"data")
    refused = PreconditionFailedError("another")
    world.script.before["delete"] = [UnavailableError("reply lost"), refused]
    if is_gone:
        await world.memory.delete(KEY)
        await world.store.delete(KEY, if_match=seen.etag)
    else:
        with pytest.raises(PreconditionFailedError):
            await world.store.delete(KEY, if_match=seen.etag)
        assert (await world.memory.head(KEY)).etag == seen.etag


async def test_what_must_not_be_done_twice_is_asked_once(world):
    await world.memory.put(KEY, b"data")
    world.script.after["delete"] = [UnavailableError("reply lost")]
    with not_twice(), pytest.raises(UnavailableError):
        await world.store.delete(KEY)
    assert world.script.seen.count("delete") == 1
    world.script.before["delete"] = [ThrottledError("slow down")]
    with not_twice(), pytest.raises(ThrottledError):
        await world.store.delete(KEY)
    world.script.after["delete"] = [UnavailableError("reply lost")]
    await world.store.delete(KEY)
    assert world.script.seen.count("delete") == 4


async def test_what_is_looked_at_between_may_be_done_already_or_must_stay(world):
    """It may look by the same store, which repeats that by itself."""
    await world.memory.put(KEY, b"data")
    looks = []
    done = PutReply("etag")

    async def look():
        looks.append(await world.store.head(KEY))
        return None if len(looks) == 1 else done

    world.script.before["copy"] = [ThrottledError("slow down")] * 2
    world.script.before["head"] = [ThrottledError("slow down")]
    with looked_at_between(look):
        assert await world.store.copy(KEY, KEY) is done
    assert (len(looks), world.script.seen.count("copy")) == (2, 2)

    async def refuse():
        raise NotFoundError("gone")

    world.script.before["delete"] = [ThrottledError("slow down")]
    with looked_at_between(refuse), pytest.raises(NotFoundError):
        await world.store.delete(KEY)
    assert world.script.seen.count("delete") == 1


async def test_what_goes_one_by_one_makes_nobody_ask_for_the_rest_again():
    """A document cannot carry every key."""
    asked = []

    class Told(MemoryStore):
        async def delete_many(self, bucket, doomed, *, bypass=False):
            asked.append([each.key for each in doomed])
            if asked[-1] == ["a\x01"] and asked.count(asked[-1]) == 1:
                raise ThrottledError("slow down")
            return await super().delete_many(bucket, doomed, bypass=bypass)

    store = RetryingStore(Told(["bucket"]), clock=FakeClock(), jitter=lambda: 0.0)
    names = ["x", "a\x01", "b\x01", "y"]
    assert await store.delete_many("bucket", [Doomed(name) for name in names]) == []
    assert asked == [["x", "y"], ["a\x01"], ["a\x01"], ["b\x01"]]


async def test_a_lost_reply_to_complete_is_left_to_the_caller(world):
    ticket = await world.store.create_multipart(KEY)
    part = await world.store.put_part(KEY, ticket, 1, b"abc")
    world.script.after["complete_multipart"] = [UnavailableError("reply lost")]
    with pytest.raises(NotFoundError):
        await world.store.complete_multipart(KEY, ticket, [part])
    assert (await world.store.head(KEY)).size == 3


async def test_a_bucket_created_with_a_lost_reply_is_created(world):
    world.script.after["create_bucket"] = [UnavailableError("reply lost")]
    await world.store.create_bucket("new")
    assert "new" in world.memory.buckets


async def test_a_bucket_of_somebody_else_is_no_bucket_of_mine(world):
    world.script.before["create_bucket"] = [UnavailableError("lost"), ConflictError("exists")]
    world.script.before["head_bucket"] = [PermissionDeniedError("not yours")] * 2
    with pytest.raises(PermissionDeniedError):
        await world.store.create_bucket("bucket")


async def test_a_look_that_was_lost_makes_no_bucket_of_the_one_that_is_there(world):
    world.script.before["head_bucket"] = [UnavailableError("lost")]
    with pytest.raises(ConflictError) as refusal:
        await world.store.create_bucket("bucket")
    assert refusal.value.code == "BucketAlreadyOwnedByYou"
    assert "create_bucket" not in world.script.seen


async def test_a_bucket_without_the_wanted_lock_is_told(world, monkeypatch):
    async def none(_bucket, _kind, **_id):
        return None

    monkeypatch.setattr(world.memory, "get_document", none)
    with pytest.raises(NotSupportedError) as refusal:
        await world.store.create_bucket("new", with_lock=True)
    assert refusal.value.code == "BucketWithoutLock"
    assert "new" in world.memory.buckets


async def test_a_lock_that_may_not_be_looked_at_is_believed(world):
    world.script.before["get_document object_lock"] = [PermissionDeniedError("you may not")]
    await world.store.create_bucket("new", with_lock=True)
    assert "new" in world.memory.buckets


async def test_a_bucket_deleted_with_a_lost_reply_is_deleted(world):
    world.script.after["delete_bucket"] = [UnavailableError("reply lost")]
    await world.store.delete_bucket("bucket")
    assert world.memory.buckets == {}


async def test_a_bucket_that_was_never_there_is_not_found(world):
    with pytest.raises(NotFoundError):
        await world.store.delete_bucket("nowhere")


class Bytes:
    """A source that counts its readers."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read_into(self, view, offset):
        view[:] = self.data[offset : offset + len(view)]


async def test_a_kept_checksum_is_the_better_proof():
    meta = ObjectMeta(KEY, 4, None, "an-etag-of-sse-kms", checksum=Checksum("crc32", "rfPzYw=="))
    assert await proof_of(meta, b"data", Attributes())
    assert not await proof_of(meta, b"DATA", Attributes())
    of_parts = replace(meta, checksum=Checksum("crc32", "rfPzYw==", is_full=False))
    assert not await proof_of(of_parts, b"data", Attributes())


@pytest.mark.parametrize("size", [0, 1, 1024**2, 1024**2 + 1])
async def test_a_slice_is_compared_from_its_own_offset(size):
    memory = MemoryStore(["bucket"])
    data = bytes(range(256)) * (size // 256 + 1)
    await memory.put(KEY, data[:size])
    there = await memory.head(KEY)
    shifted = Slice(Bytes(b"xyz" + data), Span(3, size))
    assert await proof_of(there, shifted, Attributes())
    if size > 1:
        assert not await proof_of(there, Slice(Bytes(b"xyz" + data), Span(2, size)), Attributes())


@pytest.mark.parametrize(
    ("error", "kind"),
    [(ThrottledError("slow down"), "throttled"), (UnavailableError("cable"), "retry")],
)
async def test_the_work_is_told_how_long_it_waits(world, error, kind):
    told = []

    @contextlib.contextmanager
    def waiting(kind, seconds):
        told.append((kind, seconds, len(world.clock.slept)))
        yield
        told.append(len(world.clock.slept))

    async def work():
        watch(waiting)
        # What it starts is watched too.
        await asyncio.create_task(world.store.list_buckets())

    world.script.before["list_buckets"] = [error]
    await asyncio.create_task(work())
    assert told == [(kind, world.clock.slept[0], 0), 1]
    world.script.before["list_buckets"] = [error]
    await world.store.list_buckets()
    assert len(told) == 2
