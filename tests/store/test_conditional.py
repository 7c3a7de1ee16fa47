"""Conditional writes, and telling a store that lies about them."""

from __future__ import annotations

import asyncio

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import (
    ConflictError,
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionFailedError,
    UnavailableError,
)
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.store.capabilities import Capabilities, IfMatch, known
from s4desk.core.store.conditional import put_if_absent, put_if_match
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.probe import probe_conditional_put
from s4desk.core.store.protocol import ConfigKind
from s4desk.core.store.wrapper import StoreWrapper
from tests.store.bucket_contract import LOCK
from tests.store.scripted import ScriptedStore

BUCKET = "bucket"
KEY = Location(BUCKET, "key")


@pytest.fixture
def memory():
    return MemoryStore([BUCKET])


async def test_the_first_creates_and_the_second_does_not(memory):
    assert await put_if_absent(memory, KEY, b"first")
    assert not await put_if_absent(memory, KEY, b"second")
    assert (await memory.head(KEY)).size == 5


async def test_only_the_present_object_is_replaced(memory):
    etag = (await memory.put(KEY, b"first")).etag
    assert await put_if_match(memory, KEY, b"second", etag)
    assert not await put_if_match(memory, KEY, b"third", etag)
    assert (await memory.head(KEY)).size == 6


async def test_replacing_nothing_is_not_found(memory):
    with pytest.raises(NotFoundError):
        await put_if_match(memory, KEY, b"x", "etag")


@pytest.mark.parametrize("refusal", [PreconditionFailedError, ConflictError])
async def test_a_refusal_is_an_answer(memory, refusal):
    script = ScriptedStore(memory)
    script.before["put"] = [refusal("no"), refusal("no")]
    assert not await put_if_absent(script, KEY, b"x")
    assert not await put_if_match(script, KEY, b"x", "etag")


@pytest.mark.parametrize("failure", [NotSupportedError, UnavailableError, PermissionDeniedError])
async def test_a_failure_is_no_answer(memory, failure):
    script = ScriptedStore(memory)
    script.before["put"] = [failure("no")]
    with pytest.raises(failure):
        await put_if_absent(script, KEY, b"x")


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


async def left_over(memory):
    return (await memory.list_versions(Prefix(BUCKET), delimiter="")).versions


@pytest.mark.parametrize("versioned", [False, True])
async def test_an_honest_store_is_trusted_and_left_clean(memory, versioned):
    if versioned:
        await memory.put_config(BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    trial = Capabilities()
    await probe_conditional_put(memory, trial, BUCKET, "a/prefix/")
    assert (trial.conditional_put, trial.if_match) == (True, IfMatch.QUOTED)
    assert await left_over(memory) == []


async def test_a_store_that_ignores_if_none_match_is_not_trusted(memory):
    trial = Capabilities()
    await probe_conditional_put(Liar(memory, trial, honours_absent=False), trial, BUCKET)
    assert trial.conditional_put is False
    assert await left_over(memory) == []


async def test_a_store_with_several_winners_is_not_trusted(memory):
    trial = Capabilities()
    await probe_conditional_put(Racer(memory), trial, BUCKET)
    assert trial.conditional_put is False


@pytest.mark.parametrize("spelling", IfMatch)
async def test_the_spelling_of_if_match_is_found(memory, spelling):
    trial = Capabilities()
    await probe_conditional_put(Liar(memory, trial, spelling=spelling), trial, BUCKET)
    assert (trial.conditional_put, trial.if_match) == (True, spelling)
    assert await left_over(memory) == []


async def test_a_store_without_conditions_is_known_to_have_none(memory):
    script = ScriptedStore(memory)
    refused = NotSupportedError("501")
    script.before["put"] = [refused, None, None, None, refused]
    script.before["copy"] = [refused]
    trial = Capabilities()
    await probe_conditional_put(script, trial, BUCKET)
    assert (trial.conditional_put, trial.if_match) == (False, IfMatch.UNSUPPORTED)
    assert trial.conditional_copy is False
    assert await left_over(memory) == []


async def test_a_store_that_copies_over_what_is_there_is_not_trusted(memory):
    class Copies(StoreWrapper):
        async def copy(self, source, target, **_how):
            return await memory.copy(source, target)

    for store, honours in ((memory, True), (Copies(memory), False)):
        trial = Capabilities()
        await probe_conditional_put(store, trial, BUCKET)
        assert trial.conditional_copy is honours
        assert await left_over(memory) == []


async def test_a_probe_that_fails_tells_why_and_cleans_up(memory):
    script = ScriptedStore(memory)
    script.before["put"] = [None, UnavailableError("gone")]
    with pytest.raises(UnavailableError):
        await probe_conditional_put(script, Capabilities(), BUCKET)
    assert await left_over(memory) == []


async def test_a_bucket_that_would_keep_the_probe_is_left_alone(memory):
    await memory.put_config(BUCKET, ConfigKind.OBJECT_LOCK, LOCK)
    with pytest.raises(NotSupportedError):
        await probe_conditional_put(memory, Capabilities(), BUCKET)
    assert await left_over(memory) == []


async def test_other_objects_are_not_touched(memory):
    await memory.put(Location(BUCKET, ".s4desk-probe"), b"mine")
    await probe_conditional_put(memory, Capabilities(), BUCKET)
    assert [row.location.key for row in await left_over(memory)] == [".s4desk-probe"]


async def test_a_store_that_lists_no_versions_is_left_clean_too(memory):
    script = ScriptedStore(memory)
    script.before["list_versions"] = [NotSupportedError("501")]
    await probe_conditional_put(script, Capabilities(), BUCKET)
    assert await left_over(memory) == []


def test_only_aws_is_known_beforehand():
    aws = known(Connection(ConnectionId("c"), "c"))
    other = known(Connection(ConnectionId("c"), "c", "https://store.test"))
    assert (aws.conditional_put, aws.if_match, aws.keeps_checksums) == (True, IfMatch.QUOTED, True)
    assert other == Capabilities()
