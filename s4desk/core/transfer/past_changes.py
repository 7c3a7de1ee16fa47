"""What the history is told of deletions, undeletions and edits once they have ended."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.past_change import ChangeKind, PastChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.core.transfer.delete import DeleteReport
    from s4desk.core.transfer.editing import EditOutcome
    from s4desk.core.transfer.restoring import Restoration


def place_above(entries: Iterable[Location | Prefix]) -> Prefix:
    """The longest prefix, or key, that all of these begin with; all in one bucket."""
    keys = [
        (each.bucket, each.prefix if isinstance(each, Prefix) else each.key) for each in entries
    ]
    # Character by character is how S3 understands a prefix.
    return Prefix(keys[0][0], os.path.commonprefix([key for _, key in keys]))  # noqa: RUF071


def deletion_of(report: DeleteReport, connection: ConnectionId, place: Prefix) -> PastChange:
    """A deletion in this place, however it ended."""
    kind = ChangeKind.VERSIONS_DELETED if report.is_of_versions else ChangeKind.DELETED
    failed = len(report.failures)
    return PastChange(kind, connection, place.bucket, place.prefix, report.deleted, failed)


def undeletion_of(
    report: DeleteReport, connection: ConnectionId, hidden: Sequence[Restoration]
) -> PastChange:
    """An undeletion of these; one that ended early has brought back at least so many."""
    failed = len({each.doomed.key for each in report.failures})
    is_whole = not report.is_stopped and report.error is None
    done = len(hidden) - failed if is_whole else _brought_back(hidden, report.deleted)
    place = place_above([each.location for each in hidden])
    where = (place.bucket, place.prefix)
    return PastChange(ChangeKind.UNDELETED, connection, *where, done, failed)


def edit_of(
    outcome: EditOutcome | S4DeskError | None, connection: ConnectionId, location: Location
) -> PastChange:
    """An edit of one object; None was stopped."""
    is_done = bool(getattr(outcome, "changed", ()))
    is_failed = isinstance(outcome, BaseException)
    bucket, key = location.bucket, location.key
    return PastChange(ChangeKind.PROPERTIES, connection, bucket, key, int(is_done), int(is_failed))


def _brought_back(hidden: Sequence[Restoration], markers: int) -> int:
    """How many lost all their delete markers when that many went, one after another."""
    count = 0
    for each in hidden:
        markers -= len(each.markers)
        if markers < 0:
            break
        count += 1
    return count
