"""Object Lock: what protects an object from deletion, and how that may be changed.

"How S3 Object Lock works" in the S3 user guide; SPEC.md section 5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

LAST_MOMENT: Final = datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)
"""Some stores count seconds in 32 bits (Ceph RGW does). What ends later has ended long ago there:
an extension that they take would lift the lock."""


class LockMode(StrEnum):
    """Whose word ends a retention early: that of who may bypass governance, or nobody's."""

    GOVERNANCE = "GOVERNANCE"
    COMPLIANCE = "COMPLIANCE"


class Protection(StrEnum):
    """What keeps a version from being deleted."""

    LEGAL_HOLD = "legal_hold"
    COMPLIANCE = "compliance"
    GOVERNANCE = "governance"


class RetentionRefusal(StrEnum):
    """Why a retention cannot be changed to another."""

    SHORTER = "compliance_shortened"
    LOWER = "compliance_lowered"
    GOVERNED = "governance_not_bypassed"
    PAST = "until_past"
    FAR = "until_too_far"


@dataclass(frozen=True, slots=True)
class LockState:
    """The lock of one version. `retain_until` is in UTC.

    `mode` and `retain_until` come together or not at all. `legal_hold` None means that the store
    did not say; False is an explicit OFF.
    """

    mode: LockMode | None = None
    retain_until: datetime | None = None
    legal_hold: bool | None = None

    def is_retained(self, now: datetime) -> bool:
        """Whether a retention is running."""
        return self.mode is not None and self.retain_until is not None and self.retain_until > now

    def still(self, now: datetime) -> LockState:
        """Without a retention that has run out: no store takes one that ended in the past."""
        return self if self.is_retained(now) else replace(self, mode=None, retain_until=None)

    def is_locked(self, now: datetime) -> bool:
        """Whether anything protects the version."""
        return bool(self.legal_hold) or self.is_retained(now)

    def is_as(self, other: LockState) -> bool:
        """Whether both are the same, their ends as exactly as stores keep what they are told: one
        of another program may have parts of a second that are lost on the way."""
        ends = [
            each.retain_until and each.retain_until.replace(microsecond=0) for each in (self, other)
        ]
        return ends[0] == ends[1] and replace(self, retain_until=None) == replace(
            other, retain_until=None
        )

    def protection(self, now: datetime, *, bypass: bool = False) -> Protection | None:
        """What keeps the version from being deleted, None when it may be.

        `bypass` is the right to bypass governance. Retention runs beside a hold, which is told
        first: no right bypasses it, and who lifts it sees the other.
        """
        if self.legal_hold:
            return Protection.LEGAL_HOLD
        if not self.is_retained(now):
            return None
        if self.mode is LockMode.COMPLIANCE:
            return Protection.COMPLIANCE
        return None if bypass else Protection.GOVERNANCE

    def can_delete(self, now: datetime, *, bypass: bool = False) -> bool:
        """Whether the version may be deleted; `bypass` is the right to bypass governance."""
        return self.protection(now, bypass=bypass) is None

    def refusal(
        self, later: LockState, now: datetime, *, bypass: bool = False
    ) -> RetentionRefusal | None:
        """Why the retention may not be changed to that of `later`, None when it may be.

        A running one may be extended. All else, COMPLIANCE in place of GOVERNANCE too, takes the
        right to bypass governance, and from COMPLIANCE there is no way down. Legal holds come and
        go freely. One that has run out may be changed as the store pleases: some never let its
        mode change.
        """
        if later.mode is not None and later.retain_until is not None and later.retain_until <= now:
            return RetentionRefusal.PAST
        if later.retain_until is not None and later.retain_until > LAST_MOMENT:
            return RetentionRefusal.FAR
        if not self.is_retained(now) or (bypass and self.mode is LockMode.GOVERNANCE):
            return None
        is_shorter = (
            later.mode is None
            or later.retain_until is None
            or self.retain_until is None
            or later.retain_until < self.retain_until
        )
        if self.mode is LockMode.GOVERNANCE:
            return RetentionRefusal.GOVERNED if is_shorter or later.mode is not self.mode else None
        if is_shorter:
            return RetentionRefusal.SHORTER
        return RetentionRefusal.LOWER if later.mode is not self.mode else None

    def can_become(self, later: LockState, now: datetime, *, bypass: bool = False) -> bool:
        """Whether the retention may be changed to that of `later`."""
        return self.refusal(later, now, bypass=bypass) is None


NO_LOCK = LockState()
