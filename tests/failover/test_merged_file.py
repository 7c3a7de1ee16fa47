"""Rows of a merged view in a file."""

from __future__ import annotations

from s4desk.core.failover.holdings import MISSING, Holding, MergedRow, Standing
from s4desk.core.failover.merged_file import MergedFile

ROWS = [
    MergedRow("a\udcffé\n", (Holding(Standing.SAME, 1, "e1", 1.5), MISSING)),
    MergedRow("b", (MISSING, Holding(Standing.SAME, 0, "", None))),
]


def test_rows_come_back_as_they_were_while_more_are_added(tmp_path):
    file = MergedFile(tmp_path / "rows")
    assert list(file.rows(lambda _: True)) == []
    file.add(ROWS[:1])
    assert list(file.rows(lambda _: True)) == ROWS[:1]
    file.add(ROWS[1:])
    assert list(file.rows(lambda _: True)) == ROWS
    assert list(file.rows(lambda row: row.only_at == 1)) == ROWS[1:]
