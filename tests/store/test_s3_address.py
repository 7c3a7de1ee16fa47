"""Where requests go: host, path and region."""

from __future__ import annotations

import pytest

from s4desk.core.domain.connection import Addressing, Connection
from s4desk.core.domain.errors import InvalidRequestError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.store.s3_address import Addresses, query_string


def addresses(endpoint="", region="", addressing=Addressing.AUTO):
    return Addresses(Connection(ConnectionId("c"), "c", endpoint, region, addressing))


def url(found, bucket, key="k"):
    target = found.target(bucket, key)
    return f"{target.endpoint.url}{target.path}"


@pytest.mark.parametrize(
    ("connection", "bucket", "expected"),
    [
        (addresses(), "b-1", "https://b-1.s3.us-east-1.amazonaws.com/k"),
        (addresses(region="eu-west-1"), "b-1", "https://b-1.s3.eu-west-1.amazonaws.com/k"),
        (addresses(region="cn-north-1"), "b-1", "https://b-1.s3.cn-north-1.amazonaws.com.cn/k"),
        (addresses(), "dots.in.it", "https://s3.us-east-1.amazonaws.com/dots.in.it/k"),
        (addresses(), "Old_Name", "https://s3.us-east-1.amazonaws.com/Old_Name/k"),
        (
            addresses("http://s3.us-west-2.amazonaws.com"),
            "dots.in.it",
            "http://dots.in.it.s3.us-west-2.amazonaws.com/k",
        ),
        (addresses("http://127.0.0.1:9000"), "b-1", "http://127.0.0.1:9000/b-1/k"),
        (addresses("http://[::1]:9000"), "b-1", "http://[::1]:9000/b-1/k"),
        (addresses("https://host:443/base/"), "b-1", "https://host/base/b-1/k"),
        (
            addresses("https://host:8443", addressing=Addressing.VIRTUAL),
            "b-1",
            "https://b-1.host:8443/k",
        ),
        (
            addresses("https://host", addressing=Addressing.VIRTUAL),
            "Not_DNS",
            "https://host/Not_DNS/k",
        ),
        (
            addresses(region="eu-west-1", addressing=Addressing.PATH),
            "b-1",
            "https://s3.eu-west-1.amazonaws.com/b-1/k",
        ),
    ],
)
def test_where_a_key_is(connection, bucket, expected):
    assert url(connection, bucket) == expected


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("https://s3.eu-central-1.amazonaws.com", "eu-central-1"),
        ("https://s3-eu-west-1.amazonaws.com", "eu-west-1"),
        ("https://s3.dualstack.ap-southeast-2.amazonaws.com", "ap-southeast-2"),
        ("https://s3-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("https://s3.amazonaws.com", "us-east-1"),
        ("http://localhost:9000", "us-east-1"),
    ],
)
def test_the_region_may_follow_from_the_endpoint(endpoint, region):
    assert addresses(endpoint).target("b-1").region == region
    assert addresses(endpoint, "given").target("b-1").region == "given"


def test_a_learned_region_moves_aws_and_only_signs_elsewhere():
    aws, other = addresses(region="us-east-1"), addresses("http://host:1")
    for each in (aws, other):
        each.learn("moved", "eu-west-1")
        assert each.target("moved").region == "eu-west-1"
        assert each.target("stays").region == "us-east-1"
    assert url(aws, "moved") == "https://moved.s3.eu-west-1.amazonaws.com/k"
    assert url(other, "moved") == "http://host:1/moved/k"


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("a b+c%", "/b-1/a%20b%2Bc%25"),
        ("/lead", "/b-1//lead"),
        ("a//b/../c", "/b-1/a//b/../c"),
        ("ü", "/b-1/%C3%BC"),
        ("\udcff", "/b-1/%FF"),
        ("?#&", "/b-1/%3F%23%26"),
    ],
)
def test_keys_are_bytes(key, path):
    assert addresses("http://h").target("b-1", key).path == path


def test_the_place_of_a_bucket():
    assert addresses("http://h").target("b-1").path == "/b-1"
    assert addresses().target("b-1").path == "/"
    assert addresses("http://h").target("b-1", "").path == "/b-1/"


@pytest.mark.parametrize("endpoint", ["ftp://host", "host:9000", "http://", "nonsense"])
def test_an_endpoint_that_is_no_url_is_refused(endpoint):
    with pytest.raises(InvalidRequestError):
        addresses(endpoint)


def test_certificates_are_part_of_the_place():
    connection = Connection(ConnectionId("c"), "c", "https://host", ca_file="/ca.pem")
    assert Addresses(connection).target("b-1").endpoint.ca_file == "/ca.pem"


def test_a_query_is_in_the_order_that_is_signed():
    parameters = {"prefix": "a b/ü", "delete": "", "list-type": "2"}
    assert query_string(parameters) == "delete&list-type=2&prefix=a%20b%2F%C3%BC"
