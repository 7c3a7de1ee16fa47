"""Why nothing can be written in a failover group."""

from __future__ import annotations

import pytest

from s4desk.core.domain.breaker import BreakerState
from s4desk.core.domain.failover import NO_LIMITS, Backend, FailoverGroup, UsageLimits
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.failover.counters import Counters
from s4desk.core.failover.health import HealthReport
from s4desk.core.failover.service import BackendStatus, GroupStatus
from s4desk.core.failover.usage import NOTHING, Usage
from s4desk.viewmodels.group_writes import deletions_obstacle, writes_obstacle

WELL = HealthReport(BreakerState.CLOSED)
DOWN = HealthReport(BreakerState.OPEN, 60.0)
HALF = HealthReport(BreakerState.HALF_OPEN)
DRILL = HealthReport(BreakerState.CLOSED, is_pretended=True)


def status_of(*healths, limits=NO_LIMITS, used=NOTHING):
    backends = [Backend(ConnectionId(str(at)), limits=limits) for at in range(len(healths))]
    members = tuple(
        BackendStatus(each, name, health, used)
        for each, name, health in zip(backends, ("Home", "Away"), healths, strict=True)
    )
    return GroupStatus(FailoverGroup(tuple(backends)), "2026-11", members, Counters(), True)


@pytest.mark.parametrize(
    ("healths", "said"),
    [
        ((WELL, DOWN), ""),
        ((HALF, WELL), ""),
        ((DOWN, WELL), "Nothing can be written: Home is down."),
        ((DRILL, WELL), "Nothing can be written: Home is pretended to be down."),
    ],
)
def test_only_the_first_member_counts(healths, said):
    status = status_of(*healths)
    assert writes_obstacle(status) == deletions_obstacle(status) == said


@pytest.mark.parametrize(
    ("limits", "is_used_up"),
    [
        (UsageLimits(requests=5), True),
        (UsageLimits(ingress=6), True),
        (UsageLimits(requests=6, ingress=7), False),
        (UsageLimits(egress=9), False),
        (UsageLimits(egress=8), True),
    ],
)
def test_who_is_used_up_is_only_deleted_from(limits, is_used_up):
    status = status_of(WELL, WELL, limits=limits, used=Usage(requests=5, egress=9, ingress=6))
    said = "Nothing can be written: Home is used up for this month."
    assert writes_obstacle(status) == (said if is_used_up else "")
    assert deletions_obstacle(status) == ""


def test_what_is_no_group_is_written_to():
    assert writes_obstacle(None) == deletions_obstacle(None) == ""
