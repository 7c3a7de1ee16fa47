"""Pages are read column by column, and what is no page is never taken for one."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s4desk.core.domain.archive import RESTORE, ArchiveState, archive_state
from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import Page, VersionMarker, VersionPage
from s4desk.core.wire.listing import parse_objects, parse_versions

BUCKET = Prefix("b")
XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def row(key="k", size="5", etag="&quot;e&quot;", extra=""):
    return (
        f"<Contents><Key>{key}</Key><LastModified>2026-11-20T10:00:00.250Z</LastModified>"
        f"<ETag>{etag}</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass>{extra}"
        "</Contents>"
    )


def listing(*rows, truncated="false", more="", root="ListBucketResult", xmlns=XMLNS):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {xmlns}><Name>b</Name>'
        f"<IsTruncated>{truncated}</IsTruncated>{more}{''.join(rows)}</{root}>"
    ).encode()


def test_a_page_is_in_columns():
    body = listing(
        row("a", "1"),
        row("b/c", "9007199254740993"),
        "<CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>",
        truncated="true",
        more="<NextContinuationToken>t&amp;1</NextContinuationToken>",
    )
    page = parse_objects(body, BUCKET)
    assert list(page.keys) == ["a", "b/c"]
    assert list(page.sizes) == [1, 9007199254740993]
    assert list(page.etags) == ["e", "e"]
    assert list(page.classes) == ["STANDARD", "STANDARD"]
    assert list(page.folders) == ["d/"]
    assert (page.next_token, list(page.owners)) == ("t&1", [])
    assert page.meta(0).modified == datetime(2026, 11, 20, 10, 0, 0, 250_000, UTC)


def test_it_does_not_matter_in_which_namespace():
    for xmlns in ("", 'xmlns="http://s3.example.test/other/"'):
        assert len(parse_objects(listing(row(), xmlns=xmlns), BUCKET)) == 1
    prefixed = listing(row()).replace(b"<Contents>", b'<x:Contents xmlns:x="urn:x">')
    prefixed = prefixed.replace(b"</Contents>", b"</x:Contents>")
    assert len(parse_objects(prefixed, BUCKET)) == 1


def test_what_a_store_leaves_out_is_not_misplaced():
    bare = "<Contents><Key>bare</Key><Size>7</Size></Contents>"
    page = parse_objects(listing(row("a", etag="1"), bare, row("z", etag="2")), BUCKET)
    assert list(page.etags) == ["1", "", "2"]
    assert list(page.classes) == ["STANDARD"] * 3
    assert math.isnan(page.modified[1])
    assert page.meta(1).modified is None
    assert page.modified[0] == page.modified[2]


def test_owners_come_when_asked_for():
    named = row("a", extra="<Owner><ID>1</ID><DisplayName>ann</DisplayName></Owner>")
    by_id = row("b", extra="<Owner><ID>2</ID></Owner>")
    body = listing(named, by_id, row("c"))
    assert list(parse_objects(body, BUCKET, with_owner=True).owners) == ["ann", "2", ""]
    assert list(parse_objects(body, BUCKET).owners) == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1970-01-01T00:00:02", 2.0),
        ("yesterday", math.nan),
    ],
)
def test_times_are_utc_or_nothing(text, seconds):
    body = listing(row()).replace(b"2026-11-20T10:00:00.250Z", text.encode())
    found = parse_objects(body, BUCKET).modified[0]
    assert found == seconds or (math.isnan(found) and math.isnan(seconds))


# What is no page


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    + listing(row("&b;")).partition(b"\n")[2]
)
EXTERNAL = BOMB.replace(
    b'<!ENTITY b "&a;&a;&a;&a;&a;">', b'<!ENTITY b SYSTEM "file:///etc/hostname">'
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<html><body>Sign in</body></html>",
        b"<!doctype html><html></html>",
        b'{"error": 1}',
        b"<ListBucketResult>",
        listing(row())[:-30],
        listing(row(), root="ListAllMyBucketsResult"),
        b"<Error><Code>SlowDown</Code></Error>",
        BOMB,
        EXTERNAL,
        listing(row()).replace(b"<IsTruncated>false</IsTruncated>", b""),
        listing(row(), truncated="perhaps"),
        listing(row(), truncated="true"),
        listing(row(), truncated="true", more="<NextContinuationToken/>"),
        listing(row(), truncated="true", more="<NextContinuationToken>old</NextContinuationToken>"),
        listing(row(key="")),
        listing("<Contents><Size>1</Size></Contents>"),
        listing(row(key="<b/>")),
        listing(row(key="a</Key><Key>b")),
        listing("<Contents><Key>a</Key></Contents>"),
        listing(row(key="a</Key><Key>b"), "<Contents><Size>1</Size></Contents>"),
        listing(row(size="1</Size><Size>2"), "<Contents><Key>z</Key></Contents>"),
        listing(row()).replace(b"<ListBucketResult", b"<!DOCTYPE html><ListBucketResult", 1),
        listing(row(size="")),
        listing(row(size="-1")),
        listing(row(size="1e3")),
        listing(row(size="1_0")),
        listing(row(size="٣")),
        listing(row(size="9" * 30)),
        listing(row(size="9" * 5000)),
        listing("<CommonPrefixes/>"),
        listing(row("a\x01b")),
        listing(row("a&#1;b")),
    ],
)
def test_a_broken_page_is_an_error(body):
    with pytest.raises(MalformedReplyError):
        parse_objects(body, BUCKET, token="old")


def test_keys_that_were_not_asked_for_are_an_error():
    """A store that ignores the prefix would have a folder's delete empty the bucket."""
    body = listing(row("folder/a"), row("other"))
    assert len(parse_objects(body, BUCKET)) == 2
    with pytest.raises(MalformedReplyError):
        parse_objects(body, Prefix("b", "folder/"))
    with pytest.raises(MalformedReplyError):
        parse_objects(
            listing("<CommonPrefixes><Prefix>x/</Prefix></CommonPrefixes>"), Prefix("b", "y")
        )


