"""Every diagnosis, caused for real; what it offers is applied, and then the connection works."""

from __future__ import annotations

import contextlib
import json
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
    Credentials,
    WaySecrets,
)
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.provider import Provider
from s4desk.core.domain.site import Site
from s4desk.core.persist.certificates import keep_certificate
from s4desk.core.store.check import ConnectionOutcome, try_connection
from s4desk.core.store.diagnosis import Diagnosis, Problem
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.session import WirePool, open_store
from s4desk.core.wire.endpoint import Timeouts
from s4desk.viewmodels.diagnosis_text import describe_diagnosis
from tests.servers.client import s3_client
from tests.store import odd_stores
from tests.store.odd_stores import odd
from tests.wire.scripted import reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from tests.servers.endpoint import Endpoint

ANONYMOUS = CredentialReference(CredentialKind.ANONYMOUS)
SHORT = Timeouts(connect=1.0, handshake=2.0, first_byte=5.0, stall=5.0, tick=0.05)


class World:
    """Tries connections with given keys, once each."""

    def __init__(self, pool: WirePool) -> None:
        self._pool = pool
        self.keys = Credentials("AKIDTEST", "not-a-word")
        self.way = WaySecrets()
        self.providers: Mapping[str, Provider] = {}

    async def tried(self, connection: Connection) -> ConnectionOutcome | Diagnosis:
        secrets = GivenSecrets(self.keys, self.way)
        return await try_connection(
            lambda changed: open_store(changed, secrets, self._pool, attempts=1),
            connection,
            secrets,
            self.providers,
        )

    async def diagnosed(self, connection: Connection) -> Diagnosis:
        found = await self.tried(connection)
        assert isinstance(found, Diagnosis), found
        return found

    async def mended(
        self, connection: Connection, found: Diagnosis, ca_file: str = ""
    ) -> Connection:
        """The connection with the fix, which works."""
        assert found.fix is not None
        changed = found.fix.applied_to(connection, ca_file)
        outcome = await self.tried(changed)
        assert isinstance(outcome, ConnectionOutcome), outcome
        return changed


@pytest.fixture
async def world() -> AsyncIterator[World]:
    pool = WirePool(SHORT)
    yield World(pool)
    await pool.aclose()


def to(server: Endpoint | str, world: World | None = None, **changes: object) -> Connection:
    """A connection to a server, with its keys."""
    if isinstance(server, str):
        return replace(Connection(ConnectionId("1"), "Trial", server), **changes)
    if world is not None:
        world.keys = Credentials(server.access_key, server.secret_key)
    ca = {"ca_file": str(server.ca)} if server.ca else {}
    return replace(Connection(ConnectionId("1"), "Trial", server.url), **{**ca, **changes})


def url_of(server: object) -> str:
    return server.endpoint.url  # type: ignore[attr-defined]


def said(found: Diagnosis, connection: Connection) -> str:
    return describe_diagnosis(found, connection).whole


def fix_of(found: Diagnosis, connection: Connection) -> str:
    return describe_diagnosis(found, connection).fix


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken and that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


# Names and ports


async def test_a_host_that_is_none(world):
    connection = to("https://s3.nowhere.invalid")
    found = await world.diagnosed(connection)
    assert (found.problem, found.fix) == (Problem.NO_ADDRESS, None)
    assert said(found, connection).startswith("There is no host named s3.nowhere.invalid.")


async def test_a_region_that_a_provider_does_not_have(world):
    site = Site("https://s3.{region}.stores.test", {"eu-central-1": "Here", "us-east-1": "There"})
    world.providers = {"p": Provider("p", "Stores", (site,))}
    connection = to("https://s3.eu-centrl-1.stores.test", region="eu-centrl-1")
    found = await world.diagnosed(connection)
    assert found.problem is Problem.NO_REGION
    assert said(found, connection) == "Stores has no region “eu-centrl-1”."
    assert fix_of(found, connection) == "Use region eu-central-1"
    changed = found.fix.applied_to(connection)
    assert (changed.endpoint, changed.region) == (
        "https://s3.eu-central-1.stores.test",
        "eu-central-1",
    )


