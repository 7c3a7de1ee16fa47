"""What the store said about the last failures, found by the sentences that are kept of them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from s4desk.viewmodels.error_text import describe, details

MOST: Final = 500


class ErrorMemory:
    """Describes errors, and has their details as long as they are among the last that had some.

    A transfer keeps the sentence of its failure, also over a restart; the log keeps the rest.
    """

    def __init__(self) -> None:
        self._details: OrderedDict[str, str] = OrderedDict()

    def describe(self, error: BaseException) -> str:
        """The sentences for a person; from any thread."""
        sentence = describe(error)
        if facts := details(error):
            self._details[sentence] = facts
            self._details.move_to_end(sentence)
            while len(self._details) > MOST:
                self._details.popitem(last=False)
        return sentence

    def details_of(self, sentence: str) -> str:
        return self._details.get(sentence, "")
