"""What a person sees of a failover group while looking into it: who answered, and who is down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.breaker import BreakerState
from s4desk.core.domain.failover import Answer, UsageLimits
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.answer_text import read_from_text
from s4desk.viewmodels.error_text import fault_of
from s4desk.viewmodels.group_limits_text import limits_text
from s4desk.viewmodels.group_writes import deletions_obstacle, writes_obstacle
from s4desk.viewmodels.listing import ListingStatus, Notice, Remedy
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.failover.service import BackendStatus, GroupStatus

    NameOf = Callable[[ConnectionId], str]

LIMITS: Final = ("requests", "egress", "ingress")
NOTHING_SHOWN: Final = ListingStatus()


def chip_text(status: GroupStatus, name_of: NameOf, shown: ListingStatus = NOTHING_SHOWN) -> str:
    """Who has listed what is shown, if that was not home alone, or else which member has answered
    last; empty before any has, and where nothing could be read. Nobody but home lists versions."""
    if shown.is_unreadable:
        return ""
    if shown.is_of_versions:
        return read_from_text(Answer(status.group.home.connection), name_of)
    if others := sorted(_stand_ins(status, shown.members)):
        return read_from_text(Answer(others[0], is_failover=True, may_be_old=True), name_of)
    return "" if status.last is None else read_from_text(status.last, name_of)


def state_text(status: BackendStatus) -> str:
    """How a member is, without its name, as it stands in a table."""
    health = status.health
    if health.is_pretended:
        return tr("Down (a drill)")
    if health.state is BreakerState.OPEN:
        left = format_duration(health.probe_in_s)
        return tr("Down, next try in {time}").format(time=left)
    if health.state is BreakerState.HALF_OPEN:
        return tr("Down, tried with the next request")
    if health.error is not None:
        return tr("Failed last")
    return tr("Used up for this month") if used_up(status) else tr("Well")


def used_up(status: BackendStatus) -> str:
    """Which limit of a member is reached, empty for none."""
    limits, used = status.backend.limits, status.used
    reached = (
        name
        for name in LIMITS
        if getattr(limits, name) and getattr(used, name) >= getattr(limits, name)
    )
    return next(reached, "")


def listing_member(status: GroupStatus, bucket: str = "") -> ConnectionId | None:
    """Who would list a bucket now, or all of them; None where that is not known: nobody can be
    asked, or the first of them has failed last."""
    asked = (
        each for each in status.backends if not _is_shut(each) and not each.backend.hides(bucket)
    )
    first = next(asked, None)
    if first is None or first.health.error is not None:
        return None
    return first.backend.connection


def home_refusal(status: GroupStatus) -> str:
    """Why nothing may be deleted, renamed or moved now; empty where it may."""
    if not deletions_obstacle(status):
        return ""
    said = tr("Nothing can be deleted, renamed or moved while {member} is down.")
    return said.format(member=printable(status.backends[0].name))


def older_warning(status: GroupStatus) -> str:
    """What is to be known before something is replaced by what the group gives; empty where home
    gives it."""
    home = status.backends[0]
    if home.health.is_well and not used_up(home):
        return ""
    said = tr(
        "{member} is not read now: what another member gives may be older. It replaces a file only"
        " by “Overwrite”, and nothing in a store."
    )
    return said.format(member=printable(home.name))


def awaited_text(status: GroupStatus) -> str:
    """Whom whatever is done at home waits for, and why; empty where home answers."""
    home = status.backends[0]
    if home.health.error is None:
        return ""
    said = tr("Waiting for {member}: {reason}")
    reason = fault_of(home.health.error)
    return said.format(member=printable(home.name), reason=reason)


def rows_refusal(
    status: GroupStatus, members: Collection[ConnectionId], name_of: NameOf, *, was_read: bool
) -> str:
    """The same of rows that these members have listed: home may have others. `was_read`: home was
    asked for its own already."""
    others = _stand_ins(status, members)
    if not others:
        return ""
    # It stands in a line that may be short.
    said = tr("The list was that of {other}: it is read anew from {member}, choose again.")
    if was_read:
        said = tr("The list is that of {other}: {member} did not list this when it was asked.")
    home, limit = status.backends[0], ""
    if name := used_up(home):
        limit = limits_text(UsageLimits(**{name: getattr(home.backend.limits, name)}))
        said = tr(
            "{member} is used up for this month ({limit}): it may have something newer than this"
            " list of {other}. Raise that limit in the group, or wait until the month has ended (in"
            " UTC)."
        )
    names = _names(others, name_of)
    return said.format(other=names, member=printable(home.name), limit=limit)


def group_notice(
    status: GroupStatus, name_of: NameOf, shown: ListingStatus = NOTHING_SHOWN
) -> Notice | None:
    """What is not as it should be with a group that is looked into; None when all is well."""
    told = _troubles(status)
    if not status.has_index:
        told.append(_lost_index(status))
    if not told:
        return _stale_rows(status, name_of, shown.members)
    home = status.backends[0]
    lead = "" if _has_gone(status, shown) else chip_text(status, name_of, shown)
    text = " ".join(told)
    if shown.is_of_versions and not home.health.is_well:
        said = tr("Versions are those of {member} alone.")
        text = f"{text} {said.format(member=printable(home.name))}"
    if _is_all_down(status):
        # Who answered last does not do so now.
        lead, text = "", f"{text} {tr('Nothing can be read or written meanwhile.')}"
    elif not home.health.is_well or writes_obstacle(status):
        text = f"{text} {tr('Nothing can be written meanwhile.')}"
    remedies: tuple[tuple[Remedy, str], ...] = ()
    if any(each.health.is_pretended for each in status.backends):
        remedies += ((Remedy.END_DRILL, tr("End Drill")),)
    elif any(not each.health.is_well for each in status.backends):
        remedies += ((Remedy.TRY_GROUP, tr("Try Now")),)
    remedies += ((Remedy.GROUP_STATUS, tr("Status…")),)
    return Notice("warning", "", f"{lead}. {text}" if lead else text, remedies)


def _stale_rows(
    status: GroupStatus, name_of: NameOf, members: Collection[ConnectionId]
) -> Notice | None:
    """All is well, and was not when the rows were read."""
    others = _stand_ins(status, members)
    if not others:
        return None
    said = tr("This list was read from {other}, and may be older than what {member} has.")
    name = printable(status.backends[0].name)
    text = said.format(other=_names(others, name_of), member=name)
    if status.refusal is not None:
        reason = fault_of(status.refusal)
        text = f"{text} {tr('{member}: {reason}').format(member=name, reason=reason)}"
    return Notice("warning", "", text, ((Remedy.REFRESH, tr("Refresh")),))


def _stand_ins(status: GroupStatus, members: Collection[ConnectionId]) -> frozenset[ConnectionId]:
    """Those of them that are not home."""
    return frozenset(members) - {status.group.home.connection}


def _names(members: Collection[ConnectionId], name_of: NameOf) -> str:
    names = (printable(name_of(each)) or tr("(removed connection)") for each in members)
    return ", ".join(sorted(names))


def _has_gone(status: GroupStatus, shown: ListingStatus) -> bool:
    """Whether who is said to have answered would not do so now."""
    last = None if status.last is None else status.last.backend
    if shown.is_of_versions:
        last = status.group.home.connection
    return any(_is_shut(each) for each in status.backends if each.backend.connection == last)


def _troubles(status: GroupStatus) -> list[str]:
    """A sentence for each member that is not well, or one for all that are alike."""
    healths = [each.health for each in status.backends]
    is_one = len(healths) < 2 or any(each.is_pretended for each in healths)
    if not is_one and all(each.state is BreakerState.OPEN for each in healths):
        left = format_duration(min(each.probe_in_s for each in healths))
        return [tr("No member answers, next try in {time}.").format(time=left)]
    if not is_one and all(each.state is BreakerState.HALF_OPEN for each in healths):
        return [tr("No member answers; they are tried with the next request.")]
    return [text for each in status.backends if (text := _trouble(each))]


def _is_all_down(status: GroupStatus) -> bool:
    return all(
        _is_shut(each) or each.health.state is not BreakerState.CLOSED for each in status.backends
    )


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
        return said.format(member=name, reason=fault_of(health.error))
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