async def test_a_port_that_nobody_listens_on(world, closed_port):
    connection = to(f"http://127.0.0.1:{closed_port}")
    found = await world.diagnosed(connection)
    assert (found.problem, found.fix) == (Problem.REFUSED, None)
    assert f"Nothing listens on port {closed_port} of 127.0.0.1." in said(found, connection)


async def test_s3_at_the_usual_port_is_found(world, ceph, closed_port):
    world.providers = {"c": Provider("c", "Ceph", (Site(f"http://localhost:{ceph.port}"),))}
    connection = to(ceph, world, endpoint=f"http://{ceph.host}:{closed_port}/")
    found = await world.diagnosed(connection)
    assert found.problem is Problem.REFUSED
    assert fix_of(found, connection) == f"Use http://{ceph.host}:{ceph.port}"
    await world.mended(connection, found)


async def test_a_web_page_at_the_usual_port_is_not_offered(world, closed_port):
    with odd(odd_stores.page()) as server:
        world.providers = {"c": Provider("c", "Ceph", (Site(server.endpoint.url),))}
        found = await world.diagnosed(to(f"http://127.0.0.1:{closed_port}"))
    assert (found.problem, found.fix) == (Problem.REFUSED, None)


async def test_a_port_that_never_answers(world):
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as silent,
        contextlib.ExitStack() as held,
    ):
        for _ in range(4):  # more than are let in, so that the next one waits for ever
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(silent.getsockname())
        connection = to(f"http://127.0.0.1:{silent.getsockname()[1]}", credentials=ANONYMOUS)
        found = await world.diagnosed(connection)
    assert (found.problem, found.fix) == (Problem.NO_ANSWER, None)
    assert "does not answer on port" in said(found, connection)


async def test_a_proxy_that_is_not_there_is_left_out(world, ceph, closed_port):
    connection = to(ceph, world, proxy=f"http://127.0.0.1:{closed_port}")
    found = await world.diagnosed(connection)
    assert found.problem is Problem.PROXY
    assert f"127.0.0.1:{closed_port}" in said(found, connection)
    assert fix_of(found, connection) == "Connect without the proxy"
    assert (await world.mended(connection, found)).proxy == "none"


async def test_a_proxy_that_wants_another_password(world, ceph, web_proxy):
    proxy = web_proxy(user="ann", password="right")
    world.way = WaySecrets(proxy_password="wrong")
    connection = to(ceph, world, proxy=proxy.address)
    found = await world.diagnosed(connection)
    assert (found.problem, found.wanted) == (Problem.PROXY, "proxy_password")
    assert proxy.host_and_port in said(found, connection)
    await world.mended(connection, found)


async def test_a_proxy_that_does_not_let_through(world, ceph, web_proxy):
    proxy = web_proxy(filtered="127.0.0.1")
    connection = to(ceph, world, proxy=proxy.address)
    found = await world.diagnosed(connection)
    assert (found.problem, found.wanted) == (Problem.PROXY, "proxy_address")
    assert fix_of(found, connection) == "Connect without the proxy"


async def test_a_certificate_is_looked_at_through_the_proxy(
    world, ceph, tls_front, web_proxy, tmp_path
):
    proxy = web_proxy(user="ann", password="right")
    world.way = WaySecrets(proxy_password="right")
    connection = to(tls_front(ceph), world, ca_file="", proxy=proxy.address)
    found = await world.diagnosed(connection)
    assert found.problem is Problem.UNTRUSTED
    await world.mended(connection, found, str(keep_certificate(tmp_path, found.certificate)))
    assert "CONNECT localhost:" in proxy.log


# Certificates


