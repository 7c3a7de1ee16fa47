"""TLS of both ways to a store, bytes by the wire and administration by aiobotocore."""

from __future__ import annotations

import os
import ssl

import pytest

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import NotFoundError, TlsError
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.store.capabilities import Capabilities
from s4desk.core.store.s3 import S3Store
from s4desk.core.store.s3_admin import S3Admin
from s4desk.core.wire import tls
from s4desk.core.wire.pool import WirePool
from s4desk.core.wire.tls import tls_context
from s4desk.viewmodels.error_text import explain
from tests.servers.authority import issue
from tests.servers.tls import TlsFront, allow_old

BOTH = pytest.mark.parametrize("ask", ["bytes", "administration"], indirect=True)
STRANGER = "This computer does not know who signed the store's certificate"


@pytest.fixture(autouse=True)
def own_contexts():
    """What one test did to its contexts is not for the next."""
    tls._context.cache_clear()
    yield
    tls._context.cache_clear()


@pytest.fixture
async def pool():
    made = WirePool()
    yield made
    await made.aclose()


@pytest.fixture
async def ask(request, pool):
    """Ask a store for something harmless, on one of the two ways."""

    async def ask_for_bytes(connection, key):
        store = S3Store(connection, lambda: key, pool, Capabilities())
        with pytest.raises(NotFoundError):
            await store.head(Location("no-such-bucket", "k"))

    async def ask_for_buckets(connection, key):
        admin = S3Admin(connection, lambda: key, pool)
        try:
            await admin.list_buckets()
        finally:
            await admin.aclose()

    asked = ask_for_bytes if request.param == "bytes" else ask_for_buckets

    async def ask(server, ca_file):
        connection = Connection(
            ConnectionId("c"), "c", server.url, server.region, ca_file=str(ca_file or "")
        )
        await asked(connection, Credentials(server.access_key, server.secret_key))

    return ask


@pytest.fixture
def lax_library(monkeypatch):
    """An OpenSSL whose own settings allow TLS 1.0 and 1.1, as some systems have it."""
    make = ssl.create_default_context

    def create_default_context(*args, **how):
        context = make(*args, **how)
        allow_old(context)
        return context

    monkeypatch.setattr(ssl, "create_default_context", create_default_context)


@BOTH
async def test_an_authority_of_ones_own_is_trusted_in_http_1_1(ask, moto):
    with TlsFront(moto) as front:
        await ask(front.endpoint, front.endpoint.ca)
    assert front.handshakes == [("TLSv1.3", "http/1.1")]


@BOTH
@pytest.mark.parametrize("names", [(), ("localhost",)], ids=["self-signed", "unknown authority"])
async def test_a_certificate_nobody_vouches_for_is_refused(ask, moto, names):
    with TlsFront(moto, names) as front:
        with pytest.raises(TlsError, match="not trusted") as told:
            await ask(front.endpoint, "")
        assert explain(told.value).problem.startswith(STRANGER)
        assert "CA file" in explain(told.value).advice
    assert front.handshakes == []


@BOTH
async def test_a_self_signed_certificate_can_be_trusted_as_its_own_authority(ask, moto):
    with TlsFront(moto, ()) as front, pytest.raises(TlsError) as told:
        await ask(front.endpoint, front.endpoint.ca)
    # Trusted, but trustme's authorities are for no host.
    assert "for another name" in explain(told.value).problem


@BOTH
async def test_a_store_that_speaks_tls_1_1_at_most_is_refused(ask, moto, lax_library):
    with TlsFront(moto, newest=ssl.TLSVersion.TLSv1_1) as front:
        with pytest.raises(TlsError, match="TLS could not be agreed") as told:
            await ask(front.endpoint, front.endpoint.ca)
        assert explain(told.value).problem.startswith("No secure connection")
    assert front.handshakes == []


@BOTH
async def test_tls_1_2_is_enough(ask, moto):
    with TlsFront(moto, newest=ssl.TLSVersion.TLSv1_2) as front:
        await ask(front.endpoint, front.endpoint.ca)
    assert front.handshakes == [("TLSv1.2", "http/1.1")]


def test_all_who_ask_share_a_context_until_the_file_changes(tmp_path):
    ca_file = issue(tmp_path).ca
    first = tls_context(str(ca_file))
    assert first is tls_context(str(ca_file))
    assert first is not tls_context()
    assert tls_context() is tls_context()
    os.utime(ca_file, ns=(1, 1))
    assert tls_context(str(ca_file)) is not first


def test_what_is_no_bundle_is_named(tmp_path):
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    for file in (broken, tmp_path / "none.pem"):
        with pytest.raises(ssl.SSLError, match=rf"cannot read certificates from .*{file.name}"):
            tls_context(str(file))
