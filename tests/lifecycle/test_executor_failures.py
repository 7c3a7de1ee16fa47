"""An executor whose store fails, that is paused, stopped, or cut off anywhere."""

from __future__ import annotations

import asyncio

import pytest

from s4desk.core.domain.errors import (
    ConflictError,
    PermissionDeniedError,
    S4DeskError,
    ThrottledError,
    UnauthenticatedError,
    UnavailableError,
)
from s4desk.core.domain.identity import ConnectionId, VersionId
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.lifecycle.executor import Errand, Execution
from s4desk.core.lifecycle.looking import AT_ONCE
from s4desk.core.lifecycle.report import Outcome, RunState, changes_of
from s4desk.core.store.retry import RetryingStore
from tests.lifecycle.applying import (
    ListJournal,
    at,
    expire,
    keys_in,
    versions_in,
)
from tests.lifecycle.executing import (
    ABORT,
    DAY,
    NONCURRENT,
    B,
    Blind,
    Singly,
    World,
    ended,
    outcomes,
    to_class,
)

# What goes wrong


async def test_one_object_that_fails_keeps_none_of_the_others(world):
    await world.put(*(f"{number}" for number in range(10)))
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    world.store.fail("head", None, None, PermissionDeniedError("no", code="AccessDenied"))
    report = await world.execution(plan).run()
    assert report.counters["expired"] == 9
    assert report.errors == 1
    (failed,) = report.not_done
    assert (failed.outcome, failed.code) == (Outcome.FAILED, "AccessDenied")


async def test_what_was_moved_is_not_called_failed_when_the_store_tells_nothing_of_it(plain):
    """Some tell no tags of what is in an archive now."""
    await plain.put("a", tags={"k": "v"})
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(to_class("GLACIER"))

    def close(request):
        if request.operation == "copy":
            error = ConflictError("no", operation="get_tags", code="InvalidObjectState")
            plain.store.fail("get_tags", error)

    plain.store.after = close
    report = await plain.execution(plan).run()
    assert (await plain.memory.head(at(B, "a"))).storage_class == "GLACIER"
    (left,) = report.not_done
    assert (left.outcome, left.detail) == (Outcome.INCOMPLETE, "tags")
    assert report.errors == 1
    (change,) = changes_of(report, ConnectionId("home"))
    assert change.failed == 1


async def test_one_bucket_that_fails_keeps_none_of_the_others(plain):
    await plain.put("a")
    await plain.memory.put(at("other", "b"), b"x")
    plain.clock.advance(2 * DAY)
    plans = [await plain.plan(expire(1)), await plain.plan(expire(1), bucket="other")]
    plain.store.fail("get_document object_lock", UnauthenticatedError("expired"))
    report = await plain.execution(*plans).run()
    assert await plain.keys() == ["a"]
    assert await keys_in(plain.memory, "other") == []
    assert report.done == {("other", Action.EXPIRE): 1}
    assert list(report.bucket_errors) == [B]
    assert report.errors == 1


async def test_a_store_that_is_gone_is_not_asked_for_ever(plain):
    await plain.put(*(f"{number:05}" for number in range(2000)))
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(expire(1))
    plain.store.fail("head", *[UnavailableError("down")] * 2000)
    report = await plain.execution(plan).run()
    assert plain.store.count["head"] < 100
    assert list(report.bucket_errors) == [B]
    assert report.state is RunState.GIVEN_UP
    assert report.tried < report.planned
    assert len(await plain.keys()) == 2000


async def test_a_store_that_deletes_nothing_is_not_asked_for_ever(world):
    await world.put(*(f"{number:05}" for number in range(2000)))
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    world.store.fail("delete_many", *[ThrottledError("slow down")] * 100)
    world.store.fail("delete", *[ThrottledError("slow down")] * 100)
    report = await world.execution(plan).run()
    assert report.errors
    assert world.store.count["delete_many"] + world.store.count["delete"] < 300
    kept = len(await world.keys())
    assert kept + report.counters["expired"] == 2000


async def test_a_reply_that_is_lost_counts_what_is_gone(world):
    await world.put("a", "b", "c")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    lost = UnavailableError("reply lost")
    world.store.lose_reply("delete_many", lost)
    world.store.lose_reply("delete", lost)
    report = await ended(world.clock, world.execution(plan))
    assert await world.keys() == []
    assert (report.counters["expired"], report.errors) == (3, 0)