async def test_a_certificate_nobody_vouches_for_can_be_trusted(world, ceph, tls_front, tmp_path):
    front = tls_front(ceph)
    connection = to(front, world, ca_file="")
    found = await world.diagnosed(connection)
    assert found.problem is Problem.UNTRUSTED
    text = describe_diagnosis(found, connection)
    assert text.sentence == (
        "Nobody whom this computer trusts has signed the certificate of localhost."
    )
    assert (text.fix, "fingerprint" in text.advice) == ("Trust this certificate", True)
    lines = dict(text.certificate)
    assert lines["SHA-256"] == found.certificate.fingerprint
    assert "localhost" in lines["For"]
    assert lines["Signed by"] != lines["Issued to"]
    kept = keep_certificate(tmp_path, found.certificate)
    assert (await world.mended(connection, found, str(kept))).ca_file == str(kept)


async def test_trusting_one_more_keeps_what_was_trusted(world, ceph, tls_front, tmp_path):
    first, second = tls_front(ceph), tls_front(ceph)
    connection = to(second, world, ca_file=str(first.ca))
    found = await world.diagnosed(connection)
    assert found.problem is Problem.UNTRUSTED
    kept = str(keep_certificate(tmp_path, found.certificate, str(first.ca)))
    await world.mended(connection, found, kept)
    outcome = await world.tried(to(first, world, ca_file=kept))
    assert isinstance(outcome, ConnectionOutcome)
    assert keep_certificate(tmp_path, found.certificate, kept) == (tmp_path / kept)


async def test_a_pinned_certificate_does_not_vouch_for_others(world, ceph, tls_front, tmp_path):
    ours, theirs = tls_front(ceph), tls_front(ceph)
    found = await world.diagnosed(to(ours, world, ca_file=""))
    kept = str(keep_certificate(tmp_path, found.certificate))
    assert (await world.diagnosed(to(theirs, world, ca_file=kept))).problem is Problem.UNTRUSTED


async def test_a_self_signed_certificate_says_so(world, ceph, tls_front):
    connection = to(tls_front(ceph, names=()), world, ca_file="")
    found = await world.diagnosed(connection)
    assert found.problem is Problem.UNTRUSTED
    assert dict(describe_diagnosis(found, connection).certificate)["Signed by"] == "itself"


async def test_a_certificate_for_another_name_leads_to_that_name(world, ceph, tls_front):
    front = tls_front(ceph, names=("elsewhere.test", "localhost"))
    connection = to(front, world, endpoint=front.url.replace("localhost", "127.0.0.1"))
    found = await world.diagnosed(connection)
    assert found.problem is Problem.WRONG_HOST
    text = describe_diagnosis(found, connection)
    assert text.sentence == "The certificate is for elsewhere.test, localhost, not for 127.0.0.1."
    assert text.fix == f"Use {front.url}"
    await world.mended(connection, found)


async def test_a_certificate_for_somebody_else_is_not_trusted(world, ceph, tls_front):
    connection = to(tls_front(ceph, names=("elsewhere.test",)), world)
    found = await world.diagnosed(connection)
    assert (found.problem, found.fix) == (Problem.WRONG_HOST, None)
    assert "elsewhere.test" in said(found, connection)


async def test_a_certificate_that_does_not_cover_buckets(world, ceph, tls_front, ceph_bucket):
    front = tls_front(ceph, names=("localhost",))
    connection = to(front, world, addressing=Addressing.VIRTUAL, start_bucket=ceph_bucket)
    found = await world.diagnosed(connection)
    assert (found.problem, found.host) == (Problem.WRONG_HOST, f"{ceph_bucket}.localhost")
    assert fix_of(found, connection) == "Put buckets in the path"
    await world.mended(connection, found)


async def test_an_expired_certificate(world, ceph, tls_front):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    connection = to(tls_front(ceph, ends=yesterday), world)
    found = await world.diagnosed(connection)
    assert (found.problem, found.fix) == (Problem.EXPIRED, None)
    assert f"has expired on {yesterday:%Y-%m-%d}" in said(found, connection)


