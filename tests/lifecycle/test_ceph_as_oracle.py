"""Random rules, random objects, and Ceph: what it does to each of them, day after day, is what the
evaluator of the store said.

Days are some seconds long. Each seed is a round; S4DESK_ORACLE_ROUNDS asks for more of them.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import pytest

from s4desk.core.domain.lifecycle.candidates import Versioning
from tests.lifecycle.oracle import Run, State, evaluator_for, is_between, look, observed, predicted
from tests.lifecycle.oracle_differences import Difference, differences
from tests.lifecycle.oracle_worlds import Case, fill, prepare, random_case
from tests.servers.client import empty_bucket, s3_client

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.candidates import Candidate
    from tests.lifecycle.oracle import Fate
    from tests.servers.ceph import Ceph
    from tests.servers.endpoint import Endpoint

# Read at import, because the tests run without the variables of s4desk.
SEEDS: Final = range(1, 1 + int(os.environ.get("S4DESK_ORACLE_ROUNDS", "1")))
KINDS: Final = (
    (Versioning.OFF, False),
    (Versioning.OFF, False),
    (Versioning.ENABLED, False),
    (Versioning.ENABLED, False),
    (Versioning.SUSPENDED, False),
    (Versioning.ENABLED, True),
)
DAYS: Final = 4
NOT_YET: Final = 1000
"""Seconds: a day that is not over while a test runs."""
MARGIN_S: Final = 3


@dataclass
class Score:
    """`wrong` is told in full. `clear` counts keys of which nothing was due just while the engine
    ran, `done` those to which something was done."""

    wrong: list[str] = field(default_factory=list)
    excused: Counter[Difference] = field(default_factory=Counter)
    keys: int = 0
    clear: int = 0
    done: int = 0
    uploads: int = 0
    aborted: int = 0


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed-{seed}")
def test_ceph_does_what_was_said(ceph_server: Ceph, ceph: Endpoint, seed: int) -> None:
    score = Score()
    with s3_client(ceph) as client:
        cases = _cases(seed)
        try:
            for case in cases:
                prepare(client, case)
            _live(client, ceph_server, cases, seed, score)
        finally:
            for case in cases:
                empty_bucket(client, case.bucket)
    assert not score.wrong, "\n".join(score.wrong)
    assert score.done > score.keys / 20
    assert score.aborted
    # Else nothing much was compared.
    assert score.clear > 0.5 * score.keys
    assert score.excused.total() < 0.2 * score.keys


def _cases(seed: int) -> list[Case]:
    return [
        random_case(
            Random(f"rules {seed}.{at}"), f"{seed}.{at}: {versioning}", versioning, has_locks=locks
        )
        for at, (versioning, locks) in enumerate(KINDS)
    ]


def _live(client: Any, server: Ceph, cases: Sequence[Case], seed: int, score: Score) -> None:
    """A day is as long as it took to make everything, and as the engine takes for a run."""
    began = datetime.now(UTC)
    for at, case in enumerate(cases):
        fill(client, case, Random(f"objects {seed}.{at}"))
    made = datetime.now(UTC)
    before = [look(client, case) for case in cases]
    day_s = NOT_YET
    for day in range(DAYS + 1):
        if day:
            _wait_until(made + day * timedelta(seconds=day_s))
        start = datetime.now(UTC)
        taken = server.run_lifecycle(day_s)
        run = Run(start, datetime.now(UTC), timedelta(seconds=day_s))
        after = [look(client, case) for case in cases]
        for case, was, became in zip(cases, before, after, strict=True):
            # A bucket that this run left out is as old in the next.
            if case.bucket in taken:
                _compare(case, was, became, run, score)
        before = after
        if not day:
            day_s = math.ceil((made - began + run.end - run.start).total_seconds()) + MARGIN_S


def _wait_until(moment: datetime) -> None:
    """Nothing but time makes a version older."""
    left = (moment - datetime.now(UTC)).total_seconds()
    if left > 0:
        Event().wait(left)


def _compare(case: Case, before: State, after: State, run: Run, score: Score) -> None:
    evaluator = evaluator_for(case, run)
    for key, stack in before.stacks.items():
        early, late = (
            predicted(evaluator, stack, case.versioning, at) for at in (run.start, run.end)
        )
        seen = observed(stack, after.stacks.get(key, ()))
        score.keys += 1
        score.clear += early == late
        score.done += seen != observed(stack, stack)
        if is_between(seen, early, late):
            continue
        known = differences(case, stack, run)
        score.excused.update(known)
        if not known:
            score.wrong.append(_told(case, stack, run, seen, late))
    for name, upload in before.uploads.items():
        said = {evaluator.decide_upload(upload, at) is not None for at in (run.start, run.end)}
        is_gone = name not in after.uploads
        score.uploads += 1
        score.aborted += is_gone
        if is_gone not in said:
            score.wrong.append(f"{case.name} {case.rules}: {upload}: gone is {is_gone}")


def _told(case: Case, stack: Sequence[Candidate], run: Run, seen: Fate, said: Fate) -> str:
    lines = [f"{case.name}, {run}", *map(str, case.rules), *map(str, stack)]
    return "\n  ".join([*lines, f"seen: {seen}", f"said: {said}"])
