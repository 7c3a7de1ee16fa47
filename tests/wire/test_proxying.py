"""Through a proxy: what is asked of it, what it may answer, and what the store gets to see."""

from __future__ import annotations

import base64
import dataclasses
import threading
import time

import pytest

from s4desk.core.domain.proxies import Proxy
from s4desk.core.wire.cancellation import CancelledJobError, CancelToken
from s4desk.core.wire.connection import ConnectionPool, Request
from s4desk.core.wire.endpoint import ClientCertificate, Endpoint, Timeouts
from s4desk.core.wire.exchange import Exchange, Scratch
from s4desk.core.wire.payload import BufferPayload
from s4desk.core.wire.proxying import ProxyAnswerError, SilentProxyError, schemes_of
from s4desk.core.wire.reply import NoReplyError
from tests.servers.endpoint import Endpoint as Server
from tests.servers.process import free_port
from tests.servers.tls import TlsFront
from tests.wire.scripted import ROOMY, ScriptedServer, reply, serving

HASTY = Timeouts(tick=0.05, tunnel=0.3)
GET = Request("GET", "/b/k?x=1", [("Host", "store.test")])


@pytest.fixture
def connections():
    pool = ConnectionPool(ROOMY)
    yield pool
    pool.close()


@pytest.fixture
def exchange(connections):
    return Exchange(connections, Scratch(), CancelToken())


def ask(exchange, endpoint, request=GET):
    with exchange.request(endpoint, request) as answer:
        return answer.status, answer.read_all(1 << 20)


def behind(server, url="http://store.test", **who):
    """The endpoint of a store behind a server that plays the proxy."""
    proxy = Proxy("127.0.0.1", server.endpoint.port, **who)
    return dataclasses.replace(Endpoint.parse(url), proxy=proxy)


# Plain HTTP


def test_a_proxy_is_asked_for_whole_addresses(exchange):
    with ScriptedServer(reply(b"hello")) as proxy:
        endpoint = behind(proxy, "http://store.test:9000", user="ü", password="p:w")
        assert ask(exchange, endpoint) == (200, b"hello")
        assert ask(exchange, endpoint) == (200, b"hello")
    first, second = proxy.asked
    assert first.target == "http://store.test:9000/b/k?x=1"
    assert first.headers["host"] == "store.test"
    pair = base64.b64decode(first.headers["proxy-authorization"].removeprefix("Basic "))
    assert pair.decode() == "ü:p:w"
    assert first.connection == second.connection


def test_nobody_signs_in_without_a_user(exchange):
    with ScriptedServer(reply()) as proxy:
        ask(exchange, behind(proxy))
    assert "proxy-authorization" not in proxy.asked[0].headers


def test_what_may_not_be_sent_twice_never_goes_on_an_old_connection(exchange):
    once = dataclasses.replace(GET, method="POST", is_idempotent=False)
    with ScriptedServer(reply()) as proxy:
        for request in (GET, once, GET):
            ask(exchange, behind(proxy), request)
    assert [each.connection for each in proxy.asked] == [1, 2, 2]


def test_a_proxy_that_closes_without_a_word_costs_one_more_try(exchange):
    def serve(stream, number):
        stream.read_head()
        stream.send(reply(b"%d" % number))  # and it says that it stays

    with serving(serve) as there:
        proxy = Proxy("127.0.0.1", there.port)
        endpoint = dataclasses.replace(Endpoint.parse("http://store.test"), proxy=proxy)
        assert [ask(exchange, endpoint)[1] for _ in range(3)] == [b"1", b"2", b"3"]


def test_a_refusal_before_the_body_is_read_is_heard(exchange):
    """The proxy resets the connection behind what it says, and the page is lost with it."""

    def serve(stream, _number):
        stream.read_head()
        stream.send(b"HTTP/1.1 403 No\r\nContent-Type: text/html\r\n\r\n<html>")

    body = BufferPayload(memoryview(bytes(4 << 20)))
    request = Request("PUT", "/k", [("Host", "x")], body)
    with serving(serve) as there:
        endpoint = dataclasses.replace(there, proxy=Proxy("127.0.0.1", there.port))
        with exchange.request(endpoint, request) as answer:
            assert answer.status == 403
            assert answer.read_upto(100) in (b"", b"<html>")


# Tunnels


def tunnel(answer):
    """Something that gives one answer to CONNECT."""

    def serve(stream, _number):
        head = stream.read_head()
        assert head.method == "CONNECT"
        stream.send(answer)
        stream.read_head()

    return serving(serve)


def secure(there, **how):
    return dataclasses.replace(
        Endpoint.parse("https://store.test"), proxy=Proxy("127.0.0.1", there.port, **how)
    )


