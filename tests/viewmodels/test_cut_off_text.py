"""What is said of deletions that were cut off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.persist.deletion_rows import DeletionView
from s4desk.core.persist.peek import Command, JournalView
from s4desk.core.persist.runs import RunView
from s4desk.core.transfer.delete import DeleteReport
from s4desk.viewmodels.cut_off_text import cut_off, cut_off_notice, go_on_explanation, what_of
from s4desk.viewmodels.deletion_text import done_text, report_text
from s4desk.viewmodels.listing import Remedy
from s4desk.viewmodels.recovery import interrupted
from s4desk.viewmodels.rows import format_count

PLACE = Address(ConnectionId("c"), Location("b", "p/"))
DELETION = DeletionView(datetime(2026, 1, 1, tzinfo=UTC), 1, 5, 10)
VIEW = RunView(
    "abc",
    False,
    JournalView(command=Command("rm", PLACE, PLACE), is_planned=False, deletion=DELETION),
)


def name_of(_: ConnectionId) -> str:
    return "Home"


def with_deletion(deletion: DeletionView) -> RunView:
    return replace(VIEW, journal=replace(VIEW.journal, deletion=deletion))


def test_deletions_are_asked_about_apart() -> None:
    copy = replace(VIEW, id="copy", journal=JournalView(is_planned=False))
    running = replace(VIEW, is_running=True)
    assert cut_off([VIEW, copy, running]) == [VIEW]
    assert interrupted([VIEW, copy, running]) == [copy]
    assert cut_off_notice(copy, name_of) is None


@pytest.mark.parametrize(
    ("deletion", "told"),
    [
        (DELETION, "Home:b/p/"),
        (replace(DELETION, items=12), "12 items in Home:b/p/"),
        (replace(DELETION, with_bucket=True), "the bucket “b”"),
    ],
)
def test_it_says_what_is_deleted(deletion: DeletionView, told: str) -> None:
    assert what_of(with_deletion(deletion), name_of) == told


def test_it_can_go_on_be_forgotten_or_wait() -> None:
    notice = cut_off_notice(VIEW, name_of)
    assert notice is not None
    assert "5 of 10 deleted" in notice.text
    remedies = [remedy for remedy, _ in notice.remedies]
    assert remedies == [Remedy.GO_ON_DELETING, Remedy.FORGET_DELETION, Remedy.LATER]


def test_how_far_it_is() -> None:
    assert done_text(1234, None) == f"at least {format_count(1234)} deleted"
    for total in (None, 10):  # the first batches may have been on their way
        assert done_text(0, total) == "not known how many are deleted"
    assert done_text(12, 10) == "12 of 12 deleted"  # some came after they were counted
    assert "Kept." in go_on_explanation(DELETION, "Kept.")


def test_what_was_left_is_told() -> None:
    assert report_text(DeleteReport(2, spared=1)) == (
        "2 objects deleted. 1 object arrived since this was confirmed, and was left."
    )
