"""Which errors may be others when it is asked again, and which of them only after a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    ClockSkewError,
    MalformedReplyError,
    ProxyRefusedError,
    RefusedOnTheWayError,
    TlsError,
    UnauthenticatedError,
    WrongRegionError,
)
from s4desk.core.failover.errors import HomeDownError, UsageLimitExceededError, UsageLimitSkip

if TYPE_CHECKING:
    from s4desk.core.domain.errors import StoreError

_OF_GROUP: Final = (HomeDownError, UsageLimitSkip, UsageLimitExceededError)
_SHUT_OUT: Final = (
    UnauthenticatedError,
    ClockSkewError,
    RefusedOnTheWayError,
    ProxyRefusedError,
    TlsError,
    WrongRegionError,
)
_NO = range(400, 500)


def may_pass(error: StoreError) -> bool:
    """Whether nothing of it may be kept: who was asked could not answer now, or a group is without
    its first backend or at a limit."""
    return error.retryable or isinstance(error, _OF_GROUP)


def is_shut_out(error: StoreError) -> bool:
    """Whether whoever asked did not get to the store, with wrong keys or a wrong clock, by a proxy
    or a page that wants a sign-in: that says nothing of what was asked for, and stays so until a
    person does something."""
    if isinstance(error, MalformedReplyError):
        # Servers that know no more than files say so with a page of their own.
        return error.status not in _NO
    return isinstance(error, _SHUT_OUT)
