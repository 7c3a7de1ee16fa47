"""What a bucket is before and after a run of the store's engine, and what we say of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.calendar import Calendar
from s4desk.core.domain.lifecycle.candidates import Candidate, UploadCandidate, Versioning
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.domain.lifecycle.likeness import as_stack
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.domain.lifecycle.rules import Lifecycle, MinimumSize
from s4desk.core.domain.lock import LockMode, LockState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from tests.lifecycle.oracle_worlds import Case

Identity = tuple[str, "datetime | None", bool]
"""A version: its id, when it came (a null one takes the place of another), if it is a marker."""


@dataclass(frozen=True)
class State:
    """All stacks of a bucket by key, the newest version first, and its unfinished uploads."""

    stacks: Mapping[str, Sequence[Candidate]]
    uploads: Mapping[str, UploadCandidate]


@dataclass(frozen=True)
class Run:
    """One run of the engine, for which a day is `day` long."""

    start: datetime
    end: datetime
    day: timedelta


@dataclass(frozen=True)
class Fate:
    """What becomes of the versions of a key in one run: the class of each that stays, and whether
    a marker comes."""

    kept: Mapping[Identity, str]
    has_new_marker: bool


def look(client: Any, case: Case) -> State:
    found: list[Candidate] = []
    for page in client.get_paginator("list_object_versions").paginate(Bucket=case.bucket):
        for each in page.get("Versions", []):
            found.append(_version(client, case, each))
        for each in page.get("DeleteMarkers", []):
            found.append(_bare(case, each, is_delete_marker=True))
    # Of two of one second the current one is newer.
    found.sort(key=lambda each: (each.key, not each.is_current, -_seconds(each)))
    stacks = {
        key: as_stack(list(versions)) for key, versions in groupby(found, key=lambda each: each.key)
    }
    uploads = client.list_multipart_uploads(Bucket=case.bucket).get("Uploads", [])
    return State(
        stacks,
        {
            each["UploadId"]: UploadCandidate(each["Key"], each["UploadId"], each["Initiated"])
            for each in uploads
        },
    )


def lifecycle_in(case: Case) -> Lifecycle:
    rules = [_as_json(rule) for rule in case.rules]
    return Lifecycle(lifecycle_of({"Rules": rules}).rules, MinimumSize.NONE)


def evaluator_for(case: Case, run: Run) -> AwsEvaluator:
    return AwsEvaluator(lifecycle_in(case), case.versioning, Calendar(run.day, to_midnight=False))


def predicted(
    evaluator: AwsEvaluator, stack: Sequence[Candidate], versioning: Versioning, now: datetime
) -> Fate:
    """What a run at one moment does."""
    kept = {identity(each): each.storage_class for each in stack}
    has_new_marker = False
    for event in evaluator.forecast(stack, now, 0):
        step, candidate = event.decision.step, stack[event.index]
        if event.decision.action is None:
            continue
        if step.storage_class:
            kept[identity(candidate)] = step.storage_class
            continue
        has_new_marker |= step.action is Action.EXPIRE and versioning is not Versioning.OFF
        if step.action is not Action.EXPIRE or not versioning.keeps(candidate.version):
            kept.pop(identity(candidate), None)
    return Fate(kept, has_new_marker)


def observed(before: Sequence[Candidate], after: Sequence[Candidate]) -> Fate:
    known = {identity(each) for each in before}
    kept = {identity(each): each.storage_class for each in after if identity(each) in known}
    return Fate(kept, any(identity(each) not in known for each in after))


def is_between(seen: Fate, early: Fate, late: Fate) -> bool:
    """Whether each thing that happened is what was to happen at the beginning of a run, or at its
    end."""
    names = {*seen.kept, *early.kept, *late.kept}
    return seen.has_new_marker in (early.has_new_marker, late.has_new_marker) and all(
        seen.kept.get(name) in (early.kept.get(name), late.kept.get(name)) for name in names
    )


def identity(candidate: Candidate) -> Identity:
    return (candidate.version, candidate.created, candidate.is_delete_marker)


def _version(client: Any, case: Case, listed: Mapping[str, Any]) -> Candidate:
    where = {"Bucket": case.bucket, "Key": listed["Key"], "VersionId": listed["VersionId"]}
    if case.versioning is Versioning.OFF:
        del where["VersionId"]
    tags = client.get_object_tagging(**where)["TagSet"]
    return _bare(
        case,
        listed,
        size=listed["Size"],
        storage_class=listed["StorageClass"],
        tags={each["Key"]: each["Value"] for each in tags},
        lock=_lock(client, where) if case.has_locks else LockState(),
    )


def _bare(case: Case, listed: Mapping[str, Any], **more: Any) -> Candidate:
    return Candidate(
        key=listed["Key"],
        created=listed["LastModified"],
        version="" if case.versioning is Versioning.OFF else listed["VersionId"],
        is_current=listed["IsLatest"],
        **more,
    )


def _lock(client: Any, where: Mapping[str, str]) -> LockState:
    head = client.head_object(**where)
    mode = head.get("ObjectLockMode")
    return LockState(
        LockMode(mode) if mode else None,
        head.get("ObjectLockRetainUntilDate"),
        head.get("ObjectLockLegalHoldStatus") == "ON",
    )


def _seconds(candidate: Candidate) -> float:
    return candidate.created.timestamp() if candidate.created else 0.0


def _as_json(value: Any) -> Any:
    """Dates as text."""
    if isinstance(value, dict):
        return {name: _as_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    return value if isinstance(value, str | int | bool) else value.isoformat()