async def test_what_was_sent_and_nobody_can_look_at_is_in_doubt(plain):
    """The connection dies amid it: nothing that may be gone is called failed."""
    await plain.put(*(f"{number:05}" for number in range(1000)))
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(expire(1))
    deaf = False

    def before(request):
        nonlocal deaf
        deaf = deaf or request.operation == "delete_many"
        if deaf and request.operation != "delete_many":
            raise UnavailableError("gone")

    plain.store.before = before
    plain.store.lose_reply("delete_many", *[UnavailableError("gone")] * 1000)
    plain.store.lose_reply("delete", *[UnavailableError("gone")] * 1000)
    report = await plain.execution(plan).run()
    gone = 1000 - len(await plain.keys())
    assert gone > 0
    assert report.count_left(Outcome.IN_DOUBT) == report.counters["in_doubt"] == gone
    assert report.done == {}
    assert {each.outcome for each in report.not_done if each.key not in await plain.keys()} == {
        Outcome.IN_DOUBT
    }
    assert report.state is RunState.GIVEN_UP


async def test_one_by_one_what_nobody_can_look_at_is_in_doubt():
    world = World(Singly)
    await world.put("a")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    world.store.lose_reply("delete", UnavailableError("gone"))
    deaf = False

    def before(request):
        nonlocal deaf
        deaf = deaf or request.operation == "delete"
        if deaf and request.operation != "delete":
            raise UnavailableError("gone")

    world.store.before = before
    report = await world.execution(plan).run()
    assert await world.keys() == []
    assert outcomes(report) == {"a": Outcome.IN_DOUBT}


async def test_giving_up_tells_what_another_batch_has_sent(plain):
    """Two are under way at once: the one that ends it all does not cut the other off."""
    await plain.put(*(f"{number:05}" for number in range(3000)))
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(expire(1))
    journal = ListJournal()
    plain.store.fail("delete_many", None, None, None, UnauthenticatedError("expired"))
    report = await plain.execution(plan, journal=journal).run()
    settled = {line[3] for line in journal.lines if line[0] == "settled"}
    sent = {at for at, line in enumerate(journal.lines, 1) if line[0] == "sent"}
    assert len(sent) > 1
    assert sent <= settled
    assert report.state is RunState.GIVEN_UP
    assert list(report.bucket_errors) == [B]
    told = sum(report.done.values())
    assert told == 3000 - len(await plain.keys())


class Taken(ListJournal):
    """Somebody else is active there."""

    async def begin(self, plan):
        raise S4DeskError("already")


async def test_who_comes_second_has_tried_nothing(plain):
    await plain.put("a", "b")
    plain.clock.advance(2 * DAY)
    report = await plain.execution(await plain.plan(expire(1)), journal=Taken()).run()
    assert (report.state, report.tried, report.planned) == (RunState.GIVEN_UP, 0, 2)
    assert report.bucket_errors == {B: "already"}
    assert len(await plain.keys()) == 2


async def test_why_it_was_given_up_is_told_in_words(plain):
    await plain.put("a")
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(expire(1))
    plain.store.fail("get_document object_lock", UnauthenticatedError("expired"))
    report = await plain.execution(plan, describe=lambda error: f"in words: {error}").run()
    assert report.bucket_errors == {B: "in words: expired"}


async def test_a_reply_that_is_lost_and_asked_again_counts_as_done(world):
    await world.put("a", "b", "c")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    world.store.lose_reply("delete_many", UnavailableError("reply lost"))
    world.store.lose_reply("delete", UnavailableError("reply lost"))
    store = RetryingStore(world.store, jitter=lambda: 0.0)
    report = await ended(world.clock, Execution([Errand(store, plan)], clock=world.clock))
    assert await world.keys() == []
    assert (report.counters["expired"], report.errors) == (3, 0)


async def test_a_reply_that_is_lost_puts_no_second_marker_on_top(world):
    await world.versioned()
    await world.put("a", "b", "c")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    world.store.lose_reply("delete_many", *[UnavailableError("reply lost")] * 2)
    world.store.lose_reply("delete", UnavailableError("reply lost"))
    store = RetryingStore(world.store, jitter=lambda: 0.0)
    report = await ended(world.clock, Execution([Errand(store, plan)], clock=world.clock))
    assert (report.counters["expired"], report.errors) == (3, 0)
    for key in ("a", "b", "c"):
        marks = [is_marker for _, is_marker in await versions_in(world.memory, B, key)]
        assert marks == [True, False]


# Pause, stop, go on


async def test_stopped_it_says_what_was_done_and_goes_on_by_another_plan(world):
    await world.put(*(f"{number:05}" for number in range(500)))
    world.clock.advance(2 * DAY)
    execution = world.execution(await world.plan(expire(1)))
    execution_stopped = []

    def stop(request):
        if request.operation.startswith("delete") and not execution_stopped:
            execution_stopped.append(execution.report)
            execution.stop()

    world.store.before = stop
    report = await execution.run()
    left = len(await world.keys())
    assert report.state is RunState.STOPPED
    assert 0 < report.counters["expired"] == 500 - left < 500
    world.store.before = None
    again = await world.execution(await world.plan(expire(1))).run()
    assert again.counters["expired"] == left
    assert await world.keys() == []


