"""What S3Store sends, and what it makes of replies that no tame server gives."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import (
    ConflictError,
    CredentialsError,
    IntegrityError,
    InvalidRequestError,
    MalformedReplyError,
    NotFoundError,
    NotSupportedError,
    PayloadTooLargeError,
    PermissionDeniedError,
    PreconditionFailedError,
    SourceChangedError,
    StalledError,
    ThrottledError,
    UnavailableError,
    WrongRegionError,
)
from s4desk.core.domain.identity import ConnectionId, Location, Prefix, UploadId, VersionId
from s4desk.core.domain.objects import Attributes, Checksum, Doomed
from s4desk.core.domain.parts import GIB, PartReceipt, Span
from s4desk.core.store.capabilities import Capabilities, IfMatch
from s4desk.core.store.once import not_twice
from s4desk.core.store.protocol import Condition, UploadTicket
from s4desk.core.store.s3 import S3Store
from s4desk.core.wire.body import BytesSink, GlanceSink, Slice
from s4desk.core.wire.checksums import checksum
from s4desk.core.wire.pool import WirePool
from tests.wire.scripted import ROOMY, SHORT, ScriptedServer, reply

KEY = Location("bucket", "folder/key")
DATA = bytes(range(256)) * 40
MD5 = hashlib.md5(DATA).hexdigest()
CRC = checksum("crc64nvme", DATA)
SECRET = Credentials("key-id", "secret")
TICKET = UploadTicket(UploadId("u1"), "crc64nvme")


def error(code, status=400, **headers):
    body = f"<Error><Code>{code}</Code><Message>said</Message><Region>{headers.pop('region', '')}"
    body += "</Region><RequestId>r1</RequestId></Error>"
    return reply(body.encode(), status=status, **headers)


def stored(asked, **headers):
    """What a store without checksums answers to an upload."""
    return reply(ETag=f'"{hashlib.md5(asked.body).hexdigest()}"', **headers)


@contextlib.asynccontextmanager
async def store_on(
    answer, *, capabilities=None, credentials=lambda: SECRET, endpoint="", timeouts=ROOMY
):
    pool = WirePool(timeouts)
    with ScriptedServer(answer) as server:
        connection = Connection(ConnectionId("c"), "c", endpoint or server.endpoint.url)
        store = S3Store(connection, credentials, pool, capabilities or Capabilities())
        store.server = server
        try:
            yield store
        finally:
            await store.aclose()
            await pool.aclose()


async def test_what_a_person_waits_to_see_has_threads_of_its_own():
    let_go = threading.Event()

    def answer(asked):
        if asked.target.endswith("slow"):
            let_go.wait(10)
        return reply(b"seen", ETag='"e"')

    async with store_on(answer) as store:
        slow = Location("bucket", "slow")
        transfers = [asyncio.ensure_future(store.get(slow, BytesSink())) for _ in range(20)]
        sink = GlanceSink()
        try:
            await asyncio.wait_for(store.get(KEY, sink), 5)
            assert sink.data == b"seen"
            assert not any(transfer.done() for transfer in transfers)
        finally:
            let_go.set()
            await asyncio.gather(*transfers)


# Signatures, hosts, regions


async def test_a_request_is_signed_and_its_key_is_as_it_is():
    async with store_on(stored) as store:
        await store.put(Location("bucket", "a//../b c+%"), DATA)
        asked = store.server.asked[0]
    assert asked.target == "/bucket/a//../b%20c%2B%25"
    assert asked.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key-id/")
    signed = asked.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    assert {"host", "x-amz-date", "content-md5"} <= set(signed.split(";"))
    assert not {"accept-encoding", "user-agent", "content-length"} & set(signed.split(";"))
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.body == DATA


@pytest.mark.parametrize("is_aws", [True, False])
async def test_only_aws_is_asked_how_far_restores_are(is_aws):
    empty = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
    async with store_on(lambda _: reply(empty)) as store:
        store._sender.is_aws = is_aws
        await store.list_objects(Prefix("bucket"))
        await store.list_objects(Prefix("fast--use1-az4--x-s3"))
        asked, fast = store.server.asked
    assert "x-amz-optional-object-attributes" not in fast.headers
    told = asked.headers.get("x-amz-optional-object-attributes")
    assert told == ("RestoreStatus" if is_aws else None)


async def test_without_credentials_nothing_is_signed():
    async with store_on(reply(), credentials=lambda: None) as store:
        await store.head(KEY)
        assert "authorization" not in store.server.asked[0].headers


async def test_missing_credentials_are_said():
    def missing():
        raise CredentialsError("none")

    async with store_on(reply(), credentials=missing) as store:
        with pytest.raises(CredentialsError):
            await store.head(KEY)
        assert not store.server.asked


def lives_in(region):
    """A store that takes signatures for one region only."""

    def answer(asked):
        if f"/{region}/s3/" in asked.headers["authorization"]:
            return reply(b"", ETag='"e"')
        if asked.method == "HEAD":
            return reply(status=400, x_amz_bucket_region=region)
        return error("AuthorizationHeaderMalformed", region=region)

    return answer


@pytest.mark.parametrize("operation", ["head", "delete"])
async def test_the_right_region_is_learned_and_remembered(operation):
    async with store_on(lives_in("eu-west-9")) as store:
        await getattr(store, operation)(KEY)
        await getattr(store, operation)(KEY)
        assert len(store.server.asked) == 3


@pytest.mark.parametrize("status", [301, 307, 400])
async def test_a_store_that_always_names_another_region_is_asked_twice(status):
    count = 0

    def answer(_asked):
        nonlocal count
        count += 1
        return error("PermanentRedirect", status, x_amz_bucket_region=f"region-{count}")

    async with store_on(answer) as store:
        with pytest.raises(WrongRegionError) as caught:
            await store.head(KEY)
        assert len(store.server.asked) == 2
    assert caught.value.location == KEY


async def test_aws_is_asked_for_the_region_and_then_there(monkeypatch):
    def answer(asked):
        if "eu-west-1" in asked.headers["host"]:
            return reply(ETag='"e"', status=204)
        if asked.method == "HEAD":
            return reply(status=403, x_amz_bucket_region="eu-west-1")
        return error("PermanentRedirect", 301)

    async with store_on(answer, endpoint="http://s3.us-east-1.amazonaws.com") as store:
        port = store.server.endpoint.port
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        await store.delete(KEY)
        hosts = [(each.method, each.headers["host"]) for each in store.server.asked]
    assert hosts == [
        ("DELETE", "bucket.s3.us-east-1.amazonaws.com"),
        ("HEAD", "bucket.s3.us-east-1.amazonaws.com"),
        ("DELETE", "bucket.s3.eu-west-1.amazonaws.com"),
    ]
    assert store.server.asked[2].target == "/folder/key"


async def test_progress_is_taken_back_when_the_region_was_wrong():
    moved = []
    async with store_on(lives_in("eu-west-9")) as store:
        await store.put_part(KEY, TICKET, 1, DATA, moved=moved.append)
    assert sum(moved) == len(DATA)
    assert min(moved) < 0


# Errors


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (error("NoSuchKey", 404), NotFoundError),
        (error("AccessDenied", 403), PermissionDeniedError),
        (error("SlowDown", 503), ThrottledError),
        (reply(b"<html>Gateway</html>", status=503), ThrottledError),
        (reply(b"x" * 300_000, status=502), UnavailableError),
        (reply(b"<html>Sign in</html>"), MalformedReplyError),
        (b"nonsense\r\n\r\n", MalformedReplyError),
        (None, UnavailableError),
        (reply(b"<List", length=400), StalledError),
    ],
)
async def test_every_failure_is_one_of_ours(said, kind):
    async with store_on(lambda _: said, timeouts=SHORT) as store:
        with pytest.raises(kind) as caught:
            await store.list_objects(Prefix("bucket", "p/"))
    assert type(caught.value) is kind
    assert caught.value.operation == "list_objects"
    assert caught.value.location.bucket == "bucket"


async def test_an_error_has_the_id_of_its_request():
    async with store_on(error("AccessDenied", 403, x_amz_request_id="id-7")) as store:
        with pytest.raises(PermissionDeniedError) as caught:
            await store.delete(KEY)
    assert (caught.value.request_id, caught.value.code, caught.value.status) == (
        "id-7",
        "AccessDenied",
        403,
    )


async def test_a_refusal_does_not_cost_the_connection():
    async with store_on(error("NoSuchKey", 404)) as store:
        for _ in range(3):
            with pytest.raises(NotFoundError):
                await store.list_parts(KEY, UploadId("u"))
        assert store.server.connections == 1


async def test_nobody_listens_is_unavailable():
    async with store_on(reply()) as store:
        store.server.listener.close()
        with pytest.raises(UnavailableError) as caught:
            await store.head(KEY)
    assert "127.0.0.1" in caught.value.detail
    assert (caught.value.operation, caught.value.location) == ("head", KEY)


# Uploads


async def test_a_store_that_keeps_checksums_is_found_out():
    def answer(asked):
        crc = asked.headers["x-amz-checksum-crc64nvme"]
        return stored(asked, x_amz_checksum_crc64nvme=crc, x_amz_checksum_type="FULL_OBJECT")

    capabilities = Capabilities()
    async with store_on(answer, capabilities=capabilities) as store:
        first, second = await store.put(KEY, DATA), await store.put(KEY, DATA)
        with_both, with_one = (each.headers for each in store.server.asked)
    assert capabilities.keeps_checksums is True
    assert {"content-md5", "x-amz-checksum-crc64nvme"} <= with_both.keys()
    assert "content-md5" not in with_one
    assert first.checked == second.checked == "crc64nvme"
    assert second.checksum == Checksum("crc64nvme", CRC)


async def test_a_store_that_keeps_none_gets_md5():
    capabilities = Capabilities()
    async with store_on(stored, capabilities=capabilities) as store:
        first, second = await store.put(KEY, DATA), await store.put(KEY, DATA)
        last = store.server.asked[-1].headers
    assert capabilities.keeps_checksums is False
    assert "x-amz-checksum-crc64nvme" not in last
    assert last["content-md5"] == base64.b64encode(bytes.fromhex(MD5)).decode()
    assert (first.checked, second.checked, first.etag) == ("md5", "md5", MD5)


@pytest.mark.parametrize("refusal", [error("InvalidArgument", 400), error("NotImplemented", 501)])
async def test_a_store_that_refuses_the_checksum_gets_it_once(refusal):
    def answer(asked):
        return refusal if "x-amz-checksum-crc64nvme" in asked.headers else stored(asked)

    moved = []
    capabilities = Capabilities()
    async with store_on(answer, capabilities=capabilities) as store:
        assert (await store.put(KEY, DATA, moved=moved.append)).checked == "md5"
        await store.put(KEY, DATA)
        assert len(store.server.asked) == 3
    assert capabilities.keeps_checksums is False
    assert sum(moved) == len(DATA)


async def test_what_is_wrong_for_another_reason_stays_wrong():
    capabilities = Capabilities()
    async with store_on(error("InvalidArgument"), capabilities=capabilities) as store:
        with pytest.raises(InvalidRequestError):
            await store.put(KEY, DATA)
    assert capabilities.keeps_checksums is None


@pytest.mark.parametrize(
    "said",
    [
        reply(ETag='"' + "0" * 32 + '"'),
        reply(ETag=f'"{MD5}"', x_amz_checksum_crc64nvme="AAAAAAAAAAA="),
        error("BadDigest"),
    ],
)
async def test_other_bytes_arrived(said):
    async with store_on(said) as store:
        with pytest.raises(IntegrityError):
            await store.put(KEY, DATA)


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"' + "0" * 32 + '"', "x-amz-server-side-encryption": "aws:kms"},
        {"ETag": '"' + "0" * 32 + '"', "x-amz-server-side-encryption": "aws:kms:dsse"},
        {
            "ETag": '"' + "0" * 32 + '"',
            "x-amz-server-side-encryption-customer-algorithm": "AES256",
        },
        {"ETag": '"' + "0" * 32 + '-1"'},
        {"ETag": '"something else"'},
        {},
    ],
)
async def test_an_etag_that_is_no_md5_proves_nothing(headers):
    async with store_on(reply(**headers)) as store:
        assert (await store.put(KEY, DATA)).checked == ""


async def test_a_part_is_summed_as_its_upload_is():
    def answer(asked):
        echo = {
            name.replace("-", "_"): value
            for name, value in asked.headers.items()
            if name.startswith("x-amz-checksum")
        }
        return stored(asked, **echo)

    async with store_on(answer) as store:
        crc = await store.put_part(KEY, TICKET, 3, DATA)
        md5 = await store.put_part(KEY, UploadTicket(UploadId("u1"), "md5"), 4, DATA)
        first, second = store.server.asked
    assert first.target == "/bucket/folder/key?partNumber=3&uploadId=u1"
    assert crc == PartReceipt(3, len(DATA), MD5, CRC)
    assert md5 == PartReceipt(4, len(DATA), MD5, checksum("md5", DATA))
    assert "content-md5" not in first.headers
    assert "x-amz-checksum-crc64nvme" not in second.headers


async def test_a_part_that_arrived_changed_is_an_error():
    async with store_on(reply(ETag='"' + "0" * 32 + '"')) as store:
        with pytest.raises(IntegrityError):
            await store.put_part(KEY, UploadTicket(UploadId("u1"), "md5"), 1, DATA)


async def test_more_than_a_put_may_hold_is_not_sent():
    class Nothing:
        def read_into(self, view, offset):
            raise AssertionError("read")

    async with store_on(reply()) as store:
        with pytest.raises(PayloadTooLargeError):
            await store.put(KEY, Slice(Nothing(), Span(0, 5 * GIB + 1)))
        assert not store.server.asked


async def test_a_source_that_changes_while_it_is_sent_is_not_completed():
    size = 40 << 20

    class Changing:
        reads = 0

        def read_into(self, view, offset):
            self.reads += 1
            view[:] = bytes([self.reads > 60]) * len(view)

    async with store_on(stored) as store:
        with pytest.raises(SourceChangedError):
            await store.put(KEY, Slice(Changing(), Span(0, size)))
        assert not store.server.asked


# Conditions


@pytest.mark.parametrize(
    ("condition", "capabilities"),
    [
        (Condition(if_absent=True), Capabilities()),
        (Condition(if_absent=True), Capabilities(conditional_put=False)),
        (Condition(if_match="e"), Capabilities(conditional_put=True)),
        (Condition(if_match="e"), Capabilities(if_match=IfMatch.UNSUPPORTED)),
    ],
)
async def test_a_condition_is_not_trusted_to_a_store_that_may_ignore_it(condition, capabilities):
    async with store_on(stored, capabilities=capabilities) as store:
        with pytest.raises(NotSupportedError):
            await store.put(KEY, DATA, condition=condition)
        assert not store.server.asked


async def test_a_complete_needs_its_own_trust():
    capabilities = Capabilities(conditional_put=True, if_match=IfMatch.QUOTED)
    async with store_on(stored, capabilities=capabilities) as store:
        for condition in (Condition(if_absent=True), Condition(if_match="e")):
            with pytest.raises(NotSupportedError):
                await store.complete_multipart(KEY, TICKET, [], condition=condition)
        assert not store.server.asked


@pytest.mark.parametrize(
    ("condition", "style", "header", "value"),
    [
        (Condition(if_absent=True), None, "if-none-match", "*"),
        (Condition(if_match="e1"), IfMatch.QUOTED, "if-match", '"e1"'),
        (Condition(if_match="e1"), IfMatch.BARE, "if-match", "e1"),
    ],
)
async def test_conditions_are_sent_as_the_store_reads_them(condition, style, header, value):
    capabilities = Capabilities(conditional_put=True, if_match=style)
    async with store_on(stored, capabilities=capabilities) as store:
        await store.put(KEY, DATA, condition=condition)
        assert store.server.asked[0].headers[header] == value


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (error("PreconditionFailed", 412), PreconditionFailedError),
        (error("ConditionalRequestConflict", 409), ConflictError),
    ],
)
async def test_a_refused_condition(said, kind):
    async with store_on(said, capabilities=Capabilities(conditional_put=True)) as store:
        with pytest.raises(kind):
            await store.put(KEY, DATA, condition=Condition(if_absent=True))
        assert len(store.server.asked) == 1


@pytest.mark.parametrize("condition", [None, Condition(if_absent=True)])
async def test_a_write_that_may_happen_once_is_not_sent_again(condition):
    """On a connection that turned out dead nobody knows whether the store has acted."""

    def answer(asked):
        is_second = [each.connection for each in store.server.asked].count(asked.connection) == 2
        return None if is_second else stored(asked)

    capabilities = Capabilities(conditional_put=True, keeps_checksums=False)
    async with store_on(answer, capabilities=capabilities) as store:
        await store.put(KEY, DATA)
        if condition is None:
            await store.put(KEY, DATA)
        else:
            with pytest.raises(UnavailableError):
                await store.put(KEY, DATA, condition=condition)
        assert len(store.server.asked) == (3 if condition is None else 2)


def joined(asked):
    return reply(b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")


def copied(asked):
    return reply(b"<CopyObjectResult><ETag>e</ETag></CopyObjectResult>")


ONE_PART = [PartReceipt(1, 5, MD5, checksum("md5", b"five!"))]
WRITES = {
    "conditional_put": (lambda store, how: store.put(KEY, DATA, condition=how), stored),
    "conditional_complete": (
        lambda store, how: store.complete_multipart(
            KEY, UploadTicket(UploadId("u1")), ONE_PART, condition=how
        ),
        joined,
    ),
    "conditional_copy": (
        lambda store, how: store.copy(KEY, KEY, attributes=Attributes(), condition=how),
        copied,
    ),
}
SAFEGUARD = Condition(if_absent=True, is_safeguard=True)


@pytest.mark.parametrize("writing", WRITES)
@pytest.mark.parametrize(("known", "is_sent"), [(None, True), (True, True), (False, False)])
async def test_a_safeguard_is_sent_unless_it_is_known_to_be_ignored(writing, known, is_sent):
    write, answer = WRITES[writing]
    async with store_on(answer, capabilities=Capabilities(**{writing: known})) as store:
        await write(store, SAFEGUARD)
        (asked,) = store.server.asked
    assert ("if-none-match" in asked.headers) is is_sent


@pytest.mark.parametrize("writing", WRITES)
@pytest.mark.parametrize(
    "refusal", [error("NotImplemented", 501), error("InvalidArgument"), error("", 400)]
)
async def test_a_store_that_refuses_a_safeguard_is_not_sent_another(writing, refusal):
    write, answer = WRITES[writing]

    def refuses(asked):
        return refusal if "if-none-match" in asked.headers else answer(asked)

    capabilities = Capabilities(keeps_checksums=False)
    async with store_on(refuses, capabilities=capabilities) as store:
        await write(store, SAFEGUARD)
        await write(store, SAFEGUARD)
        asked = [each.headers.get("if-none-match") for each in store.server.asked]
        assert asked == ["*", None, None]
        with pytest.raises(NotSupportedError):
            await write(store, Condition(if_absent=True))
    assert getattr(capabilities, writing) is False


@pytest.mark.parametrize("writing", WRITES)
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (error("PreconditionFailed", 412), PreconditionFailedError),
        (error("ConditionalRequestConflict", 409), ConflictError),
    ],
)
async def test_a_safeguard_is_obeyed(writing, said, kind):
    write, _ = WRITES[writing]
    capabilities = Capabilities()
    async with store_on(said, capabilities=capabilities) as store:
        with pytest.raises(kind):
            await write(store, SAFEGUARD)
        assert len(store.server.asked) == 1
    assert getattr(capabilities, writing) is None


MATCH = Condition(if_match="e1", is_safeguard=True)


@pytest.mark.parametrize("writing", WRITES)
@pytest.mark.parametrize(
    ("known", "condition", "sent"),
    [
        ({}, MATCH, '"e1"'),
        ({}, replace(MATCH, is_bare=True), "e1"),
        ({"if_match": IfMatch.BARE}, MATCH, "e1"),
        ({"if_match_seems": IfMatch.BARE}, MATCH, "e1"),
        ({"if_match": IfMatch.QUOTED}, replace(MATCH, is_bare=True), '"e1"'),
        ({"if_match": IfMatch.UNSUPPORTED}, MATCH, None),
        ({"if_match_seems": IfMatch.UNSUPPORTED}, MATCH, None),
    ],
)
async def test_an_etag_is_a_safeguard_too(writing, known, condition, sent):
    write, answer = WRITES[writing]
    async with store_on(answer, capabilities=Capabilities(**known)) as store:
        await write(store, condition)
        (asked,) = store.server.asked
    assert asked.headers.get("if-match") == sent


@pytest.mark.parametrize("writing", WRITES)
async def test_a_store_that_refuses_an_etag_is_asked_once_more_without(writing):
    write, answer = WRITES[writing]

    def refuses(asked):
        is_refused = "if-match" in asked.headers
        return error("NotImplemented", 501) if is_refused else answer(asked)

    capabilities = Capabilities(keeps_checksums=False)
    async with store_on(refuses, capabilities=capabilities) as store:
        await write(store, MATCH)
        await write(store, MATCH)
        asked = [each.headers.get("if-match") for each in store.server.asked]
    assert asked == ['"e1"', None, None]


async def test_an_etag_without_quotes_is_remembered_and_no_promise():
    capabilities = Capabilities(keeps_checksums=False)
    async with store_on(stored, capabilities=capabilities) as store:
        await store.put(KEY, DATA, condition=replace(MATCH, is_bare=True))
        await store.put(KEY, DATA, condition=MATCH)
        assert [each.headers["if-match"] for each in store.server.asked] == ["e1", "e1"]
        with pytest.raises(NotSupportedError):
            await store.put(KEY, DATA, condition=Condition(if_match="e1"))


async def test_what_is_refused_for_another_reason_teaches_nothing():
    capabilities = Capabilities(keeps_checksums=False)
    async with store_on(error("InvalidArgument"), capabilities=capabilities) as store:
        with pytest.raises(InvalidRequestError):
            await store.put(KEY, DATA, condition=SAFEGUARD)
    assert capabilities.conditional_put is None


async def test_a_promise_is_never_taken_back():
    capabilities = Capabilities(conditional_put=True, keeps_checksums=False)
    async with store_on(error("NotImplemented", 501), capabilities=capabilities) as store:
        with pytest.raises(NotSupportedError):
            await store.put(KEY, DATA, condition=SAFEGUARD)
        assert len(store.server.asked) == 1


# Downloads


def ranged(first, last, total, body=None, **headers):
    body = DATA[first : last + 1] if body is None else body
    content_range = f"bytes {first}-{last}/{total}"
    return reply(body, status=206, Content_Range=content_range, **{"ETag": f'"{MD5}"', **headers})


async def test_a_range_is_asked_for_and_written_where_it_belongs():
    moved, sink = [], BytesSink()
    async with store_on(ranged(10, 29, 100, DATA[10:30])) as store:
        got = await store.get(
            KEY,
            sink,
            span=Span(10, 20),
            if_match=MD5,
            version=VersionId("v1"),
            algorithm="crc64nvme",
            moved=moved.append,
        )
        asked = store.server.asked[0]
    assert asked.target == "/bucket/folder/key?versionId=v1"
    assert (asked.headers["range"], asked.headers["if-match"]) == ("bytes=10-29", f'"{MD5}"')
    assert bytes(sink.data) == bytes(10) + DATA[10:30]
    assert (got.meta.size, got.meta.etag) == (100, MD5)
    assert got.received == Checksum("crc64nvme", checksum("crc64nvme", DATA[10:30]))
    assert sum(moved) == 20


@pytest.mark.parametrize(
    "said",
    [
        ranged(0, 19, 100),
        ranged(10, 28, 100),
        ranged(11, 30, 100),
        ranged(10, 29, 100, DATA[10:20]),
        reply(DATA[10:30], status=206, ETag=f'"{MD5}"'),
        reply(DATA[10:30], status=206, ETag=f'"{MD5}"', Content_Range="bytes */100"),
        reply(DATA, ETag=f'"{MD5}"'),
        reply(status=204, ETag=f'"{MD5}"'),
    ],
)
async def test_another_range_than_asked_for_is_refused(said):
    sink = BytesSink()
    async with store_on(said) as store:
        with pytest.raises(MalformedReplyError):
            await store.get(KEY, sink, span=Span(10, 20))
    assert not sink.data


async def test_a_store_that_ignores_ranges_serves_the_first_one():
    sink = BytesSink()
    async with store_on(reply(DATA, ETag=f'"{MD5}"')) as store:
        got = await store.get(KEY, sink, span=Span(0, 20))
    assert (bytes(sink.data), got.meta.size) == (DATA[:20], len(DATA))


async def test_a_range_beyond_the_end_is_refused():
    async with store_on(ranged(10, 14, 15)) as store:
        with pytest.raises(InvalidRequestError):
            await store.get(KEY, BytesSink(), span=Span(10, 20))


async def test_no_bytes_at_all_may_be_asked_for():
    sink = BytesSink()
    async with store_on(reply(length=9, ETag='"e"')) as store:
        got = await store.get(KEY, sink, span=Span(5, 0), algorithm="md5")
        assert store.server.asked[0].method == "HEAD"
    assert (got.meta.size, bytes(sink.data)) == (9, b"")


@pytest.mark.parametrize(
    ("etag", "kind"),
    [
        ('"another"', PreconditionFailedError),
        ("", MalformedReplyError),
        (None, MalformedReplyError),
    ],
)
async def test_another_object_than_was_meant_is_not_written(etag, kind):
    headers = {} if etag is None else {"ETag": etag}
    sink = BytesSink()
    async with store_on(reply(DATA, **headers)) as store:
        with pytest.raises(kind):
            await store.get(KEY, sink, if_match="meant")
    assert not sink.data


PAGE = b"<!doctype html><html><title>Sign in</title></html>"


@pytest.mark.parametrize("if_match", ["", "meant"])
async def test_a_web_page_is_no_object(if_match):
    sink = BytesSink()
    async with store_on(reply(PAGE, Content_Type="text/html")) as store:
        with pytest.raises(MalformedReplyError, match="web page"):
            await store.get(KEY, sink, if_match=if_match)
        with pytest.raises(MalformedReplyError, match="web page"):
            await store.head(KEY)
    assert not sink.data


@pytest.mark.parametrize("headers", [{"ETag": '"e"'}, {"x_amz_request_id": "r"}])
async def test_an_object_may_be_a_web_page(headers):
    sink = BytesSink()
    async with store_on(reply(PAGE, Content_Type="text/html", **headers)) as store:
        await store.get(KEY, sink)
    assert bytes(sink.data) == PAGE


async def test_a_web_page_is_no_receipt():
    async with store_on(reply(PAGE)) as store:
        with pytest.raises(MalformedReplyError, match="Sign in"):
            await store.put(KEY, DATA)
        with pytest.raises(MalformedReplyError, match="Sign in"):
            await store.put_part(KEY, TICKET, 1, DATA)
        with pytest.raises(MalformedReplyError, match="Sign in"):
            await store.delete(KEY)


async def test_another_version_than_was_meant_is_not_written():
    sink = BytesSink()
    async with store_on(reply(DATA, x_amz_version_id="v2")) as store:
        with pytest.raises(MalformedReplyError):
            await store.get(KEY, sink, version=VersionId("v1"))
    assert not sink.data


async def test_a_delete_marker_has_nothing_to_read():
    async with store_on(reply(status=405)) as store:
        with pytest.raises(NotFoundError):
            await store.head(KEY, version=VersionId("marker"))


async def test_an_object_without_a_length_is_not_written():
    for said in (
        b"HTTP/1.1 200 OK\r\nETag: e\r\nConnection: close\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ):
        async with store_on(said) as store:
            for request in (store.get(KEY, BytesSink()), store.head(KEY)):
                with pytest.raises(MalformedReplyError):
                    await request


async def test_a_whole_object_is_compared_with_its_checksum():
    good, bad = checksum("crc64nvme", DATA), checksum("crc64nvme", b"")
    for kept, kind in ((good, "FULL_OBJECT"), (bad, "COMPOSITE")):
        said = reply(DATA, x_amz_checksum_crc64nvme=kept, x_amz_checksum_type=kind)
        async with store_on(said) as store:
            got = await store.get(KEY, BytesSink(), algorithm="crc64nvme")
            assert store.server.asked[0].headers["x-amz-checksum-mode"] == "ENABLED"
        assert got.meta.checksum == Checksum("crc64nvme", kept, kind == "FULL_OBJECT")
    async with store_on(reply(DATA, x_amz_checksum_crc64nvme=bad)) as store:
        with pytest.raises(IntegrityError):
            await store.get(KEY, BytesSink(), algorithm="crc64nvme")


# Listings


async def test_a_listing_asks_for_encoded_keys():
    body = (
        b"<ListBucketResult><IsTruncated>true</IsTruncated><EncodingType>url</EncodingType>"
        b"<NextContinuationToken>n+1</NextContinuationToken></ListBucketResult>"
    )
    async with store_on(reply(body)) as store:
        page = await store.list_objects(Prefix("bucket", "ü /"), start_after="x", limit=7)
        await store.list_objects(
            Prefix("bucket"), token="t&1", start_after="x", delimiter="", with_owner=True
        )
        first, second = (each.target for each in store.server.asked)
    assert page.next_token == "n+1"
    assert first == (
        "/bucket?delimiter=%2F&encoding-type=url&list-type=2&max-keys=7"
        "&prefix=%C3%BC%20%2F&start-after=x"
    )
    assert second == (
        "/bucket?continuation-token=t%261&encoding-type=url&fetch-owner=true&list-type=2"
        "&max-keys=1000&prefix"
    )


async def test_uploads_with_keys_that_xml_cannot_hold_are_asked_for_encoded():
    def answer(asked):
        is_encoded = "encoding-type" in asked.target
        key = "c%01x" if is_encoded else "c&#1;x"
        return reply(
            f"<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
            f"{'<EncodingType>url</EncodingType>' if is_encoded else ''}<Upload><Key>{key}</Key>"
            "<UploadId>u</UploadId></Upload></ListMultipartUploadsResult>".encode()
        )

    async with store_on(answer) as store:
        uploads = await store.list_uploads(Prefix("bucket"))
    assert [each.location.key for each in uploads] == ["c\x01x"]


# Multipart


def initiated(**headers):
    body = b"<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
    return reply(body, **headers)


@pytest.mark.parametrize(
    ("headers", "algorithm"),
    [
        ({}, "md5"),
        ({"x-amz-checksum-algorithm": "CRC64NVME"}, "crc64nvme"),
        (
            {"x-amz-checksum-algorithm": "CRC64NVME", "x-amz-checksum-type": "FULL_OBJECT"},
            "crc64nvme",
        ),
        ({"x-amz-checksum-algorithm": "CRC64NVME", "x-amz-checksum-type": "COMPOSITE"}, "md5"),
        ({"x-amz-checksum-algorithm": "CRC32"}, "md5"),
    ],
)
async def test_the_reply_decides_how_parts_are_summed(headers, algorithm):
    async with store_on(initiated(**headers)) as store:
        ticket = await store.create_multipart(KEY, attributes=Attributes(metadata={"a": "b"}))
        asked = store.server.asked[0]
    assert ticket == UploadTicket(UploadId("u1"), algorithm)
    assert asked.target == "/bucket/folder/key?uploads"
    assert asked.headers["x-amz-checksum-algorithm"] == "CRC64NVME"
    assert asked.headers["x-amz-meta-a"] == "b"
    assert asked.headers["content-length"] == "0"


async def test_a_store_without_checksums_is_not_offered_any():
    capabilities = Capabilities(keeps_checksums=False)
    async with store_on(initiated(), capabilities=capabilities) as store:
        await store.create_multipart(KEY)
        assert "x-amz-checksum-algorithm" not in store.server.asked[0].headers


def parts_of(algorithm, *pieces):
    return [
        PartReceipt(number, len(piece), hashlib.md5(piece).hexdigest(), checksum(algorithm, piece))
        for number, piece in enumerate(pieces, 1)
    ]


def completed(etag, crc=""):
    body = f"\n <CompleteMultipartUploadResult><ETag>&quot;{etag}&quot;</ETag>"
    body += f"<ChecksumCRC64NVME>{crc}</ChecksumCRC64NVME>" if crc else ""
    return reply(f"{body}</CompleteMultipartUploadResult>".encode(), x_amz_version_id="v9")


PIECES = (DATA[:6000], DATA[6000:])
COMPOSITE = hashlib.md5(b"".join(hashlib.md5(piece).digest() for piece in PIECES)).hexdigest()


async def test_the_sum_of_the_whole_is_sent_with_the_complete():
    async with store_on(completed("x-2", CRC)) as store:
        done = await store.complete_multipart(KEY, TICKET, parts_of("crc64nvme", *PIECES))
        asked = store.server.asked[0]
    assert asked.headers["x-amz-checksum-crc64nvme"] == CRC
    assert asked.headers["x-amz-checksum-type"] == "FULL_OBJECT"
    assert asked.headers["x-amz-mp-object-size"] == str(len(DATA))
    root = ElementTree.fromstring(asked.body)
    assert [cell.text for cell in root[1]][:2] == ["2", f'"{hashlib.md5(PIECES[1]).hexdigest()}"']
    assert (done.etag, done.version, done.checked) == ("x-2", "v9", "crc64nvme")


async def test_a_whole_that_was_joined_wrong_is_an_error():
    async with store_on(completed("x-2", checksum("crc64nvme", b"other"))) as store:
        with pytest.raises(IntegrityError):
            await store.complete_multipart(KEY, TICKET, parts_of("crc64nvme", *PIECES))


@pytest.mark.parametrize(
    ("etag", "checked"), [(f"{COMPOSITE}-2", "md5"), (f"{COMPOSITE}-3", ""), ("opaque", "")]
)
async def test_md5s_of_parts_are_proof_if_the_etag_is_theirs(etag, checked):
    ticket = UploadTicket(UploadId("u1"), "md5")
    async with store_on(completed(etag)) as store:
        done = await store.complete_multipart(KEY, ticket, parts_of("md5", *PIECES))
        assert not [h for h in store.server.asked[0].headers if h.startswith("x-amz-checksum")]
    assert done.checked == checked


async def test_parts_without_sums_can_be_completed():
    async with store_on(completed("x-1")) as store:
        done = await store.complete_multipart(KEY, TICKET, [PartReceipt(1, 5, "e")])
    assert (done.etag, done.checked) == ("x-1", "")


async def test_an_etag_that_is_missing_is_asked_for():
    def answer(asked):
        return completed("") if asked.method == "POST" else reply(ETag='"whole-2"')

    async with store_on(answer) as store:
        done = await store.complete_multipart(KEY, TICKET, [PartReceipt(1, 5, "e")])
        assert store.server.asked[1].target == "/bucket/folder/key?versionId=v9"
    assert done.etag == "whole-2"


@pytest.mark.parametrize(
    ("code", "kind"), [("InternalError", UnavailableError), ("SlowDown", ThrottledError)]
)
async def test_an_error_inside_a_success_is_an_error(code, kind):
    async with store_on(error(code, 200)) as store:
        with pytest.raises(kind) as caught:
            await store.complete_multipart(KEY, TICKET, [PartReceipt(1, 5, "e")])
        with pytest.raises(kind):
            await store.copy(KEY, Location("bucket", "copy"), attributes=Attributes())
    assert caught.value.location == KEY


@pytest.mark.parametrize(
    ("listed", "kind"),
    [
        (error("NoSuchUpload", 404), NotFoundError),
        (
            reply(b"<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>"),
            UnavailableError,
        ),
    ],
)
async def test_a_fault_may_mean_that_the_upload_is_gone(listed, kind):
    def answer(asked):
        return error("InternalError", 500) if asked.method == "POST" else listed

    async with store_on(answer) as store:
        with pytest.raises(kind):
            await store.complete_multipart(KEY, TICKET, [PartReceipt(1, 5, "e")])


@pytest.mark.parametrize("said", [reply(status=204), error("NoSuchUpload", 404)])
async def test_an_aborted_upload_may_be_gone(said):
    async with store_on(said) as store:
        await store.abort_multipart(KEY, UploadId("u1"))


# Copies and deletes


async def test_a_copy_keeps_the_storage_class():
    def answer(asked):
        if asked.method == "HEAD":
            return reply(length=5, x_amz_storage_class="STANDARD_IA")
        return reply(b"<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>")

    async with store_on(answer) as store:
        source = Location("other", "a b+ü//c")
        done = await store.copy(source, KEY, version=VersionId("v/1"))
        sent = store.server.asked[1].headers
    assert sent["x-amz-copy-source"] == "/other/a%20b%2B%C3%BC//c?versionId=v%2F1"
    assert sent["x-amz-storage-class"] == "STANDARD_IA"
    assert "x-amz-metadata-directive" not in sent
    assert done.etag == "e"


async def test_a_copy_with_attributes_replaces_them():
    said = reply(b"<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>")
    async with store_on(said) as store:
        await store.copy(KEY, KEY, attributes=Attributes(content_type="a/b", tags={"t": "1"}))
        await store.copy(KEY, KEY, attributes=Attributes(content_type="a/b"))
        first, second = (each.headers for each in store.server.asked)
    assert first["x-amz-metadata-directive"] == second["x-amz-metadata-directive"] == "REPLACE"
    assert first["x-amz-tagging-directive"] == "REPLACE"
    assert "x-amz-tagging-directive" not in second


async def test_a_deletion_is_pinned_to_an_etag():
    able = Capabilities(conditional_delete=True)
    async with store_on(reply(b"", status=204), capabilities=able) as store:
        await store.delete(KEY, if_match="abc")
        await store.delete(KEY)
        first, second = (each.headers for each in store.server.asked)
    assert first["if-match"] == '"abc"'
    assert "if-match" not in second
    async with store_on(reply(b"", status=204)) as store:
        with pytest.raises(NotSupportedError):
            await store.delete(KEY, if_match="abc")
        assert not store.server.asked


async def test_many_deletions_are_each_pinned_to_an_etag():
    said = (
        b"<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key>"
        b"<Code>PreconditionFailed</Code><Message>m</Message></Error></DeleteResult>"
    )
    doomed = [Doomed("a", etag="1"), Doomed("b", etag="2")]
    able = Capabilities(conditional_batch=True)
    async with store_on(reply(said), capabilities=able) as store:
        (failure,) = await store.delete_many("b", doomed)
        (sent,) = (each.body for each in store.server.asked)
    assert (failure.doomed.key, failure.code) == ("b", "PreconditionFailed")
    assert b'<Key>a</Key><ETag>"1"</ETag>' in sent
    async with store_on(reply(said), capabilities=Capabilities(conditional_delete=True)) as store:
        with pytest.raises(NotSupportedError):
            await store.delete_many("b", doomed)
        assert not store.server.asked


async def test_a_copy_is_pinned_to_a_version_and_an_etag():
    said = reply(b"<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>")
    able = Capabilities(conditional_copy=True)
    how = {"attributes": Attributes(), "if_match": "abc"}
    async with store_on(said, capabilities=able) as store:
        await store.copy(KEY, KEY, condition=Condition(if_absent=True), **how)
        (sent,) = (each.headers for each in store.server.asked)
    assert sent["x-amz-copy-source-if-match"] == '"abc"'
    assert sent["if-none-match"] == "*"
    async with store_on(said) as store:
        with pytest.raises(NotSupportedError):
            await store.copy(KEY, KEY, condition=Condition(if_absent=True), **how)
        assert not store.server.asked


async def test_a_part_is_copied_from_a_span_of_the_object_that_was_meant():
    document = f"<CopyPartResult><ETag>e</ETag><ChecksumCRC64NVME>{CRC}</ChecksumCRC64NVME>"
    async with store_on(reply(f"{document}</CopyPartResult>".encode())) as store:
        part = await store.copy_part(
            Location("other", "a +ü"),
            KEY,
            TICKET,
            3,
            Span(10, 5),
            if_match="abc",
            version=VersionId("v/1"),
        )
        (asked,) = store.server.asked
    assert part == PartReceipt(3, 5, "e", CRC)
    assert asked.target == "/bucket/folder/key?partNumber=3&uploadId=u1"
    assert asked.headers["x-amz-copy-source"] == "/other/a%20%2B%C3%BC?versionId=v%2F1"
    assert asked.headers["x-amz-copy-source-range"] == "bytes=10-14"
    assert asked.headers["x-amz-copy-source-if-match"] == '"abc"'


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (error("InternalError", 200), UnavailableError),
        (error("NotImplemented", 501), NotSupportedError),
        (error("NotImplemented", 200), NotSupportedError),
        (reply(b"<CopyPartResult/>"), MalformedReplyError),
        (reply(b""), MalformedReplyError),
    ],
)
async def test_a_part_that_was_not_copied_is_an_error(said, kind):
    async with store_on(said) as store:
        with pytest.raises(kind):
            await store.copy_part(KEY, KEY, TICKET, 1, Span(0, 5))


async def test_a_key_that_would_be_decoded_twice_is_not_copied_in_parts():
    async with store_on(reply()) as store:
        with pytest.raises(NotSupportedError):
            await store.copy_part(Location("b", "a%20b"), KEY, TICKET, 1, Span(0, 5))
        assert not store.server.asked


async def test_tags_are_sent_and_read_as_xml():
    def answer(asked):
        tags = b"<Tagging><TagSet><Tag><Key>a&amp;b</Key><Value/></Tag></TagSet></Tagging>"
        return reply(tags) if asked.method == "GET" else reply()

    async with store_on(answer) as store:
        assert await store.get_tags(KEY, version=VersionId("v1")) == {"a&b": ""}
        await store.put_tags(KEY, {"a&b": "<"})
        await store.put_tags(KEY, {})
        read, put, removed = store.server.asked
    assert read.target == "/bucket/folder/key?tagging&versionId=v1"
    assert b"<Tag><Key>a&amp;b</Key><Value>&lt;</Value></Tag>" in put.body
    digest = hashlib.md5(put.body).digest()
    assert put.headers["content-md5"] == base64.b64encode(digest).decode()
    assert (removed.method, removed.target) == ("DELETE", "/bucket/folder/key?tagging")


@pytest.mark.parametrize(
    ("headers", "is_told"),
    [
        ({"ETag": '"0123-2"'}, True),
        ({"ETag": '"0123-2"', "x_amz_tagging_count": "1"}, False),
        ({"ETag": '"0123"'}, False),
        ({"ETag": '"0123"', "x_amz_tagging_count": "0"}, True),
    ],
)
async def test_no_document_is_no_tags_only_where_a_look_agrees(headers, is_told):
    """What was joined of parts, and has none, has no document at Ceph."""

    def answer(asked):
        return reply(b"", **headers) if asked.method == "HEAD" else reply(b"")

    async with store_on(answer) as store:
        if is_told:
            assert await store.get_tags(KEY) == {}
        else:
            with pytest.raises(MalformedReplyError):
                await store.get_tags(KEY)


@pytest.mark.parametrize("code", ["NoSuchTagSet", "NoSuchKey"])
async def test_a_refusal_for_want_of_tags_is_none(code):
    body = f"<Error><Code>{code}</Code></Error>".encode()
    async with store_on(reply(body, status=404)) as store:
        if code == "NoSuchTagSet":
            assert await store.get_tags(KEY) == {}
        else:
            with pytest.raises(NotFoundError):
                await store.get_tags(KEY)


async def test_silence_about_versions_is_no_answer_and_a_document_has_its_time():
    moment = "Sat, 21 Nov 2026 10:00:00 GMT"
    async with store_on(reply(b"")) as store:
        with pytest.raises(NotSupportedError) as caught:
            await store.get_document("bucket", ConfigKind.VERSIONING)
        assert caught.value.code == "NoAnswer"
        assert await store.get_document("bucket", ConfigKind.LIFECYCLE) is None
    async with store_on(reply(b"<VersioningConfiguration/>", Date=moment)) as store:
        found = await store.get_document("bucket", ConfigKind.VERSIONING)
        assert found.at == datetime(2026, 11, 21, 10, tzinfo=UTC)


async def test_what_must_not_be_done_twice_is_not_sent_anew_on_a_fresh_connection():
    """A reused connection that dies may have brought it there."""
    answers = iter([reply(b"<Tagging/>"), None, reply()])
    async with store_on(lambda _: next(answers)) as store:
        await store.get_tags(KEY)
        with not_twice(), pytest.raises(UnavailableError):
            await store.delete(KEY)
        assert len(store.server.asked) == 2


async def test_a_copy_over_itself_is_not_sent_anew_on_a_fresh_connection():
    """Somebody may have written there meanwhile: whoever makes it looks first."""
    answers = iter([reply(b"<Tagging/>"), None, reply()])
    async with store_on(lambda _: next(answers)) as store:
        await store.get_tags(KEY)
        with pytest.raises(UnavailableError):
            await store.copy(KEY, KEY, attributes=Attributes(content_type="text/plain"))
        assert len(store.server.asked) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"x_amz_object_lock_mode": "ETERNAL"},
        {
            "x_amz_object_lock_mode": "COMPLIANCE",
            "x_amz_object_lock_retain_until_date": "some day",
        },
    ],
)
async def test_a_lock_that_cannot_be_read_is_not_taken_for_none(headers):
    async with store_on(reply(length=5, **headers)) as store:
        with pytest.raises(MalformedReplyError):
            await store.head(KEY)


async def test_what_is_absent_is_deleted():
    async with store_on(error("NoSuchKey", 404)) as store:
        await store.delete(KEY)
    async with store_on(error("NoSuchBucket", 404)) as store:
        with pytest.raises(NotFoundError):
            await store.delete(KEY)


async def test_many_are_deleted_in_one_request_and_odd_ones_alone():
    said = (
        b"<DeleteResult><Deleted><Key>a &amp; b</Key></Deleted>"
        b"<Deleted><Key>v</Key><VersionId>1</VersionId></Deleted></DeleteResult>"
    )

    def answer(asked):
        return reply(said) if asked.method == "POST" else reply(status=204)

    doomed = [Doomed("a & b"), Doomed("c\x01x"), Doomed("v", VersionId("1")), Doomed("sp ")]
    async with store_on(answer) as store:
        assert await store.delete_many("bucket", doomed) == []
        batch, *singles = store.server.asked
    assert (batch.method, batch.target) == ("POST", "/bucket?delete")
    digest = hashlib.md5(batch.body).digest()
    assert batch.headers["content-md5"] == base64.b64encode(digest).decode()
    assert batch.headers["x-amz-content-sha256"] == hashlib.sha256(batch.body).hexdigest()
    assert b"c\x01x" not in batch.body
    assert [(each.method, each.target) for each in singles] == [
        ("DELETE", "/bucket/c%01x"),
        ("DELETE", "/bucket/sp%20"),
    ]


async def test_failures_are_told_by_key():
    def answer(asked):
        if asked.method == "POST":
            return reply(
                b"<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code></Error>"
                b"<Error><Key>b</Key><Code>NoSuchKey</Code></Error></DeleteResult>"
            )
        return error("AccessDenied", 403)

    async with store_on(answer) as store:
        failures = await store.delete_many("bucket", [Doomed("a"), Doomed("b"), Doomed("c\x01")])
    assert [(each.doomed.key, each.code) for each in failures] == [
        ("a", "AccessDenied"),
        ("c\x01", "AccessDenied"),
    ]


async def test_what_the_reply_leaves_out_is_looked_at():
    heads = {
        "/bucket/gone": reply(status=404),
        "/bucket/there": reply(length=1),
        "/bucket/hidden": reply(status=403),
        "/bucket/marker?versionId=m": reply(status=405),
    }

    def answer(asked):
        return reply(b"<DeleteResult/>") if asked.method == "POST" else heads[asked.target]

    doomed = [Doomed("gone"), Doomed("there"), Doomed("hidden"), Doomed("marker", VersionId("m"))]
    async with store_on(answer) as store:
        failures = await store.delete_many("bucket", doomed)
    assert [each.doomed for each in failures] == doomed[1:]
    assert "did not say whether" in failures[1].message


async def test_a_store_without_batches_deletes_one_by_one():
    def answer(asked):
        return error("NotImplemented", 501) if asked.method == "POST" else reply(status=204)

    capabilities = Capabilities()
    async with store_on(answer, capabilities=capabilities) as store:
        for _ in range(2):
            assert await store.delete_many("bucket", [Doomed("a"), Doomed("b")]) == []
        methods = [each.method for each in store.server.asked]
    assert methods == ["POST", "DELETE", "DELETE", "DELETE", "DELETE"]
    assert capabilities.batch_delete is False


async def test_a_passing_fault_fails_the_whole_batch():
    async with store_on(error("SlowDown", 503)) as store:
        for key in ("a", "c\x01"):
            with pytest.raises(ThrottledError):
                await store.delete_many("bucket", [Doomed(key)])
        with pytest.raises(InvalidRequestError):
            await store.delete_many("bucket", [Doomed(str(n)) for n in range(1001)])
