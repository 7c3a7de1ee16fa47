"""Why nothing can be written in a failover group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.breaker import BreakerState
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from s4desk.core.failover.service import BackendStatus, GroupStatus


def writes_obstacle(status: GroupStatus | None) -> str:
    """As a sentence that names the first member; empty where it can be written, or tried, and
    for what is no group. Who is used up may still be deleted from."""
    return "" if status is None else _down(status.backends[0]) or _used_up(status.backends[0])


def deletions_obstacle(status: GroupStatus | None) -> str:
    """The same of what is deleted: no limit is in the way of that."""
    return "" if status is None else _down(status.backends[0])


def _down(home: BackendStatus) -> str:
    name = printable(home.name)
    if home.health.is_pretended:
        said = tr("Nothing can be written: {member} is pretended to be down.")
        return said.format(member=name)
    if home.health.state is BreakerState.OPEN:
        return tr("Nothing can be written: {member} is down.").format(member=name)
    return ""


def _used_up(home: BackendStatus) -> str:
    """Bytes out of it are none of those that are written; but who is beyond any limit is left out
    whatever it is asked."""
    limits, used = home.backend.limits, home.used
    is_used_up = (
        (limits.requests and used.requests >= limits.requests)
        or (limits.ingress and used.ingress >= limits.ingress)
        or (limits.egress and used.egress > limits.egress)
    )
    if not is_used_up:
        return ""
    said = tr("Nothing can be written: {member} is used up for this month.")
    return said.format(member=printable(home.name))
