"""What the tests of the executor share: stores that heed more or less, a bucket and its clock."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from s4desk.core.domain.errors import (
    NotSupportedError,
)
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lock import LockState
from s4desk.core.domain.objects import Attributes
from s4desk.core.lifecycle.executor import Errand, Execution
from s4desk.core.store.memory import MemoryStore
from tests.lifecycle.applying import (
    at,
    keep_versions,
    keys_in,
    plan_of,
    rules,
)
from tests.transfer.fake_clock import FakeClock
from tests.transfer.scripted_store import ScriptedStore

B = "bucket"
DAY = 86_400
HELD = LockState(legal_hold=True)


class Blind(MemoryStore):
    """Looks at no ETag of a deletion, as most stores do, and refuses to promise it."""

    async def delete(self, location, *, version=None, bypass=False, if_match=""):
        if if_match:
            raise NotSupportedError("not known")
        await super().delete(location, version=version, bypass=bypass)

    async def delete_many(self, bucket, doomed, *, bypass=False):
        if any(each.etag for each in doomed):
            raise NotSupportedError("not known")
        return await super().delete_many(bucket, doomed, bypass=bypass)


class Singly(MemoryStore):
    """Heeds If-Match, and no ETags in a DeleteObjects."""

    async def delete_many(self, bucket, doomed, *, bypass=False):
        if any(each.etag for each in doomed):
            raise NotSupportedError("not known")
        return await super().delete_many(bucket, doomed, bypass=bypass)


async def ended(clock, execution):
    """The report of an execution that waits now and then."""
    running = asyncio.create_task(execution.run())
    while not running.done():
        await asyncio.sleep(0)
        clock.advance(1)
    return running.result()


class World:
    def __init__(self, kind=MemoryStore):
        self.clock = FakeClock()
        self.memory = kind([B, "other"], clock=self.clock)
        self.store = ScriptedStore(self.memory)
        self.versioning = Versioning.OFF

    async def versioned(self, status="Enabled"):
        await keep_versions(self.memory, B, status)
        self.versioning = Versioning(status.lower())

    async def put(self, *keys, body=b"x", **attributes):
        for key in keys:
            await self.memory.put(at(B, key), body, attributes=Attributes(**attributes))

    async def plan(self, *described, bucket=B):
        now = self.clock.now()
        return await plan_of(self.memory, bucket, rules(*described), now, self.versioning)

    def execution(self, *plans, **how):
        errands = [Errand(self.store, each) for each in plans]
        return Execution(errands, clock=self.clock, **how)

    async def keys(self):
        return await keys_in(self.memory, B)


def outcomes(report):
    return {each.key: each.outcome for each in report.not_done}


def replace_unseen(world, key):
    """By other bytes of the same length, within the same second."""
    bucket = world.memory.buckets[B]
    (seen,) = bucket.objects[key]
    bucket.objects[key] = [replace(seen, data=b"y", etag="other")]


NONCURRENT = {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
ABORT = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}


def to_class(name, days=1):
    return {"Transitions": [{"Days": days, "StorageClass": name}]}
