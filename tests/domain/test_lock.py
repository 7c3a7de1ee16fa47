"""The rules of Object Lock, case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
GOVERNANCE, COMPLIANCE = LockMode.GOVERNANCE, LockMode.COMPLIANCE


def kept(mode: LockMode, days: int, *, hold: bool | None = None) -> LockState:
    return LockState(mode, NOW + days * DAY, hold)


@pytest.mark.parametrize(
    ("state", "is_locked", "can_delete", "with_bypass"),
    [
        (NO_LOCK, False, True, True),
        (LockState(legal_hold=False), False, True, True),
        (LockState(legal_hold=True), True, False, False),
        (kept(GOVERNANCE, 1), True, False, True),
        (kept(COMPLIANCE, 1), True, False, False),
        (kept(GOVERNANCE, 0), False, True, True),
        (kept(COMPLIANCE, -1), False, True, True),
        (kept(GOVERNANCE, 1, hold=True), True, False, False),
        (kept(COMPLIANCE, -1, hold=True), True, False, False),
        (LockState(GOVERNANCE, None), False, True, True),
    ],
)
def test_what_is_locked_and_what_may_be_deleted(
    state: LockState, is_locked: bool, can_delete: bool, with_bypass: bool
) -> None:
    assert state.is_locked(NOW) is is_locked
    assert state.can_delete(NOW) is can_delete
    assert state.can_delete(NOW, bypass=True) is with_bypass


@pytest.mark.parametrize(
    ("state", "later", "allowed", "with_bypass"),
    [
        (NO_LOCK, kept(COMPLIANCE, 1), True, True),
        (kept(COMPLIANCE, -1), NO_LOCK, True, True),
        (kept(GOVERNANCE, 2), kept(GOVERNANCE, 3), True, True),
        (kept(GOVERNANCE, 2), kept(GOVERNANCE, 2), True, True),
        (kept(GOVERNANCE, 2), kept(GOVERNANCE, 1), False, True),
        (kept(GOVERNANCE, 2), NO_LOCK, False, True),
        (kept(GOVERNANCE, 2), kept(COMPLIANCE, 2), False, True),
        (kept(GOVERNANCE, -1), kept(COMPLIANCE, 2), True, True),
        (kept(GOVERNANCE, 2), kept(GOVERNANCE, -1), False, False),
        (kept(COMPLIANCE, 2), kept(COMPLIANCE, 3), True, True),
        (kept(COMPLIANCE, 2), kept(COMPLIANCE, 1), False, False),
        (kept(COMPLIANCE, 2), kept(GOVERNANCE, 3), False, False),
        (kept(COMPLIANCE, 2), NO_LOCK, False, False),
    ],
)
def test_how_a_retention_may_change(
    state: LockState, later: LockState, allowed: bool, with_bypass: bool
) -> None:
    assert state.can_become(later, NOW) is allowed
    assert state.can_become(later, NOW, bypass=True) is with_bypass


@pytest.mark.parametrize(
    ("state", "without", "with_bypass"),
    [
        (NO_LOCK, None, None),
        (kept(GOVERNANCE, 1), "governance", None),
        (kept(COMPLIANCE, 1), "compliance", "compliance"),
        (kept(COMPLIANCE, 1, hold=True), "legal_hold", "legal_hold"),
        (kept(COMPLIANCE, -1, hold=False), None, None),
    ],
)
def test_what_protects_has_a_name(
    state: LockState, without: str | None, with_bypass: str | None
) -> None:
    assert state.protection(NOW) == without
    assert state.protection(NOW, bypass=True) == with_bypass


@pytest.mark.parametrize(
    ("state", "later", "why"),
    [
        (kept(COMPLIANCE, 2), kept(COMPLIANCE, 1), "compliance_shortened"),
        (kept(COMPLIANCE, 2), NO_LOCK, "compliance_shortened"),
        (kept(COMPLIANCE, 2), kept(GOVERNANCE, 3), "compliance_lowered"),
        (kept(GOVERNANCE, 2), kept(GOVERNANCE, 1), "governance_not_bypassed"),
        (NO_LOCK, kept(GOVERNANCE, 0), "until_past"),
    ],
)
def test_a_refusal_says_why(state: LockState, later: LockState, why: str) -> None:
    assert state.refusal(later, NOW) == why
