"""What is said of a failover group: who answered, who is down, and what members were used for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.breaker import BreakerState
from s4desk.core.domain.errors import PermissionDeniedError, UnavailableError
from s4desk.core.domain.failover import (
    NO_LIMITS,
    Answer,
    Backend,
    FailoverGroup,
    UsageLimits,
)
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.transfer import (
    Direction,
    Effort,
    Transfer,
    TransferId,
    TransferSpec,
    TransferState,
)
from s4desk.core.failover.counters import Counters
from s4desk.core.failover.health import HealthReport
from s4desk.core.failover.service import BackendStatus, GroupStatus
from s4desk.core.failover.usage import NOTHING, Usage
from s4desk.viewmodels.answer_text import answer_text
from s4desk.viewmodels.group_seen import chip_text, group_notice, listing_member, state_text
from s4desk.viewmodels.group_status import (
    checked_text,
    drill_text,
    group_facts,
    member_rows,
    month_text,
)
from s4desk.viewmodels.listing import ListingState, ListingStatus, Remedy
from s4desk.viewmodels.transfer_text import source_text

A, B = ConnectionId("a"), ConnectionId("b")
WELL = HealthReport(BreakerState.CLOSED)
BUSY = UnavailableError("500 broken", status=500)
DOWN = HealthReport(BreakerState.OPEN, 245.0, BUSY)
SOONER = HealthReport(BreakerState.OPEN, 2.0, BUSY)
HALF = HealthReport(BreakerState.HALF_OPEN, 0.0, BUSY)
SHAKY = HealthReport(BreakerState.CLOSED, 0.0, BUSY)
DRILL = HealthReport(BreakerState.CLOSED, is_pretended=True)


def name_of(id_: ConnectionId) -> str:
    return {A: "Home", B: "Away"}.get(id_, "")


def group(
    *healths: HealthReport,
    last: Answer | None = None,
    used: Usage = NOTHING,
    limits: UsageLimits = NO_LIMITS,
    has_index: bool = True,
    degraded_reads: bool = True,
) -> GroupStatus:
    backends = [Backend(A, limits=limits), Backend(B)][: len(healths)]
    members = tuple(
        BackendStatus(each, name_of(each.connection), health, used if at == 0 else Usage())
        for at, (each, health) in enumerate(zip(backends, healths, strict=True))
    )
    shown = FailoverGroup(tuple(backends), degraded_reads)
    return GroupStatus(shown, "2026-11", members, Counters(6, 4, 3, 2, 1), has_index, last)


def listed(*members: ConnectionId) -> ListingStatus:
    return ListingStatus(state=ListingState.COMPLETE, members=frozenset(members))


def notice(status: GroupStatus) -> str:
    found = group_notice(status, name_of)
    return "" if found is None else found.text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(B), "Away"),
        (Answer(B, is_failover=True), "Away (failover)"),
        (Answer(B, is_failover=True, may_be_old=True), "Away (may be older)"),
        (Answer(B, is_degraded=True), "Away (degraded)"),
        (Answer(ConnectionId("gone")), "(removed connection)"),
    ],
)
def test_who_has_answered_is_said(answer, said):
    assert answer_text(answer, name_of) == said
    assert chip_text(group(WELL, WELL, last=answer), name_of) == f"Read from {said}"


def test_nothing_is_said_before_anybody_has_answered_and_while_all_is_well():
    assert chip_text(group(WELL), name_of) == ""
    assert group_notice(group(WELL, WELL, last=Answer(A)), name_of) is None


@pytest.mark.parametrize(
    ("healths", "said"),
    [
        (
            (DOWN, WELL),
            "Read from Away. Home is down, next try in 4 min 05 s. Nothing can be written"
            " meanwhile.",
        ),
        ((WELL, DOWN), "Away is down, next try in 4 min 05 s."),
        (
            (HALF, WELL),
            "Read from Away. Home is down, and is tried with the next request. Nothing can be"
            " written meanwhile.",
        ),
        (
            (SHAKY, WELL),
            "Read from Away. Home has failed: The store has a fault of its own (500 broken).",
        ),
        (
            (DRILL, DOWN),
            "Home is pretended to be down. Away is down, next try in 4 min 05 s. Nothing can be"
            " read or written meanwhile.",
        ),
        (
            (DOWN, HALF),
            "Home is down, next try in 4 min 05 s. Away is down, and is tried with the next"
            " request. Nothing can be read or written meanwhile.",
        ),
        (
            (DOWN, SOONER),
            "No member answers, next try in 2 s. Nothing can be read or written meanwhile.",
        ),
        (
            (HALF, HALF),
            "No member answers; they are tried with the next request. Nothing can be read or"
            " written meanwhile.",
        ),
        (
            (DRILL, WELL),
            "Read from Away. Home is pretended to be down. Nothing can be written meanwhile.",
        ),
    ],
)
def test_who_is_down_is_said_and_until_when(healths, said):
    assert notice(group(*healths, last=Answer(B))) == said


def test_a_member_that_is_used_up_is_said_to_be_left_out():
    status = group(WELL, WELL, used=Usage(requests=10), limits=UsageLimits(requests=10))
    assert "Home is used up for this month, and left out." in notice(status)
    assert "Nothing can be written" in notice(status)
    below = group(WELL, WELL, used=Usage(requests=9), limits=UsageLimits(requests=10))
    assert group_notice(below, name_of) is None


def test_an_index_that_cannot_be_read_is_told_with_what_that_means():
    assert "all are asked" in notice(group(WELL, WELL, has_index=False))
    off = group(WELL, WELL, has_index=False, degraded_reads=False)
    assert "degraded reads are off" in notice(off)


@pytest.mark.parametrize(
    ("healths", "offered"),
    [
        ((DRILL, WELL), [Remedy.END_DRILL, Remedy.GROUP_STATUS]),
        ((DOWN, WELL), [Remedy.TRY_GROUP, Remedy.GROUP_STATUS]),
        ((SHAKY, WELL), [Remedy.GROUP_STATUS]),
    ],
)
def test_what_helps_is_offered(healths, offered):
    found = group_notice(group(*healths), name_of)
    assert [remedy for remedy, _ in found.remedies] == offered


def test_states_stand_in_few_words():
    status = group(WELL, WELL).backends[0]
    said = [state_text(replace(status, health=each)) for each in (WELL, SHAKY, DOWN, HALF, DRILL)]
    assert said == [
        "Well",
        "Failed last",
        "Down, next try in 4 min 05 s",
        "Down, tried with the next request",
        "Down (a drill)",
    ]
    limits = UsageLimits(requests=10)
    full = group(WELL, WELL, used=Usage(requests=10), limits=limits).backends[0]
    assert state_text(full) == "Used up for this month"
    assert state_text(replace(full, health=DRILL)) == "Down (a drill)"


def test_whose_rows_are_shown_is_said_before_who_answered_last():
    status = group(WELL, WELL, last=Answer(A))
    assert chip_text(status, name_of, listed(A)) == "Read from Home"
    assert chip_text(status, name_of, listed(A, B)) == "Read from Away (may be older)"
    stale = group_notice(status, name_of, listed(A, B))
    assert stale.text == "This list was read from Away, and may be older than what Home has."
    assert [remedy for remedy, _ in stale.remedies] == [Remedy.REFRESH]
    assert group_notice(status, name_of, listed(A)) is None


def test_why_the_first_did_not_list_it_is_said():
    refusal = PermissionDeniedError("AccessDenied", operation="list_objects", status=403)
    status = replace(group(WELL, WELL, last=Answer(B)), refusal=refusal)
    said = group_notice(status, name_of, listed(B)).text
    assert "older than what Home has. Home: This key may not list" in said


def test_versions_are_those_of_the_first_member_alone():
    """Whoever has answered last, as something that is inspected."""
    status, shown = group(DOWN, WELL, last=Answer(B)), replace(listed(), is_of_versions=True)
    assert chip_text(status, name_of, shown) == "Read from Home"
    assert group_notice(status, name_of, shown).text == (
        "Home is down, next try in 4 min 05 s. Versions are those of Home alone. Nothing can be"
        " written meanwhile."
    )


def test_where_nothing_could_be_read_nobody_is_said_to_have_answered():
    failed = ListingStatus(state=ListingState.FAILED, failure=BUSY)
    status = group(WELL, SHAKY, last=Answer(B))
    assert chip_text(status, name_of, failed) == ""
    assert group_notice(status, name_of, failed).text.startswith("Away has failed")


@pytest.mark.parametrize(
    ("healths", "member"),
    [
        ((WELL, WELL), A),
        ((SHAKY, WELL), None),
        ((HALF, WELL), None),
        ((DOWN, WELL), B),
        ((DRILL, WELL), B),
        ((DRILL, SHAKY), None),
        ((DRILL, DOWN), None),
    ],
)
def test_who_would_list_now_is_known_of_whoever_is_well(healths, member):
    assert listing_member(group(*healths)) == member


def test_who_is_used_up_or_has_another_bucket_of_that_name_lists_nothing():
    full = group(WELL, WELL, used=Usage(requests=10), limits=UsageLimits(requests=10))
    assert listing_member(full) == B
    status = group(WELL, WELL)
    hiding = Backend(A, (("shown", "photos"),))
    hidden = replace(
        status, backends=(replace(status.backends[0], backend=hiding), status.backends[1])
    )
    assert (listing_member(hidden, "photos"), listing_member(hidden, "other")) == (B, A)


def test_each_member_is_a_row_with_what_it_was_used_for():
    used, limits = Usage(50, 3 * 2**30, 2048), UsageLimits(200, 2**30, 0)
    home, away = member_rows(group(DOWN, WELL, used=used, limits=limits))
    assert home.cells == (
        "Home",
        "Down, next try in 4 min 05 s",
        "50 of 200",
        "3.0 GiB of 1 GiB",
        "2.0 KiB",
        "The store has a fault of its own (500 broken).",
    )
    assert home.shares == [0.25, 1.0, None]
    assert (home.is_well, away.is_well) == (False, True)
    assert away.cells[1:] == ("Well", "0", "0 B", "0 B", "")


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (50_000_000, "41.1 MB of 50 MB"),
        (50 * 2**20, "39.2 MiB of 50 MiB"),
        (0, "39.2 MiB"),
    ],
)
def test_what_was_used_is_told_in_the_units_of_its_limit(limit, text):
    used = Usage(egress=41_100_000)
    home, _ = member_rows(group(WELL, WELL, used=used, limits=UsageLimits(egress=limit)))
    assert (home.cells[3], home.used[1]) == (text, text.partition(" of ")[0])


def test_the_whole_group_is_told_in_facts():
    status = group(WELL, WELL, last=Answer(B, is_failover=True), has_index=False)
    facts = {each.name: each.value for each in group_facts(status, name_of)}
    assert facts == {
        "Written to": "Home",
        "Read last from": "Away (failover)",
        "Location index": "being repaired: nobody knows who holds what until then",
        "Reads": "6",
        "By another member than usual": "4",
        "Without knowing who has it": "3",
        "Not known whether it exists": "2",
        "Left out for a limit": "1",
    }
    assert "2026-11 (UTC)" in month_text(status)


def test_a_drill_is_told_as_long_as_it_lasts():
    said = drill_text(member_rows(group(DRILL, WELL)))
    assert "Home is pretended to be down, until you end it" in said
    assert "No group asks anything of it meanwhile; replication does" in said
    assert drill_text(member_rows(group(DOWN, WELL))) == ""


def test_what_came_of_asking_all_is_counted():
    assert checked_text(group(SHAKY, WELL)) == "1 of 2 members answer."
    assert checked_text(group(DRILL, WELL)) == "1 of 2 members answer."


def test_a_transfer_says_which_member_had_it(tmp_path):
    source = Address(ConnectionId("g"), Location("photos", "a"))
    spec = TransferSpec(Direction.DOWNLOAD, source, tmp_path / "a", 1)
    transfer = Transfer(TransferId(1), spec, TransferState.COMPLETED)
    assert source_text(transfer, lambda id_: name_of(id_) or "Photos") == "Photos:photos/a"
    served = replace(transfer, effort=Effort(answer=Answer(B, is_failover=True)))
    said = source_text(served, lambda id_: name_of(id_) or "Photos")
    assert said == "Away (failover) for Photos:photos/a"
