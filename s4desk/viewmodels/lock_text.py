"""Locks in words: what protects a version, until when, and why it cannot be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.lock import (
    LAST_MOMENT,
    LockMode,
    LockState,
    Protection,
    RetentionRefusal,
)
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import format_count, object_label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import Location


_ICONS = {
    Protection.LEGAL_HOLD: "lock-hold",
    Protection.COMPLIANCE: "lock-compliance",
    Protection.GOVERNANCE: "lock",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A lock or a replica in a row: few letters, what they mean, and an icon if there is something
    to see."""

    text: str
    meaning: str
    icon: str = ""


def badge_of(lock: LockState, now: datetime) -> Badge:
    """What a row shows of the lock of its object, once that was read."""
    protection = lock.protection(now)
    if protection is None:
        return Badge("–", tr("not locked"))
    words, meanings = [], []
    if lock.is_retained(now) and lock.mode is not None and lock.retain_until is not None:
        day = lock.retain_until.astimezone().strftime("%Y-%m-%d")
        words.append(f"{lock.mode.value.capitalize()} {day}")
        sentence = tr("retained in {mode} mode until {time}")
        time = until_text(lock.retain_until)
        meanings.append(sentence.format(mode=lock.mode.value, time=time))
    if lock.legal_hold:
        words.append(tr("Hold"))
        meanings.append(tr("under a legal hold"))
    return Badge(" + ".join(words), ", ".join(meanings), _ICONS[protection])


def unreadable_badge() -> Badge:
    """For an object whose lock may not be read, or that is gone."""
    return Badge("?", tr("Its lock cannot be read."))


def unknown_badge(reason: str) -> Badge:
    """For an object whose lock nobody can tell now."""
    return Badge(tr("Unknown"), tr("Its lock could not be read: {reason}").format(reason=reason))


def until_text(moment: datetime) -> str:
    """A moment in local time, with its zone: a day early or late matters here."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z").strip()


def _end(lock: LockState) -> str:
    return "" if lock.retain_until is None else until_text(lock.retain_until)


def lock_text(lock: LockState) -> str:
    """The lock as it is, in a few words."""
    words = []
    if lock.mode is not None and lock.retain_until is not None:
        sentence = tr("{mode} until {time}")
        words.append(sentence.format(mode=lock.mode.value, time=until_text(lock.retain_until)))
    if lock.legal_hold:
        words.append(tr("legal hold"))
    return ", ".join(words) or tr("no lock")


def protection_text(lock: LockState, now: datetime) -> str:
    """Whether this version can be deleted, and if not, why and until when."""
    protection = lock.protection(now)
    if protection is None:
        return tr("This version can be deleted.")
    if protection is Protection.LEGAL_HOLD:
        return tr("This version cannot be deleted until its legal hold is lifted.")
    until = _end(lock)
    if protection is Protection.COMPLIANCE:
        return tr("Nobody can delete this version before {time}.").format(time=until)
    return tr("Until {time} only who may bypass governance can delete this version.").format(
        time=until
    )


def lock_of_text(location: Location, lock: LockState, now: datetime) -> str:
    """The lock of an object, and what that means now."""
    sentence = tr("“{name}”: {lock}. {meaning}")
    return sentence.format(
        name=object_label(location.name), lock=lock_text(lock), meaning=protection_text(lock, now)
    )


def stays_text(locked: Sequence[tuple[Location, LockState]]) -> str:
    """Why what is selected has to stay, and be seen: what of it is locked."""
    location, lock = locked[0]
    if len(locked) == 1:
        sentence = tr("“{name}” is locked ({lock}): it stays as it is, and where it is.")
        return sentence.format(name=object_label(location.name), lock=lock_text(lock))
    sentence = tr_n(
        "{count} selected object is locked, “{name}” among them: they stay as they are.",
        "{count} selected objects are locked, “{name}” among them: they stay as they are.",
        len(locked),
    )
    return sentence.format(count=format_count(len(locked)), name=object_label(location.name))


def refusal_text(refusal: RetentionRefusal, lock: LockState) -> tuple[str, str]:
    """Why a retention cannot be changed so, and what could be done instead."""
    until = _end(lock)
    if refusal is RetentionRefusal.PAST:
        return (
            tr("A retention cannot end in the past."),
            tr("Name a moment that is still to come."),
        )
    if refusal is RetentionRefusal.FAR:
        return (
            tr("A retention can end on {time} at the latest.").format(time=until_text(LAST_MOMENT)),
            tr("Some stores count no further, and would hold a later one for over."),
        )
    if refusal is RetentionRefusal.GOVERNED:
        return (
            tr("It is retained in GOVERNANCE mode until {time}.").format(time=until),
            tr(
                "Extend it, or bypass governance: that takes the permission"
                " s3:BypassGovernanceRetention."
            ),
        )
    if refusal is RetentionRefusal.LOWER:
        return (
            tr("COMPLIANCE mode cannot be changed to {mode} before {time}.").format(
                mode=LockMode.GOVERNANCE.value, time=until
            ),
            tr("It can only be extended."),
        )
    return (
        tr("It is retained in COMPLIANCE mode until {time}; nobody can shorten that.").format(
            time=until
        ),
        tr("It can only be extended."),
    )
