"""What is said of a failure of a failover group when its first member is well again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.failover.errors import AllDownError, HomeDownError, UsageLimitExceededError
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.group_seen import LIMITS
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from s4desk.core.domain.failover import UsageLimits
    from s4desk.core.failover.service import GroupStatus


def retold(status: GroupStatus, failure: BaseException) -> str | None:
    """What a failure comes to that was told while the first member could not do it: empty as long
    as that is so, None for one of anything else."""
    home = status.backends[0]
    if not isinstance(failure, S4DeskError) or not _is_of(failure, home.name):
        return None
    if isinstance(failure, UsageLimitExceededError):
        is_well = _is_lifted(failure.limits[home.name], home.backend.limits)
        said = tr("The limit of {member} is another now: do again what was refused.")
    else:
        is_well = home.health.is_well and home.health.error is None
        said = tr("{member} answers again: do again what failed.")
    return said.format(member=printable(home.name)) if is_well else ""


def _is_of(failure: S4DeskError, home: str) -> bool:
    """Whether that the first member could not do it is all that it says."""
    if isinstance(failure, AllDownError):
        return home in failure.outcomes
    if isinstance(failure, UsageLimitExceededError):
        return home in failure.limits
    return failure.backend == home and (failure.is_home_alone or isinstance(failure, HomeDownError))


def _is_lifted(refused: UsageLimits, now: UsageLimits) -> bool:
    exceeded = [name for name in LIMITS if getattr(refused, name)]
    return all(getattr(now, name) != getattr(refused, name) for name in exceeded)
