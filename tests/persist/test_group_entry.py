"""Failover groups in the file of connections."""

from __future__ import annotations

import tomllib

import pytest
import tomli_w

from s4desk.core.domain.failover import MOST_BACKENDS, Backend, FailoverGroup, UsageLimits
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.persist.connections import UNREADABLE, from_entry, to_entry
from s4desk.core.persist.group_entry import from_group_entry, to_group_entry

A, B = ConnectionId("a"), ConnectionId("b")
PLAIN = {"backends": [{"connection": "a"}]}


def backend(**changes):
    return {"backends": [{"connection": "a", **changes}]}


@pytest.mark.parametrize(
    "group",
    [
        FailoverGroup((Backend(A),)),
        FailoverGroup((Backend(A), Backend(B)), degraded_reads=False, parallel=3, timeout_s=2.5),
        FailoverGroup(
            (
                Backend(A, (("here", "there"), ("also", "elsewhere"))),
                Backend(B, (), UsageLimits(5, 6, 7)),
            )
        ),
        FailoverGroup((Backend(A, (), UsageLimits(egress=2**50)),), timeout_s=30),
    ],
)
def test_a_group_comes_back(group):
    text = tomli_w.dumps(to_group_entry(group))
    assert from_group_entry(tomllib.loads(text)) == group


def test_what_is_not_said_is_as_usual():
    assert from_group_entry(PLAIN) == FailoverGroup((Backend(A),))


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"backends": []},
        {"backends": "ab"},
        {"backends": ["a"]},
        {"backends": {"a": 1}},
        {"backends": 5},
        {"backends": [{}]},
        backend(connection=5),
        {"backends": [{"connection": "a"}, {"connection": "a"}]},
        {"backends": [{"connection": str(at)} for at in range(MOST_BACKENDS + 1)]},
        backend(buckets=["here"]),
        backend(buckets="here"),
        backend(buckets={"here": 5}),
        backend(requests=-1),
        backend(egress=1.5),
        backend(ingress="much"),
        backend(requests=True),
        PLAIN | {"degraded_reads": "no"},
        PLAIN | {"parallel": 0},
        PLAIN | {"parallel": 1.5},
        PLAIN | {"timeout_s": 0},
        PLAIN | {"timeout_s": -1},
        PLAIN | {"timeout_s": "10"},
        PLAIN | {"timeout_s": True},
        PLAIN | {"timeout_s": float("nan")},
        PLAIN | {"timeout_s": float("inf")},
        "group",
        5,
        [],
    ],
)
def test_what_is_no_group_is_unreadable(entry):
    with pytest.raises(UNREADABLE):
        from_entry({"id": "g", "name": "G", "endpoint": "group:", "group": entry})


def test_a_connection_of_a_group_comes_back():
    entry = {"id": "g", "name": "G", "endpoint": "group:", "group": PLAIN}
    found = from_entry(entry)
    assert found.group == FailoverGroup((Backend(A),))
    assert from_entry(tomllib.loads(tomli_w.dumps(to_entry(found)))) == found
