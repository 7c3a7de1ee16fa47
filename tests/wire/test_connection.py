"""Connections: reused when clean, never when not; limits, early replies, dead ones."""

from __future__ import annotations

import contextvars
import dataclasses
import socket
import ssl
import threading
import time

import pytest

from s4desk.core.runtime.repeats import listen
from s4desk.core.wire.cancellation import CancelledJobError, CancelToken
from s4desk.core.wire.connection import ConnectionPool, Meter, Request
from s4desk.core.wire.endpoint import Endpoint, Timeouts
from s4desk.core.wire.exchange import Exchange, Scratch
from s4desk.core.wire.payload import BufferPayload
from s4desk.core.wire.reply import NoReplyError, TruncatedReplyError
from tests.servers.authority import issue
from tests.servers.endpoint import Endpoint as Server
from tests.servers.listener import reset_on_close
from tests.servers.tls import TlsFront
from tests.wire.scripted import ROOMY, SHORT, ScriptedServer, reply, serving

MIB = 1 << 20
GET = Request("GET", "/", [("Host", "x")])


@pytest.fixture
def connections():
    pool = ConnectionPool(ROOMY)
    yield pool
    pool.close()


@pytest.fixture
def exchange(connections):
    return Exchange(connections, Scratch(), CancelToken())


@pytest.fixture
def hasty(connections):
    """An exchange with short limits."""
    connections.timeouts = SHORT
    return Exchange(connections, Scratch(), CancelToken())


def put(body: bytes, **how: object) -> Request:
    return Request("PUT", "/k", [("Host", "x")], BufferPayload(memoryview(body)), **how)


def ask(exchange, endpoint, request=GET):
    with exchange.request(endpoint, request) as answer:
        return answer.status, answer.read_all(10 * MIB)


def test_a_connection_is_used_again(exchange):
    with ScriptedServer(reply(b"hello")) as server:
        for _ in range(3):
            assert ask(exchange, server.endpoint) == (200, b"hello")
        assert server.connections == 1


