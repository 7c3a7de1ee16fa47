"""Through SOCKS5: what is said to the proxy byte by byte, and whatever it may answer."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.proxies import Proxy, ProxyKind
from s4desk.core.wire.cancellation import CancelledJobError, CancelToken
from s4desk.core.wire.connection import ConnectionPool, Request
from s4desk.core.wire.endpoint import Endpoint, Timeouts
from s4desk.core.wire.exchange import Exchange, Scratch
from s4desk.core.wire.proxying import ProxyAnswerError, SilentProxyError
from tests.servers.listener import Listener
from tests.wire.scripted import ROOMY, reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GET = Request("GET", "/k", [("Host", "store.test")])
FINE = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"
HELLO = reply(b"hello")
HASTY = Timeouts(tick=0.05, tunnel=0.3)


@contextlib.contextmanager
def proxy_saying(*words: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Hears something before each word; the port, and what it heard. Then it waits for the end."""
    heard: list[bytes] = []

    def converse(sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for word in words:
                heard.append(sock.recv(4096))
                sock.sendall(word)
            if words and words[-1]:
                sock.recv(4096)

    listener = Listener("socks", converse)
    listener.open()
    try:
        yield listener.port, heard
    finally:
        listener.close()


def through(port: int, host: str = "10.0.0.9", **how: object) -> Endpoint:
    kind = how.pop("kind", ProxyKind.SOCKS5)
    proxy = Proxy("127.0.0.1", port, kind=kind, **how)
    return dataclasses.replace(Endpoint.parse(f"http://{host}:9000"), proxy=proxy)


@pytest.fixture
def ask() -> Iterator[Callable[..., bytes]]:
    pools = []

    def ask(endpoint: Endpoint, timeouts: Timeouts = ROOMY, token: CancelToken | None = None):
        pools.append(ConnectionPool(timeouts))
        exchange = Exchange(pools[-1], Scratch(), token or CancelToken())
        with exchange.request(endpoint, GET) as answer:
            return answer.read_all(1 << 20)

    yield ask
    for pool in pools:
        pool.close()


def test_an_address_is_asked_for_as_bytes_and_the_request_is_not_rewritten(ask):
    with proxy_saying(b"\x05\x00", FINE, HELLO) as (port, heard):
        assert ask(through(port)) == b"hello"
    assert heard[:2] == [b"\x05\x01\x00", b"\x05\x01\x00\x01\x0a\x00\x00\x09\x23\x28"]
    assert heard[2].startswith(b"GET /k HTTP/1.1\r\n")
    assert b"proxy" not in heard[2].lower()


def test_an_address_of_ipv6(ask):
    with proxy_saying(b"\x05\x00", FINE, HELLO) as (port, heard):
        ask(through(port, "[fd00::1]"))
    assert heard[1] == b"\x05\x01\x00\x04\xfd" + bytes(14) + b"\x01\x23\x28"


def test_a_name_is_looked_up_by_whom_it_is_left_to(ask):
    with proxy_saying(b"\x05\x00", FINE, HELLO) as (port, heard):
        ask(through(port, "store.test", kind=ProxyKind.SOCKS5H))
    assert heard[1] == b"\x05\x01\x00\x03\x0astore.test\x23\x28"
    with (
        proxy_saying(b"\x05\x00", FINE, HELLO) as (port, heard),
        pytest.raises(socket.gaierror),
    ):
        ask(through(port, "store.invalid"))
    assert b"".join(heard) == b""


@pytest.mark.parametrize(
    "bound",
    [b"\x01\x7f\x00\x00\x01\x00\x50", b"\x04" + bytes(16) + b"\x00\x50", b"\x03\x04here\x00\x50"],
)
def test_where_it_connects_from_is_read_over(ask, bound):
    with proxy_saying(b"\x05\x00", b"\x05\x00\x00" + bound, HELLO) as (port, _):
        assert ask(through(port)) == b"hello"


def test_a_user_signs_in_and_nobody_else_offers_to(ask):
    with proxy_saying(b"\x05\x02", b"\x01\x00", FINE, HELLO) as (port, heard):
        assert ask(through(port, user="ü", password="p:w")) == b"hello"
    assert heard[:2] == [b"\x05\x02\x00\x02", b"\x01\x02\xc3\xbc\x03p:w"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([b"\x05\xff"], 407, "wants a user"),
        ([b"\x05\x01"], 407, "wants a user"),
        ([b"\x05\x02", b"\x01\x01"], 407, "refuses the user"),
        ([b"\x05\x00", b"\x05\x02\x00\x01" + bytes(6)], 403, "rules"),
        ([b"\x05\x00", b"\x05\x04\x00\x01" + bytes(6)], 502, "host cannot be reached"),
        ([b"\x05\x00", b"\x05\x63\x00\x01" + bytes(6)], 502, "answered 99"),
    ],
)
def test_a_refusal_says_what_was_answered(ask, words, status, said):
    with proxy_saying(*words) as (port, _), pytest.raises(ProxyAnswerError, match=said) as caught:
        ask(through(port, user="me", password="x"))
    assert (caught.value.status, caught.value.target) == (status, "10.0.0.9:9000")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([b""], "closed the connection"),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "does not speak SOCKS5"),
        ([b"\x05\x00", b""], "closed the connection"),
    ],
)
def test_what_is_no_socks_proxy_is_told(ask, words, said):
    with proxy_saying(*words) as (port, _), pytest.raises(SilentProxyError, match=said):
        ask(through(port))


def test_one_that_says_nothing_is_given_up(ask):
    began = time.monotonic()
    with proxy_saying(b"\x05\x00", b"\x05") as (port, _), pytest.raises(SilentProxyError):
        ask(through(port), HASTY)
    assert time.monotonic() - began < 10


def test_who_stops_does_not_wait_for_it(ask):
    token = CancelToken()
    with proxy_saying(b"\x05\x00", b"\x05") as (port, heard):
        stopper = threading.Timer(0.2, token.cancel)
        stopper.start()
        with pytest.raises(CancelledJobError):
            ask(through(port), ROOMY, token)
        stopper.join()
    assert len(heard) == 2
