"""Addresses for the clipboard, and back."""

from __future__ import annotations

import pytest

from s4desk.core.domain.connection import Addressing, Connection
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.viewmodels.addresses import key_of, place_of_url, uri_of, url_of

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


AWS = connection()
LOCAL = connection("http://localhost:9000")
BASED = connection("https://s.test/base", key_id="MINE")


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://s3.amazonaws.com/b/k/x.txt", (AWS, Prefix("b", "k/x.txt"))),
        ("https://b.s3.eu-west-1.amazonaws.com/k%20x?X-Amz-Expires=1", (AWS, Prefix("b", "k x"))),
        ("http://docs.localhost:9000/a/b", (LOCAL, Prefix("docs", "a/b"))),
        ("http://localhost:9000/docs/a%2Bb+c", (LOCAL, Prefix("docs", "a+b+c"))),
        ("http://localhost:9000/", (LOCAL, None)),
        ("http://localhost:9001/docs/a", None),
        ("https://s.test:443/base/docs/a", (BASED, Prefix("docs", "a"))),
        ("https://s.test/docs/a", None),
        ("https://evils.test/base/docs/a", None),
        ("https://[s.test/base/docs/a", None),
        ("https://s.test:x/base/docs/a", None),
    ],
)
def test_where_a_web_address_leads(url, found):
    assert place_of_url(url, [AWS, LOCAL, BASED]) == found


@pytest.mark.parametrize("where", [AWS, LOCAL, connection("https://x.test", addressing="virtual")])
def test_what_was_copied_leads_back(where):
    found = place_of_url(url_of(where, OBJECT), [where])
    assert found == (where, Prefix(OBJECT.bucket, OBJECT.key))


def test_of_two_connections_to_a_store_that_goes_first_whose_key_signed():
    other = connection("https://s.test/base", key_id="OTHER")
    url = "https://s.test/base/b/k?X-Amz-Credential=MINE%2F20260101%2Fr%2Fs3%2Faws4_request"
    assert place_of_url(url, [other, BASED]) == (BASED, Prefix("b", "k"))
    assert place_of_url(url.partition("?")[0], [other, BASED]) == (other, Prefix("b", "k"))
