"""The way to a store: real proxies, client certificates, no verification; for bytes and buckets."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from dataclasses import replace

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    Credentials,
    Exposure,
    WaySecrets,
)
from s4desk.core.domain.errors import (
    MissingKeyError,
    ProxyFailedError,
    ProxyRefusedError,
    ProxyUnreachableError,
    S4DeskError,
    TlsError,
)
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.parts import Span
from s4desk.core.domain.proxies import DIRECT, Proxy, ProxyKind, parse_proxy
from s4desk.core.store.s3_address import Addresses
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.store.way import Way, has_encrypted_key
from s4desk.core.wire.body import FileSource, Slice
from s4desk.core.wire.endpoint import ClientCertificate, Endpoint
from s4desk.core.wire.pool import WirePool
from s4desk.viewmodels.error_text import describe
from tests.servers.authority import issue_client
from tests.servers.process import free_port
from tests.store.configs import get_config, put_config
from tests.store.samples import read

MIB = 1024 * 1024
LARGE = 48 * MIB
ID = ConnectionId("c")


@pytest.fixture
async def opened():
    """Open a store of a connection to `endpoint`, with what lies on its way."""
    pool, stores = WirePool(), []

    async def open_(endpoint, secrets=None, **changes):
        connection = Connection(
            ID, "home", endpoint.url, endpoint.region, ca_file=str(endpoint.ca or "")
        )
        keys = GivenSecrets(Credentials(endpoint.access_key, endpoint.secret_key), secrets)
        stores.append(await open_store(replace(connection, **changes), keys, pool, attempts=1))
        return stores[-1]

    yield open_
    for each in stores:
        await each.aclose()
    await pool.aclose()


@pytest.fixture(params=["http", "https"])
def either(request, ceph, tls_front):
    """Ceph as it is, and behind TLS."""
    return ceph if request.param == "http" else tls_front(ceph)


@pytest.fixture
def large_file(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(os.urandom(LARGE))
    return path


async def everything_works(store, bucket, file):
    """Upload, list, download and configure; a large body both ways, in parts and in one piece."""
    small, large = Location(bucket, "folder/key ü"), Location(bucket, "large")
    await store.put(small, b"hello")
    assert await read(store, small) == b"hello"
    page = await store.list_objects(Prefix(bucket, "folder/"))
    assert list(page.keys) == ["folder/key ü"]
    assert bucket in [each.name for each in await store.list_buckets()]
    await put_config(store, bucket, ConfigKind.VERSIONING, {"Status": "Enabled"})
    assert (await get_config(store, bucket, ConfigKind.VERSIONING))["Status"] == "Enabled"

    whole = file.read_bytes()
    with contextlib.closing(FileSource(file)) as source:
        await store.put(large, Slice(source, Span(0, 16 * MIB)))
        ticket = await store.create_multipart(large)
        receipts = [
            await store.put_part(
                large, ticket, number + 1, Slice(source, Span(number * 16 * MIB, 16 * MIB))
            )
            for number in range(3)
        ]
        await store.complete_multipart(large, ticket, receipts)
    assert hashlib.sha256(await read(store, large)).digest() == hashlib.sha256(whole).digest()


# Through a real proxy


async def test_everything_goes_through_a_proxy(opened, either, ceph_bucket, web_proxy, large_file):
    proxy = web_proxy()
    store = await opened(either, proxy=proxy.address)
    await everything_works(store, ceph_bucket, large_file)
    method = "CONNECT" if either.ca else f"PUT http://{either.host}:{either.port}/"
    assert method in proxy.log


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("password", ["", "let-me-in"])
async def test_everything_goes_through_a_socks_proxy(
    opened, either, ceph_bucket, socks_proxy, large_file, scheme, password
):
    proxy = socks_proxy(user="me", password=password) if password else socks_proxy()
    named = replace(either, url=either.url.replace("127.0.0.1", "localhost"))
    secrets = WaySecrets(proxy_password=password)
    store = await opened(named, secrets, proxy=proxy.address(scheme), addressing=Addressing.PATH)
    await everything_works(store, ceph_bucket, large_file)
    # Who looks the name up is seen in what the proxy is asked for.
    asked = "localhost" if scheme == "socks5h" else "127.0.0.1"
    assert f"connected to {asked}:{either.port}" in proxy.log


async def test_a_socks_proxy_refuses_a_wrong_password(opened, ceph, socks_proxy):
    proxy = socks_proxy(user="me", password="let-me-in")
    for secrets in (WaySecrets(proxy_password="wrong"), WaySecrets()):
        address = proxy.address() if secrets.proxy_password else f"socks5://{proxy.host_and_port}"
        store = await opened(ceph, secrets, proxy=address)
        with pytest.raises(ProxyRefusedError) as caught:
            await store.list_buckets()
        assert "wants a user and a password" in describe(caught.value)


async def test_a_socks_proxy_that_does_not_get_there_says_why(opened, ceph, socks_proxy):
    nowhere = replace(ceph, url=f"http://127.0.0.1:{free_port()}")
    store = await opened(nowhere, proxy=socks_proxy().address())
    with pytest.raises(ProxyFailedError) as caught:
        await store.list_buckets()
    assert "does not get to the store: the connection was refused" in describe(caught.value)


async def test_everything_goes_through_a_proxy_with_a_password(
    opened, either, ceph_bucket, web_proxy, large_file
):
    proxy = web_proxy(user="me", password="let-me-in")
    secrets = WaySecrets(proxy_password="let-me-in")
    store = await opened(either, secrets, proxy=proxy.address)
    await everything_works(store, ceph_bucket, large_file)


async def ask_both(store, bucket):
    """The errors of an upload, of a listing, of a question about an object and of buckets."""
    errors = []
    for asked in (
        store.put(Location(bucket, "k"), b"x" * 200_000),
        store.list_objects(Prefix(bucket)),
        store.head(Location(bucket, "k")),
        store.list_buckets(),
        store.head_bucket(bucket),
    ):
        with pytest.raises(S4DeskError) as caught:
            await asked
        errors.append(caught.value)
    return errors


async def test_a_proxy_that_wants_a_password_is_named(opened, either, ceph_bucket, web_proxy):
    proxy = web_proxy(user="me", password="let-me-in")
    wrong = WaySecrets(proxy_password="wrong")
    for address, secrets in (
        (f"http://{proxy.host_and_port}", None),
        (proxy.address, wrong),
    ):
        store = await opened(either, secrets, proxy=address)
        for error in await ask_both(store, ceph_bucket):
            assert type(error) is ProxyRefusedError, error
            assert error.status in (401, 407)
            assert error.proxy == proxy.host_and_port
            said = f"The proxy {proxy.host_and_port} wants a user and a password"
            assert describe(error).startswith(said)


async def test_a_proxy_that_does_not_let_through_is_named(opened, either, ceph_bucket, web_proxy):
    proxy = web_proxy(filtered=f"^{either.host}$")
    store = await opened(either, proxy=proxy.address)
    for error in await ask_both(store, ceph_bucket):
        assert type(error) is ProxyRefusedError, error
        said = f"The proxy {proxy.host_and_port} refuses to connect to the store: 403"
        assert describe(error).startswith(said)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_does_not_get_to_the_store_is_named(
    opened, ceph, ceph_bucket, web_proxy, scheme
):
    proxy = web_proxy()
    nobody = replace(ceph, url=f"{scheme}://127.0.0.1:{free_port()}")
    store = await opened(nobody, proxy=proxy.address)
    for error in await ask_both(store, ceph_bucket):
        assert type(error) is ProxyFailedError, error
        said = f"The proxy {proxy.host_and_port} does not get to the store: 500"
        assert describe(error).startswith(said)


async def test_a_proxy_that_is_not_there_is_named(opened, either, ceph_bucket):
    port = free_port()
    store = await opened(either, proxy=f"http://127.0.0.1:{port}")
    for error in await ask_both(store, ceph_bucket):
        assert type(error) is ProxyUnreachableError, error
        said = f"The proxy 127.0.0.1:{port} does not answer (Connection refused)."
        assert describe(error).startswith(said)


async def test_a_proxy_with_an_unknown_name_is_named(opened, either, ceph_bucket):
    store = await opened(either, proxy="http://no-proxy.invalid:3128")
    error = (await ask_both(store, ceph_bucket))[0]
    assert describe(error).startswith("The address of the proxy no-proxy.invalid:3128 cannot be")


async def test_a_user_without_a_password_is_told_before_anything_is_asked(opened, ceph):
    with pytest.raises(MissingKeyError, match=r"no password for the proxy 10\.0\.0\.1:3128"):
        await opened(ceph, proxy="http://me@10.0.0.1:3128")


# What the system says


STORE = Connection(ID, "c", "https://s3.example.com")


def proxy_for(host, connection=STORE, scheme="https", port=443):
    return Way(connection).proxy_of(scheme, host, port)


def test_the_system_is_asked_and_spares_what_it_names(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://us%40er:p%3Aw@10.0.0.1:3128")
    monkeypatch.setenv("http_proxy", "10.0.0.2:8080")
    monkeypatch.setenv("no_proxy", "example.org,.inner.test,192.168.0.0/16,fd00::/8,one.test:99")
    there = Proxy("10.0.0.1", 3128, "us@er", "p:w")
    assert proxy_for("s3.example.com") == there
    assert proxy_for("s3.example.com", scheme="http") == Proxy("10.0.0.2", 8080)
    for spared in ("a.example.org", "x.inner.test", "192.168.7.7", "fd00::7", "localhost"):
        assert proxy_for(spared) is None
    assert proxy_for("127.0.0.1") is None
    assert proxy_for("one.test", port=99) is None
    assert proxy_for("one.test") == there
    assert "p:w" not in repr(there)


def test_none_is_none_and_ones_own_is_for_all(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://10.0.0.1:3128")
    monkeypatch.setenv("no_proxy", "*")
    assert proxy_for("s3.example.com") is None
    own = replace(STORE, proxy="http://10.0.0.9:1")
    assert proxy_for("127.0.0.1", own) == Proxy("10.0.0.9", 1)
    monkeypatch.delenv("no_proxy")
    assert proxy_for("s3.example.com") == Proxy("10.0.0.1", 3128)
    assert proxy_for("s3.example.com", replace(STORE, proxy=DIRECT)) is None


def test_the_host_of_a_bucket_is_reached_the_same_way():
    connection = replace(
        STORE,
        addressing=Addressing.VIRTUAL,
        proxy="http://10.0.0.9:1",
        ca_file="/ca.pem",
        client_certificate="/me.pem",
        verify=False,
    )
    endpoint = Addresses(connection).target("bucket", "key").endpoint
    assert endpoint == Endpoint(
        "https",
        "bucket.s3.example.com",
        443,
        "/ca.pem",
        ClientCertificate("/me.pem"),
        verify=False,
        proxy=Proxy("10.0.0.9", 1),
    )


def test_the_host_of_a_bucket_may_be_spared(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://10.0.0.1:3128")
    monkeypatch.setenv("no_proxy", "mine.s3.example.com")
    addresses = Addresses(replace(STORE, addressing=Addressing.VIRTUAL))
    assert addresses.target("mine").endpoint.proxy is None
    assert addresses.target("yours").endpoint.proxy == Proxy("10.0.0.1", 3128)


def test_a_proxy_of_another_kind_is_named(monkeypatch):
    monkeypatch.setenv("all_proxy", "socks4://user:secret@10.0.0.1:1080")
    with pytest.raises(S4DeskError, match=r"\(10\.0\.0\.1:1080\) is of a kind") as caught:
        proxy_for("s3.example.com")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("10.0.0.1:3128", Proxy("10.0.0.1", 3128)),
        ("http://proxy", Proxy("proxy", 80)),
        ("http://[fd00::1]:8080/", Proxy("fd00::1", 8080)),
        ("http://a%20b@h:1", Proxy("h", 1, "a b")),
        ("socks5://h:1", Proxy("h", 1, kind=ProxyKind.SOCKS5)),
        ("SOCKS5H://me@h", Proxy("h", 1080, "me", kind=ProxyKind.SOCKS5H)),
    ],
)
def test_addresses_of_proxies(text, proxy):
    assert parse_proxy(text) == proxy
    assert parse_proxy(str(proxy)) == replace(proxy, password="")


@pytest.mark.parametrize("text", ["", "http://", "socks4://h:1", "http://h:99999", "http://h/x"])
def test_what_is_no_proxy_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_proxy(text)


# Who we are


@pytest.fixture
def client(tmp_path):
    return issue_client(tmp_path)


@pytest.fixture
def exclusive(ceph, tls_front, client):
    """Ceph behind TLS, for those who show a certificate."""
    return tls_front(ceph, admits=client.authority)


@pytest.mark.parametrize("files", ["one file", "two files", "encrypted"])
async def test_everything_works_with_a_client_certificate(
    opened, exclusive, ceph_bucket, large_file, client, files
):
    certificate, key, secrets = {
        "one file": (client.both, "", None),
        "two files": (client.certificate, client.key, None),
        "encrypted": (client.encrypted, "", WaySecrets(key_passphrase=client.passphrase)),
    }[files]
    store = await opened(
        exclusive, secrets, client_certificate=str(certificate), client_key=str(key)
    )
    await everything_works(store, ceph_bucket, large_file)


async def test_a_client_certificate_goes_through_a_proxy(
    opened, exclusive, ceph_bucket, large_file, client, web_proxy
):
    proxy = web_proxy(user="me", password="pw-of-me")
    store = await opened(
        exclusive,
        WaySecrets(proxy_password="pw-of-me"),
        client_certificate=str(client.both),
        proxy=proxy.address,
    )
    await everything_works(store, ceph_bucket, large_file)


async def test_a_store_that_wants_a_certificate_says_so(opened, exclusive, ceph_bucket):
    for error in await ask_both(await opened(exclusive), ceph_bucket):
        assert type(error) is TlsError, error
        assert describe(error).startswith("The store wants a client certificate")


async def test_a_certificate_of_somebody_else_is_refused(opened, exclusive, ceph_bucket, tmp_path):
    (tmp_path / "other").mkdir()
    stranger = issue_client(tmp_path / "other")
    store = await opened(exclusive, client_certificate=str(stranger.both))
    for error in await ask_both(store, ceph_bucket):
        assert type(error) is TlsError, error
        assert describe(error).startswith("The store does not accept this client certificate")


@pytest.mark.parametrize(
    ("file", "key", "passphrase", "reason"),
    [
        ("encrypted", "", "", "its key is encrypted, and the passphrase is not the right one"),
        ("encrypted", "", "wrong", "its key is encrypted, and the passphrase is not the right"),
        ("key", "", "", "there is no certificate in it"),
        ("certificate", "", "", "there is no key in"),
        ("certificate", "other", "", "the key belongs to another certificate"),
        ("none", "", "", os.strerror(errno.ENOENT)),
    ],
)
async def test_why_a_certificate_cannot_be_used(
    opened, exclusive, ceph_bucket, client, tmp_path, file, key, passphrase, reason
):
    (tmp_path / "other").mkdir()
    other = issue_client(tmp_path / "other").key
    store = await opened(
        exclusive,
        WaySecrets(key_passphrase=passphrase),
        client_certificate=str(getattr(client, file, tmp_path / "none")),
        client_key=str(other) if key else "",
    )
    for error in await ask_both(store, ceph_bucket):
        assert type(error) is TlsError, error
        assert f"cannot be used: {reason}" in describe(error)


def test_an_encrypted_key_is_seen(client):
    def sees(certificate, key=""):
        files = {"client_certificate": str(certificate), "client_key": str(key)}
        return has_encrypted_key(replace(STORE, **files))

    assert sees(client.encrypted)
    assert sees(client.certificate, client.encrypted)
    assert not sees(client.both)
    assert not has_encrypted_key(STORE)


# Without verification


@pytest.mark.parametrize("names", [(), ("elsewhere.test",)])
async def test_anybody_may_be_the_store_only_when_told(
    opened, ceph, tls_front, ceph_bucket, large_file, names
):
    front = replace(tls_front(ceph, names=names), ca=None)
    with pytest.raises(TlsError, match="not trusted"):
        await (await opened(front)).list_buckets()
    await everything_works(await opened(front, verify=False), ceph_bucket, large_file)
    # What was opened without looking is not used by who looks.
    with pytest.raises(TlsError, match="not trusted"):
        await (await opened(front)).list_objects(Prefix(ceph_bucket))


@pytest.mark.parametrize(
    ("endpoint", "verify", "exposure"),
    [
        ("https://s3.example.com", True, Exposure.NONE),
        ("", True, Exposure.NONE),
        ("", False, Exposure.UNVERIFIED),
        ("https://127.0.0.1:9000", False, Exposure.UNVERIFIED),
        ("http://s3.example.com", True, Exposure.PLAIN),
        ("http://10.0.0.1:9000", False, Exposure.PLAIN),
        ("http://127.0.0.1:9000", True, Exposure.NONE),
        ("http://[::1]:9000", True, Exposure.NONE),
        ("http://localhost", True, Exposure.NONE),
        ("memory:", True, Exposure.NONE),
        ("http://[oops", True, Exposure.NONE),
    ],
)
def test_what_a_connection_lays_open(endpoint, verify, exposure):
    assert replace(STORE, endpoint=endpoint, verify=verify).exposure is exposure
