"""What is said of a failure of a group when its first member is well again, and that it is not."""

from __future__ import annotations

import pytest

from s4desk.core.domain.errors import PermissionDeniedError, UnauthenticatedError, UnreachableError
from s4desk.core.domain.failover import UsageLimits
from s4desk.core.failover.errors import (
    AllDownError,
    BackendDownError,
    HomeDownError,
    UsageLimitExceededError,
    WritesRefusedError,
)
from s4desk.viewmodels.group_recovery import retold
from tests.viewmodels.test_group_status import DOWN, DRILL, HALF, SHAKY, WELL, group

AGAIN = "Home answers again: do again what failed."
FEW = UsageLimits(requests=10, egress=100)


def of_home(error):
    error.backend, error.is_home_alone = "Home", True
    return error


FAILURES = (
    HomeDownError("x", backend="Home"),
    WritesRefusedError("x", backend="Home"),
    of_home(UnreachableError("x")),
    of_home(UnauthenticatedError("x")),
    AllDownError("x", {"Home": BackendDownError("x"), "Away": BackendDownError("x")}),
)


def elsewhere():
    error = PermissionDeniedError("x")
    error.backend = "Home"
    return error


@pytest.mark.parametrize("failure", FAILURES)
def test_it_is_told_when_home_answers_again(failure):
    for health in (DOWN, DRILL, HALF, SHAKY):
        assert retold(group(health, WELL), failure) == ""
    assert retold(group(WELL, DOWN), failure) == AGAIN


@pytest.mark.parametrize(
    "failure",
    [
        ValueError("x"),
        UnreachableError("x"),
        elsewhere(),
        HomeDownError("x", backend="Other"),
        AllDownError("x", {"Other": BackendDownError("x")}),
        UsageLimitExceededError("x", {"Other": FEW}),
    ],
)
def test_nothing_is_told_of_what_is_not_of_this_home(failure):
    assert retold(group(WELL, WELL), failure) is None


def test_a_limit_is_in_the_way_until_it_is_another():
    failure = UsageLimitExceededError("x", {"Home": UsageLimits(requests=10)})
    assert retold(group(WELL, WELL, limits=FEW), failure) == ""
    for limits in (UsageLimits(requests=20, egress=100), UsageLimits(egress=100)):
        said = retold(group(DOWN, WELL, limits=limits), failure)
        assert said == "The limit of Home is another now: do again what was refused."
