"""Which errors may be others when it is asked again, and which of them only after a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    ProxyRefusedError,
    RefusedOnTheWayError,
    UnauthenticatedError,
)
from s4desk.core.failover.errors import HomeDownError, UsageLimitExceededError, UsageLimitSkip

if TYPE_CHECKING:
    from s4desk.core.domain.errors import StoreError

_OF_GROUP: Final = (HomeDownError, UsageLimitSkip, UsageLimitExceededError)
_SHUT_OUT: Final = (UnauthenticatedError, RefusedOnTheWayError, ProxyRefusedError)


def may_pass(error: StoreError) -> bool:
    """Whether nothing of it may be kept: who was asked could not answer now, or a group is without
    its first backend or at a limit."""
    return error.retryable or isinstance(error, _OF_GROUP)


def is_shut_out(error: StoreError) -> bool:
    """Whether whoever asked was not let in, with wrong keys or by a proxy: that says nothing of
    what was asked for, and stays so until a person does something."""
    return isinstance(error, _SHUT_OUT)
