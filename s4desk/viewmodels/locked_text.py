"""What is said when something is locked that would be hidden, moved or replaced."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.lock_text import lock_text
from s4desk.viewmodels.rows import display_name, format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import Location, Prefix
    from s4desk.core.domain.lock import LockState


class Threat(StrEnum):
    """What would become of a locked object."""

    DELETE = "delete"
    MOVE = "move"
    REPLACE = "replace"
    SYNC = "sync"
    VERSION = "version"
    GOVERNED = "governed"
    """Versions that are only locked in GOVERNANCE mode."""


@dataclass(frozen=True, slots=True)
class LockedQuestion:
    """What a person reads. Without `override` nothing can be done about it; what `override` says
    is done when it is ticked, by the button `accept_text`."""

    title: str
    sentence: str
    explanation: str
    rows: Sequence[tuple[str, str]]
    override: str = ""
    accept_text: str = ""


def looking_for_locks(count: int = 0) -> str:
    """While a store is asked."""
    if not count:
        return tr("Looking for locks…")
    sentence = tr_n(
        "Looking for locks: {count} object so far…",
        "Looking for locks: {count} objects so far…",
        count,
    )
    return sentence.format(count=format_count(count))


def locked_question(
    threat: Threat, locked: Sequence[tuple[Location, LockState]], *, is_all: bool = True
) -> LockedQuestion:
    """`is_all` False: there are more than these."""
    count = format_count(len(locked))
    sentence = tr_n("{count} object is locked.", "{count} objects are locked.", len(locked))
    if not is_all:
        sentence = tr_n(
            "At least {count} object is locked.",
            "At least {count} objects are locked.",
            len(locked),
        )
    rows = [(display_name(location.key), lock_text(lock)) for location, lock in locked]
    title, explanation, override, accept = _words(threat)
    return LockedQuestion(title, sentence.format(count=count), explanation, rows, override, accept)


def _words(threat: Threat) -> tuple[str, str, str, str]:
    return {
        Threat.DELETE: (
            tr("Locked Objects"),
            tr(
                "A lock keeps the version from being deleted. The store would only hide it under a"
                " delete marker: no program would list it any more, and its version would stay,"
                " with its lock and its cost."
            ),
            tr("&Hide them all the same; their versions stay"),
            tr("&Go On"),
        ),
        Threat.MOVE: (
            tr("Locked Objects"),
            tr(
                "To be moved they would have to be deleted here, and a lock forbids that. Nothing"
                " was moved. Copy them, or move them when their locks have ended."
            ),
            "",
            "",
        ),
        Threat.VERSION: (
            tr("Locked Versions"),
            tr(
                "A locked version cannot be deleted before its lock has ended; nothing was deleted."
                " A legal hold can be lifted, and who has the permission"
                " s3:BypassGovernanceRetention may change a retention in GOVERNANCE mode first."
                " COMPLIANCE ends by the clock alone."
            ),
            "",
            "",
        ),
        Threat.GOVERNED: (
            tr("Locked Versions"),
            tr(
                "They are locked in GOVERNANCE mode. Who has the permission"
                " s3:BypassGovernanceRetention can delete them for good all the same; without it"
                " the store refuses."
            ),
            tr("&Bypass governance, and delete what is locked"),
            tr("&Go On"),
        ),
        Threat.REPLACE: (
            tr("Locked Objects"),
            tr(
                "They are at the targets. A lock keeps the version from being overwritten: what"
                " is written goes on top of it as a new version, without that lock, and that is"
                " what everybody reads from then on. The locked version stays below."
            ),
            tr("&Put new versions on top all the same"),
            tr("&Go On"),
        ),
        Threat.SYNC: (
            tr("Locked Objects"),
            tr(
                "The sync would put new versions on top of them, or hide them under delete"
                " markers. Their locked versions would stay below, but nobody would read them"
                " unless they ask for versions."
            ),
            tr("&Hide them all the same; their versions stay"),
            tr("&Go On"),
        ),
    }[threat]


def hiding_question(places: Sequence[Prefix | Location]) -> str:
    """Asked before what is locked is hidden."""
    if len(places) == 1:
        name = display_name(places[0].name.removesuffix("/"))
        return tr("Hide “{name}” under a delete marker?").format(name=name)
    sentence = tr_n(
        "Hide {count} item under a delete marker?",
        "Hide these {count} items under delete markers?",
        len(places),
    )
    return sentence.format(count=format_count(len(places)))


def hiding_text() -> str:
    """What the command does that hides what is locked."""
    return tr(
        "Nothing is deleted: a delete marker is put on top of each object. No program lists them"
        " any more; their versions stay, with their locks and their cost, and are seen again when"
        " the marker is deleted."
    )
