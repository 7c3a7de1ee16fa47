"""The XML of multipart uploads, copies and deletes."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.domain.identity import Location, VersionId
from s4desk.core.domain.objects import Checksum, DeleteFailure, Doomed
from s4desk.core.domain.parts import PartReceipt
from s4desk.core.store.replies import (
    UploadMarker,
    complete_document,
    delete_document,
    fits_document,
    read_completed,
    read_copied,
    read_parts,
    read_upload_id,
    read_uploads,
    read_verdicts,
)

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


@given(st.lists(st.text(min_size=1), min_size=1, max_size=10))
def test_a_key_arrives_as_it_was_meant_or_does_not_go(keys):
    doomed = [each for each in map(Doomed, keys) if fits_document(each)]
    root = ElementTree.fromstring(delete_document(doomed))
    assert root.findtext(f"{NAMESPACE}Quiet") == "false"
    found = [row.findtext(f"{NAMESPACE}Key") for row in root.iter(f"{NAMESPACE}Object")]
    assert found == [each.key for each in doomed]
    assert all(key == key.strip() for key in found)


@pytest.mark.parametrize("key", ["c\x01x", "cr\rx", "line\nbreak", "tab\tx", "sp ", " x", "\udcff"])
def test_keys_that_a_parser_might_change_do_not_go(key):
    assert not fits_document(Doomed(key))


def test_versions_go_along():
    body = delete_document([Doomed("k", VersionId("v&1"))])
    assert ElementTree.fromstring(body).findtext(f".//{NAMESPACE}VersionId") == "v&1"


def test_what_could_not_be_deleted_is_told():
    body = (
        b"<DeleteResult><Deleted><Key>gone</Key></Deleted><Error><Key>a &amp; b</Key>"
        b"<VersionId>v</VersionId><Code>AccessDenied</Code><Message>locked</Message></Error>"
        b"<Error><Key>c</Key><Code>InternalError</Code></Error></DeleteResult>"
    )
    verdicts = read_verdicts(body)
    assert verdicts.deleted == {Doomed("gone")}
    assert verdicts.failures == [
        DeleteFailure(Doomed("a & b", VersionId("v")), "AccessDenied", "locked"),
        DeleteFailure(Doomed("c"), "InternalError", ""),
    ]


def test_what_a_reply_leaves_out_is_not_taken_for_deleted():
    body = (
        b"<DeleteResult><Deleted><Key>a</Key><VersionId>null</VersionId></Deleted>"
        b"<Deleted><Key>b</Key><VersionId>1</VersionId></Deleted></DeleteResult>"
    )
    one, two = Doomed("b", VersionId("1")), Doomed("b", VersionId("2"))
    assert read_verdicts(body).unsaid([Doomed("a"), one, two, Doomed("c")]) == [two, Doomed("c")]


def test_a_refusal_is_of_what_was_asked_for_whatever_version_it_names():
    body = (
        b"<DeleteResult><Error><Key>a</Key><VersionId>null</VersionId><Code>X</Code></Error>"
        b"<Error><Key>b</Key><VersionId>1</VersionId><Code>X</Code></Error></DeleteResult>"
    )
    one = Doomed("b", VersionId("1"))
    assert [each.doomed for each in read_verdicts(body).refused([Doomed("a"), one])] == [
        Doomed("a"),
        one,
    ]


def test_parts_are_listed_for_the_complete():
    parts = [PartReceipt(1, 5, "e1", "c1"), PartReceipt(2, 5, 'e"2', "c2")]
    root = ElementTree.fromstring(complete_document(parts, "crc64nvme"))
    rows = [[(cell.tag.removeprefix(NAMESPACE), cell.text) for cell in row] for row in root]
    assert rows[0] == [("PartNumber", "1"), ("ETag", '"e1"'), ("ChecksumCRC64NVME", "c1")]
    assert b"Checksum" not in complete_document(parts)


def test_a_completed_upload_may_have_a_checksum_and_no_etag():
    body = (
        b"\n  \n<CompleteMultipartUploadResult><ETag></ETag>"
        b"<ChecksumCRC64NVME>A=</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>"
    )
    written = read_completed(body)
    assert (written.etag, written.checksum) == ("", Checksum("crc64nvme", "A="))
    assert (
        read_copied(b"<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>").etag == "e"
    )


def test_pages_of_parts():
    part = "<Part><PartNumber>{}</PartNumber><ETag>&quot;e&quot;</ETag><Size>7</Size></Part>"
    body = (
        "<ListPartsResult><IsTruncated>true</IsTruncated>"
        f"<NextPartNumberMarker>2</NextPartNumberMarker>{part.format(1)}{part.format(2)}"
        "</ListPartsResult>"
    ).encode()
    assert read_parts(body, 0) == ([PartReceipt(1, 7, "e"), PartReceipt(2, 7, "e")], 2)
    with pytest.raises(MalformedReplyError):
        read_parts(body, 2)


def test_pages_of_uploads():
    row = (
        "<Upload><Key>a%20+b</Key><UploadId>u1</UploadId>"
        "<Initiated>2026-11-20T10:00:00.000Z</Initiated></Upload>"
    )
    more = "<NextKeyMarker>a%20+b</NextKeyMarker><NextUploadIdMarker>u1</NextUploadIdMarker>"
    for encoding, key in (("", "a%20+b"), ("<EncodingType>url</EncodingType>", "a  b")):
        body = (
            f"<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>{encoding}{more}{row}"
            "</ListMultipartUploadsResult>"
        ).encode()
        uploads, marker = read_uploads(body, "b", None)
        assert (uploads[0].location, uploads[0].upload) == (Location("b", key), "u1")
        assert uploads[0].initiated == datetime(2026, 11, 20, 10, tzinfo=UTC)
        assert marker == UploadMarker(key, "u1")
        with pytest.raises(MalformedReplyError):
            read_uploads(body, "b", marker)


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (read_upload_id, b"<InitiateMultipartUploadResult/>"),
        (read_upload_id, b"<html/>"),
        (read_completed, b""),
        (read_completed, b"<CopyObjectResult/>"),
        (read_verdicts, b"<ListBucketResult/>"),
        (lambda body: read_parts(body, 0), b"<ListPartsResult/>"),
        (
            lambda body: read_parts(body, 0),
            b"<ListPartsResult><IsTruncated>false</IsTruncated><Part/></ListPartsResult>",
        ),
        (
            lambda body: read_uploads(body, "b", None),
            b"<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload/>"
            b"</ListMultipartUploadsResult>",
        ),
    ],
)
def test_what_is_no_reply_is_an_error(read, body):
    with pytest.raises(MalformedReplyError):
        read(body)
