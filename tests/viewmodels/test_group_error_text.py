from __future__ import annotations

import pytest

from s4desk.core.domain.errors import NotFoundError, StalledError, UnavailableError
from s4desk.core.domain.identity import Location
from s4desk.core.failover.errors import (
    AllDownError,
    BackendDownError,
    MixedOutcomeError,
    UsageLimitExceededError,
    UsageLimitSkip,
    WritesRefusedError,
)
from s4desk.viewmodels.error_text import describe, explain

BUSY = UnavailableError("500 broken", status=500)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BackendDownError("x"), "is pretended to be down. End that in the status"),
        (BackendDownError("x", cause=BUSY), "left alone for some minutes: The store has a fault"),
        (WritesRefusedError("x", backend="Home"), "Home, the only member of the group that is"),
        (WritesRefusedError("x", backend="Home"), "is pretended to be down. End that"),
        (WritesRefusedError("x", backend="Home", cause=BUSY), "is down. The store has a fault"),
        (UsageLimitExceededError("A: the limit of egress"), "this month (A: the limit of egress)."),
        (UsageLimitSkip("the limit of requests"), "was left out (the limit of requests)."),
    ],
)
def test_what_is_said(error, said):
    assert said in describe(error)


def test_who_is_down_is_named_where_nobody_could_be_asked():
    outcomes = {"A": BackendDownError("x"), "B": UsageLimitSkip("the limit of requests")}
    assert explain(AllDownError("x", outcomes)).problem == (
        "No member of the group can be asked. A: This member of the group is pretended to be down."
        " B: This member of the group was left out (the limit of requests)."
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
        "Whether “s3://photos/a.jpg” exists is not known: it is not at A, C, and there is no answer"
        " of B. The store stopped answering (no byte for 10 s)."
    )
    assert explain(error).advice == "Try again when all members of the group answer."
