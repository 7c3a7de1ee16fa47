"""Which errors say something of what was asked for, and which only that nobody could be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    InvalidRequestError,
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    RefusedOnTheWayError,
)

if TYPE_CHECKING:
    from s4desk.core.domain.errors import StoreError

_SAID: Final = (InvalidRequestError, NotFoundError, NotSupportedError, PermissionDeniedError)


def is_definite(error: StoreError) -> bool:
    """Whether the store itself has said it, and would say so again: that may be kept.

    A member of a group that is left alone, a limit that is reached, a wrong key or a proxy say
    nothing of it, though asking again at once helps none of them.
    """
    return isinstance(error, _SAID) and not isinstance(error, RefusedOnTheWayError)
