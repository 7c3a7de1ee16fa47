"""The replication of an object in a few words: what its row shows, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.replication.status import Status
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.inspector import Fact
from s4desk.viewmodels.lock_text import Badge
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_count, format_duration, format_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.domain.replication.stamp import Stamp
    from s4desk.core.replication.table import Known

_ICONS: Final = {
    Status.PENDING: "hourglass",
    Status.COMPLETED: "check",
    Status.FAILED: "error",
    Status.REPLICA: "replica",
}
_STORES_OTHER: Final = {"COMPLETE": Status.COMPLETED}
"""What older stores say."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one object, and by which rule; None for a rule that is there no more.
    `place` is where its replica goes."""

    known: Known
    rule: Rule | None = None
    place: str = ""


def known_of(found: Sequence[Known], meta: ObjectMeta) -> Known | None:
    """Of what is known of a key, what is about this row; None when that was not seen yet."""
    if meta.version is not None:
        for each in found:
            if each.task.write.version == meta.version:
                return each
    newest = max(found, key=lambda each: each.entry.generation, default=None)
    if newest is None or newest.task.write.seen.etag == meta.etag:
        return newest
    # A person who looks at an older listing shall not read of bytes that came after it.
    return None


def status_text(status: Status) -> str:
    """One word; nothing for an object that no rule is about."""
    return {
        Status.PENDING: tr("Pending"),
        Status.COMPLETED: tr("Completed"),
        Status.FAILED: tr("Failed"),
        Status.REPLICA: tr("Replica"),
        Status.NONE: "",
    }[status]


def badge_of(told: Told) -> Badge | None:
    """What a row shows of what s4desk does; nothing where no rule is about the object."""
    status = told.known.entry.status
    if status is Status.NONE:
        return None
    meaning = " ".join([_sentence(told), *_more(told)])
    return Badge(status_text(status), meaning, _ICONS[status])


def unknown_badge() -> Badge:
    """For an object that a rule is about, and that nobody has looked at since it was written."""
    return Badge(tr("Unknown"), tr("A rule is about it, and it was not looked at yet."))


def stores_badge(header: str) -> Badge | None:
    """What a row shows of what the store says; nothing for what it does not replicate."""
    if not header:
        return None
    status = stores_status(header)
    word = status_text(status) if status is not None else printable(header)
    said = tr("{status} (store)").format(status=word)
    icon = _ICONS[status] if status is not None else ""
    return Badge(said, _stores_sentence(status, word), icon)


def stores_status(header: str) -> Status | None:
    """What `x-amz-replication-status` says; None for anything else."""
    word = header.upper()
    if word in _STORES_OTHER:
        return _STORES_OTHER[word]
    return Status(word) if word in _ICONS else None


def facts_of(told: Told) -> list[Fact]:
    """All that is known of it, for the inspector."""
    known, entry = told.known, told.known.entry
    if entry.status is Status.NONE:
        return []
    facts = [
        Fact(tr("Status"), status_text(entry.status)),
        Fact(tr("Rule"), printable(known.task.write.rule)),
        Fact(tr("Destination"), told.place),
        Fact(tr("Since"), format_moment(entry.recorded_at.replace(microsecond=0))),
        Fact(tr("Lag"), _lag_text(known)),
        Fact(tr("Attempts"), format_count(entry.attempts) if entry.attempts else ""),
        Fact(tr("Last error"), entry.error),
    ]
    return [each for each in facts if each.value]


def unknown_facts(rules: Sequence[tuple[str, str]]) -> list[Fact]:
    """Of an object that was not looked at: the ids and the destinations of the rules one of which
    is about it, as its tags are."""
    if not rules:
        return []
    ids, places = zip(*rules, strict=True)
    return [
        Fact(tr("Status"), unknown_badge().meaning),
        Fact(tr("Rule"), printable(", ".join(ids))),
        Fact(tr("Destination"), ", ".join(dict.fromkeys(places))),
    ]


def stamp_facts(stamp: Stamp) -> list[Fact]:
    """What a replica says of its source."""
    facts = [
        Fact(tr("Status"), tr("Replica, made by s4desk")),
        Fact(tr("ETag of its source"), printable(stamp.etag)),
        Fact(tr("Version of its source"), printable(stamp.version or "")),
    ]
    return [each for each in facts if each.value]


def stores_facts(header: str) -> list[Fact]:
    """What the store itself says."""
    badge = stores_badge(header)
    return [] if badge is None else [Fact(tr("The store says"), badge.meaning, header)]


def lag_of(known: Known) -> float | None:
    """Seconds from a write to its replica; None as long as there is none."""
    written: datetime | None = known.task.write.seen.modified
    if written is None or known.entry.status is not Status.COMPLETED:
        return None
    return max(0.0, (known.entry.recorded_at - written).total_seconds())


def _lag_text(known: Known) -> str:
    lag = lag_of(known)
    return "" if lag is None else format_duration(lag)


def _sentence(told: Told) -> str:
    known, entry = told.known, told.known.entry
    to = told.place or tr("a place that no rule names any more")
    said = {
        Status.PENDING: tr("Waits to be replicated to {place}, since {time}."),
        Status.COMPLETED: tr("Replicated to {place} at {time}."),
        Status.FAILED: tr("Could not be replicated to {place}; given up at {time}."),
        Status.REPLICA: tr("It is a replica itself, and is not replicated on."),
    }[entry.status]
    sentence = said.format(place=to, time=format_moment(entry.recorded_at.replace(microsecond=0)))
    rule = tr("Rule “{id}”.").format(id=printable(known.task.write.rule))
    return f"{sentence} {rule}"


def _more(told: Told) -> list[str]:
    entry = told.known.entry
    more = []
    if (lag := lag_of(told.known)) is not None:
        more.append(tr("Lag: {time}.").format(time=format_duration(lag)))
    if entry.attempts > 1:
        counted = tr_n("{count} attempt.", "{count} attempts.", entry.attempts)
        more.append(counted.format(count=format_count(entry.attempts)))
    if entry.error:
        more.append(entry.error)
    return more


def _stores_sentence(status: Status | None, word: str) -> str:
    if status is None:
        return tr("The store says of its own replication: {status}.").format(status=word)
    return {
        Status.PENDING: tr("The store has not replicated it yet, by its own rules."),
        Status.COMPLETED: tr("The store has replicated it, by its own rules."),
        Status.FAILED: tr("The store could not replicate it, by its own rules."),
        Status.REPLICA: tr("The store made it as a replica."),
        Status.NONE: "",
    }[status]
