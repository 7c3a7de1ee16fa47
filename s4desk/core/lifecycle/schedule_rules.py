"""Which rules may be applied with nobody looking: those that are wholly understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import MalformedReplyError, S4DeskError, ValidationError
from s4desk.core.domain.lifecycle.filter_shape import is_scope_said
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.lifecycle.schedule_entries import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.lifecycle.rules import Lifecycle

_KNOWN: Final = frozenset({"Rules", "TransitionDefaultMinimumObjectSize"})


class RefusedError(S4DeskError):
    """Nothing is done, for this reason."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(detail or trouble)
        self.trouble = trouble
        self.detail = detail


def agreed(value: Mapping[str, Any], *, is_kept: bool) -> Lifecycle:
    """The rules of a configuration. `is_kept`: it comes from a file of a person, and not from the
    store. Raises RefusedError."""
    try:
        lifecycle = lifecycle_of(value)
    except (ValidationError, MalformedReplyError) as error:
        raise RefusedError(Trouble.UNREADABLE, str(error)) from error
    if not lifecycle.rules:
        raise RefusedError(Trouble.NO_RULES)
    unknown = sorted(set(value) - _KNOWN)
    unknown += [name for rule in lifecycle.rules for name in rule.unknown]
    if is_kept and not all(map(is_scope_said, value["Rules"])):
        # A store that leaves a filter out means all objects; what a person wrote may be a slip.
        unknown.append("Filter")
    if unknown:
        raise RefusedError(Trouble.UNKNOWN, ", ".join(unknown))
    return lifecycle
