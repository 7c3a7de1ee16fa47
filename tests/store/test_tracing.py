"""One record per request, and what it says."""

from __future__ import annotations

import asyncio
import logging

import pytest

from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError, SourceChangedError
from s4desk.core.domain.identity import Location
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.tracing import TracedStore
from s4desk.core.wire.body import BytesSink
from tests.store.scripted import FakeClock, ScriptedStore

KEY = Location("bucket", "a\nb")
LOGGER = "s4desk.core.store.tracing"


@pytest.fixture
def script():
    return ScriptedStore(MemoryStore(["bucket"]))


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def store(script, clock, caplog):
    caplog.set_level(logging.DEBUG, LOGGER)
    return TracedStore(script, name="home", clock=clock)


async def test_a_request_is_one_line(store, script, clock, caplog):
    script.on_enter = lambda: clock.slept.append(0.25)
    await store.put(KEY, b"12345")
    await store.get(KEY, BytesSink())
    (put, get) = caplog.records
    assert put.getMessage() == r"home put bucket='bucket' key='a\nb': ok, 250 ms, 5 bytes"
    assert get.getMessage().endswith("ok, 250 ms, 5 bytes")
    assert put.levelno == logging.DEBUG


async def test_the_caller_still_hears_of_progress(store):
    heard = []
    await store.put(KEY, b"12345", moved=heard.append)
    assert heard == [5]


async def test_an_expected_error_says_what_support_asks_for(store, script, caplog):
    script.before["head"] = [
        PermissionDeniedError("AccessDenied: no", status=403, request_id="tx-1"),
        SourceChangedError("file"),
    ]
    for kind in (PermissionDeniedError, SourceChangedError):
        with pytest.raises(kind):
            await store.head(KEY)
    denied, changed = caplog.records
    assert "403 PermissionDeniedError AccessDenied: no request id tx-1, " in denied.getMessage()
    assert "SourceChangedError file" in changed.getMessage()
    assert denied.levelno == changed.levelno == logging.INFO


async def test_a_stopped_request_is_no_error(store, script, caplog):
    script.open.clear()
    running = asyncio.create_task(store.head(KEY))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    (record,) = caplog.records
    assert "stopped" in record.getMessage()
    assert record.levelno == logging.DEBUG


async def test_the_error_itself_is_passed_on(store):
    with pytest.raises(NotFoundError) as caught:
        await store.head(Location("bucket", "nowhere"))
    assert caught.value.location == Location("bucket", "nowhere")
