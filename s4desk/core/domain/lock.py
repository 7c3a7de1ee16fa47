"""Object Lock: what protects an object from deletion, and how that may be changed.

"How S3 Object Lock works" in the S3 user guide; SPEC.md section 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class LockMode(StrEnum):
    """Whose word ends a retention early: that of who may bypass governance, or nobody's."""

    GOVERNANCE = "GOVERNANCE"
    COMPLIANCE = "COMPLIANCE"


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

    def is_locked(self, now: datetime) -> bool:
        """Whether anything protects the version."""
        return bool(self.legal_hold) or self.is_retained(now)

    def can_delete(self, now: datetime, *, bypass: bool = False) -> bool:
        """Whether the version may be deleted; `bypass` is the right to bypass governance."""
        if self.legal_hold:
            return False
        return not self.is_retained(now) or (bypass and self.mode is LockMode.GOVERNANCE)

    def can_become(self, later: LockState, now: datetime, *, bypass: bool = False) -> bool:
        """Whether the retention may be changed to that of `later`.

        A running one may be extended and GOVERNANCE raised to COMPLIANCE. All else takes the right
        to bypass governance, and from COMPLIANCE there is no way down. Legal holds come and go
        freely.
        """
        if not self.is_retained(now) or (bypass and self.mode is LockMode.GOVERNANCE):
            return True
        if later.mode is None or later.retain_until is None or self.retain_until is None:
            return False
        is_lowered = self.mode is LockMode.COMPLIANCE and later.mode is LockMode.GOVERNANCE
        return not is_lowered and later.retain_until >= self.retain_until


NO_LOCK = LockState()