async def test_stopped_amid_copies_no_other_begins(plain):
    await plain.put(*(f"{number:02}" for number in range(60)))
    plain.clock.advance(2 * DAY)
    execution = plain.execution(await plain.plan(to_class("STANDARD_IA")))
    plain.store.after = lambda request: execution.stop() if request.operation == "copy" else None
    report = await execution.run()
    assert report.state is RunState.STOPPED
    assert plain.store.count["copy"] == report.counters["transitioned"] <= 2 * AT_ONCE


async def test_paused_nothing_begins_until_it_goes_on(world):
    await world.put(*(f"{number:05}" for number in range(300)))
    world.clock.advance(2 * DAY)
    execution = world.execution(await world.plan(expire(1)))
    execution.pause()
    running = asyncio.create_task(execution.run())
    for _ in range(50):
        await asyncio.sleep(0)
    assert execution.is_paused
    assert not world.store.calls
    execution.go_on()
    report = await running
    assert report.counters["expired"] == 300


async def test_what_is_paused_can_be_stopped(plain):
    await plain.put("a")
    plain.clock.advance(2 * DAY)
    execution = plain.execution(await plain.plan(expire(1)))
    execution.pause()
    running = asyncio.create_task(execution.run())
    await asyncio.sleep(0)
    execution.stop()
    report = await running
    assert report.state is RunState.STOPPED
    assert await plain.keys() == ["a"]


async def test_nothing_is_sent_that_is_not_in_the_journal(world):
    await world.put(*(f"{number:05}" for number in range(200)))
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    journal = ListJournal()
    noted: list[str] = []

    def look(request):
        if request.operation.startswith("delete"):
            noted.append(request.operation)
            assert any(line[0] == "sent" for line in journal.lines)

    world.store.before = look
    await world.execution(plan, journal=journal).run()
    sent = [key for line in journal.lines if line[0] == "sent" for key in line[2]]
    done = [key for line in journal.lines if line[0] == "settled" for key, _ in line[2]]
    assert noted
    assert sorted(sent) == sorted(done) == [f"{number:05}" for number in range(200)]


async def everything(world):
    """A bucket with something for each action, and a neighbour of each that must stay."""
    await world.versioned()
    await world.put("old", "stays/old")
    await world.put("move")
    for body in (b"1", b"2"):
        await world.put("versions", "stays/versions", body=body)
    await world.put("deleted")
    await world.memory.delete(at(B, "deleted"))
    _, (version, _) = await versions_in(world.memory, B, "deleted")
    await world.memory.delete(at(B, "deleted"), version=VersionId(version))
    await world.memory.create_multipart(at(B, "upload"))
    world.clock.advance(3 * DAY)


EVERY_RULE = (
    {"Filter": {"Prefix": "old"}, "Expiration": {"Days": 1}},
    {"Filter": {"Prefix": "move"}, **to_class("STANDARD_IA")},
    {"Filter": {"Prefix": "versions"}, **NONCURRENT},
    {"Filter": {"Prefix": "deleted"}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
    {"Filter": {"Prefix": "upload"}, **ABORT},
)


async def state_of(world):
    keys = ("old", "stays/old", "move", "versions", "stays/versions", "deleted")
    marks = {key: [each for _, each in await versions_in(world.memory, B, key)] for key in keys}
    moved = (await world.memory.head(at(B, "move"))).storage_class
    return marks, moved, len(world.memory.uploads)


DONE = (
    {
        "old": [True, False],
        "stays/old": [False],
        "move": [False, False],
        "versions": [False],
        "stays/versions": [False, False],
        "deleted": [],
    },
    "STANDARD_IA",
    0,
)


@pytest.mark.parametrize("is_sent", [False, True], ids=["before a request", "after it"])
async def test_wherever_it_ends_the_next_run_leaves_what_one_run_would(is_sent):
    """Cut off at the first request, at the second, and so on: nothing is done twice."""
    for count in range(1, 200):
        world = World(Blind)
        await everything(world)
        plan = await world.plan(*EVERY_RULE)
        running = asyncio.create_task(world.execution(plan).run())

        left = iter(range(count - 1, -1, -1))

        def cut(_, running=running, left=left):
            if next(left, None) == 0:
                running.cancel()

        setattr(world.store, "after" if is_sent else "before", cut)
        ended = await asyncio.gather(running, return_exceptions=True)
        world.store.before = world.store.after = None
        await world.execution(await world.plan(*EVERY_RULE)).run()
        assert await state_of(world) == DONE, count
        if not isinstance(ended[0], asyncio.CancelledError):
            break
    else:
        pytest.fail("it never came to its end")
    assert count > 10