def test_a_body_is_sent_and_counted(exchange):
    for size in (0, 10, 3 * MIB):
        moved = []
        body = bytes(range(256)) * (size // 256 + 1)
        body = body[:size]
        with ScriptedServer(reply()) as server:
            assert ask(exchange, server.endpoint, put(body, meter=Meter(moved.append)))[0] == 200
            assert server.asked[0].body == body
            assert server.asked[0].headers["content-length"] == str(size)
        assert sum(moved) == size


@pytest.mark.parametrize(
    "said",
    [
        reply(b"x", Connection="close"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
        reply(b"xHTTP/1.1 200 unasked", length=1),
    ],
)
def test_a_connection_that_may_hold_more_is_not_used_again(exchange, said):
    with ScriptedServer(said) as server:
        for _ in range(2):
            assert ask(exchange, server.endpoint) == (200, b"x")
        assert server.connections == 2


def test_a_connection_whose_body_was_not_read_is_not_used_again(exchange):
    with ScriptedServer(reply(b"hello")) as server:
        with exchange.request(server.endpoint, GET) as answer:
            assert answer.status == 200
        ask(exchange, server.endpoint)
        assert server.connections == 2


def test_a_connection_whose_body_is_still_to_come_is_not_used_again(exchange):
    def serve(stream, number):
        stream.read_head()
        stream.send(reply(b"" if number == 1 else b"hello", length=5))
        if stream.read_head() is not None:
            stream.send(b"first" + reply(b"other"))

    with serving(serve) as endpoint:
        with exchange.request(endpoint, GET) as answer:
            assert answer.status == 200
        assert ask(exchange, endpoint) == (200, b"hello")


def test_a_connection_is_closed_when_its_reader_fails(exchange):
    with ScriptedServer(reply(b"hello")) as server:
        with pytest.raises(KeyError), exchange.request(server.endpoint, GET) as answer:
            {}[answer.read_all(10)]
        ask(exchange, server.endpoint)
        assert server.connections == 2


def test_an_idle_connection_expires(exchange, connections):
    connections.timeouts = dataclasses.replace(ROOMY, idle=-1.0)
    with ScriptedServer(reply()) as server:
        for _ in range(2):
            ask(exchange, server.endpoint)
        assert server.connections == 2


def test_expired_connections_are_dropped(exchange, connections):
    closed = threading.Event()

    def serve(stream, _number):
        while stream.read_head() is not None:
            stream.send(reply())
        closed.set()

    with serving(serve) as endpoint:
        ask(exchange, endpoint)
        connections.drop_expired()
        assert not closed.is_set()
        connections.timeouts = dataclasses.replace(ROOMY, idle=0.0)
        connections.drop_expired()
        assert closed.wait(5)


def test_one_that_was_closed_while_idle_is_noticed(exchange):
    gone = threading.Event()

    def serve(stream, number):
        stream.read_head()
        stream.send(reply(b"%d" % number))
        stream.sock.shutdown(socket.SHUT_RDWR)
        gone.set()

    with serving(serve) as endpoint:
        assert ask(exchange, endpoint) == (200, b"1")
        assert gone.wait(5)
        request = dataclasses.replace(GET, is_idempotent=False)
        assert ask(exchange, endpoint, request) == (200, b"2")


def hangs_up_on_the_second(stream, number):
    """Reads a second request on the first connection and resets it without a reply."""
    stream.read_head()
    if number == 1:
        stream.send(reply())
        stream.read_head()
        reset_on_close(stream.sock)
    else:
        stream.send(reply(b"fresh"))


def test_a_dead_connection_is_replaced_once(exchange):
    heard = []

    def ask_twice(endpoint):
        listen(lambda: heard.append(endpoint))
        ask(exchange, endpoint)
        assert not heard
        assert ask(exchange, endpoint) == (200, b"fresh")

    with serving(hangs_up_on_the_second) as endpoint:
        contextvars.copy_context().run(ask_twice, endpoint)
        assert heard == [endpoint]


def says_too_much(stream, number):
    """Sends the rest of a reply when the next request has come."""
    stream.read_head()
    stream.send(reply(b"once"))
    if number == 1:
        stream.read_head()
        stream.send(b"<once/>\r\n\r\n")


def test_what_is_left_of_a_reply_is_no_reply(exchange):
    with serving(says_too_much) as endpoint:
        ask(exchange, endpoint)
        assert ask(exchange, endpoint) == (200, b"once")


def test_what_is_left_of_a_reply_answers_no_request_that_acts_once(exchange):
    with serving(says_too_much) as endpoint:
        ask(exchange, endpoint)
        with pytest.raises(NoReplyError):
            ask(exchange, endpoint, dataclasses.replace(GET, is_idempotent=False))


def test_what_must_not_happen_twice_is_not_sent_twice(exchange):
    with serving(hangs_up_on_the_second) as endpoint:
        ask(exchange, endpoint)
        with pytest.raises(NoReplyError):
            ask(exchange, endpoint, dataclasses.replace(GET, is_idempotent=False))


def test_a_fresh_connection_that_dies_is_not_replaced(exchange):
    served = []

    def serve(stream, number):
        served.append(number)
        stream.read_head()
        reset_on_close(stream.sock)

    with serving(serve) as endpoint, pytest.raises(NoReplyError):
        ask(exchange, endpoint)
    assert served == [1]


def test_progress_is_taken_back_when_a_body_is_sent_again(exchange):
    def serve(stream, number):
        head = stream.read_head()
        if number == 1 and head.method == "GET":
            stream.send(reply())
            stream.read_head()
            stream.sock.recv(MIB)
            reset_on_close(stream.sock)
            return
        sum(map(len, stream.body(4 * MIB)))
        stream.send(reply(b"all"))

    moved = []
    with serving(serve) as endpoint:
        ask(exchange, endpoint)
        assert ask(exchange, endpoint, put(bytes(4 * MIB), meter=Meter(moved.append)))[1] == b"all"
    assert sum(moved) == 4 * MIB
    assert min(moved) < 0


@pytest.mark.parametrize("ending", [reset_on_close, lambda sock: sock.shutdown(socket.SHUT_WR)])
def test_a_reply_to_half_a_body_is_read(exchange, ending):
    """An overloaded store answers 503 and hangs up while the body is still on its way."""

    def serve(stream, _number):
        stream.read_head()
        stream.send(reply(b"slow down", status=503))
        answered.wait(5)
        ending(stream.sock)

    answered = threading.Event()
    with serving(serve) as endpoint:
        with exchange.request(endpoint, put(bytes(64 * MIB))) as answer:
            assert (answer.status, answer.read_all(100)) == (503, b"slow down")
        answered.set()


def test_after_an_early_reply_the_connection_is_not_used_again(exchange):
    def serve(stream, number):
        head = stream.read_head()
        stream.send(reply(b"%d" % number, status=503 if head.method == "PUT" else 200))
        done.wait(5)

    done = threading.Event()
    with serving(serve) as endpoint:
        assert ask(exchange, endpoint, put(bytes(64 * MIB))) == (503, b"1")
        assert ask(exchange, endpoint) == (200, b"2")
        done.set()


def test_a_store_that_says_nothing_is_not_waited_for(hasty):
    done = threading.Event()

    def serve(stream, _number):
        stream.read_head()
        done.wait(5)

    with serving(serve) as endpoint:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            ask(hasty, endpoint)
        assert time.monotonic() - began < 3
        done.set()


def test_a_request_may_have_more_time(hasty):
    def serve(stream, _number):
        stream.read_head()
        later.wait(0.8)
        stream.send(reply(b"done"))

    later = threading.Event()
    with serving(serve) as endpoint:
        patient = dataclasses.replace(GET, first_byte=5.0)
        assert ask(hasty, endpoint, patient) == (200, b"done")


def test_a_body_that_stalls_is_given_up(hasty):
    done = threading.Event()

    def serve(stream, _number):
        stream.read_head()
        stream.send(reply(b"some", length=100))
        done.wait(5)

    with serving(serve) as endpoint:
        with pytest.raises(TimeoutError):
            ask(hasty, endpoint)
        done.set()


def test_a_store_that_stops_reading_is_given_up(hasty):
    done = threading.Event()

    def serve(stream, _number):
        stream.read_head()
        done.wait(5)

    with serving(serve) as endpoint:
        with pytest.raises(TimeoutError):
            ask(hasty, endpoint, put(bytes(64 * MIB)))
        done.set()


def test_a_slow_body_is_no_stall_and_tells_its_progress(hasty):
    pause = threading.Event()

    def serve(stream, _number):
        stream.read_head()
        stream.send(reply(b"", length=10))
        for _ in range(10):
            pause.wait(0.1)
            stream.send(b"x")

    seen = []
    with serving(serve) as endpoint, hasty.request(endpoint, GET) as answer:
        view = memoryview(bytearray(100))
        while count := answer.read_into(view):
            seen.append(count)
    assert sum(seen) == 10
    assert len(seen) > 5


def test_a_cut_body_is_an_error(exchange):
    def serve(stream, _number):
        stream.read_head()
        stream.send(reply(b"some", length=100))
        stream.sock.shutdown(socket.SHUT_WR)

    with serving(serve) as endpoint, pytest.raises(TruncatedReplyError):
        ask(exchange, endpoint)


@pytest.mark.parametrize("when", ["before", "head", "body", "sending"])
def test_cancelling_wakes_a_blocked_thread(connections, when):
    reached, done = threading.Event(), threading.Event()

    def serve(stream, _number):
        if when == "sending":
            reached.set()
        else:
            stream.read_head()
            if when == "body":
                stream.send(reply(b"some", length=100))
            reached.set()
        done.wait(5)

    token = CancelToken()
    connections.timeouts = Timeouts(first_byte=20, stall=20, tick=15)
    exchange = Exchange(connections, Scratch(), token)
    outcome = []

    def work():
        try:
            ask(exchange, endpoint, put(bytes(64 * MIB)) if when == "sending" else GET)
        except CancelledJobError as error:
            outcome.append(error)

    with serving(serve) as endpoint:
        if when == "before":
            token.cancel()
        thread = threading.Thread(target=work)
        thread.start()
        if when != "before":
            assert reached.wait(5)
        token.cancel()
        thread.join(3)
        assert not thread.is_alive()
        done.set()
    assert len(outcome) == 1


def test_nobody_listens(exchange):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        ask(exchange, Endpoint("http", "127.0.0.1", port))


def test_a_name_that_does_not_exist(exchange):
    with pytest.raises(socket.gaierror):
        ask(exchange, Endpoint("http", "s3.invalid", 80))


def test_the_second_address_is_tried(exchange, monkeypatch):
    with ScriptedServer(reply(b"v4")) as server:
        port = server.endpoint.port
        dead, alive = ("::1", port, 0, 0), ("127.0.0.1", port)
        found = [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", dead),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", alive),
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        assert ask(exchange, Endpoint("http", "localhost", port)) == (200, b"v4")


def full_backlog() -> tuple[socket.socket, list[socket.socket]]:
    """A listener that answers no SYN any more."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = []
    for _ in range(4):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(listening.getsockname())
        waiting.append(sock)
    return listening, waiting


def test_a_host_that_does_not_answer_is_given_up(hasty):
    listening, waiting = full_backlog()
    try:
        began = time.monotonic()
        with pytest.raises(TimeoutError) as caught:
            ask(hasty, Endpoint("http", "127.0.0.1", listening.getsockname()[1]))
        assert caught.value.errno
        assert 0.9 < time.monotonic() - began < 3
    finally:
        for sock in (*waiting, listening):
            sock.close()


def test_a_slow_address_does_not_hold_up_a_good_one(exchange, monkeypatch):
    listening, waiting = full_backlog()
    try:
        with ScriptedServer(reply(b"good")) as server:
            found = [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", listening.getsockname()),
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.endpoint.port)),
            ]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
            assert ask(exchange, Endpoint("http", "localhost", 1)) == (200, b"good")
    finally:
        for sock in (*waiting, listening):
            sock.close()


def test_a_header_with_a_line_break_is_refused(exchange):
    with ScriptedServer(reply()) as server:
        for value in ("a\r\nX: b", "a\nb", "a\rb"):
            with pytest.raises(ValueError, match="line break"):
                ask(exchange, server.endpoint, Request("GET", "/", [("X", value)]))
        assert not server.asked


# TLS


@pytest.fixture
def secure():
    """Put TLS before a scripted server: (front, server, certificate file)."""
    with ScriptedServer(lambda asked: reply(asked.body or b"hello " * 100_000)) as server:
        target = Server("scripted", server.endpoint.url, "", "")
        front = TlsFront(target)
        started = front.start()
        yield Endpoint.parse(started.url, ca_file=str(started.ca)), server
        front.stop()


def test_tls_carries_both_directions(exchange, secure):
    endpoint, server = secure
    assert ask(exchange, endpoint) == (200, b"hello " * 100_000)
    body = bytes(range(256)) * 8192
    moved = []
    assert ask(exchange, endpoint, put(body, meter=Meter(moved.append))) == (200, body)
    assert sum(moved) == len(body)
    assert server.connections == 1


def test_an_early_reply_inside_tls_is_read(exchange):
    def serve(stream, _number):
        stream.read_head()
        stream.send(reply(b"slow down", status=503))
        done.wait(5)

    done = threading.Event()
    with serving(serve) as plain:
        front = TlsFront(Server("raw", plain.url, "", ""))
        started = front.start()
        try:
            endpoint = Endpoint.parse(started.url, ca_file=str(started.ca))
            assert ask(exchange, endpoint, put(bytes(64 * MIB))) == (503, b"slow down")
        finally:
            done.set()
            front.stop()


def test_an_unknown_authority_is_not_trusted(exchange, secure, tmp_path):
    endpoint, _ = secure
    for ca_file in ("", str(issue(tmp_path).ca)):
        stranger = dataclasses.replace(endpoint, ca_file=ca_file)
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(exchange, stranger)


def test_a_certificate_for_another_name_is_not_trusted(exchange):
    with ScriptedServer(reply()) as server:
        front = TlsFront(Server("scripted", server.endpoint.url, "", ""), names=("other.test",))
        started = front.start()
        try:
            with pytest.raises(ssl.SSLCertVerificationError, match="localhost"):
                ask(exchange, Endpoint.parse(started.url, ca_file=str(started.ca)))
        finally:
            front.stop()


def test_a_missing_certificate_file_is_a_tls_error(exchange, secure, tmp_path):
    endpoint, _ = secure
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    for file in (tmp_path / "none.pem", broken):
        with pytest.raises(ssl.SSLError, match=file.name):
            ask(exchange, dataclasses.replace(endpoint, ca_file=str(file)))


def test_a_plain_server_does_not_speak_tls(hasty):
    with ScriptedServer(reply()) as server:
        endpoint = dataclasses.replace(server.endpoint, scheme="https")
        with pytest.raises(ssl.SSLError) as told:
            ask(hasty, endpoint)
    assert told.value.reason == "WRONG_VERSION_NUMBER"
