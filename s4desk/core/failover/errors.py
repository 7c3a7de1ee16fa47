"""What a group answers where none of its backends did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    PreconditionFailedError,
    StoreError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.failover import Answer, UsageLimits
    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import ObjectMeta


class BackendDownError(UnavailableError):
    """A backend was left alone: it has failed time and again, or somebody pretends that it is down.

    `cause` is what it failed with last.
    """

    def __init__(self, detail: str, *, cause: S4DeskError | None = None) -> None:
        super().__init__(detail)
        self.cause = cause


class HomeDownError(StoreError):
    """The first backend of a group, `backend`, is left alone, and no other has what is asked for:
    versions, and whatever is looked at to be changed. `cause` is what it failed with last."""

    def __init__(self, detail: str, *, backend: str, cause: S4DeskError | None = None) -> None:
        super().__init__(detail)
        self.backend = backend
        self.cause = cause


class WritesRefusedError(HomeDownError):
    """The same of a write: nothing was sent anywhere."""


class UsageLimitSkip(StoreError):  # noqa: N818 - what the field calls it
    """A backend was left out: the request would exceed `limit`, what it may be used for this month.
    That has this one limit alone."""

    fails_over = True

    def __init__(self, detail: str, limit: UsageLimits) -> None:
        super().__init__(detail)
        self.limit = limit


class UsageLimitExceededError(StoreError):
    """All backends were left out for their limits, or the only one that may be asked was: `limits`
    are those that would be exceeded, by the names of the backends."""

    def __init__(self, detail: str, limits: Mapping[str, UsageLimits]) -> None:
        super().__init__(detail)
        self.limits = limits


class MixedOutcomeError(UnavailableError):
    """Some backends have nothing there, and others could not say: `outcomes` has an error for each
    that was asked, by its name. Whether there is something nobody knows."""

    def __init__(self, detail: str, outcomes: Mapping[str, S4DeskError]) -> None:
        super().__init__(detail)
        self.outcomes = outcomes
        told = [each for each in outcomes.values() if isinstance(each, StoreError)]
        self.group = next((each.group for each in told if each.group), "")


class AllDownError(UnavailableError):
    """No backend was even asked, because all were left alone or left out: `outcomes` has an error
    for each, by its name."""

    def __init__(self, detail: str, outcomes: Mapping[str, S4DeskError]) -> None:
        super().__init__(detail)
        self.outcomes = outcomes


class OutOfReachError(PreconditionFailedError):
    """Whoever has the object that was named, `member`, cannot give it for `cause`, and what others
    have is another one, or nobody knows that it is the same.

    `other` is that, as the group shows it, and `answer` who has it; None where its name would lead
    to the one that was named. Who reads that instead calls `turn` before: what belongs to it is
    asked of the same backend then.
    """

    def __init__(
        self,
        detail: str,
        *,
        member: str,
        cause: S4DeskError,
        other: ObjectMeta | None,
        answer: Answer | None,
        location: Location,
        turn: Callable[[], None],
    ) -> None:
        super().__init__(detail, operation="get", location=location)
        self.turn = turn
        self.member = member
        self.cause = cause
        self.other = other
        self.answer = answer
        self.group = cause.group if isinstance(cause, StoreError) else ""


class BrieflyOutOfReachError(OutOfReachError):
    """The same, for a reason that may have passed when it is asked for again."""

    retryable = True


def out_of_reach(cause: S4DeskError) -> type[OutOfReachError]:
    """Which of both it is: whoever is left alone is so for minutes."""
    is_brief = isinstance(cause, StoreError) and cause.retryable
    is_left_alone = isinstance(cause, BackendDownError)
    return BrieflyOutOfReachError if is_brief and not is_left_alone else OutOfReachError


UNASKED: Final = (BackendDownError, HomeDownError, UsageLimitSkip)
"""No request was made to the backend."""


class DegradedReadsOffError(UnavailableError):
    """Nobody knows who holds what, and the group wants nobody to be asked at random."""


class IndexUnavailableError(Exception):
    """The location index cannot be read now: it is locked, or damaged and being repaired."""
