"""The log as rows: when, how bad, who, and what."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.logs import redacted
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.runtime.log_file import LogRecord

_PARTS: Final = re.compile(r"(\S+ \S+) [A-Z]+ +.*? ([\w.]+): (.*)", re.DOTALL)


class LogColumn(IntEnum):
    TIME = 0
    LEVEL = 1
    SOURCE = 2
    MESSAGE = 3


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What is to be shown: records from `level` on that have these letters, of either case."""

    level: int = logging.NOTSET
    words: str = ""

    def rows(self, records: Sequence[LogRecord], first: int = 0) -> list[int]:
        """The places of those that fit, counted from `first`."""
        least, words = self.level, self.words.casefold()
        fitting = [at for at, each in enumerate(records, first) if each.level >= least]
        if not words:
            return fitting
        return [at for at in fitting if words in records[at - first].text.casefold()]


def level_choices() -> list[tuple[str, int]]:
    """What can be chosen, the most first."""
    return [
        (tr("Everything"), logging.NOTSET),
        (tr("Information and worse"), logging.INFO),
        (tr("Warnings and errors"), logging.WARNING),
        (tr("Errors only"), logging.ERROR),
    ]


def column_title(column: LogColumn) -> str:
    return {
        LogColumn.TIME: tr("Time"),
        LogColumn.LEVEL: tr("Level"),
        LogColumn.SOURCE: tr("From"),
        LogColumn.MESSAGE: tr("Message"),
    }[column]


def level_text(level: int) -> str:
    if level >= logging.ERROR:
        return tr("Error")
    if level >= logging.WARNING:
        return tr("Warning")
    return tr("Information") if level >= logging.INFO else tr("Debug")


def cell_text(record: LogRecord, column: LogColumn) -> str:
    """One line. What became known as a secret after it was written is blotted out too."""
    if column is LogColumn.LEVEL:
        return level_text(record.level)
    found = _PARTS.match(record.text)
    time, source, message = found.groups() if found is not None else ("", "", record.text)
    if column is LogColumn.TIME:
        return str(time)
    if column is LogColumn.SOURCE:
        return str(source).removeprefix("s4desk.")
    first, newline, _ = message.partition("\n")
    return redacted(f"{first} …" if newline else first)


def full_text(records: Sequence[LogRecord]) -> str:
    """These as they were written."""
    return "\n".join(redacted(each.text) for each in records)


def count_text(shown: int, count: int) -> str:
    if shown == count:
        return tr_n("{count} record", "{count} records", count).format(count=format_count(count))
    sentence = tr("{shown} of {count} records")
    return sentence.format(shown=format_count(shown), count=format_count(count))
