"""The form that sets retentions and legal holds, and refuses what the store would refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.locking import LockChange
from s4desk.viewmodels.forms import TICKED, Field, FieldKind, Form, choice, is_ticked
from s4desk.viewmodels.lock_text import refusal_text, until_text
from s4desk.viewmodels.moments import until_from

if TYPE_CHECKING:
    from collections.abc import Callable


class RetentionChoice(StrEnum):
    """What shall become of a retention."""

    KEEP = "keep"
    GOVERNANCE = "GOVERNANCE"
    COMPLIANCE = "COMPLIANCE"
    NONE = "none"


class HoldChoice(StrEnum):
    """What shall become of a legal hold."""

    KEEP = "keep"
    ON = "on"
    OFF = "off"


_HOLDS = {HoldChoice.KEEP: None, HoldChoice.ON: True, HoldChoice.OFF: False}
_RUNNING = (RetentionChoice.GOVERNANCE, RetentionChoice.COMPLIANCE)


class LockForm(Form):
    """For one version, whose lock `before` is known, or for many, each of which is looked at when
    it is its turn: then what cannot be done is told by the preview."""

    def __init__(
        self,
        before: LockState | None = None,
        *,
        asks_versions: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`asks_versions`: older versions may be meant, too."""
        self._before = before
        self._now = now
        self._asks_versions = asks_versions
        self._retention = Field(
            tr("Retention"),
            RetentionChoice.KEEP,
            choice(RetentionChoice),
            FieldKind.CHOICE,
            [
                (RetentionChoice.KEEP, tr("Leave as it is")),
                (RetentionChoice.GOVERNANCE, tr("GOVERNANCE: some may bypass it")),
                (RetentionChoice.COMPLIANCE, tr("COMPLIANCE: nobody ends it early")),
                (RetentionChoice.NONE, tr("Take it away")),
            ],
        )
        self._until = Field(
            tr("Until"),
            "",
            self._parse_until,
            placeholder="30d",
            hint=tr("2027-11-20, 2027-11-20T22:00, or 30d from now"),
            remark_on=self._until_remark,
        )
        self._bypass = Field(
            tr("Bypass governance"),
            "",
            is_ticked,
            FieldKind.TICK,
            hint=tr("It takes the permission s3:BypassGovernanceRetention."),
        )
        self._agreed = Field(
            tr("Nobody shall be able to delete it before then"),
            "",
            is_ticked,
            FieldKind.TICK,
            hint=tr("Not even the owner of the account. COMPLIANCE cannot be shortened again."),
        )
        self._hold = Field(
            tr("Legal hold"),
            HoldChoice.KEEP,
            choice(HoldChoice),
            FieldKind.CHOICE,
            [
                (HoldChoice.KEEP, tr("Leave as it is")),
                (HoldChoice.ON, tr("On, until somebody lifts it")),
                (HoldChoice.OFF, tr("Off")),
            ],
            hint=tr("No right bypasses a legal hold: it has to be lifted."),
        )
        self._versions = Field(tr("Old versions, too"), "", is_ticked, FieldKind.TICK)
        super().__init__(
            tr("Retention and Legal Hold"),
            retention=self._retention,
            until=self._until,
            bypass=self._bypass,
            agreed=self._agreed,
            hold=self._hold,
            versions=self._versions,
        )

    @property
    def with_versions(self) -> bool:
        return self._asks_versions and self._versions.value

    def is_shown(self, name: str) -> bool:
        wanted = self._retention.value
        if name == "until":
            return wanted in _RUNNING
        if name == "agreed":
            return wanted is RetentionChoice.COMPLIANCE
        if name == "bypass":
            return wanted is not RetentionChoice.KEEP and self._may_bypass
        return name != "versions" or self._asks_versions

    def result(self) -> LockChange:
        """Raises ValidationError as long as there are errors."""
        retention = self._wanted()
        bypass = self.is_shown("bypass") and self._bypass.value
        return LockChange(retention, _HOLDS[self._hold.value], bypass=bypass)

    @property
    def _may_bypass(self) -> bool:
        """Whether there may be a retention that can be bypassed."""
        before = self._before
        return before is None or (
            before.mode is LockMode.GOVERNANCE and before.is_retained(self._now())
        )

    def _wanted(self) -> LockState | None:
        wanted = self._retention.value
        if wanted is RetentionChoice.KEEP:
            return None
        if wanted is RetentionChoice.NONE:
            return NO_LOCK
        return LockState(LockMode(wanted.value), self._until.value)

    def _parse_until(self, text: str) -> datetime:
        if not text.strip():
            raise ValidationError(tr("Say until when: a date, or a span such as 30d."))
        until = until_from(text.strip(), self._now())
        if until <= self._now():
            raise ValidationError(tr("A retention cannot end in the past."))
        return until

    def _until_remark(self, _text: str) -> str:
        return until_text(self._until.value)

    def _errors_between_fields(self) -> dict[str, str]:
        wanted, hold = self._retention.value, self._hold.value
        if wanted is RetentionChoice.KEEP and hold is HoldChoice.KEEP:
            return {"retention": tr("Choose what to change.")}
        found: dict[str, str] = {}
        if wanted is RetentionChoice.COMPLIANCE and not self._agreed.value:
            found["agreed"] = tr("Tick this to go on.")
        if self._before is None or (wanted in _RUNNING and self._until.error):
            return found
        later, now = self._wanted(), self._now()
        if later is None:
            return found
        refusal = self._before.refusal(later, now, bypass=self._bypass.value and self._may_bypass)
        if refusal is not None:
            found["until" if wanted in _RUNNING else "retention"] = " ".join(
                refusal_text(refusal, self._before)
            )
        return found

    def tick_bypass(self) -> None:
        """As if the person had."""
        self.edit("bypass", TICKED)