def test_entities_are_never_expanded(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("do not read")
    for path in (secret, tmp_path / "missing"):
        body = EXTERNAL.replace(b"/etc/hostname", str(path).encode())
        # A missing file would be another error if anybody looked for it.
        with pytest.raises(MalformedReplyError, match="declares a type") as caught:
            parse_objects(body, BUCKET)
        assert "do not read" not in str(caught.value)


# Encoded keys

ENCODED = "<EncodingType>url</EncodingType>"


@given(st.lists(st.text(min_size=1), max_size=8))
@pytest.mark.parametrize("encode", [quote, quote_plus, lambda text: quote(text, safe="")])
def test_encoded_keys_are_what_they_were(encode, keys):
    keys = [key for key in keys if not any("\ud800" <= char <= "\udfff" for char in key)]
    body = listing(*[row(encode(key)) for key in keys], more=ENCODED)
    assert list(parse_objects(body, BUCKET).keys) == keys


def test_bytes_that_are_no_text_survive():
    page = parse_objects(listing(row("a%FFb"), more=ENCODED), BUCKET)
    assert page.keys[0].encode("utf-8", "surrogateescape") == b"a\xffb"


def test_keys_are_not_decoded_unless_the_reply_says_so():
    assert list(parse_objects(listing(row("a%20b+c")), BUCKET).keys) == ["a%20b+c"]


@pytest.mark.parametrize("odd", ["\x01", "\ufffe", "\uffff"])
def test_an_echo_that_xml_cannot_hold_does_not_spoil_the_page(odd):
    """Ceph encodes the keys but echoes the prefix it was asked for."""
    key = f"c{odd}x"
    for echo in (key, f"c&#x{ord(odd):x};x", f"c&#{ord(odd)};x"):
        body = listing(row(quote(key)), more=f"{ENCODED}<Prefix>{echo}</Prefix>")
        assert list(parse_objects(body, Prefix("b", key)).keys) == [key]
    with pytest.raises(MalformedReplyError):
        parse_objects(listing(row("c&#x01;x"), more=ENCODED), BUCKET)


# Versions


def version(key="k", id_="v1", latest="true", kind="Version"):
    size = "<Size>5</Size><ETag>&quot;e&quot;</ETag>" if kind == "Version" else ""
    return (
        f"<{kind}><Key>{key}</Key><VersionId>{id_}</VersionId><IsLatest>{latest}</IsLatest>"
        f"<LastModified>2026-11-20T10:00:00Z</LastModified>{size}</{kind}>"
    )


def versions(*rows, **how):
    return listing(*rows, root="ListVersionsResult", **how)


def test_versions_and_delete_markers_come_in_order():
    body = versions(
        version("a", "a1"), version("b", "b1", "false"), version("b", "b2", kind="DeleteMarker")
    )
    page = parse_versions(body, BUCKET)
    assert [(row.location, row.version, row.is_delete_marker) for row in page.versions] == [
        (Location("b", "a"), "a1", False),
        (Location("b", "b"), "b2", True),
        (Location("b", "b"), "b1", False),
    ]
    assert [row.is_latest for row in page.versions] == [True, True, False]
    assert [(row.size, row.etag) for row in page.versions] == [(5, "e"), (0, ""), (5, "e")]
    assert page.next_marker is None


def test_delete_markers_that_stand_apart_are_put_where_they_came():
    def came(hour, kind="Version"):
        row = version("k", f"k{hour}", "false" if hour < 4 else "true", kind)
        return row.replace("T10:", f"T{hour:02}:")

    apart = [came(3), came(1), came(4, "DeleteMarker"), came(2, "DeleteMarker")]
    page = parse_versions(versions(*apart), BUCKET)
    assert [row.version for row in page.versions] == ["k4", "k3", "k2", "k1"]
    same = [came(3), version("k", "m", "false", "DeleteMarker").replace("T10:", "T03:"), apart[2]]
    page = parse_versions(versions(*same), BUCKET)
    assert [row.version for row in page.versions] == ["k4", "m", "k3"]


def test_versions_tell_whose_they_are():
    owner = "<Owner><ID>7</ID><DisplayName>{}</DisplayName></Owner></Version>"
    mine = version("a", "1").replace("</Version>", owner.format("me"))
    nameless = version("b", "1").replace("</Version>", owner.format(""))
    page = parse_versions(versions(mine, nameless, version("c", "1")), BUCKET)
    assert [row.owner for row in page.versions] == ["me", "7", ""]


@pytest.mark.parametrize(
    ("told", "expected"), [("a%2Bb", "a+b"), ("a+b", "a+b"), ("z+z", "z z"), ("%C3%BC", "ü")]
)
def test_a_marker_is_decoded_unless_it_is_a_key_as_it_stands(told, expected):
    body = versions(
        version("a%2Bb"),
        truncated="true",
        more=f"{ENCODED}<NextKeyMarker>{told}</NextKeyMarker>"
        "<NextVersionIdMarker>v</NextVersionIdMarker>",
    )
    assert parse_versions(body, BUCKET).next_marker == VersionMarker(expected, "v")


def test_a_marker_that_xml_cannot_hold_is_found_among_the_keys():
    body = versions(
        version("a%01b"),
        truncated="true",
        more=f"{ENCODED}<NextKeyMarker>a&#x1;b</NextKeyMarker>",
    )
    assert parse_versions(body, BUCKET).next_marker == VersionMarker("a\x01b", "")


@pytest.mark.parametrize(
    "body",
    [
        versions(version(), truncated="true"),
        versions(
            version(),
            truncated="true",
            more="<NextKeyMarker>k</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>",
        ),
        versions(version(key="")),
        versions("<Version><Key>k</Key></Version>"),
        listing(row()),
    ],
)
def test_a_broken_page_of_versions_is_an_error(body):
    with pytest.raises(MalformedReplyError):
        parse_versions(body, BUCKET, marker=VersionMarker("k", "v"))


# Anything at all

WORDS = [
    "ListBucketResult", "ListVersionsResult", "Contents", "Version", "DeleteMarker", "Key", "Size",
    "LastModified", "ETag", "StorageClass", "IsTruncated", "NextContinuationToken", "EncodingType",
    "CommonPrefixes", "Prefix", "Owner", "NextKeyMarker", "true", "false", "url", "7", "-7", "%",
    "&", "<", ">", "/", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "&#0;", "&amp;",
    "a/b", "<!DOCTYPE x [", "<!ENTITY e 'x'>", "&e;", "xmlns=''", "2026-11-20T10:00:00Z", "\x00",
]  # fmt: skip
elements = st.recursive(
    st.sampled_from(["", "7", "true", "false", "url", "k", "2026-11-20T10:00:00Z", "&#1;", "x%zz"]),
    lambda inner: st.builds(
        lambda name, content: f"<{name}>{''.join(content)}</{name}>",
        st.sampled_from(WORDS[:17]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)


@settings(max_examples=400)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.sampled_from(WORDS), max_size=40).map(lambda words: "".join(words).encode()),
        st.lists(elements, max_size=8).map(lambda parts: listing(*parts)),
        st.lists(elements, max_size=8).map(lambda parts: versions(*parts, truncated="true")),
        st.tuples(st.integers(0, 600), st.binary(max_size=3)).map(
            lambda edit: (
                listing(row(), row("z"))[: edit[0]] + edit[1] + listing(row(), row("z"))[edit[0] :]
            )
        ),
    )
)
def test_anything_is_a_page_or_an_error(body):
    for parse, kind in ((parse_objects, Page), (parse_versions, VersionPage)):
        try:
            found = parse(body, BUCKET)
        except MalformedReplyError:
            continue
        assert isinstance(found, kind)


