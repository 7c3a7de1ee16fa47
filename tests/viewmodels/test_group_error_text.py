from __future__ import annotations

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import (
    NotFoundError,
    OlderSourceError,
    PermissionDeniedError,
    StalledError,
    UnauthenticatedError,
    UnavailableError,
)
from s4desk.core.domain.failover import UsageLimits
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.failover.errors import (
    AllDownError,
    BackendDownError,
    HomeDownError,
    MixedOutcomeError,
    OutOfReachError,
    UsageLimitExceededError,
    UsageLimitSkip,
    WritesRefusedError,
)
from s4desk.viewmodels.error_text import describe, details, explain

FEW = UsageLimits(requests=100)
BOTH = {"A": UsageLimits(requests=1), "B": UsageLimits(egress=10**6)}
BUSY = UnavailableError("500 broken", status=500)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BackendDownError("x"), "is pretended to be down. End that in the status"),
        (BackendDownError("x", cause=BUSY), "left alone for some minutes: The store has a fault"),
        (WritesRefusedError("x", backend="Home"), "Home, the only member of the group that is"),
        (WritesRefusedError("x", backend="Home"), "is down. Somebody pretends that. End"),
        (HomeDownError("x", backend="Home"), "are looked at there alone. Somebody pretends that."),
        (HomeDownError("x", backend="Home", cause=BUSY), "Home is down, the first member of the"),
        (WritesRefusedError("x", backend="Home", cause=BUSY), "is down. The store has a fault"),
        (
            UsageLimitExceededError(
                "x", {"A": UsageLimits(requests=1), "B": UsageLimits(0, 10**6)}
            ),
            "This would take A beyond its limit: at most 1 request a month. This would take B"
            " beyond its limit: at most 1 MB out of it a month. Raise that limit in the group,",
        ),
        (UsageLimitSkip("x", FEW), "beyond its limit: at most 100 requests a month. Raise that"),
    ],
)
def test_what_is_said(error, said):
    assert said in describe(error)


def test_where_nobody_was_of_use_all_are_named():
    error = UnavailableError("500 broken", status=500)
    error.backend, error.failed_too = "C", ["A", "B"]
    said = explain(error).problem
    assert said.startswith("C: The store has a fault of its own")
    assert said.endswith("No other member of the group could do it: A, B.")


@pytest.mark.parametrize(("cause", "is_drill"), [(BUSY, False), (None, True)])
def test_only_a_drill_is_to_be_ended(cause, is_drill):
    error = AllDownError("x", {"A": BackendDownError("x", cause=cause)})
    assert ("end the drill" in describe(error)) == is_drill


def test_to_wait_helps_nobody_whose_limit_is_used_up():
    mixed = MixedOutcomeError("x", {"A": UsageLimitSkip("x", FEW), "B": NotFoundError("404")})
    assert "A: Raise that limit in the group" in describe(mixed)
    assert "when all members of the group answer" not in describe(mixed)


@pytest.mark.parametrize(
    ("is_to_file", "said"), [(True, "have the file overwritten"), (False, "delete the target")]
)
def test_what_helps_against_an_older_source(is_to_file, said):
    place = Location("photos", "a.jpg")
    error = OlderSourceError(place, member="B", home="A", is_to_file=is_to_file)
    assert said in describe(error)


def test_to_wait_for_a_limit_is_not_advised():
    place = Location("photos", "a.jpg")
    error = OlderSourceError(place, member="B", home="A", limit=FEW)
    assert "Raise that limit" in describe(error)
    assert "Wait for A" not in describe(error)


def test_what_is_out_of_reach_was_not_written_by_anybody():
    location = Location("photos", "a.jpg")
    error = OutOfReachError(
        "x",
        member="Home",
        cause=BUSY,
        other=None,
        answer=None,
        location=location,
        turn=lambda: None,
    )
    error.group = "Both"
    assert describe(error) == (
        "“Both:photos/a.jpg” cannot be read at Home now, and what other members of the group have"
        " is another object, or nobody knows that it is the same. The store has a fault of its"
        " own (500 broken). Try again when Home gives it."
    )


def test_who_is_down_is_named_where_nobody_could_be_asked():
    outcomes = {
        "A": BackendDownError("x"),
        "B": UsageLimitSkip("x", FEW),
        "C": BackendDownError("x"),
    }
    said = explain(AllDownError("x", outcomes))
    assert said.problem == "No member of the group can be asked."
    assert said.advice == (
        "A, C: This member of the group is pretended to be down. B: This would take this member of"
        " the group beyond its limit: at most 100 requests a month. Try them now, or end the"
        " drill, in the status of the group."
    )


def test_what_nobody_knows_names_who_said_what():
    error = MixedOutcomeError(
        "x",
        {
            "A": NotFoundError("no"),
            "B": StalledError("no byte for 10 s"),
            "C": NotFoundError("no"),
        },
    )
    error.location = Location("photos", "a.jpg")
    assert explain(error).problem == (
        "Whether “s3://photos/a.jpg” exists is not known: it is not at A, C, and not every member"
        " could say. B: The store stopped answering (no byte for 10 s)."
    )
    assert explain(error).advice == "Try again when all members of the group answer."


def test_what_a_person_has_to_do_is_said_instead_of_to_wait():
    wrong = UnauthenticatedError("no", code="SignatureDoesNotMatch")
    error = MixedOutcomeError("x", {"A": wrong, "B": NotFoundError("no")})
    assert explain(error).problem.endswith(
        "not every member could say. A: The secret key is wrong."
    )
    assert explain(error).advice.startswith("A: Enter it again in the connection")


def of_group(error, backend="", location=None):
    """As a group raises what one of its members, or all of them, have said."""
    error.location = location or Location("photos", "a.jpg")
    error.connection = Connection(id=ConnectionId("a"), name="A")
    error.backend, error.group = backend, "G"
    return error


def test_an_object_is_the_groups_and_its_refusal_the_members():
    refused = of_group(PermissionDeniedError("no", operation="head"), backend="A")
    assert describe(refused).startswith("A: This key may not look at “G:photos/a.jpg”.")
    assert describe(of_group(NotFoundError("no"))).startswith("“G:photos/a.jpg” does not exist.")
    assert "Connection: A\nGroup: G\n" in details(refused)


def test_a_bucket_has_the_groups_name():
    bucket = Location("photos", "")
    nowhere = of_group(NotFoundError("no"), location=bucket)
    assert describe(nowhere) == (
        "No member of the group “G” has a bucket that it calls “photos”. Check its spelling, and"
        " what the members of the group call it."
    )
    at_home = of_group(NotFoundError("no", code="NoSuchBucket"), backend="A")
    assert describe(at_home).startswith(
        "A: There is no bucket there that the group “G” calls “photos”."
    )
