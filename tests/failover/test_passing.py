"""Which errors may be others when it is asked again."""

from __future__ import annotations

import pytest

from s4desk.core.domain.errors import (
    ConflictError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    ProxyRefusedError,
    RefusedOnTheWayError,
    UnauthenticatedError,
    UnavailableError,
)
from s4desk.core.domain.failover import NO_LIMITS
from s4desk.core.failover.errors import (
    AllDownError,
    BackendDownError,
    HomeDownError,
    UsageLimitExceededError,
    UsageLimitSkip,
    WritesRefusedError,
)
from s4desk.core.failover.passing import is_shut_out, may_pass


@pytest.mark.parametrize(
    "error",
    [
        UnavailableError("no"),
        BackendDownError("no"),
        AllDownError("no", {}),
        HomeDownError("no", backend="Home"),
        WritesRefusedError("no", backend="Home"),
        UsageLimitSkip("no", NO_LIMITS),
        UsageLimitExceededError("no", {}),
    ],
)
def test_what_could_not_be_asked_may_pass(error):
    assert may_pass(error)
    assert not is_shut_out(error)


@pytest.mark.parametrize(
    "kind", [ConflictError, MalformedReplyError, NotFoundError, PermissionDeniedError]
)
def test_what_a_store_said_stays(kind):
    assert not may_pass(kind("no"))
    assert not is_shut_out(kind("no"))


@pytest.mark.parametrize("kind", [ProxyRefusedError, RefusedOnTheWayError, UnauthenticatedError])
def test_who_is_not_let_in_is_told_nothing(kind):
    assert is_shut_out(kind("no"))
    assert not may_pass(kind("no"))
