"""What a preview asks, and what it does when it gets no answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.errors import (
    MalformedReplyError,
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    UnavailableError,
)
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action, Skipped
from s4desk.core.domain.lifecycle.rules import (
    Filter,
    Lifecycle,
    NoncurrentExpiration,
    Rule,
    Transition,
    When,
)
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import ObjectMeta, Page, VersionMarker, VersionPage
from s4desk.core.lifecycle.asking import AT_ONCE, MOST_STRIKES, Asked
from s4desk.core.lifecycle.bucket_facts import read_facts
from s4desk.core.lifecycle.concerns import Doubt
from s4desk.core.lifecycle.executor import Errand, Execution
from s4desk.core.lifecycle.findings import Findings
from s4desk.core.lifecycle.planning import Planning
from s4desk.core.lifecycle.preview import Preview
from s4desk.core.lifecycle.question import Engine, Question
from s4desk.viewmodels.lifecycle_apply_text import plan_warnings
from s4desk.viewmodels.lifecycle_reason import concern_text
from tests.lifecycle.shelf import BUCKET, PREFIX, Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.identity import VersionId
    from s4desk.core.lifecycle.findings import Finding

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
TAGGED = Rule(filter=Filter(prefix="t/", tags=(("keep", "no"),)), expiration=When(10))
OLD = Rule(noncurrent_expiration=NoncurrentExpiration(3))
HOLD = LockState(legal_hold=True)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def question(*rules: Rule, days: int = 5, engine: Engine = Engine.AWS, **more: Any) -> Question:
    return Question(Lifecycle(rules), NOW, days, engine, **more)


async def looked(
    store: Shelf, asked: Question, prefix: Prefix = PREFIX
) -> tuple[Preview, list[Finding]]:
    preview = Preview(store, prefix, asked)
    found = Findings()
    async for batch in preview.batches():
        found.extend(batch)
    return preview, [found[row] for row in range(len(found))]


async def test_tags_are_asked_for_only_where_they_decide() -> None:
    store = Shelf()
    store.place("t/old", ago(11), tags={"keep": "no"})
    store.place("t/kept", ago(11), tags={"keep": "yes"})
    store.place("t/young", ago(1), tags={"keep": "no"})
    store.place("elsewhere", ago(99), tags={"keep": "no"})
    preview, found = await looked(store, question(TAGGED))
    assert [each.key for each in found] == ["t/old"]
    assert store.asked["tags"] == preview.asking.requests == 2
    assert store.asked["head"] == 0


async def test_tags_are_not_asked_for_where_another_rule_decides_anyway() -> None:
    store = Shelf()
    store.place("t/old", ago(11), tags={"keep": "no"})
    first = Rule(filter=Filter(prefix="t/"), expiration=When(2))
    _, found = await looked(store, question(first, TAGGED, engine=Engine.FIRST_MATCH))
    assert [each.decision.step.rule for each in found] == [0]
    assert store.asked["tags"] == 0
    _, found = await looked(store, question(TAGGED, first, engine=Engine.FIRST_MATCH))
    assert [each.decision.step.rule for each in found] == [0]
    assert store.asked["tags"] == 1


async def test_tags_that_two_rules_want_together_are_found() -> None:
    store = Shelf()
    store.place("t/a", ago(11), tags={"keep": "no", "team": "x"})
    two = Rule(filter=Filter(tags=(("keep", "no"), ("team", "x"))), expiration=When(4))
    _, (found,) = await looked(store, question(TAGGED, two))
    assert found.decision.step.rule == 1


async def test_locks_are_asked_for_only_where_they_would_hold_something_back() -> None:
    store = Shelf(Versioning.ENABLED, lock=True)
    until = NOW + timedelta(days=2)
    for key, lock in (("a", HOLD), ("b", LockState(LockMode.GOVERNANCE, until))):
        store.place(key, ago(20), lock=lock)
        store.place(key, ago(10))
    store.place("c", ago(20), lock=HOLD)
    store.place("c", ago(1))
    marked = Rule(filter=Filter(prefix="d"), expiration=When(3))
    store.place("d", ago(20), lock=HOLD)
    preview, found = await looked(store, question(OLD, marked, days=2))
    held = {each.key: each for each in found if each.decision.skipped}
    assert set(held) == {"a", "b"}
    assert held["a"].until == float("inf")
    assert held["b"].until == until.timestamp()
    # A marker comes over what is locked; the old version under it is not due within 2 days.
    assert [each.decision.action for each in found if each.key == "d"] == [Action.EXPIRE]
    assert [event.day for event in held["b"].then] == [2]
    assert store.asked["head"] == 2
    assert preview.summary.skipped.popitem()[1].objects == 2


async def test_nothing_is_asked_about_locks_where_there_are_none() -> None:
    store = Shelf(Versioning.ENABLED)
    store.place("a", ago(20))
    store.place("a", ago(10))
    _, found = await looked(store, question(OLD))
    assert [each.decision.action for each in found] == [Action.EXPIRE_NONCURRENT]
    assert store.asked["head"] == store.asked["get_lock"] == 0


async def test_what_is_not_replicated_yet_is_held_back() -> None:
    store = Shelf(Versioning.ENABLED, replicates=True)
    for key, status in (("a", "PENDING"), ("b", "COMPLETED"), ("c", "FAILED")):
        store.place(key, ago(20), replication=status)
    _, found = await looked(store, question(Rule(expiration=When(3))))
    assert [each.decision.skipped for each in found] == [
        Skipped.REPLICATION_PENDING,
        None,
        Skipped.REPLICATION_PENDING,
    ]


async def test_one_object_that_cannot_be_asked_stops_nothing() -> None:
    store = Shelf()
    for key in ("t/a", "t/b", "t/c"):
        store.place(key, ago(11), tags={"keep": "no"})
    store.denied = {("tags", "t/b")}
    store.gone = {"t/c"}
    preview, found = await looked(store, question(TAGGED))
    assert [each.key for each in found] == ["t/a"]
    (failure,) = preview.asking.failures
    assert (failure.key, failure.asked, preview.asking.errors) == ("t/b", Asked.TAGS, 1)
    assert isinstance(failure.error, PermissionDeniedError)
    assert preview.asking.gone == 1
    assert preview.summary.seen.objects == 2
    assert preview.is_whole


async def test_what_no_rule_is_about_is_not_counted_before_that_is_known() -> None:
    """Tags that decide nothing in these days are not asked for, and some are not told."""
    store = Shelf()
    store.place("t/no", ago(1), tags={"keep": "no"})
    store.place("t/yes", ago(1), tags={"keep": "yes"})
    store.place("t/silent", ago(11), tags={"keep": "no"})
    store.place("t/asked", ago(11), tags={"keep": "yes"})
    store.place("u", ago(11))
    store.denied = {("tags", "t/silent")}
    preview, found = await looked(store, question(TAGGED))
    assert found == []
    summary = preview.summary
    assert (summary.unmatched.objects, sorted(summary.samples)) == (2, ["t/asked", "u"])
    assert summary.unsure.objects == 3
    preview, _ = await looked(store, question(TAGGED, Rule(expiration=When(99))))
    assert (preview.summary.unmatched.objects, preview.summary.unsure.objects) == (0, 0)
    preview, _ = await looked(store, question(TAGGED, days=10))
    assert (preview.summary.unmatched.objects, preview.summary.unsure.objects) == (3, 1)


async def test_who_does_not_say_what_decides_is_in_no_plan() -> None:
    """Another rule may be about it only because its tags are not known."""
    store = Shelf(Versioning.ENABLED, lock=True, page=2)
    for key in ("a", "b", "c", "d"):
        store.place(key, ago(20), tags={"keep": "no"})
        store.place(key, ago(11), tags={"keep": "no"})
    store.denied = {("tags", "b"), ("head", "c")}
    moved = Rule(
        filter=Filter(tags=(("keep", "no"),)), transitions=(Transition(When(10), "GLACIER"),)
    )
    lifecycle = Lifecycle((moved, OLD, Rule(expiration=When(1))))
    plan = await Planning(store, BUCKET, lifecycle, NOW).plan()
    assert plan.findings.keys == ["a", "a", "d", "d"]
    told = [(each.key, each.asked) for each in plan.failures]
    assert sorted(set(told)) == [("b", Asked.TAGS), ("c", Asked.HEAD)]
    assert plan.errors == len(told) == 3
    assert any("3 objects do not say what decides" in each for each in plan_warnings(plan))


class Objecting(Shelf):
    """Says so often, of these keys or of all, that it has no such thing as tags."""

    def __init__(self, count: int, *keys: str, versioning: Versioning = Versioning.OFF) -> None:
        super().__init__(versioning, page=100)
        self.left = count
        self.keys = keys

    async def get_tags(
        self, location: Location, *, version: VersionId | None = None
    ) -> Mapping[str, str]:
        self.asked["tags"] += 1
        if self.left and location.key in (self.keys or (location.key,)):
            self.left -= 1
            raise NotSupportedError("no", code="MethodNotAllowed", status=405)
        return await super().get_tags(location, version=version)


MOVED = Rule(filter=Filter(tags=(("keep", "no"),)), transitions=(Transition(When(1), "GLACIER"),))
PROTECTED = Lifecycle((MOVED, Rule(expiration=When(1))))


@pytest.mark.parametrize("count", [1, 3, 8])
async def test_an_objection_that_is_not_the_stores_holds_back_what_objected(count: int) -> None:
    """Others tell their tags, before or after."""
    store = Objecting(count)
    keys = [f"{number:02}" for number in range(60)]
    for key in keys:
        store.place(key, ago(9), tags={"keep": "no"})
    plan = await Planning(store, BUCKET, PROTECTED, NOW).plan()
    assert {each.decision.action for each in plan.findings} == {Action.TRANSITION}
    assert (len(plan), plan.errors, plan.has_tags) == (60 - count, count, True)
    assert len(plan.failures) == count


async def test_one_object_that_always_objects_is_not_the_store() -> None:
    store = Objecting(-1, "a")
    for key in ("a", "b"):
        store.place(key, ago(9), tags={"keep": "no"})
    plan = await Planning(store, BUCKET, PROTECTED, NOW).plan()
    assert (plan.findings.keys, plan.errors) == (["b"], 1)
    store = Objecting(-1)
    for key in ("a", "b"):
        store.place(key, ago(9), tags={"keep": "no"})
    plan = await Planning(store, BUCKET, PROTECTED, NOW).plan()
    assert (len(plan), plan.errors) == (0, 2)


async def test_who_ever_told_a_tag_has_some() -> None:
    store = Objecting(-1, "c", "d", "e", "f")
    for key in ("a", "b", *store.keys):
        store.place(key, ago(9), tags={"keep": "no"})
    plan = await Planning(store, BUCKET, PROTECTED, NOW).plan()
    assert (plan.findings.keys, plan.errors, plan.has_tags) == (["a", "b"], 4, True)


async def test_what_objects_is_asked_again_before_it_is_believed() -> None:
    store = Objecting(3)
    for key in ("a", "b", "c"):
        store.place(key, ago(9), tags={"keep": "no"})
    plan = await Planning(store, BUCKET, PROTECTED, NOW).plan()
    assert (len(plan), plan.errors, plan.has_tags) == (0, 3, True)


async def test_a_store_without_tags_says_so_of_several_objects_and_again() -> None:
    store = Objecting(-1)
    for number in range(20):
        store.place(f"{number:02}", ago(9))
    planning = Planning(store, BUCKET, PROTECTED, NOW)
    plan = await planning.plan()
    assert {each.decision.action for each in plan.findings} == {Action.EXPIRE}
    assert (len(plan), plan.errors, plan.has_tags) == (20, 0, False)
    assert [each.doubt for each in plan.concerns] == [Doubt.NO_TAGS]
    assert "knows no tags" in concern_text(plan.concerns[0], plan.lifecycle.rules)
    report = await Execution([Errand(store, plan)]).run()
    assert report.counters["expired"] == 20


class Counting(Objecting):
    """Tells in a HEAD all the same that what is called 01 has a tag."""

    async def head(self, location: Location, *, version: VersionId | None = None) -> ObjectMeta:
        meta = await super().head(location, version=version)
        count = "1" if location.key == "01" else "0"
        return replace(meta, headers={**meta.headers, "x-amz-tagging-count": count})


async def test_a_count_of_tags_gives_the_lie_to_who_says_that_there_are_none() -> None:
    store = Counting(-1)
    for number in range(4):
        store.place(f"{number:02}", ago(9))
    plan = await Planning(store, BUCKET, PROTECTED, NOW).plan()
    report = await Execution([Errand(store, plan)]).run()
    assert [each.key for each in report.not_done] == ["01"]
    assert (report.counters["expired"], report.errors) == (3, 1)


async def test_it_does_so_of_a_version_that_is_not_the_newest() -> None:
    """A listing tells no count."""
    kept = Rule(
        filter=Filter(tags=(("keep", "no"),)),
        noncurrent_transitions=(Transition(When(1), "GLACIER"),),
    )
    gone = Rule(noncurrent_expiration=NoncurrentExpiration(1))
    store = Counting(-1, versioning=Versioning.ENABLED)
    for number in range(4):
        store.place(f"{number:02}", ago(20))
        store.place(f"{number:02}", ago(12))
    plan = await Planning(store, BUCKET, Lifecycle((kept, gone)), NOW).plan()
    assert len(plan) == 4
    report = await Execution([Errand(store, plan)]).run()
    assert [each.key for each in report.not_done] == ["01"]
    assert (report.counters["noncurrent_expired"], report.errors) == (3, 1)


async def test_what_does_not_say_whether_it_is_locked_is_no_plain_deletion() -> None:
    """The store may know a lock; s4desk leaves the whole key alone."""
    for engine, told, due in [
        (Engine.AWS, [None, Skipped.UNKNOWN], 3),
        (Engine.FIRST_MATCH, [Skipped.UNKNOWN] * 2, 2),
    ]:
        store = Shelf(Versioning.ENABLED, lock=True)
        for key in ("a", "b"):
            store.place(key, ago(20))
            store.place(key, ago(12))
        store.denied = {("head", "b")}
        asked = question(OLD, Rule(expiration=When(10)), engine=engine)
        preview, found = await looked(store, asked)
        assert [each.key for each in found] == ["a", "a", "b", "b"]
        skipped = [each.decision.skipped for each in found]
        assert skipped == [None, None, *told], engine
        assert preview.summary.due_now().objects == due
        assert found[3].then == ()
        ends = [each.decision.skipped for each in found[2].then]
        assert ends == ([Skipped.UNKNOWN] if engine is Engine.AWS else [])


async def test_a_store_that_answers_no_more_ends_it() -> None:
    class Dead(Shelf):
        async def get_tags(self, *_: Any, **__: Any) -> Mapping[str, str]:
            self.asked["tags"] += 1
            raise UnavailableError("down")

    store = Dead(page=1000)
    for at in range(200):
        store.place(f"t/{at:03}", ago(11))
    with pytest.raises(UnavailableError):
        await looked(store, question(TAGGED))
    assert store.asked["tags"] <= MOST_STRIKES + AT_ONCE + 1


async def test_locks_that_may_not_be_seen_are_a_warning() -> None:
    store = Shelf(Versioning.ENABLED, lock=True)
    for key in ("a", "b", "c"):
        store.place(key, ago(20), lock=HOLD)
        store.place(key, ago(10))
    store.denied = {("get_lock", "")}
    preview, found = await looked(store, question(OLD))
    assert [each.doubt for each in preview.concerns] == [Doubt.HIDDEN_LOCKS]
    assert [each.decision.skipped for each in found] == [None] * 3
    assert store.asked["get_lock"] <= AT_ONCE


async def test_locks_that_may_be_seen_are_made_sure_of_once() -> None:
    store = Shelf(Versioning.ENABLED, lock=True)
    for at in range(20):
        store.place(f"{at}", ago(20))
        store.place(f"{at}", ago(10))
    await looked(store, question(OLD))
    assert store.asked["head"] == 20
    assert 1 <= store.asked["get_lock"] <= AT_ONCE


async def test_configurations_that_may_not_be_read_are_assumed() -> None:
    store = Shelf(Versioning.ENABLED)
    store.place("a", ago(20))
    store.place("a", ago(10))
    store.denied = {("object_lock", ""), ("replication", ""), ("versioning", "")}
    preview, found = await looked(store, question(OLD))
    doubts = [each.doubt for each in preview.concerns]
    assert doubts == [Doubt.VERSIONING, Doubt.LOCKS, Doubt.REPLICATION]
    assert len(found) == 1
    assert store.asked["head"] == 1


@pytest.mark.parametrize("denied", ["object_lock", "replication"])
async def test_what_is_assumed_is_looked_for(denied: str) -> None:
    only_lock = denied == "object_lock"
    store = Shelf(Versioning.ENABLED, lock=only_lock, replicates=not only_lock)
    held: Any = {"lock": HOLD} if only_lock else {"replication": "PENDING"}
    store.place("a", ago(20), **held)
    store.place("a", ago(10))
    store.denied = {(denied, "")}
    _, (found,) = await looked(store, question(OLD))
    assert found.decision.skipped is not None
    assert store.asked["head"] == 1


async def test_without_old_versions_the_current_ones_are_looked_at() -> None:
    store = Shelf(Versioning.ENABLED)
    store.place("a", ago(20))
    store.place("a", ago(10))
    store.denied = {("list_versions", "")}
    preview, found = await looked(store, question(Rule(expiration=When(3)), OLD))
    assert [each.decision.action for each in found] == [Action.EXPIRE]
    assert [each.doubt for each in preview.concerns] == [Doubt.VERSIONS]


async def test_uploads_are_listed_only_where_a_rule_aborts_them() -> None:
    store = Shelf()
    old = store.begin("up/old", ago(9))
    store.begin("up/later", ago(2))
    store.begin("up/new", ago(0))
    store.begin("other", ago(99))
    abort = Rule(filter=Filter(prefix="up/"), abort_days=4)
    preview, found = await looked(store, question(abort, days=3))
    assert [(each.key, each.day) for each in found] == [("up/old", 0), ("up/later", 3)]
    assert found[0].version == old
    assert found[0].decision.action is Action.ABORT_UPLOAD
    assert preview.summary.uploads == 4
    assert preview.summary.seen.objects == 0
    await looked(store, question(TAGGED))
    assert store.asked["list_uploads"] == 1


async def test_uploads_that_may_not_be_listed_are_a_warning() -> None:
    store = Shelf()
    store.place("a", ago(9))
    store.denied = {("list_uploads", "")}
    preview, found = await looked(store, question(Rule(abort_days=4, expiration=When(3))))
    assert [each.doubt for each in preview.concerns] == [Doubt.UPLOADS]
    assert len(found) == 1
    assert preview.is_whole


async def test_a_prefix_is_all_that_is_looked_at() -> None:
    store = Shelf()
    store.place("in/a", ago(9))
    store.place("out", ago(9))
    preview, found = await looked(
        store, question(Rule(expiration=When(3))), replace(PREFIX, prefix="in/")
    )
    assert [each.key for each in found] == ["in/a"]
    assert preview.summary.seen.objects == 1


async def test_a_bucket_that_is_not_there_is_an_error() -> None:
    with pytest.raises(NotFoundError):
        await looked(Shelf(), question(OLD), Prefix("absent"))


class Circling(Shelf):
    """Sends its listing of versions in a circle of three."""

    async def list_versions(self, prefix: Prefix, **query: Any) -> VersionPage:
        found = await super().list_versions(prefix, **query)
        marker = found.next_marker
        if marker is not None and marker.key == "e":
            return replace(found, next_marker=VersionMarker("b", self.first))
        return found

    first: VersionId


async def test_a_listing_that_goes_round_in_circles_ends_with_a_warning() -> None:
    store = Circling(Versioning.ENABLED, page=1)
    for key in "abcdef":
        version = store.place(key, ago(9))
        store.first = version.id if key == "b" else getattr(store, "first", version.id)
    preview, found = await looked(store, question(Rule(expiration=When(3))))
    assert [each.doubt for each in preview.concerns] == [Doubt.BROKEN_LISTING]
    assert not preview.is_whole
    assert [each.key for each in found][:4] == ["a", "b", "c", "d"]
    assert preview.summary.due_now().objects == len(found)


async def test_a_listing_of_objects_that_breaks_off_ends_with_a_warning() -> None:
    class Cut(Shelf):
        async def list_objects(self, prefix: Prefix, **query: Any) -> Page:
            if query["token"] or query["start_after"]:
                raise MalformedReplyError("truncated without a token")
            return await super().list_objects(prefix, **query)

    store = Cut(page=2)
    for key in "abcdef":
        store.place(key, ago(9))
    preview, found = await looked(store, question(Rule(expiration=When(3))))
    assert [each.key for each in found] == ["a", "b"]
    assert (preview.is_whole, preview.summary.seen.objects) == (False, 2)


async def test_leaving_early_ends_all_requests() -> None:
    store = Shelf(Versioning.ENABLED, page=1)
    for key in "abcdef":
        store.place(key, ago(9))
    preview = Preview(store, PREFIX, question(Rule(expiration=When(3))))
    batches = preview.batches()
    while not len(await anext(batches)):
        pass
    await batches.aclose()
    asked = store.asked["list_versions"]
    assert asked <= 4
    assert not preview.is_whole


async def test_a_rule_that_nobody_understands_is_told() -> None:
    odd = Rule(id="odd", expiration=When(3), unknown=("Filter/Owner",))
    store = Shelf()
    store.place("a", ago(9))
    preview, found = await looked(store, question(odd, engine=Engine.FIRST_MATCH))
    assert [each.doubt for each in preview.concerns] == [Doubt.UNKNOWN_RULE]
    assert not found


async def test_what_no_rule_is_about_is_counted_and_sampled() -> None:
    store = Shelf()
    store.place("a", ago(1), 5)
    store.place("x/young", ago(1), 7)
    store.place("x/old", ago(99), 9)
    rule = Rule(filter=Filter(prefix="x/"), expiration=When(10))
    preview, _ = await looked(store, question(rule))
    summary = preview.summary
    assert (summary.untouched.objects, summary.untouched.size) == (2, 12)
    assert (summary.unmatched.objects, summary.unmatched.size) == (1, 5)
    assert summary.samples == ["a"]


async def test_it_ends_at_once_when_nobody_wants_it_any_more() -> None:
    class Slow(Shelf):
        async def get_tags(self, *_: Any, **__: Any) -> Mapping[str, str]:
            asked.set()
            await asyncio.Event().wait()
            raise AssertionError

    asked = asyncio.Event()
    store = Slow(page=1000)
    for at in range(50):
        store.place(f"t/{at:02}", ago(11))
    before = asyncio.all_tasks()
    looking = asyncio.ensure_future(looked(store, question(TAGGED)))
    await asked.wait()
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert asyncio.all_tasks() == before


async def test_the_marker_that_an_expiration_brings_is_removed_in_the_end() -> None:
    """First the content goes under a marker, then for good, and then nothing is behind that."""
    store = Shelf(Versioning.ENABLED)
    store.place("a", ago(20), size=100)
    cleans = Rule(expires_markers=True)
    ends = Rule(expiration=When(10), noncurrent_expiration=NoncurrentExpiration(3))
    preview, (found,) = await looked(store, question(ends, cleans, days=10))
    told = [found.decision.action, *(each.decision.action for each in found.then)]
    assert told == [Action.EXPIRE, Action.EXPIRE_NONCURRENT, Action.REMOVE_DELETE_MARKER]
    removed = preview.summary.actions()[Action.REMOVE_DELETE_MARKER]
    assert (removed.objects, removed.size) == (1, 0)
    assert removed.span is not None
    assert removed.first > NOW.timestamp()


async def test_versioning_that_may_not_be_asked_is_the_worst_that_may_be() -> None:
    """In a bucket that keeps no more versions what is there now is gone when it is deleted, and so
    is what was there before it once something is put in its place."""
    store = Shelf(Versioning.SUSPENDED)
    store.denied = {("versioning", "")}
    facts = await read_facts(store, BUCKET)
    assert facts.versioning is Versioning.SUSPENDED
    assert [each.doubt for each in facts.concerns] == [Doubt.VERSIONING]
