"""Where a failover group leads: to its first backend, by the names that buckets have there."""

from __future__ import annotations

import pytest

from s4desk.core.domain.connection import Connection, group_connection, led_by
from s4desk.core.domain.failover import Backend, FailoverGroup
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.one_place import is_one_endpoint, leads_alike

A, B, G = (ConnectionId(name) for name in "abg")
HERE = "https://here:9000/s3"


def plain(id_: ConnectionId, endpoint: str) -> Connection:
    return Connection(id_, id_, endpoint)


def group(endpoint: str, *buckets: tuple[str, str]) -> Connection:
    members = Backend(A, buckets), Backend(B)
    return led_by(group_connection(G, "G", FailoverGroup(members)), plain(A, endpoint))


def test_it_leads_where_its_first_backend_does() -> None:
    assert is_one_endpoint(group(HERE), plain(A, HERE))
    assert is_one_endpoint(group(HERE, ("x", "y")), plain(A, "https://HERE:9000/s3/"))
    assert not is_one_endpoint(group(HERE), plain(B, "https://there:9000/s3"))
    assert is_one_endpoint(group(""), plain(A, "https://s3.eu-west-1.amazonaws.com"))
    assert not group("").is_aws


@pytest.mark.parametrize(
    ("now", "is_alike"),
    [
        (group("HTTPS://here:9000/s3/"), True),
        (group("https://there:9000/s3"), False),
        (group(HERE, ("x", "y")), False),
    ],
)
def test_it_leads_elsewhere_when_that_does(now: Connection, is_alike: bool) -> None:
    before = group(HERE).endpoint
    assert leads_alike(now, before) == is_alike


def test_other_names_of_buckets_are_another_place() -> None:
    before = group(HERE, ("x", "y"), ("p", "q")).endpoint
    assert leads_alike(group(HERE, ("p", "q"), ("x", "y")), before)
    assert not leads_alike(group(HERE, ("x", "z"), ("p", "q")), before)


def test_what_was_begun_when_nobody_knew_is_elsewhere() -> None:
    assert not leads_alike(group(HERE), "group:g")
