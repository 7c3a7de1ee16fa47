"""Changes that are no transfers, in words."""

from __future__ import annotations

from dataclasses import replace

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.past_change import ChangeKind, PastChange
from s4desk.viewmodels.past_change_text import (
    change_columns,
    change_rows,
    changes_text,
    done_text,
    failed_text,
)
from s4desk.viewmodels.rows import format_time

HOME = ConnectionId("home")


def test_each_kind_has_words_of_its_own_for_one_and_for_many() -> None:
    said = [
        done_text(PastChange(kind, HOME, "b", "k", count))
        for kind in ChangeKind
        for count in (1, 2)
    ]
    assert len(set(said)) == 2 * len(ChangeKind)
    assert all(each.startswith(("1", "2", "properties of")) for each in said)


def test_a_row_says_where_when_what_and_what_failed() -> None:
    change = PastChange(ChangeKind.UNDELETED, HOME, "b", "f/\x1b", 2, 3, moment=1.8e9)
    ((where, when, what, failed),) = change_rows([change], lambda _: "Home")
    assert where.startswith("Home:b/f/")
    assert "\x1b" not in where
    assert (when, what, failed) == (format_time(1.8e9), "2 objects undeleted", "3")
    assert len(change_columns()) == 4
    ((*_, nothing),) = change_rows([PastChange(ChangeKind.DELETED, HOME, "b", "", 1)], str)
    assert nothing == ""
    doubtful = replace(change, doubtful=64)
    assert failed_text(doubtful) == "3, 64 not known whether done"
    assert failed_text(replace(doubtful, failed=0)) == "64 not known whether done"


def test_what_stands_above_them_says_why_there_are_none() -> None:
    assert len({changes_text(0, 0), changes_text(0, 30), changes_text(1, 30)}) == 3
