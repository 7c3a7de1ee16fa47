"""Rows are read by a pattern to the same end as by an XML parser, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from s4desk.app.demo.seed import ODD_KEYS
from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.domain.identity import Prefix
from s4desk.core.wire import listing
from s4desk.core.wire.listing import parse_objects
from s4desk.core.wire.listing_rows import STRIDE, rows_by_pattern
from tests.servers.client import s3_client
from tests.servers.null_listing import Keys, render

if TYPE_CHECKING:
    from tests.servers.endpoint import Endpoint

BUCKET = Prefix("b")
OWNER_ID = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
SUMMED = "<ChecksumAlgorithm>SHA256</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
NAMED = "<ID>alice</ID><DisplayName>Alice Ö</DisplayName>"
TIME = "<LastModified>2026-11-20T23:22:59.699Z</LastModified>"

LAYOUTS = {
    "ceph": f"<Key>{{key}}</Key>{TIME}<ETag>&quot;{{etag}}&quot;</ETag><Size>{{size}}</Size>"
    f"<StorageClass>STANDARD</StorageClass><Owner>{NAMED}</Owner><Type>Normal</Type>",
    "localstack": f'<Key>{{key}}</Key><ETag>"{{etag}}"</ETag><Size>{{size}}</Size>{TIME}'
    f"<StorageClass>STANDARD</StorageClass><Owner><ID>{OWNER_ID}</ID></Owner>{SUMMED}",
    "moto": f'<Key>{{key}}</Key>{TIME}<ETag>"{{etag}}"</ETag>'
    "<ChecksumAlgorithm>SHA256</ChecksumAlgorithm><Size>{size}</Size>"
    "<StorageClass>GLACIER</StorageClass>"
    f"<Owner><DisplayName>webfile</DisplayName><ID>{OWNER_ID}</ID></Owner>",
    "aws": f"<Key>{{key}}</Key>{TIME}<ETag>&quot;{{etag}}&quot;</ETag>{SUMMED}"
    f"<Size>{{size}}</Size><Owner>{NAMED}</Owner><StorageClass>STANDARD_IA</StorageClass>",
    "minio": f"<Key>{{key}}</Key>{TIME}<ETag>&#34;{{etag}}&#34;</ETag><Size>{{size}}</Size>"
    "<Owner><ID></ID><DisplayName></DisplayName></Owner><StorageClass>STANDARD</StorageClass>",
    "plain": f"<Key>{{key}}</Key>{TIME}<ETag>{{etag}}</ETag><Size>{{size}}</Size>",
}
STRANGE = (
    "<Key>{key}</Key><Size>{size}</Size><Storage/>",
    "<Size>{size}</Size><Key>{key}</Key>",
    "<Key>{key}</Key>\n  <Size>{size}</Size>",
    "<Key>{key}</Key><Size>{size}</Size><Size>{size}</Size>",
    "<Key><![CDATA[{key}]]></Key><Size>{size}</Size>",
    "<Key>{key}</Key><!-- {etag} --><Size>{size}</Size>",
    '<Key lang="en">{key}</Key><Size>{size}</Size>',
)


def page_of(rows: str, *, encoding: str = "", before: str = "", behind: str = "") -> bytes:
    told = f"<EncodingType>{encoding}</EncodingType>" if encoding else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>b</Name>{told}<IsTruncated>false</IsTruncated>{before}{rows}{behind}"
        "</ListBucketResult>"
    ).encode()


def row_of(layout: str, key: str, etag: str = "0e-1", size: int = 7) -> str:
    return f"<Contents>{layout.format(key=key, etag=etag, size=size)}</Contents>"


def by_pattern(body: bytes) -> bool:
    return rows_by_pattern(body, with_owner=True) is not None


def read(body: bytes, prefix: Prefix = BUCKET, *, with_owner: bool) -> Any:
    """The columns of a page, or that it is none. A time that is none equals another."""
    try:
        page = parse_objects(body, prefix, with_owner=with_owner)
    except MalformedReplyError:
        return None
    columns = (page.keys, page.sizes, page.etags, page.classes, page.folders, page.owners)
    return [list(each) for each in columns], list(map(repr, page.modified)), page.next_token


def assert_same(body: bytes, prefix: Prefix = BUCKET) -> None:
    for with_owner in (False, True):
        found = read(body, prefix, with_owner=with_owner)
        with patch.object(listing, "rows_by_pattern", return_value=None):
            assert found == read(body, prefix, with_owner=with_owner), body


keys = st.one_of(
    st.sampled_from(list(ODD_KEYS)),
    st.text(min_size=1, max_size=12),
)
written = st.one_of(
    keys.map(lambda key: escape(quote(key.encode("utf-8", "surrogateescape")))),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).map(
        lambda key: escape(key, {'"': "&quot;", "'": "&apos;"})
    ),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=3).map(
        lambda key: "".join(f"&#{ord(char)};&#x{ord(char):X};" for char in key)
    ),
    st.sampled_from(
        ["&bogus;", "a&#1;", "&#xFFFE;", "&#x110000;", "&", "]]>", "\r", "a\x01", "\ufffe"]
    ),
)
rows = st.builds(
    row_of,
    st.sampled_from([*LAYOUTS.values(), *STRANGE]),
    written,
    st.sampled_from(["", "0e-1", "a'b", "&lt;", '"', "é", "\x02"]),
    st.sampled_from([0, 7, 2**62, 2**63]),
)


@settings(max_examples=200)
@given(st.lists(rows, max_size=6), st.sampled_from(["", "url"]))
def test_both_ways_read_the_same(some, encoding):
    assert_same(page_of("".join(some), encoding=encoding))


@settings(max_examples=200)
@given(
    st.sampled_from(list(LAYOUTS.values())),
    st.integers(0, 800),
    st.integers(0, 12),
    st.one_of(
        st.binary(max_size=3),
        st.sampled_from(
            [b"<", b">", b"&", b"&amp;", b"<Contents>", b"</Contents>", b"<!--", b"-->"]
        ),
    ),
)
@example(LAYOUTS["plain"], 0, 0, b"\xef\xbb\xbf")
def test_a_page_that_was_tampered_with_is_no_other_page(layout, place, gone, put):
    body = page_of(row_of(layout, "a&amp;1") + row_of(layout, "b"))
    assert_same(body[:place] + put + body[place + gone :])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_pattern_knows_how_stores_write(layout):
    body = page_of("".join(row_of(LAYOUTS[layout], f"k{at}&amp;") for at in range(3)))
    assert by_pattern(body)
    assert_same(body)
    assert list(parse_objects(body, BUCKET).keys) == ["k0&", "k1&", "k2&"]
    # One row of another kind is not left out, wherever it stands.
    other = row_of(STRANGE[0], "other")
    for odd in (
        page_of(other + row_of(LAYOUTS[layout], "k")),
        page_of(row_of(LAYOUTS[layout], "k") + other),
        page_of(row_of(LAYOUTS[layout], "k") + other + row_of(LAYOUTS[layout], "l")),
    ):
        assert not by_pattern(odd)
        assert len(parse_objects(odd, BUCKET)) == odd.count(b"<Contents>")


@pytest.mark.parametrize(
    "body",
    [
        page_of(row_of(LAYOUTS["ceph"], "k"), before="<!--", behind="-->"),
        page_of(row_of(LAYOUTS["ceph"], "k"), before="<Inner>", behind="</Inner>"),
        page_of(row_of(LAYOUTS["ceph"], "k"), before="<![CDATA[", behind="]]>"),
        page_of(
            row_of(LAYOUTS["ceph"], "k"),
            before='<x:Contents xmlns:x="urn:x"><Key>first</Key><Size>1</Size></x:Contents>',
        ),
        page_of(row_of(LAYOUTS["ceph"], "k"), behind='<x:Contents xmlns:x="urn:x"/>'),
        page_of(row_of(LAYOUTS["ceph"], "k"), before='<x:Contents xmlns:x="urn:x"/>'),
        page_of(row_of(LAYOUTS["ceph"], "k")).replace(b"UTF-8", b"ISO-8859-1"),
        page_of(row_of(LAYOUTS["ceph"], "k")).decode().encode("utf-16"),
        page_of(row_of(LAYOUTS["ceph"], "k")).replace(
            b"<ListBucketResult", b"<!DOCTYPE l [<!ENTITY a 'b'>]><ListBucketResult", 1
        ),
        page_of(row_of(LAYOUTS["ceph"], "k"), behind="</ListBucketResult>"),
    ],
)
def test_where_the_rows_stand_is_looked_at(body):
    assert_same(body)


@pytest.mark.parametrize(
    "key",
    ["&bogus;", "&lt", "a&#1;", "&#xFFFE;", "&#x110000;", "]]>", "\r", "\x01", "\ufffe", "\uffff"],
)
def test_what_is_not_simply_itself_is_left_to_the_parser(key):
    for body in (
        page_of(row_of(LAYOUTS["ceph"], key)),
        page_of(row_of(LAYOUTS["ceph"].replace("Alice", key), "k")),
    ):
        assert not by_pattern(body)
        assert_same(body)


def test_a_long_page_is_read_in_pieces():
    body = render(Keys(2000), {"prefix": "", "encoding-type": "url"})
    assert len(body) > 3 * STRIDE
    assert by_pattern(body)
    assert_same(body)
    assert len(parse_objects(body, BUCKET)) == 1000


@pytest.mark.parametrize("encoding", ["url", None])
def test_pages_of_real_stores_are_read_the_same(endpoint: Endpoint, bucket: str, encoding):
    bodies: list[bytes] = []
    with s3_client(endpoint) as client:
        client.meta.events.register(
            "before-parse.s3.ListObjectsV2",
            lambda response_dict, **_: bodies.append(response_dict["body"]),
        )
        for key in ("a b+c%20&<>'\"", "é😀/x", "plain", "semi;colon"):
            client.put_object(Bucket=bucket, Key=key, Body=b"12")
        client.put_object(Bucket=bucket, Key="summed", Body=b"1", ChecksumAlgorithm="SHA256")
        how = {"EncodingType": encoding} if encoding else {}
        for more in ({}, {"FetchOwner": True}, {"Delimiter": "/"}):
            client.list_objects_v2(Bucket=bucket, **how, **more)
    assert len(bodies) == 3
    for body in bodies:
        assert by_pattern(body), body
        assert_same(body, Prefix(bucket))
    assert len(parse_objects(bodies[1], Prefix(bucket), with_owner=True).owners) == 5
