"""Locks in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.errors import RetentionRefusedError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.lock import LAST_MOMENT, NO_LOCK, LockMode, LockState
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.lock_text import lock_text, protection_text, until_text

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
GOVERNED = LockState(LockMode.GOVERNANCE, LATER)
COMPLIANT = LockState(LockMode.COMPLIANCE, LATER)
HELD = LockState(LockMode.COMPLIANCE, LATER, legal_hold=True)


@pytest.mark.parametrize(
    ("lock", "text", "meaning"),
    [
        (NO_LOCK, "no lock", "can be deleted"),
        (GOVERNED, "GOVERNANCE until {until}", "only who may bypass governance"),
        (COMPLIANT, "COMPLIANCE until {until}", "Nobody can delete this version before {until}"),
        (HELD, "COMPLIANCE until {until}, legal hold", "until its legal hold is lifted"),
    ],
)
def test_a_lock_says_what_it_is_and_what_it_means(lock: LockState, text: str, meaning: str) -> None:
    until = until_text(LATER)
    assert lock_text(lock) == text.format(until=until)
    assert meaning.format(until=until) in protection_text(lock, NOW)


@pytest.mark.parametrize(
    ("lock", "later", "said"),
    [
        (NO_LOCK, LockState(LockMode.GOVERNANCE, NOW), "cannot end in the past"),
        (NO_LOCK, LockState(LockMode.GOVERNANCE, LAST_MOMENT + timedelta(1)), "at the latest"),
        (GOVERNED, NO_LOCK, "s3:BypassGovernanceRetention"),
        (COMPLIANT, NO_LOCK, "nobody can shorten that"),
        (COMPLIANT, LockState(LockMode.GOVERNANCE, LATER), "cannot be changed to GOVERNANCE"),
    ],
)
def test_a_refusal_says_why(lock: LockState, later: LockState, said: str) -> None:
    refusal = lock.refusal(later, NOW)
    assert refusal is not None
    assert said in describe(RetentionRefusedError(refusal, lock, Location("bucket", "key")))