async def test_an_expired_certificate_that_nobody_vouches_for(world, ceph, tls_front):
    front = tls_front(ceph, ends=datetime.now(UTC) - timedelta(days=3))
    connection = to(front, world, ca_file="")
    found = await world.diagnosed(connection)
    assert (found.problem, found.fix) == (Problem.EXPIRED, None)
    assert "has expired on" in said(found, connection)
    assert "nobody whom this computer trusts" in said(found, connection)
    assert "has to renew it" in said(found, connection)


async def test_a_certificate_that_only_our_clock_calls_expired(world, tls_front, ceph):
    """The store's clock is two days behind ours, and its certificate ended in between."""
    behind = -2 * 86400.0
    with odd(odd_stores.ahead(behind)) as server:
        target = replace(ceph, url=url_of(server))
        front = tls_front(target, ends=datetime.now(UTC) - timedelta(days=1))
        found = await world.diagnosed(to(front, world))
    assert found.problem is Problem.CLOCK
    assert found.ahead == pytest.approx(behind, abs=30)


async def test_https_where_there_is_none(world, ceph):
    connection = to(ceph, world, endpoint=ceph.url.replace("http:", "https:"))
    found = await world.diagnosed(connection)
    assert found.problem is Problem.NO_TLS
    assert "read along" in said(found, connection)
    assert fix_of(found, connection) == f"Use {ceph.url}"
    await world.mended(connection, found)


async def test_http_where_tls_is_spoken(world, ceph, tls_front):
    front = tls_front(ceph)
    connection = to(front, world, endpoint=front.url.replace("https:", "http:"))
    found = await world.diagnosed(connection)
    assert found.problem is Problem.NEEDS_TLS
    assert fix_of(found, connection) == f"Use {front.url}"
    await world.mended(connection, found)


# Clock and keys


@pytest.mark.parametrize("code", ["RequestTimeTooSkewed", "SignatureDoesNotMatch"])
@pytest.mark.parametrize(("seconds", "word"), [(3600.0, "behind"), (-7200.0, "ahead of")])
async def test_clocks_that_differ(world, code, seconds, word):
    with odd(odd_stores.ahead(seconds, code)) as server:
        connection = to(url_of(server))
        found = await world.diagnosed(connection)
    assert found.problem is Problem.CLOCK
    assert found.ahead == pytest.approx(seconds, abs=30)
    assert word in said(found, connection)


async def test_a_key_id_that_nobody_knows(world, ceph):
    connection = to(ceph, world, provider="ceph")
    world.keys = Credentials("NOBODY00000000000000", "not-a-word")
    found = await world.diagnosed(connection)
    assert (found.problem, found.wanted) == (Problem.KEY_ID, "key_id")
    assert "does not know this key id" in said(found, connection)
    assert "radosgw-admin" in said(found, connection)


async def test_a_secret_of_somebody_else(world, ceph):
    connection = to(ceph, world)
    world.keys = replace(world.keys, secret="wrong")
    found = await world.diagnosed(connection)
    assert (found.problem, found.wanted) == (Problem.SECRET, "secret")


