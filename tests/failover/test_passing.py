"""Which errors may be others when it is asked again."""

from __future__ import annotations

import pytest

from s4desk.core.domain.errors import (
    ClockSkewError,
    ConflictError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    ProxyRefusedError,
    RefusedOnTheWayError,
    TlsError,
    UnauthenticatedError,
    UnavailableError,
    WrongRegionError,
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
    "error",
    [
        ConflictError("no"),
        MalformedReplyError("<html>", status=404),
        NotFoundError("no"),
        PermissionDeniedError("no"),
    ],
)
def test_what_a_store_said_stays(error):
    assert not may_pass(error)
    assert not is_shut_out(error)


@pytest.mark.parametrize(
    "error",
    [
        ClockSkewError("no"),
        MalformedReplyError("<html>", status=200),
        ProxyRefusedError("no"),
        RefusedOnTheWayError("no"),
        TlsError("no"),
        UnauthenticatedError("no"),
        WrongRegionError("no"),
    ],
)
def test_who_is_not_let_in_is_told_nothing(error):
    assert is_shut_out(error)
    assert not may_pass(error)
