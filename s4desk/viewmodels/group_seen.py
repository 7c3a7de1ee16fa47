"""What a person sees of a failover group while looking into it: who answered, and who is down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.breaker import BreakerState
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.answer_text import read_from_text
from s4desk.viewmodels.error_text import explain
from s4desk.viewmodels.listing import Notice, Remedy
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.failover.health import HealthReport
    from s4desk.core.failover.service import BackendStatus, GroupStatus

    NameOf = Callable[[ConnectionId], str]

LIMITS: Final = ("requests", "egress", "ingress")


def chip_text(status: GroupStatus, name_of: NameOf) -> str:
    """Which member has answered last, empty before any has."""
    return "" if status.last is None else read_from_text(status.last, name_of)


def health_text(health: HealthReport) -> str:
    """How a member is, without its name, as it stands in a table."""
    if health.is_pretended:
        return tr("Down (a drill)")
    if health.state is BreakerState.OPEN:
        left = format_duration(health.probe_in_s)
        return tr("Down, next try in {time}").format(time=left)
    if health.state is BreakerState.HALF_OPEN:
        return tr("Down, tried with the next request")
    return tr("Well") if health.error is None else tr("Failed last")


def used_up(status: BackendStatus) -> str:
    """Which limit of a member is reached, empty for none."""
    limits, used = status.backend.limits, status.used
    reached = (
        name
        for name in LIMITS
        if getattr(limits, name) and getattr(used, name) >= getattr(limits, name)
    )
    return next(reached, "")


def group_notice(status: GroupStatus, name_of: NameOf) -> Notice | None:
    """What is not as it should be with a group that is looked into; None when all is well."""
    told = [text for each in status.backends if (text := _trouble(each))]
    if not status.has_index:
        told.append(_lost_index(status))
    if not told:
        return None
    lead = chip_text(status, name_of)
    text = " ".join(told)
    home = status.backends[0]
    if all(map(_is_shut, status.backends)):
        # Who answered last does not do so now.
        lead, text = "", f"{text} {tr('Nothing can be read or written meanwhile.')}"
    elif not home.health.is_well or used_up(home):
        text = f"{text} {tr('Nothing can be written meanwhile.')}"
    remedies: tuple[tuple[Remedy, str], ...] = ()
    if any(each.health.is_pretended for each in status.backends):
        remedies += ((Remedy.END_DRILL, tr("&End Drill")),)
    elif any(not each.health.is_well for each in status.backends):
        remedies += ((Remedy.TRY_GROUP, tr("&Try Now")),)
    remedies += ((Remedy.GROUP_STATUS, tr("&Status…")),)
    return Notice("warning", "", f"{lead}. {text}" if lead else text, remedies)


def _trouble(status: BackendStatus) -> str:
    """One sentence, or nothing where a member is well."""
    health, name = status.health, printable(status.name)
    if health.is_pretended:
        return tr("{member} is pretended to be down.").format(member=name)
    if health.state is BreakerState.OPEN:
        left = format_duration(health.probe_in_s)
        return tr("{member} is down, next try in {time}.").format(member=name, time=left)
    if health.state is BreakerState.HALF_OPEN:
        said = tr("{member} is down, and is tried with the next request.")
        return said.format(member=name)
    if health.error is not None:
        said = tr("{member} has failed: {reason}")
        return said.format(member=name, reason=explain(health.error).problem)
    if used_up(status):
        said = tr("{member} is used up for this month, and left out.")
        return said.format(member=name)
    return ""


def _is_shut(status: BackendStatus) -> bool:
    """Whether no request is made of a member."""
    health = status.health
    return health.is_pretended or health.state is BreakerState.OPEN or bool(used_up(status))


def _lost_index(status: GroupStatus) -> str:
    if status.group.degraded_reads:
        return tr(
            "Nobody knows who holds what until the location index is repaired: all are asked."
        )
    return tr("Nothing can be read until the location index is repaired: degraded reads are off.")