async def test_nobody_is_asked_to_type_what_the_connection_does_not_keep(world, ceph, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ceph.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    connection = to(ceph, credentials=CredentialReference(CredentialKind.ENVIRONMENT))
    found = await world.diagnosed(connection)
    assert (found.problem, found.wanted) == (Problem.SECRET, "")
    assert "AWS_SECRET_ACCESS_KEY" in said(found, connection)


async def test_no_keys_at_all(world, ceph):
    connection = to(ceph, credentials=CredentialReference(CredentialKind.ENVIRONMENT))
    found = await world.diagnosed(connection)
    assert (found.problem, found.fix) == (Problem.NO_KEY, None)


@pytest.mark.parametrize(
    ("code", "problem"),
    [("ExpiredToken", Problem.EXPIRED_TOKEN), ("InvalidToken", Problem.TOKEN)],
)
async def test_a_token_that_is_over(world, code, problem):
    with odd(odd_stores.refusing(code, 400)) as server:
        found = await world.diagnosed(to(url_of(server)))
    assert (found.problem, found.wanted) == (problem, "token")


async def test_a_key_that_may_not_list_buckets(world, ceph, ceph_bucket):
    deny = {"Effect": "Deny", "Action": ["s3:ListAllMyBuckets"], "Resource": ["*"]}
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    with s3_client(ceph, service="iam") as iam:
        iam.put_user_policy(
            UserName="alice", PolicyName="no-list", PolicyDocument=json.dumps(policy)
        )
        try:
            connection = to(ceph, world, provider="b2")
            found = await world.diagnosed(connection)
            assert (found.problem, found.wanted) == (Problem.NO_LIST, "start_bucket")
            assert "may not list buckets" in said(found, connection)
            assert "Allow List All Bucket Names" in said(found, connection)
            outcome = await world.tried(replace(connection, start_bucket=ceph_bucket))
            assert isinstance(outcome, ConnectionOutcome)
        finally:
            iam.delete_user_policy(UserName="alice", PolicyName="no-list")


async def test_a_bucket_of_somebody_else(world, ceph, ceph_bucket):
    connection = to(ceph, start_bucket=ceph_bucket)
    world.keys = Credentials(ceph.access_key2, ceph.secret_key2)
    found = await world.diagnosed(connection)
    assert found.problem is Problem.NO_ACCESS
    assert ceph_bucket in said(found, connection)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("UserSuspended", "The store has suspended this account."),
        ("NotSignedUp", "This account has not signed up for the store."),
        ("AllAccessDisabled", "The store has shut off all access here."),
        ("KeyFrozen", "The store refuses with “KeyFrozen”."),
    ],
)
@pytest.mark.parametrize("start", ["", "one"])
async def test_an_account_that_may_nothing(world, code, sentence, start):
    with odd(odd_stores.refusing(code)) as server:
        connection = to(url_of(server), start_bucket=start)
        found = await world.diagnosed(connection)
    assert found.problem is Problem.ACCOUNT
    assert said(found, connection) == (
        f"{sentence} Ask whoever runs the store. It says: {code}: {code}."
    )


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            reply(b"<html><title>Blocked by Corp</title>", status=403, Content_Type="text/html"),
            "A web page, “Blocked by Corp”, refused the request",
        ),
        (
            reply(b"<html><body>No.</body>", status=403, Content_Type="text/html"),
            "Something that does not speak S3 refused the request",
        ),
        (reply(status=403), "The request was refused (403) without a word of S3."),
    ],
)
async def test_a_refusal_that_is_not_of_s3(world, answer, sentence):
    with odd(answer) as server:
        connection = to(url_of(server))
        found = await world.diagnosed(connection)
    assert (found.problem, found.wanted) == (Problem.IN_BETWEEN, "proxy")
    assert said(found, connection).startswith(sentence)
    assert "let 127.0.0.1 through" in said(found, connection)
    assert "keys are right" not in said(found, connection)


async def test_a_bucket_that_strangers_may_not_see(world):
    with odd(odd_stores.refusing("AccessDenied")) as server:
        connection = to(url_of(server), credentials=ANONYMOUS, start_bucket="one")
        found = await world.diagnosed(connection)
    assert "does not allow anonymous access" in said(found, connection)


async def test_a_bucket_that_is_not_there(world, ceph):
    connection = to(ceph, world, start_bucket="no-such-bucket-here")
    found = await world.diagnosed(connection)
    assert (found.problem, found.wanted) == (Problem.NO_BUCKET, "start_bucket")


# Region and addressing


