"""A probe on stores that lie, fail and are left in the middle."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.capability import Answer, Capability, Finding, Reason
from s4desk.core.domain.errors import (
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionFailedError,
    UnavailableError,
)
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.store.capabilities import Capabilities, IfMatch
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.probe import Probe
from s4desk.core.store.wrapper import StoreWrapper
from tests.store.configs import LOCK, put_config
from tests.store.scripted import FakeClock, ScriptedStore

BUCKET = "bucket"
PLACE = Prefix(BUCKET, "a/prefix/")
VERSIONED = {"Status": "Enabled"}


@pytest.fixture
def memory():
    return MemoryStore([BUCKET])


async def probed(store, trial=None, place=PLACE, **how):
    return await Probe(store, trial or Capabilities(), place).run(**how)


async def left_over(memory):
    rows = (await memory.list_versions(Prefix(BUCKET), delimiter="")).versions
    return [row.location.key for row in rows] + [str(upload) for upload in memory.uploads]


class Liar(StoreWrapper):
    """Ignores some conditions, or wants If-Match written in its own way."""

    def __init__(self, inner, trial, *, honours_absent=True, spelling=IfMatch.QUOTED):
        super().__init__(inner)
        self.trial = trial
        self.honours_absent = honours_absent
        self.spelling = spelling

    async def put(self, location, body, *, condition=None, **how):
        if condition and condition.if_match:
            if self.spelling is IfMatch.UNSUPPORTED:
                condition = None
            elif self.trial.if_match is not self.spelling:
                raise PreconditionFailedError("412 whatever it says")
        if condition and condition.if_absent and not self.honours_absent:
            condition = None
        return await super().put(location, body, condition=condition, **how)


class Racer(StoreWrapper):
    """Looks first and writes later: sequential writers see the rule kept, racing ones do not."""

    async def put(self, location, body, *, condition=None, **how):
        if condition and condition.if_absent:
            try:
                await self.head(location)
            except NotFoundError:
                await asyncio.sleep(0)
                return await super().put(location, body, **how)
            raise PreconditionFailedError("412")
        return await super().put(location, body, condition=condition, **how)


class Careless(StoreWrapper):
    """Answers as if it had done what it was asked for, and has not."""

    async def copy(self, source, target, **_how):
        return await super().put(target, b"not the source")

    async def put_tags(self, location, tags, **_how):
        """As if nobody had said that these are tags."""
        self.tags = tags
        await super().put(location, b"<Tagging>")

    async def get_tags(self, _location, **_how):
        return self.tags

    async def delete_many(self, _bucket, _doomed, **_how):
        return []


class Full(StoreWrapper):
    """Fails at the given request, and at all after it."""

    def __init__(self, inner, fails_at, error):
        super().__init__(inner)
        self.count = 0
        self.fails_at, self.error = fails_at, error

    async def _around(self, request, call, moved=None):
        self.count += 1
        if request.operation in ("put", "copy", "put_part", "create_multipart"):
            self.fails_at -= 1
            if self.fails_at < 0:
                raise self.error
        return await super()._around(request, call, moved)


@pytest.mark.parametrize("versioned", [False, True])
async def test_an_honest_store_can_do_all_of_it_and_is_left_clean(memory, versioned):
    if versioned:
        await put_config(memory, BUCKET, ConfigKind.VERSIONING, VERSIONED)
    report = await probed(memory)
    assert {finding.answer for finding in report.findings.values()} == {Answer.YES}
    assert Capability.COPY in report.findings
    assert Capability.COMPLETE_IF_ABSENT in report.findings
    assert report.leftovers == ()
    assert await left_over(memory) == []


async def test_what_needs_the_wire_is_not_known_without_it(memory):
    report = await probed(memory)
    for capability in (Capability.SHA256, Capability.PRESIGN, Capability.VIRTUAL_HOST):
        assert report[capability] == Finding(Answer.UNKNOWN, Reason.NOT_TRIED)


async def test_a_store_that_ignores_if_none_match_is_not_trusted(memory):
    trial = Capabilities()
    report = await probed(Liar(memory, trial, honours_absent=False), trial)
    assert report[Capability.PUT_IF_ABSENT].reason is Reason.IGNORED
    assert trial.conditional_put is False
    assert await left_over(memory) == []


async def test_a_store_with_several_winners_is_not_trusted(memory):
    report = await probed(Racer(memory))
    assert report[Capability.PUT_IF_ABSENT].reason is Reason.SEVERAL_WINNERS


@pytest.mark.parametrize(
    ("spelling", "answer", "reason"),
    [
        (IfMatch.QUOTED, Answer.YES, Reason.WORKED),
        (IfMatch.BARE, Answer.YES, Reason.WORKED_UNQUOTED),
        (IfMatch.UNSUPPORTED, Answer.NO, Reason.IGNORED),
    ],
)
async def test_the_spelling_of_if_match_is_found(memory, spelling, answer, reason):
    trial = Capabilities()
    report = await probed(Liar(memory, trial, spelling=spelling), trial)
    found = report[Capability.PUT_IF_MATCH]
    assert (found.answer, found.reason, trial.if_match) == (answer, reason, spelling)
    assert await left_over(memory) == []


async def test_what_is_answered_and_not_done_is_not_there(memory):
    report = await probed(Careless(memory))
    for capability in (Capability.COPY, Capability.OBJECT_TAGGING, Capability.BATCH_DELETE):
        assert report[capability].answer is Answer.NO, capability
        assert report[capability].reason is Reason.IGNORED, capability
    assert await left_over(memory) == []


async def test_a_refusal_is_a_no_and_a_fault_is_not(memory):
    script = ScriptedStore(memory)
    script.before["put_tags"] = [NotSupportedError("no tags", status=501)]
    script.before["copy_part"] = [UnavailableError("a fault", status=500)]
    script.before["delete_many"] = [PermissionDeniedError("not you", status=403)]
    report = await probed(script)
    told = {
        each: (report[each].answer, report[each].detail)
        for each in (Capability.OBJECT_TAGGING, Capability.MULTIPART_COPY, Capability.BATCH_DELETE)
    }
    assert told == {
        Capability.OBJECT_TAGGING: (Answer.NO, "501 no tags"),
        Capability.MULTIPART_COPY: (Answer.UNKNOWN, "500 a fault"),
        Capability.BATCH_DELETE: (Answer.DENIED, "403 not you"),
    }
    assert await left_over(memory) == []


async def test_a_probe_that_only_reads_asks_for_no_write(memory):
    script = ScriptedStore(memory)
    report = await probed(script, is_read_only=True)
    assert report[Capability.COPY] == report[Capability.PUT_IF_ABSENT]
    assert report[Capability.COPY].reason is Reason.NEEDS_WRITING
    asked = {"object_lock", "replication", "versioning"}
    assert set(script.seen) <= {"list_objects", *(f"get_document {kind}" for kind in asked)}


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (ConfigKind.OBJECT_LOCK, LOCK, Reason.WOULD_BE_KEPT),
        (ConfigKind.REPLICATION, {"Role": "r", "Rules": [{}]}, Reason.WOULD_BE_REPLICATED),
    ],
)
async def test_a_bucket_that_would_keep_the_probe_is_left_alone(memory, kind, value, reason):
    await put_config(memory, BUCKET, kind, value)
    script = ScriptedStore(memory)
    report = await probed(script)
    assert report[Capability.COPY].reason is reason
    assert "put" not in script.seen


async def test_a_key_that_may_not_delete_writes_one_object_and_tells(memory):
    class Keeps(StoreWrapper):
        async def delete(self, location, **_how):
            raise PermissionDeniedError("no deletes", location=location)

    report = await probed(Keeps(memory))
    assert len(await left_over(memory)) == 1
    assert list(report.leftovers) == await left_over(memory)
    assert report[Capability.COPY].reason is Reason.MIGHT_BE_KEPT


async def test_a_key_that_may_not_write_is_told_so(memory):
    script = ScriptedStore(memory)
    script.before["put"] = [PermissionDeniedError("no writes")]
    report = await probed(script)
    assert report[Capability.COPY].answer is Answer.DENIED
    assert script.seen.count("put") == 1


async def test_a_bucket_that_is_not_there_is_told(memory):
    with pytest.raises(NotFoundError):
        await probed(memory, place=Prefix("nowhere"))


async def test_other_objects_are_not_touched(memory):
    old = f".s4desk-probe-20200101T000000Z-{'0' * 32}"
    kept = [".s4desk-probe", f"{old}-crc32.txt", f"{old[:-1]}", "x"]
    for key in kept:
        await memory.put(Location(BUCKET, PLACE.prefix + key), b"mine")
    await probed(memory)
    assert await left_over(memory) == sorted(PLACE.prefix + key for key in kept)


async def test_a_store_that_lists_no_versions_is_left_clean_too(memory):
    class Flat(StoreWrapper):
        async def list_versions(self, *_where, **_how):
            raise NotSupportedError("501")

    await probed(Flat(memory))
    assert await left_over(memory) == []


async def test_a_listing_that_lags_behind_hides_nothing(memory):
    class Late(StoreWrapper):
        async def list_versions(self, prefix, **how):
            page = await super().list_versions(prefix, **how)
            page.versions[:] = []
            return page

        async def list_uploads(self, _prefix):
            return []

    script = ScriptedStore(memory)
    script.before["complete_multipart"] = [UnavailableError("500", status=500)] * 9
    await probed(Late(script))
    assert await left_over(memory) == []


async def test_what_a_killed_probe_left_is_removed_when_it_is_old(memory):
    clock = FakeClock()
    old, young, base = [], [], "0" * 32
    for age, keys in ((timedelta(hours=2), old), (timedelta(minutes=30), young)):
        name = f".s4desk-probe-{clock.now() - age:%Y%m%dT%H%M%SZ}-{base}"
        keys += [PLACE.prefix + name, f"{PLACE.prefix}{name}-crc32"]
        await memory.put(Location(BUCKET, keys[0]), b"x")
        await memory.create_multipart(Location(BUCKET, keys[1]))
    await Probe(memory, Capabilities(), PLACE, clock=clock).run()
    assert await left_over(memory) == [young[0], *map(str, memory.uploads)]
    assert len(memory.uploads) == 1


async def test_wherever_it_breaks_nothing_is_left(memory):
    """Each write is once the one from which on the network is gone for writes."""
    await put_config(memory, BUCKET, ConfigKind.VERSIONING, VERSIONED)
    counting = Full(memory, 10_000, None)
    await probed(counting)
    writes = 10_000 - counting.fails_at
    assert writes > 20
    for at in range(writes):
        with pytest.raises(UnavailableError):
            await probed(Full(memory, at, UnavailableError("gone")))
        assert await left_over(memory) == [], at


async def test_wherever_it_is_cancelled_nothing_is_left(memory):
    await put_config(memory, BUCKET, ConfigKind.VERSIONING, VERSIONED)
    counting = ScriptedStore(memory)
    await probed(counting)
    cancelled = 0
    for at in range(0, len(counting.seen), 3):
        script = ScriptedStore(memory)
        task = asyncio.ensure_future(probed(script))

        def strike(script=script, task=task, at=at):
            if len(script.seen) == at + 1:
                task.cancel()

        script.on_enter = strike
        try:
            await task
        except asyncio.CancelledError:
            cancelled += 1
        assert await left_over(memory) == [], at
    assert cancelled > 20


class GoesOn(StoreWrapper):
    """Takes its time for a write, and does it also when nobody waits for it any more."""

    def __init__(self, inner):
        super().__init__(inner)
        self.writes = []
        self.on_write = lambda: None

    async def _around(self, request, call, moved=None):
        if request.operation not in ("put", "copy", "create_multipart"):
            return await call(moved)

        async def late():
            for _ in range(200):
                await asyncio.sleep(0)
            return await call(moved)

        self.writes.append(asyncio.ensure_future(late()))
        self.on_write()
        return await asyncio.shield(self.writes[-1])


@pytest.mark.parametrize("at", [1, 2, 6, 12])
async def test_a_write_that_arrives_after_the_end_does_not(memory, at):
    store = GoesOn(memory)
    task = asyncio.ensure_future(probed(store))

    def strike():
        if len(store.writes) == at:
            task.cancel()

    store.on_write = strike
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.gather(*store.writes)
    assert await left_over(memory) == []


async def test_cancelled_again_while_it_cleans_it_cleans_all_the_same(memory):
    script = ScriptedStore(memory)
    task = asyncio.ensure_future(probed(script))

    def strike():
        if "copy" in script.seen:
            task.cancel()

    script.on_enter = strike
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await left_over(memory) == []


async def test_the_keys_carry_the_mark_and_the_time(memory):
    keys = set()

    class Watched(StoreWrapper):
        async def put(self, location, body, **how):
            keys.add(location.key)
            return await super().put(location, body, **how)

    await probed(Watched(memory))
    mark = re.compile(r"a/prefix/\.s4desk-probe-\d{8}T\d{6}Z-[0-9a-f]{32}(-[a-z0-9]+)?")
    assert all(mark.fullmatch(key) for key in keys)
    assert len(keys) > 5


async def test_progress_is_told_to_the_end(memory):
    told = []
    await Probe(memory, Capabilities(), PLACE, told=lambda *step: told.append(step)).run()
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == sorted(done for done, _ in told)
