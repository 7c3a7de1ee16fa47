"""Attributes as headers, in both directions."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from s4desk.core.domain.errors import InvalidRequestError, MalformedReplyError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Attributes, Checksum
from s4desk.core.domain.properties import spelling_of
from s4desk.core.store.s3_headers import (
    attribute_headers,
    decode_value,
    read_attributes,
    read_checksum,
    read_meta,
    read_version,
)
from s4desk.core.wire.connection import Request

KEY = Location("b", "k")


def on_the_wire(text):
    """What a reply shows of a value that was sent as UTF-8."""
    return text.encode().decode("latin-1")


def test_attributes_become_headers_and_come_back():
    attributes = Attributes(
        content_type="text/plain",
        content_disposition='attachment; filename="ü.txt"',
        cache_control="no-cache",
        storage_class="STANDARD_IA",
        metadata={"name": "grüße 😀"},
    )
    sent = attribute_headers(attributes)
    assert sent["content-disposition"] == 'attachment; filename="ü.txt"'
    assert sent["x-amz-meta-name"] == f"=?UTF-8?B?{b64encode('grüße 😀'.encode()).decode()}?="
    there = read_attributes({name: on_the_wire(value) for name, value in sent.items()})
    assert there == attributes


SPELLINGS = (
    "=?UTF-8?Q?=C3=BC?=",
    "=?UTF-8?Q?=C3=83=C2=BC?=",
    "=?UTF-8?B?w7w=?=",
    "a =?ISO-8859-1?B?/A==?= b",
    "=?UTF-8?Q?plain?=",
    "=?UTF-8?Q?two=0Alines?=",
    on_the_wire("grüße 😀"),
    "caf\xe9",
    "=?not?encoded",
)


@pytest.mark.parametrize("name", ["x-amz-meta-u", "content-disposition"])
@pytest.mark.parametrize("written", SPELLINGS)
def test_what_is_not_changed_goes_back_letter_for_letter(written, name):
    headers = {name: written, "x-amz-meta-plain": "a"}
    there = replace(read_attributes(headers), spelling=spelling_of(headers))
    sent = attribute_headers(there)
    assert sent == {name: written.encode("latin-1").decode("utf-8", "surrogateescape")} | {
        "x-amz-meta-plain": "a"
    }
    request = Request("PUT", "/b/k", list(sent.items()))
    assert f"{name}: {written}\r\n".encode("latin-1") in request.head()


def test_what_is_changed_is_spelled_anew():
    spelling = {"x-amz-meta-u": on_the_wire("ü")}
    assert attribute_headers(Attributes(metadata={"u": "ö"}, spelling=spelling)) == {
        "x-amz-meta-u": "=?UTF-8?B?w7Y=?="
    }
    assert attribute_headers(Attributes(metadata={"u": "o"}, spelling=spelling)) == {
        "x-amz-meta-u": "o"
    }
    assert attribute_headers(Attributes(spelling=spelling)) == {}


def test_what_is_empty_is_not_sent():
    assert attribute_headers(Attributes()) == {}


def test_metadata_names_are_sent_in_lower_case():
    assert attribute_headers(Attributes(metadata={"MiXed": "V"})) == {"x-amz-meta-mixed": "V"}


def test_tags_are_a_query():
    sent = attribute_headers(Attributes(tags={"a b": "c=d&e", "ü": ""}))
    assert sent == {"x-amz-tagging": "a%20b=c%3Dd%26e&%C3%BC="}


@pytest.mark.parametrize(
    "attributes",
    [
        Attributes(metadata={"a": "line\nbreak"}),
        Attributes(metadata={"a": "x\r\nX-Injected: 1"}),
        Attributes(metadata={"a": "\udcff"}),
        Attributes(metadata={"a b": "v"}),
        Attributes(metadata={"a:b": "v"}),
        Attributes(metadata={"": "v", "ü": "v"}),
        Attributes(content_type="text/plain\r\nX: 1"),
        Attributes(cache_control="\x00"),
    ],
)
def test_what_no_header_can_carry_is_refused(attributes):
    with pytest.raises(InvalidRequestError):
        attribute_headers(attributes)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("plain", "plain"),
        (on_the_wire("grüße 😀"), "grüße 😀"),
        ("=?UTF-8?Q?gr=C3=BC=C3=9Fe?=", "grüße"),
        ("=?UTF-8?B?Z3LDvMOfZQ==?=", "grüße"),
        # Perhaps raw UTF-8 that a store took for Latin-1; but that is what it has now.
        (f"=?UTF-8?B?{b64encode(on_the_wire('grüße').encode()).decode()}?=", "grÃ¼Ã\x9fe"),
        ("caf\xe9", "café"),
        ("=?no-such-charset?Q?x?=", "=?no-such-charset?Q?x?="),
        ("=?UTF-8?B?!!!?=", "=?UTF-8?B?!!!?="),
        ("=?not?encoded", "=?not?encoded"),
    ],
)
def test_values_are_read_as_they_were_meant(told, meant):
    assert decode_value(told) == meant


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
@example("\u00c2\u00a0")
def test_any_text_comes_back(text):
    if "=?" not in text:
        assert decode_value(on_the_wire(text)) == text


@given(st.text(st.characters(max_codepoint=255)))
def test_any_header_can_be_read(text):
    assert isinstance(decode_value(text), str)


def test_a_head_reply_is_an_object():
    headers = {
        "etag": '"abc"',
        "last-modified": "Fri, 20 Nov 2026 10:00:00 GMT",
        "x-amz-version-id": "v1",
        "x-amz-storage-class": "GLACIER",
    }
    meta = read_meta(KEY, headers, 7)
    assert (meta.size, meta.etag, meta.version, meta.storage_class) == (7, "abc", "v1", "GLACIER")
    assert meta.modified == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert meta.headers["x-amz-storage-class"] == "GLACIER"


def test_what_a_store_does_not_say_is_not_invented():
    meta = read_meta(KEY, {"last-modified": "some day"}, 0)
    assert (meta.modified, meta.version, meta.etag) == (None, None, "")
    assert meta.storage_class == "STANDARD"
    assert read_version({"x-amz-version-id": "null"}) is None


def test_an_object_without_a_length_is_no_object():
    with pytest.raises(MalformedReplyError):
        read_meta(KEY, {"etag": '"abc"'}, None)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        (
            {"x-amz-checksum-crc64nvme": "A=", "x-amz-checksum-type": "FULL_OBJECT"},
            Checksum("crc64nvme", "A=", is_full=True),
        ),
        (
            {"x-amz-checksum-sha256": "A=-3", "x-amz-checksum-type": "COMPOSITE"},
            Checksum("sha256", "A=-3", is_full=False),
        ),
        ({"x-amz-checksum-crc32": "A=-2"}, Checksum("crc32", "A=-2", is_full=False)),
        ({"x-amz-checksum-crc32": "A="}, Checksum("crc32", "A=", is_full=True)),
        (
            {"x-amz-checksum-sha1": "S=", "x-amz-checksum-crc64nvme": "C="},
            Checksum("crc64nvme", "C=", is_full=True),
        ),
    ],
)
def test_checksums_say_what_they_cover(headers, expected):
    assert read_checksum(headers) == expected


def test_what_objects_have_in_common_is_shared_and_nothing_else():
    plain = read_attributes({"content-type": "text/plain"})
    own = {"content-type": "text/plain", "x-amz-meta-a": "b", "x-amz-object-lock-legal-hold": "ON"}
    theirs = read_attributes(own)
    assert (dict(theirs.metadata), theirs.lock.legal_hold) == ({"a": "b"}, True)
    again = read_attributes({"content-type": "text/plain"})
    assert again == plain == Attributes(content_type="text/plain")
    other = read_attributes({"content-type": "text/plain", "x-amz-storage-class": "GLACIER"})
    assert (other.content_type, other.storage_class) == ("text/plain", "GLACIER")
