"""The log as rows."""

from __future__ import annotations

import logging

import pytest

from s4desk.core.runtime.log_file import LogRecord
from s4desk.core.runtime.logs import BLOT, redact
from s4desk.viewmodels.log_rows import (
    LogColumn,
    LogQuery,
    cell_text,
    count_text,
    full_text,
    level_choices,
    level_text,
)

HEAD = "2026-11-20 22:00:00.123 WARNING s4desk bytes 3 s4desk.core.wire.pool: "


def cells(text: str, level: int = logging.WARNING) -> list[str]:
    return [cell_text(LogRecord(level, text), column) for column in LogColumn]


def test_a_record_is_told_in_columns():
    time = "2026-11-20 22:00:00.123"
    assert cells(f"{HEAD}no: way") == [time, "Warning", "core.wire.pool", "no: way"]
    assert cells(f"{HEAD}no\nmore")[-1] == "no …"
    assert cells("what is this") == ["", "Warning", "", "what is this"]


def test_a_secret_that_was_not_known_yet_is_not_shown():
    redact("a-late-secret")
    record = LogRecord(logging.INFO, f"{HEAD}key a-late-secret")
    assert cells(record.text)[-1] == f"key {BLOT}"
    assert full_text([record, record]).count(BLOT) == 2
    assert "a-late" not in full_text([record])


@pytest.mark.parametrize(
    ("query", "fitting"),
    [
        (LogQuery(), [5, 6, 7]),
        (LogQuery(logging.WARNING), [6, 7]),
        (LogQuery(words="OLGA"), [5, 7]),
        (LogQuery(logging.ERROR, "ölga"), []),
        (LogQuery(logging.ERROR, "olga"), [7]),
    ],
)
def test_level_and_words_narrow_it(query: LogQuery, fitting: list[int]):
    records = [
        LogRecord(logging.INFO, "Olga"),
        LogRecord(logging.WARNING, "nobody"),
        LogRecord(logging.ERROR, "head\nolga"),
    ]
    assert query.rows(records, 5) == fitting


def test_words_of_levels_and_counts():
    words = [level_text(each) for each in (logging.DEBUG, 20, 30, 40, 50)]
    assert words == ["Debug", "Information", "Warning", "Error", "Error"]
    assert len(level_choices()) == 4
    assert (count_text(1, 1), count_text(1, 3)) == ("1 record", "1 of 3 records")
