"""Findings for whoever shows them: what goes, what moves, what stays, on several days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan

from s4desk.core.domain.lifecycle.decisions import Action, Decision, Skipped, Step
from s4desk.core.domain.lifecycle.rules import Rule, When
from s4desk.core.lifecycle.findings import Finding, Findings

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULES = (Rule(id="logs"), Rule())
UNTIL = NOW + timedelta(days=9)


def decision(
    action: Action, rule: int = 0, skipped: Skipped | None = None, storage_class: str = ""
) -> Decision:
    return Decision(Step(action, rule, NOW, When(3), storage_class), skipped)


GOES = decision(Action.EXPIRE)
MOVES = decision(Action.TRANSITION, 1, storage_class="GLACIER")
STAYS = decision(Action.EXPIRE_NONCURRENT, 0, Skipped.LOCKED)


def finding(key: str, decided: Decision = GOES, day: int = 0, until: float = nan) -> Finding:
    due = (NOW + timedelta(days=day)).timestamp()
    created = NOW.timestamp() - 86400
    return Finding(key, "v1", "e", 2048, "STANDARD", created, day, due, decided, (), until)


def some() -> Findings:
    """One of each."""
    found = Findings()
    found.add(finding("logs/a"))
    found.add(finding("logs/B", day=3))
    found.add(finding("cold/b", MOVES))
    found.add(finding("held", STAYS, until=UNTIL.timestamp()))
    return found
