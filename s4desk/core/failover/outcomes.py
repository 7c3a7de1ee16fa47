"""What became of asking the members of a group one after the other, and what that means."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionFailedError,
    S4DeskError,
    StoreError,
    UnavailableError,
)
from s4desk.core.failover.errors import (
    UNASKED,
    AllDownError,
    BackendDownError,
    MixedOutcomeError,
    UsageLimitExceededError,
    UsageLimitSkip,
)
from s4desk.core.failover.health import NO_KEYS, is_failure

if TYPE_CHECKING:
    from s4desk.core.domain.failover import UsageLimits
    from s4desk.core.failover.member import Member

_LEFT_OUT: Final = (BackendDownError, UsageLimitSkip)
_BEYOND_THE_END: Final = 416
ARCHIVED: Final = "InvalidObjectState"

GoesOn = Callable[["S4DeskError"], bool]
"""Whether another backend may be asked after this error of one."""


def goes_on(error: S4DeskError) -> bool:
    """Whether another backend may do better. Whatever one says of itself, of its keys or of where
    it keeps an object, says nothing of the others; what is said of the request holds for all."""
    if isinstance(error, PreconditionFailedError):
        return False
    if isinstance(error, StoreError):
        return error.status != _BEYOND_THE_END
    return isinstance(error, NO_KEYS)


def goes_on_of_version(error: S4DeskError) -> bool:
    """The same of a version: who knows its id has answered, and no other can."""
    return isinstance(error, PermissionDeniedError) or passes_over(error)


def passes_over(error: S4DeskError) -> bool:
    """The same of what belongs to an object, and must not be that of another one: only who is of no
    use at all is passed over, or has no such object."""
    return isinstance(error, NO_KEYS) or (isinstance(error, StoreError) and error.fails_over)


def is_of_no_use(error: S4DeskError) -> bool:
    """Whether a backend gives nothing any more, and not only something else than it should."""
    is_failing = is_failure(error) and not isinstance(error, MalformedReplyError)
    return is_failing or isinstance(error, _LEFT_OUT)


class Outcomes:
    """The errors of the members that were asked for one thing.

    `may_hold` says of one that was left alone whether the object may be there all the same: then
    nobody believes that there is none.
    """

    def __init__(self, may_hold: Callable[[Member], bool], may_go_on: GoesOn = goes_on) -> None:
        self._may_hold = may_hold
        self._may_go_on = may_go_on
        self._errors: dict[Member, S4DeskError] = {}

    def add(self, member: Member, error: S4DeskError) -> None:
        """Raises the error itself, when nobody else can do better."""
        if not self._may_go_on(error) and not isinstance(error, PreconditionFailedError):
            raise error
        self._errors[member] = error

    def has(self, member: Member) -> bool:
        return member in self._errors

    def refusal_of(self, member: Member) -> S4DeskError | None:
        """What it said when it was asked; None where it was not."""
        error = self._errors.get(member)
        return None if isinstance(error, UNASKED) else error

    def limit_of(self, member: Member) -> UsageLimits | None:
        """For what limit it was left out; None if it was not."""
        error = self._errors.get(member)
        return error.limit if isinstance(error, UsageLimitSkip) else None

    def error(self) -> S4DeskError:
        """What to say now that all were asked.

        A NotFoundError is believed only when every healthy backend said so, and none that is left
        alone may hold the object. Of several failures one is told that a person can do something
        about: what can be restored, or else what was said first; where all may pass, the last one.
        """
        errors = self._errors
        if not errors:
            return UnavailableError("the group has no backends")
        limits = {
            member.name: each.limit
            for member, each in errors.items()
            if isinstance(each, UsageLimitSkip)
        }
        if len(limits) == len(errors):
            return UsageLimitExceededError(self._detail(), limits)
        absent = [each for each in errors.values() if isinstance(each, NotFoundError)]
        failures = [each for member, each in errors.items() if self._counts(member, each)]
        if not failures:
            return self._absence(absent) if absent else self._all_down()
        lasting = [each for each in failures if not _may_pass(each)]
        if lasting:
            # It says what a person has to do; to ask again helps nobody.
            return next(filter(_is_archived, lasting), lasting[0])
        if absent:
            mixed = MixedOutcomeError(self._detail(), self._by_name)
            mixed.location = absent[0].location
            return mixed
        real = [each for each in failures if not isinstance(each, _LEFT_OUT)]
        return self._last(real[-1]) if real else self._all_down()

    def _last(self, error: S4DeskError) -> S4DeskError:
        others = (member.name for member, each in self._errors.items() if each is not error)
        error.failed_too = list(others)
        return error

    def _absence(self, absent: list[NotFoundError]) -> NotFoundError:
        """It is nobody's in particular if several were asked."""
        if len(self._errors) > 1:
            absent[0].backend = ""
        return absent[0]

    def _all_down(self) -> AllDownError:
        return AllDownError(self._detail(), self._by_name)

    def _counts(self, member: Member, error: S4DeskError) -> bool:
        """Whether it keeps a 404 of the others from being believed."""
        if isinstance(error, NotFoundError):
            return False
        return not isinstance(error, BackendDownError) or self._may_hold(member)

    @property
    def _by_name(self) -> dict[str, S4DeskError]:
        return {member.name: each for member, each in self._errors.items()}

    def _detail(self) -> str:
        return "; ".join(f"{member.name}: {each}" for member, each in self._errors.items())


def _may_pass(error: S4DeskError) -> bool:
    return isinstance(error, StoreError) and error.fails_over


def _is_archived(error: S4DeskError) -> bool:
    return isinstance(error, StoreError) and error.code == ARCHIVED
