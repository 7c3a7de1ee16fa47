"""What a bucket is before and after a run of the store's engine, and what we say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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

    from tests.lifecycle.oracle_worlds import Case

Identity = tuple[str, datetime | None, bool]
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

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """Between which it may have come to an object. It counts from the whole second in which
        one was made."""
        return (self.start, self.end + timedelta(seconds=1))


@dataclass(frozen=True)
class Fate:
    """What becomes of the versions of a key in one run: the class of each that stays, and whether
    a marker comes."""

    kept: Mapping[Identity, str]
    has_new_marker: bool


def look(client: Any, case: Case, before: State | None = None) -> State:
    """What was there `before` has the tags and locks that it had."""
    found: list[Candidate] = []
    stacks_before = before.stacks if before is not None else {}
    known = {(name, identity(each)): each for name, all_ in stacks_before.items() for each in all_}
    for page in client.get_paginator("list_object_versions").paginate(Bucket=case.bucket):
        for each in page.get("Versions", []):
            bare = _bare(case, each, size=each["Size"], storage_class=each["StorageClass"])
            was = known.get((bare.key, identity(bare)))
            told = (
                _told(client, case, each) if was is None else {"tags": was.tags, "lock": was.lock}
            )
            found.append(replace(bare, **told))
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
    rules = [as_json(rule) for rule in case.rules]
    return Lifecycle(lifecycle_of({"Rules": rules}).rules, MinimumSize.NONE)


def evaluator_for(case: Case, run: Run) -> AwsEvaluator:
    return AwsEvaluator(lifecycle_in(case), case.versioning, Calendar(run.day, to_midnight=False))


def predicted(
    evaluator: AwsEvaluator, stack: Sequence[Candidate], versioning: Versioning, now: datetime
) -> Fate:
    """What a run at one moment does."""
    return forecast(evaluator, stack, versioning, now, 0)[0]


def forecast(
    evaluator: AwsEvaluator,
    stack: Sequence[Candidate],
    versioning: Versioning,
    now: datetime,
    days: int,
) -> list[Fate]:
    """What is left after a run at one moment, and after each of those that follow day by day."""
    kept = {identity(each): each.storage_class for each in stack}
    has_new_marker = False
    fates = []
    events = list(evaluator.forecast(stack, now, days))
    for day in range(days + 1):
        for event in (each for each in events if each.day == day):
            step = event.decision.step
            if event.decision.action is None:
                continue
            if event.index == len(stack):
                has_new_marker = False
                continue
            candidate = stack[event.index]
            if step.storage_class:
                kept[identity(candidate)] = step.storage_class
                continue
            is_hidden = step.action is Action.EXPIRE and versioning is not Versioning.OFF
            has_new_marker |= is_hidden
            if not is_hidden or not versioning.keeps(candidate.version):
                kept.pop(identity(candidate), None)
        fates.append(Fate(dict(kept), has_new_marker))
    return fates


def observed(before: Sequence[Candidate], after: Sequence[Candidate]) -> Fate:
    known = {identity(each) for each in before}
    kept = {identity(each): each.storage_class for each in after if identity(each) in known}
    return Fate(kept, any(identity(each) not in known for each in after))


def is_among(seen: Fate, said: Sequence[Fate]) -> bool:
    """Whether each thing that happened is what one of them says: runs take their time."""
    names = {name for fate in (seen, *said) for name in fate.kept}
    return any(seen.has_new_marker == each.has_new_marker for each in said) and all(
        any(seen.kept.get(name) == each.kept.get(name) for each in said) for name in names
    )


def identity(candidate: Candidate) -> Identity:
    return (candidate.version, candidate.created, candidate.is_delete_marker)


def _told(client: Any, case: Case, listed: Mapping[str, Any]) -> dict[str, Any]:
    """What no listing tells."""
    where = {"Bucket": case.bucket, "Key": listed["Key"], "VersionId": listed["VersionId"]}
    if case.versioning is Versioning.OFF:
        del where["VersionId"]
    tags = client.get_object_tagging(**where)["TagSet"]
    return {
        "tags": {each["Key"]: each["Value"] for each in tags},
        "lock": _lock(client, where) if case.has_locks else LockState(),
    }


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


def as_json(value: Any) -> Any:
    """Dates as text."""
    if isinstance(value, dict):
        return {name: as_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value if isinstance(value, str | int | bool) else value.isoformat()
