"""Addresses for the clipboard."""

from __future__ import annotations

import pytest

from s4desk.core.domain.connection import Addressing, Connection
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.viewmodels.addresses import key_of, uri_of, url_of

OBJECT = Location("bucket", "a b/ü+%?#.txt")
ENCODED = "a%20b/%C3%BC%2B%25%3F%23.txt"


def connection(endpoint: str = "", **rest: object) -> Connection:
    return Connection(ConnectionId("c"), "c", endpoint=endpoint, **rest)


@pytest.mark.parametrize(
    ("where", "url"),
    [
        (connection("http://127.0.0.1:9000"), f"http://127.0.0.1:9000/bucket/{ENCODED}"),
        (
            connection("https://s3.test", addressing=Addressing.VIRTUAL),
            f"https://bucket.s3.test/{ENCODED}",
        ),
        (
            connection(region="eu-west-1"),
            f"https://bucket.s3.eu-west-1.amazonaws.com/{ENCODED}",
        ),
        (
            connection(addressing=Addressing.PATH),
            f"https://s3.us-east-1.amazonaws.com/bucket/{ENCODED}",
        ),
        (
            connection(region="cn-north-1"),
            f"https://bucket.s3.cn-north-1.amazonaws.com.cn/{ENCODED}",
        ),
    ],
)
def test_an_url_has_the_bucket_where_the_connection_has_it(where, url):
    assert url_of(where, OBJECT) == url


def test_a_bucket_with_dots_is_never_put_before_the_host_by_itself():
    url = url_of(connection(), Location("my.bucket", "k"))
    assert url == "https://s3.us-east-1.amazonaws.com/my.bucket/k"


def test_uri_and_key_are_not_encoded():
    assert uri_of(OBJECT) == "s3://bucket/a b/ü+%?#.txt"
    assert key_of(OBJECT) == OBJECT.key
    assert (uri_of(Prefix("b", "x/")), key_of(Prefix("b", "x/"))) == ("s3://b/x/", "x/")
    assert (uri_of(Prefix("b")), key_of(Prefix("b"))) == ("s3://b/", "b")
