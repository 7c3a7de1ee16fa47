"""Bucket administration by aiobotocore: what it sends, what its errors mean, how it ends."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import hashlib
import socket
import subprocess
import sys
import warnings
from dataclasses import replace

import pytest

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
    Credentials,
)
from s4desk.core.domain.errors import (
    ConflictError,
    CredentialsError,
    InvalidRequestError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    StalledError,
    ThrottledError,
    TlsError,
    UnauthenticatedError,
    UnavailableError,
    WrongRegionError,
)
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.store.s3_admin import S3Admin
from s4desk.core.wire.endpoint import Timeouts
from s4desk.core.wire.pool import WirePool
from tests.servers.fault import (
    Cut,
    EditHead,
    FaultProxy,
    Reply,
    Stall,
    error_reply,
    html_reply,
    slow_down,
)
from tests.servers.process import free_port
from tests.servers.tls import TlsFront
from tests.wire.scripted import SHORT, ScriptedServer, reply

KEYS = Credentials("key-id", "the-secret")
IMPATIENT = Timeouts(first_byte=0.3)
BUCKET = "admin-bucket"


def connection_to(server, **changes):
    return replace(Connection(ConnectionId("c"), "c", server.url, server.region), **changes)


@contextlib.contextmanager
def encrypted(server, **how):
    front = TlsFront(server, **how)
    try:
        yield front.start()
    finally:
        front.stop()


def keys_of(endpoint, *, second=False):
    if second:
        return Credentials(endpoint.access_key2, endpoint.secret_key2)
    return Credentials(endpoint.access_key, endpoint.secret_key)


@pytest.fixture
async def admin_of():
    """Make an S3Admin that is closed at the end."""
    opened = []

    def make(connection, keys=KEYS, timeouts=None, source=None):
        pool = WirePool(timeouts)
        opened.append((S3Admin(connection, source or (lambda: keys), pool), pool))
        return opened[-1][0]

    yield make
    for admin, pool in opened:
        await admin.aclose()
        await pool.aclose()


@pytest.fixture
def proxy(moto):
    with FaultProxy(moto) as proxy:
        yield proxy


@pytest.fixture
def admin(admin_of, proxy):
    return admin_of(connection_to(proxy.endpoint))


def answer(xml, status=200, **headers):
    return Reply(status, xml.encode(), {"Content-Type": "application/xml", **headers})


def page(*names, token=""):
    buckets = "".join(
        f"<Bucket><Name>{name}</Name><CreationDate>2026-11-20T10:00:00Z</CreationDate></Bucket>"
        for name in names
    )
    more = f"<ContinuationToken>{token}</ContinuationToken>" if token else ""
    return answer(
        f"<ListAllMyBucketsResult><Buckets>{buckets}</Buckets>{more}</ListAllMyBucketsResult>"
    )


# What is sent


async def test_pages_of_buckets_are_followed(admin, proxy):
    proxy.on(page("a", "b", token="t+1/="))
    proxy.on(page("c"))
    assert [bucket.name for bucket in await admin.list_buckets()] == ["a", "b", "c"]
    first, second = (request.target for request in proxy.requests)
    assert "continuation-token" not in first
    assert "max-buckets" not in first
    assert "continuation-token=t%2B1%2F%3D" in second


async def test_a_repeated_token_is_a_broken_store(admin, proxy):
    proxy.on(page("a", token="again"), times=None)
    with pytest.raises(MalformedReplyError):
        await admin.list_buckets()


async def test_a_bucket_says_its_region(admin, proxy):
    proxy.on(Reply(200, b"", {"x-amz-bucket-region": "eu-central-1"}), method="HEAD")
    assert (await admin.head_bucket(BUCKET)).region == "eu-central-1"


@pytest.mark.parametrize(
    ("region", "is_told"), [("", False), ("us-east-1", False), ("eu-west-3", True)]
)
async def test_a_region_is_told_when_it_is_not_the_first(admin_of, proxy, region, is_told):
    proxy.on(answer(""), method="PUT")
    await admin_of(connection_to(proxy.endpoint, region=region)).create_bucket(BUCKET)
    (request,) = proxy.requests
    assert (f"<LocationConstraint>{region}<".encode() in request.body) is is_told
    assert f"/{region or 'us-east-1'}/s3/aws4_request" in request.headers["authorization"]


async def test_a_store_that_knows_no_such_region_is_asked_without(admin_of, proxy):
    proxy.on(error_reply(400, "IllegalLocationConstraintException"), method="PUT")
    proxy.on(answer(""), method="PUT")
    await admin_of(connection_to(proxy.endpoint, region="garage")).create_bucket(BUCKET)
    assert [b"LocationConstraint" in request.body for request in proxy.requests] == [True, False]


async def test_a_body_carries_an_md5_and_no_newer_sum(admin_of, proxy):
    proxy.on(answer(""), method="PUT")
    await admin_of(connection_to(proxy.endpoint, region="garage")).create_bucket(BUCKET)
    (request,) = proxy.requests
    md5 = base64.b64encode(hashlib.md5(request.body).digest()).decode()
    assert request.headers["content-md5"] == md5
    assert not [name for name in request.headers if name.startswith("x-amz-checksum")]
    assert "x-amz-sdk-checksum-algorithm" not in request.headers
    assert "aws-chunked" not in request.headers.get("content-encoding", "")


@pytest.mark.parametrize(
    ("addressing", "host"),
    [
        (Addressing.AUTO, "localhost"),
        (Addressing.PATH, "localhost"),
        (Addressing.VIRTUAL, f"{BUCKET}.localhost"),
    ],
)
async def test_the_bucket_goes_where_it_was_said_to(admin_of, proxy, addressing, host):
    proxy.on(Reply(200), method="HEAD")
    url = proxy.endpoint.url.replace("127.0.0.1", "localhost")
    connection = connection_to(proxy.endpoint, endpoint=url, addressing=addressing)
    await admin_of(connection).head_bucket(BUCKET)
    (request,) = proxy.requests
    assert request.headers["host"].partition(":")[0] == host


async def test_an_anonymous_connection_signs_nothing(admin_of, proxy):
    proxy.on(page("public"))
    reference = CredentialReference(CredentialKind.ANONYMOUS)
    admin = admin_of(connection_to(proxy.endpoint, credentials=reference), keys=None)
    await admin.list_buckets()
    assert "authorization" not in proxy.requests[0].headers


async def test_keys_are_asked_for_at_each_request(admin_of, proxy):
    keys = [Credentials("first", "secret-1"), Credentials("second", "secret-2", "a-token")]
    admin = admin_of(connection_to(proxy.endpoint), source=lambda: keys.pop(0))
    proxy.on(page(), times=2)
    await admin.list_buckets()
    await admin.list_buckets()
    first, second = (request.headers for request in proxy.requests)
    assert "Credential=first/" in first["authorization"]
    assert "Credential=second/" in second["authorization"]
    assert second["x-amz-security-token"] == "a-token"


async def test_keys_that_cannot_be_had_are_told_as_that(admin_of, proxy):
    def nothing():
        raise CredentialsError("sign in again")

    admin = admin_of(connection_to(proxy.endpoint), source=nothing)
    with pytest.raises(CredentialsError, match="sign in again"):
        await admin.list_buckets()
    assert proxy.requests == []


async def test_the_environment_of_other_programs_does_not_matter(admin, proxy, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://elsewhere.test")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/file")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-somebody-else")
    proxy.on(page("mine"))
    assert [bucket.name for bucket in await admin.list_buckets()] == ["mine"]
    assert "Credential=key-id/" in proxy.requests[0].headers["authorization"]


# What comes back


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (error_reply(403, "AccessDenied"), PermissionDeniedError),
        (error_reply(403, "SignatureDoesNotMatch"), UnauthenticatedError),
        (error_reply(404, "NoSuchBucket"), NotFoundError),
        (error_reply(409, "OperationAborted"), ConflictError),
        (error_reply(400, "Strange"), InvalidRequestError),
        (slow_down(), ThrottledError),
        (error_reply(500, "InternalError"), UnavailableError),
        (html_reply(404), MalformedReplyError),
        (html_reply(502), UnavailableError),
        (html_reply(200), MalformedReplyError),
        (answer("<ListAllMyBucketsResult><Buck"), UnavailableError),
        (Cut(None), UnavailableError),
        (Cut(10), UnavailableError),
        (Cut(10, reset=False), UnavailableError),
        (EditHead({"Content-Length": "junk"}), MalformedReplyError),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_a_failure_is_named(admin, proxy, fault, kind):
    proxy.on(fault, times=None)
    with pytest.raises(kind) as caught:
        await admin.list_buckets()
    assert type(caught.value) is kind
    assert caught.value.operation == "list_buckets"


@pytest.mark.parametrize("after", [None, 10])
async def test_a_reply_that_stops_is_a_stall(admin_of, proxy, after):
    proxy.on(Stall(after), times=None)
    with pytest.raises(StalledError):
        await admin_of(connection_to(proxy.endpoint), timeouts=IMPATIENT).list_buckets()


@pytest.mark.parametrize("fault", [slow_down(), Cut(None)], ids=["throttled", "lost"])
async def test_nothing_is_asked_again_here(admin, proxy, fault):
    proxy.on(page("a"))
    await admin.list_buckets()
    proxy.on(fault, times=None)
    with pytest.raises((ThrottledError, UnavailableError)):
        await admin.list_buckets()
    assert len(proxy.requests) == 2


async def test_a_refusal_names_bucket_and_request(admin, proxy):
    proxy.on(error_reply(403, "AccessDenied", x_amz_request_id="injected"))
    with pytest.raises(PermissionDeniedError) as caught:
        await admin.delete_bucket(BUCKET)
    assert caught.value.location.bucket == BUCKET
    assert (caught.value.status, caught.value.request_id) == (403, "injected")


async def test_a_wrong_region_is_told(admin, proxy):
    proxy.on(Reply(301, b"", {"x-amz-bucket-region": "eu-west-1"}), times=None)
    with pytest.raises(WrongRegionError) as caught:
        await admin.head_bucket(BUCKET)
    assert caught.value.region == "eu-west-1"


async def test_a_dead_endpoint_is_unavailable(admin_of, moto):
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(UnavailableError, match="refused"):
        await admin_of(connection_to(moto, endpoint=url)).list_buckets()


async def test_a_name_that_does_not_exist_is_unavailable(admin_of, moto):
    url = "http://no-such-store.invalid"
    with pytest.raises(UnavailableError, match=r"no-such-store\.invalid"):
        await admin_of(connection_to(moto, endpoint=url)).list_buckets()


async def test_ceph_tells_secret_and_account_apart(admin_of, ceph, ceph_bucket):
    connection = connection_to(ceph)
    wrong = Credentials(ceph.access_key, "not-the-secret-of-anybody")
    with pytest.raises(UnauthenticatedError):
        await admin_of(connection, wrong).list_buckets()
    with pytest.raises(UnauthenticatedError):
        await admin_of(connection, Credentials("NOBODY", "secret")).list_buckets()
    with pytest.raises(PermissionDeniedError):
        await admin_of(connection, keys_of(ceph, second=True)).head_bucket(ceph_bucket)


# TLS


async def test_an_authority_of_ones_own_is_trusted(admin_of, moto):
    with encrypted(moto) as front:
        admin = admin_of(connection_to(front, ca_file=str(front.ca)), keys_of(moto))
        assert isinstance(await admin.list_buckets(), list)
        await admin.aclose()


async def test_an_unknown_authority_is_not(admin_of, moto):
    with encrypted(moto) as front, pytest.raises(TlsError, match="not trusted"):
        await admin_of(connection_to(front)).list_buckets()


async def test_a_certificate_for_somebody_else_is_not_trusted(admin_of, moto):
    with encrypted(moto, names=("elsewhere.test",)) as front:
        connection = connection_to(front, ca_file=str(front.ca))
        with pytest.raises(TlsError):
            await admin_of(connection).list_buckets()


async def test_a_ca_file_that_is_not_there_is_named(admin_of, moto, tmp_path):
    with encrypted(moto) as front:
        connection = connection_to(front, ca_file=str(tmp_path / "gone.pem"))
        with pytest.raises(TlsError, match=r"gone\.pem"):
            await admin_of(connection).list_buckets()


async def test_plain_http_on_an_https_endpoint_is_told(admin_of, moto):
    url = moto.url.replace("http://", "https://")
    with pytest.raises(TlsError):
        await admin_of(connection_to(moto, endpoint=url)).list_buckets()


async def test_a_port_that_waits_for_a_request_in_plain_http_is_told(admin_of, moto):
    with ScriptedServer(reply()) as server:
        url = server.endpoint.url.replace("http://", "https://")
        with pytest.raises(TlsError, match="WRONG_VERSION_NUMBER"):
            await admin_of(connection_to(moto, endpoint=url), timeouts=SHORT).list_buckets()


# Beginning and end


async def test_closing_leaves_nothing_open(moto):
    with encrypted(moto) as front, warnings.catch_warnings():
        warnings.simplefilter("error")
        for endpoint in (moto, front):
            ca_file = str(endpoint.ca or "")
            pool = WirePool()
            admin = S3Admin(connection_to(endpoint, ca_file=ca_file), lambda: keys_of(moto), pool)
            await asyncio.gather(*(admin.list_buckets() for _ in range(4)))
            await admin.aclose()
            await admin.aclose()
            await pool.aclose()
        del admin, pool
        gc.collect()


async def test_closing_what_was_never_used_is_nothing(moto):
    pool = WirePool()
    await S3Admin(connection_to(moto), lambda: KEYS, pool).aclose()
    await pool.aclose()


async def test_many_first_requests_make_one_client(admin_of, moto):
    admin = admin_of(connection_to(moto), keys_of(moto))
    await asyncio.gather(*(admin.list_buckets() for _ in range(5)))
    assert admin._client is not None


def test_it_works_on_the_loop_of_the_window(moto):
    code = f"""
import asyncio, sys, qasync
from PySide6.QtCore import QCoreApplication
from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.store.s3_admin import S3Admin
from s4desk.core.wire.pool import WirePool

async def main():
    connection = Connection("c", "c", {moto.url!r}, "us-east-1")
    pool = WirePool()
    admin = S3Admin(connection, lambda: Credentials("test", "test"), pool)
    await admin.create_bucket("on-qasync")
    print("on-qasync" in [bucket.name for bucket in await admin.list_buckets()])
    await admin.delete_bucket("on-qasync")
    await admin.aclose()
    await pool.aclose()

app = QCoreApplication(sys.argv)
with qasync.QEventLoop(app) as loop:
    loop.run_until_complete(main())
"""
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("True\n", "", 0)


async def test_a_region_that_is_none_is_named_by_the_host_that_was_tried(admin_of, monkeypatch):
    tried = []

    def unknown(host, *_args, **_more):
        tried.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    connection = Connection(ConnectionId("c"), "c", "", "eu-nowhere-1")
    with pytest.raises(UnavailableError, match=r"^s3\.eu-nowhere-1\.amazonaws\.com: "):
        await admin_of(connection).list_buckets()
    assert set(tried) == {"s3.eu-nowhere-1.amazonaws.com"}
