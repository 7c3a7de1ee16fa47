"""What a report is asked for is what the filters of the window let through."""

from __future__ import annotations

import itertools
from math import nan

import pytest

from s4desk.core.domain.lifecycle.decisions import Action, Decision, Event, Skipped, Step
from s4desk.core.domain.lifecycle.rules import When
from s4desk.core.lifecycle.findings import Finding, Findings
from s4desk.viewmodels.lifecycle_inventory_sheet import rows_by_key, wanted_by
from s4desk.viewmodels.lifecycle_sheet import Kind, Sieve
from tests.viewmodels.lifecycle_findings import NOW

MOVE = (Action.TRANSITION, "GLACIER")


def event(
    rule: int, action: Action, storage_class: str, day: int, skipped: Skipped | None
) -> Event:
    step = Step(action, rule, NOW, When(1), storage_class)
    return Event(0, day, Decision(step, skipped))


EVENTS = [
    event(rule, action, storage_class, day, skipped)
    for rule, (action, storage_class), day, skipped in itertools.product(
        (0, 1), ((Action.EXPIRE, ""), MOVE), (0, 1, 2), (None, Skipped.LOCKED)
    )
]


def found(*events: Event, keys: tuple[str, ...] = (), created: float = nan) -> Findings:
    findings = Findings()
    for at, each in enumerate(events):
        key = keys[at] if keys else "k"
        findings.add(Finding(key, "", "", 0, "", created + at, each.day, nan, each.decision))
    return findings


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("rule", [-1, 0, 1])
@pytest.mark.parametrize("day", [-1, 0, 1])
def test_both_let_the_same_through(kind: Kind, rule: int, day: int) -> None:
    sieve = Sieve(kind, rule, day)
    all_ = found(*EVENTS)
    wanted = wanted_by(sieve)
    assert [at for at, each in enumerate(EVENTS) if wanted.has(each)] == sieve.rows(
        all_, 0, len(all_)
    )


def test_a_piece_of_the_key_is_asked_for() -> None:
    assert wanted_by(Sieve(text="Logs")).part == "Logs"


def test_rows_come_by_key_and_the_newest_first() -> None:
    keys = ("b", "a", "c", "a", "B")
    all_ = found(*EVENTS[:5], keys=keys, created=1.0)
    assert rows_by_key(Sieve(), all_) == [4, 3, 1, 0, 2]
    assert rows_by_key(Sieve(text="b"), all_) == [4, 0]
