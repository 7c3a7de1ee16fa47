"""Regular expressions that somebody else thought of: they may take long, and get no time for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    import re

LONGEST_S: Final = 0.02
"""So long one name may take; the window stands still meanwhile."""
MOST_S: Final = 0.25
ROUND: Final = 1000
"""So many names together may take `MOST_S`."""


class BoundedSearch:
    """Looks for an expression in names. Raises ValidationError once that takes too long.

    Python's own `re` cannot be stopped, not by another thread either.
    """

    def __init__(self, expression: str, flags: re.RegexFlag) -> None:
        # Only who writes regular expressions waits for it.
        import regex  # noqa: PLC0415

        try:
            self._pattern = regex.compile(expression, int(flags) | regex.VERSION0)
        except regex.error as error:
            raise ValidationError(str(error)) from error
        self._count = 0
        self._spent_s = 0.0

    def __call__(self, name: str) -> object:
        began = time.perf_counter()
        try:
            found: object = self._pattern.search(name, timeout=LONGEST_S)
        except TimeoutError as error:
            raise _too_slow() from error
        self._spent_s += time.perf_counter() - began
        self._count += 1
        if self._count == ROUND:
            self._count, self._spent_s = 0, 0.0
        elif self._spent_s > MOST_S:
            raise _too_slow()
        return found


def _too_slow() -> ValidationError:
    return ValidationError(
        tr(
            "This regular expression takes too long. Leave out repetitions of repetitions, such"
            " as (a|a)*."
        )
    )
