"""Failures that are the same for all of a run: told once, and how many more there were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    NotFoundError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from s4desk.core.runtime.i18n import tr_n
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from s4desk.app.cli.console import Console
    from s4desk.core.domain.transfer import Transfer

ENOUGH: Final = 3
"""So many of the same and nothing else: the next one would be no other."""
_OF_EACH: Final = PermissionDeniedError.__name__
"""One key may be refused and the next one not."""
_OF_ALL: Final = (NotFoundError.__name__, UnauthenticatedError.__name__)
"""With the same sentence for two it is no matter of a key."""


class Refusals:
    """Tells the first failure of a run and holds the others of its kind back, until anything goes
    well, or fails otherwise: then each is told, for it was not the same for all."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._first: Transfer | None = None
        self._held: list[tuple[str, str]] = []
        self._is_over = False

    def failed(self, transfer: Transfer, error: str, target: str) -> None:
        """One has failed; `error` is what is told of it."""
        if self._first is None and not self._is_over:
            self._first = transfer
            self._console.fail(error, target)
        elif not self._is_over and self._is_alike(transfer):
            self._held.append((error, target))
        else:
            self.release()
            self._console.fail(error, target)

    def release(self) -> None:
        """Tell each from now on, and of those that were held back."""
        held, self._held, self._is_over = self._held, [], True
        for error, target in held:
            self._console.fail(error, target)

    @property
    def is_pointless(self) -> bool:
        """Whether whatever else is tried will fail as these did."""
        first = self._first
        return len(self._held) >= ENOUGH and first is not None and first.error_kind in _OF_ALL

    def sum_up(self) -> None:
        """Say how many were held back."""
        count = len(self._held)
        if count:
            sentence = tr_n(
                "{count} more failed for the same reason.",
                "{count} more failed for the same reason.",
                count,
            )
            self._console.say(sentence.format(count=format_count(count)))

    def _is_alike(self, transfer: Transfer) -> bool:
        first = self._first
        if first is None or transfer.error_kind != first.error_kind:
            return False
        is_one = transfer.error == first.error and transfer.error_kind in _OF_ALL
        return is_one or transfer.error_kind == _OF_EACH
