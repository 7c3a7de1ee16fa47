from __future__ import annotations

import pytest

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import Prefix
from s4desk.viewmodels.validation import (
    endpoint_remark,
    key_remark,
    parse_bucket_name,
    parse_connection_name,
    parse_endpoint,
    parse_key,
    parse_new_key,
    parse_place,
)


@pytest.mark.parametrize("name", ["abc", "a.b-c", "1" * 63])
def test_a_bucket_name_that_s3_takes(name: str) -> None:
    assert parse_bucket_name(f" {name} ") == name


@pytest.mark.parametrize(
    "name",
    ["", "ab", "a" * 64, "Backup", "under_score", "-abc", "abc-", "a..b", "192.168.1.1", "ä-b"],
)
def test_a_bucket_name_that_s3_refuses(name: str) -> None:
    with pytest.raises(ValidationError):
        parse_bucket_name(name)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", ""),
        ("s3.example.com", "https://s3.example.com"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("https://[::1]:9000", "https://[::1]:9000"),
    ],
)
def test_an_endpoint_is_completed(text: str, url: str) -> None:
    assert parse_endpoint(text) == url


@pytest.mark.parametrize("text", ["http://host:9x", "http://host:99999", "host:abc"])
def test_a_port_that_is_none_is_said_in_our_words(text: str) -> None:
    with pytest.raises(ValidationError, match=r"^The port, .* is a number up to 65535"):
        parse_endpoint(text)


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("", ""),
        ("https://host", ""),
        ("host:9000", "It is taken as https://host:9000."),
        (" https://host ", "Spaces at the beginning"),
    ],
)
def test_what_is_made_of_an_endpoint_is_said(text: str, remark: str) -> None:
    assert endpoint_remark(text).startswith(remark)
    assert bool(endpoint_remark(text)) == bool(remark)


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("AKIA", ""),
        (" AKIA", "Spaces at"),
        ("AK IA ", "There is a space"),
        ('"AKIA"', "The quotation marks"),
    ],
)
def test_what_is_odd_about_keys_is_noticed(text: str, remark: str) -> None:
    assert key_remark(text).startswith(remark)
    assert bool(key_remark(text)) == bool(remark)


@pytest.mark.parametrize(
    "text",
    [
        "ftp://x",
        "http://",
        "http://user:secret@host",
        "http://host?x=1",
        "http://host:99999",
        "http://a b",
        "http://[",
    ],
)
def test_an_endpoint_that_cannot_be(text: str) -> None:
    with pytest.raises(ValidationError):
        parse_endpoint(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("s3://b/p/", ("", Prefix("b", "p/"))),
        ("s3://b", ("", Prefix("b"))),
        ("minio:b/a//../c", ("minio", Prefix("b", "a//../c"))),
        ("minio:", ("minio", None)),
        ("b/p:q", ("", Prefix("b", "p:q"))),
        ("s3://", ("", None)),
        ("b//", ("", Prefix("b", "/"))),
    ],
)
def test_a_place_is_read_byte_for_byte(text: str, place: tuple[str, Prefix | None]) -> None:
    assert parse_place(text) == place


@pytest.mark.parametrize("name", ["", "  ", "a:b", "a/b"])
def test_a_connection_name_that_the_path_bar_could_not_read(name: str) -> None:
    with pytest.raises(ValidationError):
        parse_connection_name(name)


def test_a_key_is_measured_in_bytes() -> None:
    assert parse_new_key("ü" * 512) == "ü" * 512
    with pytest.raises(ValidationError):
        parse_new_key("ü" * 513)


@pytest.mark.parametrize(
    ("text", "key"),
    [(" a/b+c\n", "a/b+c"), ("'abc'", "abc"), (' "abc" ', "abc"), ("'abc", "'abc"), ("''", "''")],
)
def test_a_key_is_taken_out_of_its_quotes(text: str, key: str) -> None:
    assert parse_key(text) == key
