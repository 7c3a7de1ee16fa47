"""Finding out by experiment what a store can do.

Explicit, because it writes, unless it is told only to read: a few tiny objects under a random key,
all of them removed again. The configuration of the bucket is looked at and never written.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.capability import (
    CONDITIONS,
    Answer,
    Capability,
    CapabilityReport,
    Finding,
    Reason,
)
from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.store import probe_conditions, probe_reads, probe_writes
from s4desk.core.store.configuration import read_config
from s4desk.core.store.probe_answers import Experiment, Findings, no, tried, unknown, yes
from s4desk.core.store.probe_bench import Bench
from s4desk.core.store.probe_reads import BucketFacts, ConfigAnswer

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.probe_door import Door
    from s4desk.core.store.protocol import Store

AT_ONCE: Final = 4
_C = Capability

Told = Callable[[int, int], None]
"""How many experiments have ended, and how many there are."""


@dataclass(frozen=True, slots=True)
class _Step:
    """An experiment and what it answers. Without a door those with `by_door` are not made."""

    run: Experiment
    covers: tuple[Capability, ...]
    by_door: bool = False


_LISTS: Final = _Step(
    probe_reads.lists, (_C.LIST_VERSIONS, _C.LIST_UPLOADS, _C.LIST_BUCKETS), by_door=True
)
_ADDRESSING: Final = _Step(probe_reads.addressing, (_C.PATH_STYLE, _C.VIRTUAL_HOST), by_door=True)
_READS: Final = (
    _LISTS,
    _ADDRESSING,
    _Step(probe_reads.any_object, (_C.OBJECT_TAGGING,), by_door=True),
    _Step(probe_reads.link_to_bucket, (_C.PRESIGN,), by_door=True),
)
_WRITES: Final = (
    _LISTS,
    _ADDRESSING,
    _Step(probe_writes.copy, (_C.COPY,)),
    _Step(probe_writes.multipart, (_C.MULTIPART,)),
    _Step(probe_writes.multipart_copy, (_C.MULTIPART_COPY,)),
    _Step(probe_writes.batch_delete, (_C.BATCH_DELETE,)),
    _Step(probe_writes.lock, (), by_door=True),
    _Step(probe_writes.object_tags, (_C.OBJECT_TAGGING,)),
    _Step(probe_conditions.puts, (_C.PUT_IF_ABSENT, _C.PUT_IF_MATCH)),
    _Step(probe_conditions.completes, (_C.COMPLETE_IF_ABSENT,)),
    _Step(probe_conditions.copies, (_C.COPY_IF_ABSENT, _C.COPY_SOURCE_IF_MATCH)),
    _Step(probe_conditions.deletes, (_C.DELETE_IF_MATCH,), by_door=True),
    _Step(probe_writes.checksums, probe_writes.CHECKSUMS, by_door=True),
    _Step(probe_writes.link, (_C.PRESIGN,), by_door=True),
)
_NEED_WRITING: Final = frozenset(
    capability for step in _WRITES for capability in step.covers
) - frozenset(capability for step in _READS for capability in step.covers)


class Probe:
    """One probe of the store behind `store`, in a bucket or under a prefix of it.

    `trial` must be the capabilities of `store`, and of nobody else: while the probe runs they claim
    what is yet to be seen. Afterwards they say what was found about conditional writes.
    """

    def __init__(
        self,
        store: Store,
        trial: Capabilities,
        place: Prefix,
        *,
        door: Door | None = None,
        clock: Clock | None = None,
        told: Told | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._bench = Bench(store, trial, place, self._clock, door)
        self._told = told or (lambda _done, _all: None)
        self._findings: Findings = {}
        self._leftovers: list[str] = []
        self._is_among_versions = False

    async def run(self, *, is_read_only: bool = False, endpoint: str = "") -> CapabilityReport:
        """Try everything. Whatever happens, nothing is left behind that can be removed.

        Raises the StoreError that stands in the way of all of it.
        """
        bench = self._bench
        await self._be_there()
        server = "" if bench.door is None else await bench.door.server()
        facts = await self._look_at_bucket()
        self._is_among_versions = facts.is_versioned is not False
        held = Reason.NEEDS_WRITING if is_read_only else facts.obstacle
        if held is None:
            await self._write()
        else:
            await self._read_only(unknown(held))
        return CapabilityReport(
            endpoint, server, bench.place, self._dated(), tuple(self._leftovers)
        )

    async def _write(self) -> None:
        """A key that may write and not remove is found out by one tiny object."""
        try:
            await self._bench.clean_old()
            await self._bench.put(self._bench.location(), probe_conditions.unique())
            if await self._bench.clean():
                await self._read_only(unknown(Reason.MIGHT_BE_KEPT))
            else:
                await self._try_all(_WRITES)
        except PermissionDeniedError as error:
            await self._read_only(Finding(Answer.DENIED, Reason.FORBIDDEN, error.detail))
        finally:
            self._leftovers = await self._bench.clean()

    async def _read_only(self, untried: Finding) -> None:
        self._findings |= dict.fromkeys(_NEED_WRITING, untried)
        await self._try_all(_READS)

    async def _be_there(self) -> None:
        """Raises what anybody would meet there; a key that may not list goes on."""
        try:
            await self._bench.list_objects(self._bench.place, limit=1)
        except PermissionDeniedError:
            return

    async def _look_at_bucket(self) -> BucketFacts:
        if self._bench.door is None:
            return await _facts_by_store(self._bench)
        found: dict[Capability, ConfigAnswer] = {}

        async def look(capability: Capability) -> None:
            found[capability] = await probe_reads.look_at_config(self._bench, capability)

        await run_bounded((look(each) for each in probe_reads.CONFIGS), AT_ONCE)
        self._findings |= {capability: answer.finding for capability, answer in found.items()}
        return probe_reads.facts_of(found)

    async def _try_all(self, steps: Sequence[_Step]) -> None:
        steps = [step for step in steps if self._bench.door is not None or not step.by_door]
        self._told(0, len(steps))
        ended = itertools.count(1)

        async def run(step: _Step) -> None:
            found = await tried(self._bench, step.covers, step.run)
            is_set = {each for each, answer in self._findings.items() if answer == yes(Reason.SET)}
            self._findings |= {each: found[each] for each in found.keys() - is_set}
            self._told(next(ended), len(steps))

        await run_bounded((run(step) for step in steps), AT_ONCE)

    def _dated(self) -> Findings:
        now, found = self._clock.now(), _drawn_together(self._findings)
        return {
            each: replace(
                found[each],
                at=now,
                among_versions=self._is_among_versions and each in CONDITIONS,
            )
            for each in Capability
            if each in found
        }


def _drawn_together(found: Findings) -> Findings:
    """What the answers say about each other: “none is set” comes from stores that know of none."""

    def is_missing(capability: Capability) -> bool:
        return capability in found and found[capability].answer is Answer.NO

    drawn = dict(found)
    if is_missing(_C.LIST_VERSIONS) and found.get(_C.VERSIONING) == yes(Reason.NONE_SET):
        drawn[_C.VERSIONING] = no(Reason.NO_VERSIONS)
    tags = found.get(_C.OBJECT_TAGGING)
    is_untried = tags is not None and tags.reason is Reason.NO_OBJECT
    if is_untried and found.get(_C.OBJECT_LOCK) == yes(Reason.NONE_SET):
        drawn[_C.OBJECT_LOCK] = unknown(Reason.NONE_SET)
    has_no_tags = is_untried or is_missing(_C.OBJECT_TAGGING)
    if has_no_tags and found.get(_C.BUCKET_TAGGING) == yes(Reason.NONE_SET):
        drawn[_C.BUCKET_TAGGING] = unknown(Reason.NONE_SET)
    return drawn


async def _facts_by_store(bench: Bench) -> BucketFacts:
    """For a store that has no door."""
    lock = await read_config(bench, bench.bucket, ConfigKind.OBJECT_LOCK)
    replication = await read_config(bench, bench.bucket, ConfigKind.REPLICATION)
    versioning = await read_config(bench, bench.bucket, ConfigKind.VERSIONING)
    return BucketFacts(
        retains=bool(lock.get("Rule")),
        replicates=bool(replication),
        is_versioned=versioning.get("Status") == "Enabled",
    )
