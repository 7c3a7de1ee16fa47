"""The form of what a bucket locks new objects with, and of its Object Lock itself."""

from __future__ import annotations

from copy import deepcopy
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.lock import LockMode
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.forms import Field, FieldKind, Form, choice, is_ticked

if TYPE_CHECKING:
    from collections.abc import Mapping


class Unit(StrEnum):
    """What S3 counts a default retention in; one of both, never both."""

    DAYS = "Days"
    YEARS = "Years"


MOST: Final = {Unit.DAYS: 25_550, Unit.YEARS: 70}
"""S3 takes 100 years. Stores that count seconds in 32 bits would have them end in the past: see
`domain/lock.LAST_MOMENT`."""
_NONE: Final = ""


class LockDefaultForm(Form):
    """What else the configuration says stays in it."""

    def __init__(self, value: Mapping[str, Any], *, is_versioned: bool = True) -> None:
        """`value` is the configuration as it is; `is_versioned` whether the bucket keeps versions,
        without which nothing can be locked."""
        self._value = value
        self.is_enabled = value.get("ObjectLockEnabled") == "Enabled"
        kept = value.get("Rule", {}).get("DefaultRetention", {})
        unit = Unit.YEARS if kept.get("Years") else Unit.DAYS
        self._enable = Field(
            tr("Enable Object Lock in this bucket, for ever"),
            "",
            is_ticked,
            FieldKind.TICK,
            hint=tr(
                "It cannot be taken away again, and versioning can then not be suspended. Some"
                " stores enable it only when a bucket is made."
            ),
            obstacle=""
            if is_versioned
            else tr("Enable versioning first: versions are what is locked."),
        )
        self._mode = Field(
            tr("New objects"),
            kept.get("Mode", _NONE),
            str,
            FieldKind.CHOICE,
            [
                (_NONE, tr("Not locked, unless their upload says so")),
                (LockMode.GOVERNANCE, tr("GOVERNANCE: some may bypass it")),
                (LockMode.COMPLIANCE, tr("COMPLIANCE: nobody ends it early")),
            ],
            hint=tr("Objects that are there already stay as they are."),
        )
        self._period = Field(tr("For"), str(kept.get(unit) or ""), _parse_period, placeholder="30")
        self._unit = Field(
            tr("Counted in"),
            unit,
            choice(Unit),
            FieldKind.CHOICE,
            [(Unit.DAYS, tr("Days")), (Unit.YEARS, tr("Years"))],
        )
        self._agreed = Field(
            tr("Nobody shall be able to delete new versions before their time"),
            "",
            is_ticked,
            FieldKind.TICK,
            hint=tr("Not even the owner of the account, and their storage has to be paid for."),
        )
        super().__init__(
            tr("Object Lock Default"),
            enable=self._enable,
            mode=self._mode,
            period=self._period,
            unit=self._unit,
            agreed=self._agreed,
        )

    def is_shown(self, name: str) -> bool:
        if name == "enable":
            return not self.is_enabled
        if not (self.is_enabled or self._enable.value):
            return False
        if name == "agreed":
            return self._mode.text == LockMode.COMPLIANCE
        return name == "mode" or self._mode.text != _NONE

    def result(self) -> dict[str, Any]:
        """The configuration as it shall be. Raises ValidationError as long as there are errors."""
        value: dict[str, Any] = deepcopy(dict(self._value)) | {"ObjectLockEnabled": "Enabled"}
        if self._mode.text == _NONE:
            value.get("Rule", {}).pop("DefaultRetention", None)
            if not value.get("Rule"):
                value.pop("Rule", None)
            return value
        kept = value.setdefault("Rule", {}).setdefault("DefaultRetention", {})
        for unit in Unit:
            kept.pop(unit.value, None)
        kept |= {"Mode": self._mode.text, self._unit.value.value: self._period.value}
        return value

    def _errors_between_fields(self) -> dict[str, str]:
        if not (self.is_enabled or self._enable.value):
            return {"enable": tr("Tick this to go on.")}
        found: dict[str, str] = {}
        if self._mode.text == LockMode.COMPLIANCE and not self._agreed.value:
            found["agreed"] = tr("Tick this to go on.")
        unit = self._unit.value
        if not self._period.error and self._period.value > MOST[unit]:
            found["period"] = most_text(unit)
        return found


def most_text(unit: Unit) -> str:
    """How long a default retention may be."""
    sentence = {
        Unit.DAYS: tr("At most {most} days can be said."),
        Unit.YEARS: tr("At most {most} years can be said."),
    }[unit]
    return sentence.format(most=MOST[unit])


def _parse_period(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 7 and int(text)):
        raise ValidationError(tr("A number is needed, 1 or more."))
    return int(text)