async def test_a_wrong_region_is_told(world):
    with odd(odd_stores.in_region("garage")) as server:
        connection = to(url_of(server), region="us-east-1")
        found = await world.diagnosed(connection)
        assert found.problem is Problem.REGION
        assert said(found, connection) == "The store is in the region garage, not in us-east-1."
        assert fix_of(found, connection) == "Use region garage"
        assert (await world.mended(connection, found)).region == "garage"


async def test_a_wrong_region_is_looked_up(world):
    with odd(odd_stores.in_region("eu-there-1", tells=False)) as server:
        connection = to(url_of(server), start_bucket="one")
        found = await world.diagnosed(connection)
        assert said(found, connection) == "The store is in the region eu-there-1."
        await world.mended(connection, found)


@pytest.mark.parametrize("quote", ["'", '"', "", "&apos;"])
async def test_a_wrong_region_that_only_the_message_tells(world, quote):
    message = f"the region is wrong; expecting {quote}eu-there-1{quote}"
    body = f"<Error><Code>AuthorizationHeaderMalformed</Code><Message>{message}</Message></Error>"
    with odd(reply(body.encode(), status=400, Content_Type="application/xml")) as server:
        found = await world.diagnosed(to(url_of(server), region="us-east-1"))
    assert (found.problem, found.facts["region"]) == (Problem.REGION, "eu-there-1")


async def test_a_wrong_region_that_no_message_names(world):
    message = "The authorization header is malformed; the region is wrong."
    body = f"<Error><Code>AuthorizationHeaderMalformed</Code><Message>{message}</Message></Error>"
    with odd(reply(body.encode(), status=400, Content_Type="application/xml")) as server:
        found = await world.diagnosed(to(url_of(server), region="us-east-1"))
    assert (found.problem, found.wanted) == (Problem.REGION, "region")


async def test_a_wrong_region_nobody_tells(world):
    with odd(odd_stores.in_region("eu-there-1", tells=False)) as server:
        found = await world.diagnosed(to(url_of(server)))
    assert (found.problem, found.fix, found.wanted) == (Problem.REGION, None, "region")


