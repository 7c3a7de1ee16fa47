"""A bucket, rules, and a plan made of them in the plainest way: one listing, no sharing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.lifecycle.candidates import Candidate, UploadCandidate, Versioning
from s4desk.core.domain.lifecycle.first_match import FirstMatchEvaluator
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.lifecycle.findings import Finding
from s4desk.core.lifecycle.plan import Plan, PlanDraft
from s4desk.core.lifecycle.report import NoJournal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.decisions import Decision
    from s4desk.core.domain.objects import ObjectVersion
    from s4desk.core.store.protocol import Store


def rules(*described: dict[str, Any]) -> dict[str, Any]:
    """A configuration of enabled rules, for all keys unless they say otherwise."""
    return {"Rules": [{"Status": "Enabled", "Filter": {"Prefix": ""}} | each for each in described]}


def expire(days: int, **more: Any) -> dict[str, Any]:
    return {"Expiration": {"Days": days}, **more}


async def keep_versions(store: Store, bucket: str, status: str = "Enabled") -> None:
    await store.put_document(bucket, from_json(ConfigKind.VERSIONING, {"Status": status}))


async def allow_locks(store: Store, bucket: str) -> None:
    value = {"ObjectLockEnabled": "Enabled"}
    await store.put_document(bucket, from_json(ConfigKind.OBJECT_LOCK, value))


async def plan_of(
    store: Store,
    bucket: str,
    configuration: dict[str, Any],
    now: datetime,
    versioning: Versioning = Versioning.OFF,
) -> Plan:
    """What first match says is due; locks and tags are asked of each."""
    lifecycle = lifecycle_of(configuration)
    evaluator = FirstMatchEvaluator(lifecycle, versioning)
    draft, evaluated = PlanDraft(), 0
    rows: list[ObjectVersion] = []
    marker = None
    while True:
        page = await store.list_versions(Prefix(bucket), delimiter="", marker=marker)
        rows += page.versions
        marker = page.next_marker
        if marker is None:
            break
    for candidate in [each async for each in _candidates(store, rows, versioning)]:
        evaluated += 1
        decision = evaluator.decide(candidate, now)
        if decision is not None:
            draft.take([_finding(candidate, decision)])
    for upload in await store.list_uploads(Prefix(bucket)):
        evaluated += 1
        found = UploadCandidate(upload.location.key, upload.upload, upload.initiated)
        decision = evaluator.decide_upload(found, now)
        if decision is not None:
            draft.take([_upload(found, decision)])
    return Plan(bucket, lifecycle, now, draft.findings, versioning, evaluated, dict(draft.skipped))


async def _candidates(store: Store, rows: Sequence[ObjectVersion], versioning: Versioning) -> Any:
    for versions in _by_key(rows):
        for place, row in enumerate(versions):
            newer = versions[place - 1] if place else None
            tags, lock = {}, Candidate("").lock
            if not row.is_delete_marker:
                asked = None if versioning is Versioning.OFF else row.version
                meta = await store.head(row.location, version=asked)
                tags = await store.get_tags(row.location, version=asked)
                lock = meta.attributes.lock
            yield Candidate(
                row.location.key,
                row.size,
                row.modified,
                row.storage_class,
                "" if versioning is Versioning.OFF else row.version,
                row.etag,
                tags,
                row.is_latest,
                row.is_delete_marker,
                row.is_delete_marker and len(versions) == 1,
                newer.modified if newer else None,
                max(0, place - 1),
                lock,
            )


def _by_key(rows: Sequence[ObjectVersion]) -> Iterator[list[ObjectVersion]]:
    keys: dict[str, list[ObjectVersion]] = {}
    for row in rows:
        keys.setdefault(row.location.key, []).append(row)
    yield from keys.values()


def _finding(candidate: Candidate, decision: Decision) -> Finding:
    created = candidate.created.timestamp() if candidate.created else float("nan")
    return Finding(
        candidate.key,
        candidate.version,
        candidate.etag,
        candidate.size,
        candidate.storage_class,
        created,
        0,
        decision.step.due.timestamp(),
        decision,
    )


def _upload(upload: UploadCandidate, decision: Decision) -> Finding:
    begun = upload.initiated.timestamp() if upload.initiated else float("nan")
    due = decision.step.due.timestamp()
    return Finding(upload.key, upload.upload, "", 0, "", begun, 0, due, decision)


async def keys_in(store: Store, bucket: str) -> list[str]:
    keys: list[str] = []
    token = None
    while True:
        page = await store.list_objects(Prefix(bucket), delimiter="", token=token)
        keys += page.keys
        token = page.next_token
        if token is None:
            return keys


async def versions_in(store: Store, bucket: str, key: str) -> list[tuple[str, bool]]:
    """The ids of a key's versions, the newest first, and whether they are markers."""
    page = await store.list_versions(Prefix(bucket, key), delimiter="")
    return [(each.version, each.is_delete_marker) for each in page.versions]


def at(bucket: str, key: str) -> Location:
    return Location(bucket, key)


class ListJournal(NoJournal):
    """Remembers what it was told, in order."""

    def __init__(self) -> None:
        self.lines: list[tuple[Any, ...]] = []

    async def sent(self, bucket: str, action: Any, found: Sequence[Finding]) -> int:
        self.lines.append(("sent", action, [each.key for each in found]))
        return len(self.lines)

    async def settled(
        self, bucket: str, action: Any, results: Any, number: int | None = None
    ) -> None:
        what = [(each.found.key, each.outcome) for each in results]
        self.lines.append(("settled", action, what, number))