def test_a_refused_tunnel_says_what_was_answered(exchange):
    answer = (
        b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Negotiate\r\n"
        b'Proxy-Authenticate: Basic realm="a b", charset="UTF-8"\r\n\r\npage'
    )
    with tunnel(answer) as there, pytest.raises(ProxyAnswerError) as caught:
        ask(exchange, secure(there))
    error = caught.value
    assert (error.status, error.reason) == (407, "407 Who are you")
    assert (error.target, error.schemes) == ("store.test:443", "Negotiate, Basic")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "closed the connection"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\n\r\nhello", "out of turn"),
        (b"HTTP/1.1 200", "cut"),
    ],
)
def test_what_is_no_proxy_is_told(exchange, answer, said):
    def serve(stream, _number):
        stream.read_head()
        stream.send(answer)

    with serving(serve) as there, pytest.raises(SilentProxyError, match=said):
        ask(exchange, secure(there))


def test_a_proxy_that_says_nothing_is_not_waited_for(connections):
    connections.timeouts = HASTY
    hasty = Exchange(connections, Scratch(), CancelToken())
    began = time.monotonic()

    def serve(stream, _number):
        stream.read_head()
        stream.read_head()

    with serving(serve) as there, pytest.raises(SilentProxyError) as caught:
        ask(hasty, secure(there))
    assert isinstance(caught.value.__cause__, TimeoutError)
    assert time.monotonic() - began < 5


def test_waiting_for_a_proxy_can_be_cancelled(connections):
    token, asked = CancelToken(), threading.Event()

    def serve(stream, _number):
        stream.read_head()
        asked.set()
        stream.read_head()

    def cancel():
        asked.wait(5)
        token.cancel()

    canceller = threading.Thread(target=cancel)
    with serving(serve) as there:
        canceller.start()
        with pytest.raises(CancelledJobError):
            ask(Exchange(connections, Scratch(), token), secure(there))
        canceller.join()


def test_a_proxy_that_is_not_there_is_no_missing_store(exchange):
    proxy = Proxy("127.0.0.1", free_port())
    endpoint = dataclasses.replace(Endpoint.parse("https://store.test"), proxy=proxy)
    with pytest.raises(SilentProxyError) as caught:
        ask(exchange, endpoint)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_the_store_never_sees_the_proxys_password(exchange, web_proxy):
    proxy = web_proxy(user="me", password="let-me-in")
    with ScriptedServer(reply(b"hello")) as store:
        target = Server("scripted", store.endpoint.url, "k", "s")
        with TlsFront(target) as front:
            endpoint = dataclasses.replace(
                Endpoint.parse(front.endpoint.url, ca_file=str(front.endpoint.ca)),
                proxy=Proxy("127.0.0.1", int(proxy.host_and_port[-5:]), "me", "let-me-in"),
            )
            assert ask(exchange, endpoint) == (200, b"hello")
            assert ask(exchange, endpoint) == (200, b"hello")
    assert store.connections == 1
    for asked in store.asked:
        assert asked.target == "/b/k?x=1"
        assert "proxy-authorization" not in asked.headers


# Whose connection is whose


def test_connections_are_shared_by_those_who_came_the_same_way(exchange):
    with ScriptedServer(reply()) as server:
        there = server.endpoint
        for endpoint in (
            there,
            behind(server, there.url),
            behind(server, there.url, user="me", password="a"),
            behind(server, there.url, user="me", password="b"),
            dataclasses.replace(there, verify=False),
            dataclasses.replace(there, certificate=ClientCertificate("/me.pem")),
            there,
        ):
            ask(exchange, endpoint)
        assert [each.connection for each in server.asked] == [1, 2, 3, 4, 5, 6, 1]


def test_no_repr_shows_a_secret():
    proxy = Proxy("h", 1, "me", "proxy-password")
    certificate = ClientCertificate("/me.pem", "", "passphrase-of-it")
    shown = repr(Endpoint("https", "h", 1, certificate=certificate, proxy=proxy)) + str(proxy)
    assert "proxy-password" not in shown
    assert "passphrase-of-it" not in shown
    assert str(proxy) == "http://me@h:1"


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("", ""),
        ("Basic", "Basic"),
        ('Basic realm="x, y", NTLM', "Basic, NTLM"),
        ('Digest realm="a", qop="auth", nonce="b==", Negotiate', "Digest, Negotiate"),
    ],
)
def test_schemes_are_read(header, names):
    assert schemes_of(header) == names


def test_a_reset_in_a_page_is_no_page_at_all(exchange):
    """Only what is said of a refusal may end early: a body that is wanted never does."""

    def serve(stream, _number):
        stream.read_head()
        stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")

    with serving(serve) as there, pytest.raises((ConnectionError, NoReplyError)):
        ask(exchange, there)