async def test_buckets_that_have_no_address(world, ceph, ceph_bucket, monkeypatch):
    lookup = socket.getaddrinfo

    def without_wildcard(host, *args, **kwargs):
        if host != "localhost":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return lookup(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", without_wildcard)
    connection = to(
        ceph,
        world,
        endpoint=f"http://localhost:{ceph.port}",
        addressing=Addressing.VIRTUAL,
        start_bucket=ceph_bucket,
    )
    found = await world.diagnosed(connection)
    assert found.problem is Problem.ADDRESSING
    assert f"{ceph_bucket}.localhost" in said(found, connection)
    assert fix_of(found, connection) == "Put buckets in the path"
    await world.mended(connection, found)


async def test_buckets_that_are_listed_and_have_no_address(world, ceph, ceph_bucket, monkeypatch):
    lookup = socket.getaddrinfo

    def without_wildcard(host, *args, **kwargs):
        if host != "localhost":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return lookup(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", without_wildcard)
    url = f"http://localhost:{ceph.port}"
    connection = to(ceph, world, endpoint=url, addressing=Addressing.VIRTUAL)
    found = await world.diagnosed(connection)
    assert found.problem is Problem.ADDRESSING
    assert ".localhost" in said(found, connection)
    mended = await world.mended(connection, found)
    assert (mended.addressing, mended.start_bucket) == (Addressing.PATH, "")


@pytest.mark.parametrize("wrong", [odd_stores.BUCKETS, odd_stores.refusal("NoSuchBucket", 404)])
async def test_a_store_that_lists_and_only_knows_paths(world, wrong):
    def answer(asked):
        listed = "list-type" in asked.target and not asked.target.startswith("/one")
        if listed:
            is_whole = wrong.startswith(b"HTTP")
            return wrong if is_whole else reply(wrong, Content_Type="application/xml")
        return odd_stores.content(asked)

    with odd(answer) as server:
        url = f"http://localhost:{urlsplit(url_of(server)).port}"
        connection = to(url, addressing=Addressing.VIRTUAL)
        found = await world.diagnosed(connection)
        assert (found.problem, found.host) == (Problem.ADDRESSING, "one.localhost")
        await world.mended(connection, found)


async def test_a_listed_bucket_that_refuses_was_reached(world):
    def answer(asked):
        is_list = "list-type" in asked.target
        return odd_stores.refusal("AccessDenied", 403) if is_list else odd_stores.content(asked)

    with odd(answer) as server:
        url = f"http://localhost:{urlsplit(url_of(server)).port}"
        outcome = await world.tried(to(url, addressing=Addressing.VIRTUAL))
    assert isinstance(outcome, ConnectionOutcome), outcome


async def test_a_store_that_only_knows_paths(world):
    with odd(odd_stores.only_in_path) as server:
        url = f"http://localhost:{urlsplit(url_of(server)).port}"
        connection = to(url, addressing=Addressing.VIRTUAL, start_bucket="one")
        found = await world.diagnosed(connection)
        assert found.problem is Problem.ADDRESSING
        await world.mended(connection, found)


async def test_a_bucket_that_is_neither_a_host_nor_in_the_path(world):
    with odd(odd_stores.only_in_path) as server:
        url = f"http://localhost:{urlsplit(url_of(server)).port}"
        connection = to(url, addressing=Addressing.VIRTUAL, start_bucket="two")
        found = await world.diagnosed(connection)
    assert (found.problem, found.fix) == (Problem.NO_BUCKET, None)


async def test_a_store_that_only_knows_hosts(world):
    with odd(odd_stores.only_in_host) as server:
        url = f"http://localhost:{urlsplit(url_of(server)).port}"
        connection = to(url, start_bucket="one")
        found = await world.diagnosed(connection)
        assert fix_of(found, connection) == "Put buckets in the host name"
        await world.mended(connection, found)


async def test_an_endpoint_that_names_a_bucket(world, ceph, ceph_bucket):
    site = Site(f"http://{ceph.host}:{ceph.port}")
    world.providers = {"p": Provider("p", "Here", (site,))}
    connection = to(ceph, world, endpoint=f"{site.url}/{ceph_bucket}", start_bucket=ceph_bucket)
    found = await world.diagnosed(connection)
    assert found.problem is Problem.BUCKET_IN_ENDPOINT
    assert fix_of(found, connection) == f"Start in the bucket {ceph_bucket}"
    changed = await world.mended(connection, found)
    assert (changed.endpoint, changed.start_bucket) == (site.url, ceph_bucket)


async def test_a_bucket_in_an_endpoint_that_nobody_knows(world, ceph, ceph_bucket):
    root = f"http://{ceph.host}:{ceph.port}"
    connection = to(ceph, world, endpoint=f"{root}/{ceph_bucket}/")
    found = await world.diagnosed(connection)
    assert found.problem is Problem.BUCKET_IN_ENDPOINT
    assert f"names the bucket “{ceph_bucket}” too" in said(found, connection)
    assert fix_of(found, connection) == f"Start in the bucket {ceph_bucket}"
    changed = await world.mended(connection, found)
    assert (changed.endpoint, changed.start_bucket) == (root, ceph_bucket)

    # Named in both places it was asked for a bucket inside of itself.
    connection = replace(connection, start_bucket=ceph_bucket)
    found = await world.diagnosed(connection)
    assert fix_of(found, connection) == f"Use {root}"
    await world.mended(connection, found)


async def test_a_folder_in_an_endpoint(world, ceph, ceph_bucket):
    root = f"http://{ceph.host}:{ceph.port}"
    connection = to(ceph, world, endpoint=f"{root}/{ceph_bucket}/a%20folder")
    found = await world.diagnosed(connection)
    changed = await world.mended(connection, found)
    assert (changed.endpoint, changed.start) == (root, Prefix(ceph_bucket, "a folder/"))


async def test_a_bucket_in_the_endpoint_that_is_not_there(world, ceph):
    root = f"http://{ceph.host}:{ceph.port}"
    connection = to(ceph, world, endpoint=f"{root}/nosuchbucket")
    found = await world.diagnosed(connection)
    assert found.problem is Problem.BUCKET_IN_ENDPOINT
    assert "names the bucket “nosuchbucket” too" in said(found, connection)
    assert fix_of(found, connection) == f"Use {root}"
    assert (await world.mended(connection, found)).start is None


async def test_a_path_that_belongs_to_the_store_stays(world):
    """A refusal below a path is one, where the root of the host knows nothing of S3."""

    def answer(asked):
        if asked.target.startswith("/storage/s3"):
            return odd_stores.refusal("AccessDenied", 403)
        return odd_stores.page()

    with odd(answer) as server:
        found = await world.diagnosed(to(f"{url_of(server)}/storage/s3"))
    assert (found.problem, found.fix) == (Problem.NO_LIST, None)


# Not S3 at all


async def test_a_console_leads_to_the_port_behind_it(world, ceph):
    with odd(odd_stores.page()) as server:
        console = server.listener.port
        world.providers = {"m": Provider("m", "Mine", wrong_ports={console: ceph.port})}
        connection = to(ceph, world, endpoint=f"http://{ceph.host}:{console}")
        found = await world.diagnosed(connection)
        assert found.problem is Problem.NOT_S3
        assert "“MinIO Console”" in said(found, connection)
        assert fix_of(found, connection) == f"Use http://{ceph.host}:{ceph.port}"
        await world.mended(connection, found)


async def test_a_page_leads_to_the_root_of_the_host(world):
    def answer(asked):
        return odd_stores.page() if asked.target.startswith("/ui") else odd_stores.content(asked)

    with odd(answer) as server:
        connection = to(f"{url_of(server)}/ui/buckets")
        found = await world.diagnosed(connection)
        assert found.problem is Problem.NOT_S3
        assert (await world.mended(connection, found)).endpoint == url_of(server)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (odd_stores.page(), "a web page, “MinIO Console”, not S3"),
        (odd_stores.page(b"<html>hello</html>"), "a web page, not S3"),
        (reply(b"pong", status=404, Server="pinger"), "another server (pinger), not S3"),
        (reply(b"pong", status=404), "something that is not S3"),
        (reply(b""), "something that is not S3"),
        (reply(b"OK", Server="pinger"), "another server (pinger), not S3"),
        (reply(b'{"ok": true}', Content_Type="application/json"), "something that is not S3"),
        (reply(b"<foo/>", Content_Type="application/xml"), "something that is not S3"),
        (reply(b"<?xml version='1.0'?><a:Buckets xmlns:a='u'>"), "something that is not S3"),
    ],
)
async def test_a_web_server_is_named(world, answer, word):
    with odd(answer) as server:
        connection = to(url_of(server))
        found = await world.diagnosed(connection)
    assert (found.problem, found.fix) == (Problem.NOT_S3, None)
    assert word in said(found, connection)
    assert "endpoint" in said(found, connection)


async def test_what_is_not_understood_is_told_as_it_came(world):
    with odd(odd_stores.refusing("QuotaExceeded", 507)) as server:
        connection = to(url_of(server), start_bucket="one")
        found = await world.diagnosed(connection)
    assert found.fix is None
    assert said(found, connection)


async def test_looks_carry_no_signature_and_no_secret(world):
    with odd(odd_stores.refusing("AccessDenied")) as server:
        await world.diagnosed(to(url_of(server)))
        looks = [each for each in server.asked if "authorization" not in each.headers]
    assert [(each.method, each.target) for each in looks] == [("GET", "/")]
    assert not any(name.startswith("x-amz") for each in looks for name in each.headers)