@given(
    st.lists(
        st.tuples(
            st.text(
                min_size=1, alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
            ),
            st.integers(0, 2**62),
        ),
        max_size=20,
    )
)
def test_no_row_is_lost_or_changed(rows):
    rows = [(key, size) for key, size in rows if "\ufffe" not in key and "\uffff" not in key]
    page = parse_objects(listing(*[row(escape(key), size) for key, size in rows]), BUCKET)
    assert list(zip(page.keys, page.sizes, strict=True)) == rows


def test_what_is_told_of_restores_is_kept_by_key():
    def status(ongoing, more=""):
        inside = f"<IsRestoreInProgress>{ongoing}</IsRestoreInProgress>{more}"
        return f"<RestoreStatus>{inside}</RestoreStatus>"

    until = "<RestoreExpiryDate>2026-11-25T00:00:00.000Z</RestoreExpiryDate>"
    body = listing(
        row("a%20b", extra=status("true")),
        row("c"),
        row("d", extra=status("false", until)),
        more="<EncodingType>url</EncodingType>",
    )
    page = parse_objects(body, BUCKET)
    assert list(page.keys) == ["a b", "c", "d"]
    states = {key: archive_state("GLACIER", {RESTORE: told}) for key, told in page.restores.items()}
    assert states == {
        "a b": ArchiveState(True, is_restoring=True),
        "d": ArchiveState(True, until=datetime(2026, 11, 25, tzinfo=UTC)),
    }
    assert parse_objects(listing(row("c")), BUCKET).restores == {}
