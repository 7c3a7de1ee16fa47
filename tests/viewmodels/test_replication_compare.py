"""A bucket and its replicas compared, in words."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from s4desk.core.replication.comparing import Difference, Kind
from s4desk.viewmodels.replication_compare import compare_row, compared_text, comparing_text

CHEAP = "Metadata, tags, storage classes and locks were not compared."


def comparison(same, counts=(), *, looked=0, unread=0, is_thorough=False):
    return SimpleNamespace(
        same=same,
        counts=Counter(dict(counts)),
        looked=looked,
        unread=unread,
        is_thorough=is_thorough,
    )


def test_each_difference_says_what_is_where():
    assert compare_row(Difference(Kind.MISSING, "a/b", 5, None)) == (
        *("missing there", "a/b", "", "5 B", ""),
    )
    assert compare_row(Difference(Kind.EXTRA, "a", None, 0))[3:] == ("", "0 B")
    other = Difference(Kind.ATTRIBUTES, "a", 1, 1, differs=("content_type", "tags"))
    assert compare_row(other)[:3] == ("other attributes", "a", "content type, tags")


def test_sums_name_what_there_is():
    found = comparison(1, {Kind.MISSING: 1200, Kind.UNPROVED: 1})
    assert compared_text(found) == (
        "1 as it should be, 1\u202f200 missing there, 1 as large, not proved to be the same."
        f" {CHEAP}"
    )
    assert comparing_text(comparison(2, looked=3)) == (
        "Comparing, 3 looked at: 2 as they should be…"
    )


def test_what_was_not_seen_is_said():
    found = comparison(2, {Kind.ATTRIBUTES: 1}, is_thorough=True)
    assert compared_text(found) == (
        "2 as they should be, 1 with other attributes."
        " What has other attributes alone is not sent again by s4desk."
    )
    found = comparison(2, unread=1, is_thorough=True)
    assert compared_text(found, is_stopped=True) == (
        "Stopped before the end: 2 as they should be."
        " Of 1 object metadata, tags or the lock may not be read."
    )
