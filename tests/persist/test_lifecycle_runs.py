"""Reports that outlive whoever writes them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import PermissionDeniedError, S4DeskError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.lifecycle.decisions import Action, Decision, Skipped, Step
from s4desk.core.domain.lifecycle.rules import Lifecycle, Rule, When
from s4desk.core.lifecycle.asking import Asked, Failure
from s4desk.core.lifecycle.findings import Finding
from s4desk.core.lifecycle.plan import Plan, PlanDraft
from s4desk.core.lifecycle.report import NotDone, Outcome, Result, RunState, Tally
from s4desk.core.persist import lifecycle_runs
from s4desk.core.persist.lifecycle_runs import RunShelf

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
C = ConnectionId("c")


STEP = Step(Action.EXPIRE, 0, NOW, When(days=1))


def finding(key: str, size: int = 5) -> Finding:
    return Finding(key, "", "e", size, "STANDARD", 0.0, 0, NOW.timestamp(), Decision(STEP))


def plan(*keys: str) -> Plan:
    draft = PlanDraft()
    draft.take(map(finding, keys))
    lifecycle = Lifecycle((Rule("r"),))
    return Plan("b", lifecycle, NOW, draft.findings, evaluated=9, skipped={Skipped.LOCKED: 2})


@pytest.fixture
def shelf(tmp_path: Path) -> RunShelf:
    return RunShelf(tmp_path / "lifecycle")


async def test_what_was_done_can_be_read_again(shelf):
    odd = "sch\udcf6n"
    log = await shelf.begin(C, {"evaluator": "first-match"}, NOW)
    await log.begin(plan("a", odd, "c"))
    await log.settled("b", Action.EXPIRE, [Result(finding("c"), Outcome.CHANGED)])
    number = await log.sent("b", Action.EXPIRE, [finding("a"), finding(odd)])
    failed = Result(finding(odd), Outcome.FAILED, "AccessDenied", "no")
    await log.settled("b", Action.EXPIRE, [Result(finding("a"), Outcome.DONE), failed], number)
    tally = Tally(NOW)
    tally.state, tally.ended = RunState.FINISHED, NOW + timedelta(seconds=3)
    tally.bucket_errors["b2"] = "gone"
    await log.end(tally.report)
    await log.aclose()
    (record,) = await shelf.records()
    report = record.report
    assert (record.id, record.connection, record.about) == (log.id, C, {"evaluator": "first-match"})
    assert (report.state, report.started, report.ended) == (RunState.FINISHED, NOW, tally.ended)
    assert report.done == {("b", Action.EXPIRE): 1}
    assert report.sizes == {("b", Action.EXPIRE): 5}
    assert report.counters["skipped_locked"] == 2
    assert report.counters["objects_evaluated"] == 9
    assert report.errors == 2
    assert report.not_done == (
        NotDone("b", "c", "", Action.EXPIRE, Outcome.CHANGED),
        NotDone("b", odd, "", Action.EXPIRE, Outcome.FAILED, "AccessDenied", "no"),
    )
    assert report.in_doubt == 0
    assert report.moment == NOW
    assert await shelf.records(ConnectionId("other")) == []


async def objects_of(shelf: RunShelf, id_: str) -> list[tuple[str, str, Outcome, int | None]]:
    return [(each.key, each.version, each.outcome, each.size) for each in shelf.objects(id_)]


async def test_what_became_of_each_object_can_be_read(shelf, monkeypatch):
    monkeypatch.setattr(lifecycle_runs, "_AT_ONCE", 2)
    planned = plan("a", "b", "c", "d")
    for key in ("l1", "l2", "l3"):
        planned.held.add(replace(finding(key), decision=Decision(STEP, Skipped.LOCKED)))
    error = PermissionDeniedError("no tags", operation="get_tags", code="AccessDenied")
    planned = replace(planned, failures=(Failure("odd", "v1", Asked.TAGS, error),))
    log = await shelf.begin(C, {}, NOW)
    await log.begin(planned)
    await log.settled("b", Action.EXPIRE, [Result(finding("c"), Outcome.CHANGED)])
    number = await log.sent("b", Action.EXPIRE, list(map(finding, "ab")))
    failed = Result(finding("b"), Outcome.FAILED, "AccessDenied", "no")
    await log.settled("b", Action.EXPIRE, [Result(finding("a"), Outcome.DONE), failed], number)
    null = replace(finding("a"), version="null")
    await log.settled("b", Action.EXPIRE_NONCURRENT, [Result(null, Outcome.DONE)])
    stopped = await log.sent("b", Action.TRANSITION, list(map(finding, "de")))
    await log.settled("b", Action.TRANSITION, [Result(finding("d"), Outcome.DONE)], stopped)
    await log.sent("b", Action.EXPIRE, [finding("z")])
    await log.aclose()
    assert await objects_of(shelf, log.id) == [
        ("l1", "", Outcome.LOCKED, 5),
        ("l2", "", Outcome.LOCKED, 5),
        ("l3", "", Outcome.LOCKED, 5),
        ("odd", "v1", Outcome.FAILED, None),
        ("c", "", Outcome.CHANGED, None),
        ("b", "", Outcome.FAILED, None),
        ("a", "", Outcome.DONE, 5),
        ("a", "null", Outcome.DONE, 5),
        ("d", "", Outcome.DONE, 5),
        ("z", "", Outcome.IN_DOUBT, 5),
    ]
    odd = next(each for each in shelf.objects(log.id) if each.key == "odd")
    assert (odd.action, odd.code, odd.detail) == (None, "AccessDenied", "no tags")
    assert list(shelf.objects("nothing")) == []


async def test_files_of_older_programs_name_what_is_certain(shelf, tmp_path):
    log = await shelf.begin(C, {}, NOW)
    await log.aclose()
    with (tmp_path / "lifecycle" / f"{log.id}.jsonl").open("a") as file:
        for number, done in ((1, 2), (2, 1)):
            sent = {"type": "sent", "number": number, "bucket": "b", "action": "expire"}
            sent["objects"] = [[f"{number}a", ""], [f"{number}b", ""]]
            settled = {**sent, "type": "settled", "done": done, "size": 9, "left": []}
            del settled["objects"]
            file.write(f"{json.dumps(sent)}\n{json.dumps(settled)}\n")
    assert await objects_of(shelf, log.id) == [
        ("1a", "", Outcome.DONE, None),
        ("1b", "", Outcome.DONE, None),
    ]


async def test_who_was_cut_off_leaves_a_report_with_what_is_in_doubt(shelf, tmp_path):
    log = await shelf.begin(C, {}, NOW)
    await log.begin(plan("a", "b", "c"))
    first = await log.sent("b", Action.EXPIRE, [finding("a")])
    await log.settled("b", Action.EXPIRE, [Result(finding("a"), Outcome.DONE)], first)
    await log.sent("b", Action.EXPIRE, [finding("b"), finding("c")])
    (record,) = await shelf.records()
    assert record.report.state is RunState.RUNNING
    await log.aclose()  # as when the process ends: nobody claims it any more
    path = tmp_path / "lifecycle" / f"{log.id}.jsonl"
    with path.open("a") as file:
        file.write('{"type": "settled", "number": 2, "buck')
    record = await shelf.record(log.id)
    assert record.report.state is RunState.CUT_OFF
    assert record.report.counters["expired"] == 1
    assert record.report.in_doubt == 2


async def test_one_at_a_time_acts_on_a_bucket(shelf):
    one, two = [await shelf.begin(C, {}, NOW) for _ in range(2)]
    await one.begin(plan("a"))
    with pytest.raises(S4DeskError, match="already"):
        await two.begin(plan("a"))
    await two.begin(replace(plan("a"), bucket="another"))
    elsewhere = await shelf.begin(ConnectionId("other"), {}, NOW)
    await elsewhere.begin(plan("a"))
    await one.aclose()
    await two.begin(plan("a"))
    for each in (two, elsewhere):
        await each.aclose()


async def test_only_the_newest_are_kept(shelf, monkeypatch):
    monkeypatch.setattr(lifecycle_runs, "KEPT", 3)
    ids = []
    for number in range(5):
        log = await shelf.begin(C, {}, NOW + timedelta(seconds=number))
        await log.aclose()
        ids.append(log.id)
    assert [each.id for each in await shelf.records()] == ids[:1:-1]


async def test_those_of_one_bucket_are_found_the_newest_first(shelf, tmp_path):
    ids = []
    for number, connection in enumerate((C, C, ConnectionId("other"), C)):
        log = await shelf.begin(connection, {}, NOW + timedelta(seconds=number))
        await log.begin(plan("a"))
        await log.aclose()
        ids.append(log.id)
    empty = await shelf.begin(C, {}, NOW)
    await empty.aclose()
    (tmp_path / "lifecycle" / "20260101T000000-y.jsonl").write_text("no\n")
    assert [each.id for each in await shelf.latest(C, "b", 9)] == [ids[3], ids[1], ids[0]]
    assert [each.id for each in await shelf.latest(C, "b", 2)] == [ids[3], ids[1]]
    assert await shelf.latest(C, "another", 9) == []


async def test_what_cannot_be_read_is_left_out(shelf, tmp_path):
    log = await shelf.begin(C, {}, NOW)
    await log.aclose()
    (tmp_path / "lifecycle" / "20260101T000000-x.jsonl").write_text('{"type": "begin"}\n')
    (tmp_path / "lifecycle" / "20260101T000000-y.jsonl").write_text("no\n")
    (tmp_path / "lifecycle" / "20260101T000000-z.jsonl").write_text("")
    assert [each.id for each in await shelf.records()] == [log.id]
    assert await shelf.record("nothing") is None


async def test_what_cannot_be_noted_is_not_done(shelf):
    from s4desk.core.domain.errors import LocalFileError

    log = await shelf.begin(C, {}, NOW)
    log._file.close()
    with pytest.raises(LocalFileError):
        await log.sent("b", Action.EXPIRE, [finding("a")])
    await log.aclose()
