"""When the rows of a failover group are read anew, and when that would help nobody."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
import shiboken6

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.failover import Backend, UsageLimits
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.query import NamePattern, Query
from s4desk.core.failover.usage import Usage
from s4desk.gui.bridge.ticker import Ticker
from s4desk.gui.commands.group_rows import REST_S, GroupRows
from s4desk.viewmodels.group_seen import group_notice, rows_refusal
from s4desk.viewmodels.group_writes import writes_obstacle
from s4desk.viewmodels.listing import ListingState, ListingStatus
from s4desk.viewmodels.places import Place
from tests.failover.test_service import A, B, Desk, G, group_of

FOLDER, OTHER = Place(G, Prefix("b")), Place(G, Prefix("b", "other/"))
VERSIONS = Place(G, Prefix("b"), versions=True)
BY_B = ListingStatus(state=ListingState.COMPLETE, members=frozenset({B}))
BY_A = ListingStatus(state=ListingState.COMPLETE, members=frozenset({A}))
BUSY = ListingStatus(state=ListingState.LOADING, members=frozenset({B}))
OF_VERSIONS = ListingStatus(state=ListingState.COMPLETE, is_of_versions=True)
STOPPED = ListingStatus(state=ListingState.STOPPED, members=frozenset({B}))


class Window:
    """A pane that shows what it is told, and counts how often it is read."""

    def __init__(self):
        self.world = Desk()
        self.groups, self.clock = self.world.groups, self.world.clock
        self.connections = SimpleNamespace(name_of=str.upper)
        self.place, self.status = FOLDER, BY_A
        self.ticker = Ticker()
        self.reads, self.said, self.line = 0, [], ""
        self.rows = GroupRows(self, self.clock, self.ticker, self, self, self)

    def refresh(self):
        self.reads += 1

    def refresh_tree(self, _place):
        pass

    def refuse(self, sentence):
        self.said.append(sentence)
        self.line = sentence

    def take_back(self, sentence):
        if sentence == self.line:
            self.line = ""

    def reword(self, of):
        self.retold = of

    def pretend(self, *members, is_down=True):
        for each in members:
            self.groups.pretend_down(G, each, is_down=is_down)
        self.rows.changed(G)

    def show(self, status):
        """What was read is here."""
        self.status = status
        self.rows.look()


@pytest.fixture
def window(qapp):
    window = Window()
    window.rows.changed(G)
    yield window
    # Garbage may be collected on any thread, and a timer that runs must not be.
    shiboken6.delete(window.ticker)


def test_what_another_would_list_is_read_anew(window):
    window.pretend(A)
    assert window.reads == 1
    window.show(BY_B)
    assert window.reads == 1
    window.clock._now += REST_S
    window.pretend(A, is_down=False)
    assert window.reads == 2


def test_versions_are_read_anew_when_home_is_back(window):
    """Nobody else lists them, so they stay in a drill, and are of before it then."""
    window.place, window.status = VERSIONS, OF_VERSIONS
    window.pretend(A)
    assert window.reads == 0
    window.pretend(B)
    window.pretend(B, is_down=False)
    assert window.reads == 0
    window.pretend(A, is_down=False)
    assert window.reads == 1
    window.show(OF_VERSIONS)
    window.pretend(B)
    assert window.reads == 1


def test_versions_of_another_group_are_left_alone(window):
    window.place, window.status = replace(VERSIONS, connection=ConnectionId("other")), OF_VERSIONS
    window.pretend(A)
    window.pretend(A, is_down=False)
    window.place = VERSIONS
    window.rows.changed(G)
    assert window.reads == 0


def test_who_does_not_list_it_all_the_same_is_not_asked_again_and_again(window):
    """The first member is well, and its key may not list this."""
    window.status = BY_B
    for _ in range(5):
        window.rows.changed(G)
        window.clock._now += 2 * REST_S
        window.show(BY_B)
    assert window.reads == 1


def test_one_that_comes_and_goes_has_nothing_read_at_each_turn(window):
    for _ in range(5):
        window.pretend(A)
        window.show(BY_A)
        window.pretend(A, is_down=False)
        window.show(BY_B)
    assert window.reads == 1
    window.clock._now += REST_S
    window.rows.changed(G)
    assert window.reads == 2


def test_what_has_to_wait_for_that_is_read_by_itself(window):
    """Nobody may say anything more of the group."""
    window.pretend(A, B)
    window.status = ListingStatus(state=ListingState.FAILED, failure=UnavailableError("gone"))
    for _ in range(2):
        window.pretend(B)
        window.pretend(B, is_down=False)
        window.rows.look()
    assert (window.reads, window.ticker.is_awake) == (1, True)
    window.clock._now += REST_S - 1
    window.ticker.tick()
    assert window.reads == 1
    window.clock._now += 1
    window.ticker.tick()
    assert window.reads == 2
    window.show(BY_B)
    window.ticker.tick()
    assert (window.reads, window.ticker.is_awake) == (2, False)


def test_each_place_has_its_turn(window):
    window.status = BY_B
    window.rows.changed(G)
    window.place = OTHER
    window.rows.changed(G)
    assert window.reads == 2


@pytest.mark.parametrize("status", [BUSY, STOPPED])
def test_what_is_read_or_was_stopped_is_left(window, status):
    window.status = status
    window.rows.changed(G)
    assert window.reads == 0


def test_a_search_is_not_begun_anew_by_itself(window):
    window.place = Place(G, Prefix("b"), Query(NamePattern("x")))
    window.status = ListingStatus(state=ListingState.FAILED, failure=UnavailableError("gone"))
    window.rows.changed(G)
    assert window.reads == 0


def test_what_failed_is_tried_when_somebody_can_be_asked(window):
    window.pretend(A, B)
    window.status = ListingStatus(state=ListingState.FAILED, failure=UnavailableError("gone"))
    window.rows.look()
    assert window.reads == 0
    window.pretend(A, B, is_down=False)
    assert window.reads == 1


def test_a_refusal_reads_once_and_then_says_why_that_does_not_help(window):
    window.status = BY_B
    assert window.rows.refuses(G)
    assert window.reads == 1
    window.status = BUSY
    assert window.rows.refuses(G)
    window.show(BY_B)
    assert window.rows.refuses(G)
    assert window.reads == 1
    anew = "The list was that of B: it is read anew from A, choose again."
    assert window.said == [
        anew,
        anew,
        "The list is that of B: A did not list this when it was asked.",
    ]
    window.show(BY_A)
    assert not window.rows.refuses(G)


def test_that_it_was_not_listed_is_not_said_of_what_is(window):
    window.status = BY_B
    for _ in range(2):
        assert window.rows.refuses(G)
    assert "A did not list this" in window.line
    window.show(BUSY)
    assert "A did not list this" in window.line
    window.show(BY_A)
    assert window.line == ""


def test_who_did_not_list_it_is_asked_again_after_a_while(window):
    """It may have failed just then."""
    window.status = BY_B
    window.rows.changed(G)
    window.show(BY_B)
    assert window.rows.refuses(G)
    assert window.reads == 1
    window.clock.advance(REST_S)
    assert window.rows.refuses(G)
    assert window.reads == 2
    assert [each[:24] for each in window.said] == [
        "The list is that of B: A",
        "The list was that of B: ",
    ]


def test_what_was_refused_is_taken_back_when_it_can_be_done(window):
    window.pretend(A)
    assert window.rows.refuses(G)
    assert "while A is down" in window.line
    window.pretend(B)
    assert "while A is down" in window.line
    window.pretend(A, is_down=False)
    assert window.line == ""
    window.status = BY_B
    assert window.rows.refuses(G)
    window.rows.changed(G)
    assert "The list was that of B" in window.line  # that has to be read
    window.status = BY_A
    assert not window.rows.refuses(G)
    assert window.line == ""


def test_who_is_used_up_is_not_said_to_list_it_at_once(window):
    limited = Backend(A, limits=UsageLimits(requests=1))
    window.groups = Desk(group_of(limited, B)).groups
    window.groups._state(G).meter.count(A, Usage(requests=1))
    window.status = BY_B
    assert window.rows.refuses(G)
    assert (window.reads, len(window.said)) == (0, 1)
    assert window.line == (
        "A is used up for this month (at most 1 request a month): it may have something newer than"
        " this list of B. Raise that limit in the group, or wait until the month has ended (in"
        " UTC)."
    )
    window.rows.changed(G)
    assert window.line
    window.groups = Desk(group_of(A, B)).groups
    window.rows.fit(G)
    assert window.line == ""


def test_a_member_that_was_removed_is_called_so(window):
    status = window.groups.status(G)
    said = rows_refusal(status, {B}, lambda _: "", was_read=False)
    assert "(removed connection)" in said


@pytest.mark.parametrize(("used", "is_refused"), [(9, False), (10, False), (11, True)])
def test_who_is_beyond_any_limit_is_not_written_to(used, is_refused):
    limited = Backend(A, limits=UsageLimits(egress=10))
    groups = Desk(group_of(limited, B)).groups
    groups._state(G).meter.count(A, Usage(egress=used))
    status = groups.status(G)
    assert bool(writes_obstacle(status)) == is_refused
    notice = group_notice(status, str)
    assert ("Nothing can be written" in (notice.text if notice else "")) == is_refused
