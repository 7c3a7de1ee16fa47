"""A bucket and its replicas compared, in words."""

from __future__ import annotations

from s4desk.core.replication.comparing import Difference, Kind
from s4desk.viewmodels.replication_compare import compare_row, compare_text


def test_each_difference_says_what_is_where():
    assert compare_row(Difference(Kind.MISSING, "a/b", 5, None)) == (
        *("missing there", "a/b", "5 B", ""),
    )
    assert compare_row(Difference(Kind.EXTRA, "a", None, 0))[2:] == ("", "0 B")


def test_sums_name_what_there_is():
    counts = {Kind.MISSING: 1200, Kind.UNPROVED: 1}
    said = compare_text(1, counts, is_running=False)
    assert said == (
        "1 as it should be, 1\u202f200 missing there, 1 as large, not proved to be the same."
    )
    assert compare_text(2, {}, is_running=True) == "Comparing: 2 as they should be…"
