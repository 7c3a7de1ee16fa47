"""How many of some objects have no replica yet, said before they are deleted."""

from __future__ import annotations

from dataclasses import dataclass

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import format_count


@dataclass(frozen=True, slots=True)
class Backlog:
    """Objects that wait for a replica, those that could not be replicated, and those of which it is
    not known. There may be more of them if it is not `is_whole`."""

    pending: int = 0
    failed: int = 0
    unknown: int = 0
    is_whole: bool = True

    def __bool__(self) -> bool:
        return bool(self.pending or self.failed or self.unknown or not self.is_whole)


def backlog_text(backlog: Backlog) -> str:
    """What a person has to know before these objects go; nothing where all have their replicas."""
    if not backlog:
        return ""
    pending = tr_n(
        "{count} object is not replicated yet.",
        "{count} objects are not replicated yet.",
        backlog.pending,
    )
    failed = tr_n(
        "The replication of {count} object has failed.",
        "The replication of {count} objects has failed.",
        backlog.failed,
    )
    unknown = tr_n(
        "It is not known of {count} object whether it was replicated.",
        "It is not known of {count} objects whether they were replicated.",
        backlog.unknown,
    )
    counts = ((backlog.pending, pending), (backlog.failed, failed), (backlog.unknown, unknown))
    parts = [said.format(count=format_count(count)) for count, said in counts if count]
    if not backlog.is_whole:
        parts.append(tr("Not all were looked at: of the rest it is not known."))
    parts.append(tr("What is deleted before it is replicated has no replica."))
    return " ".join(parts)
