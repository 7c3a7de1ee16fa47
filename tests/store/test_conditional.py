"""Conditional writes, and telling a store that lies about them."""

from __future__ import annotations

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
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.store.capabilities import Capabilities, IfMatch, known
from s4desk.core.store.conditional import put_if_absent, put_if_match
from s4desk.core.store.memory import MemoryStore
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


def test_only_aws_is_known_beforehand():
    aws = known(Connection(ConnectionId("c"), "c"))
    other = known(Connection(ConnectionId("c"), "c", "https://store.test"))
    assert (aws.conditional_put, aws.if_match, aws.keeps_checksums) == (True, IfMatch.QUOTED, True)
    assert other == Capabilities()
