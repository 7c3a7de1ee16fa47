"""The fault proxy passes requests unharmed, and does exactly what a fault says."""

from __future__ import annotations

import hashlib
import http.client
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.servers.endpoint import Endpoint
from tests.servers.fault import (
    Cut,
    EditHead,
    FaultProxy,
    Flip,
    Latency,
    Mask,
    Repeat,
    Reply,
    Stall,
    Trickle,
    dropped_reply,
    error_reply,
    html_reply,
    slow_down,
    truncated,
)
from tests.servers.http_stream import Head, IncompleteError, Stream, request_framing
from tests.servers.listener import Listener, reset_on_close

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

BODY = bytes(range(256)) * 40
MIB = 1 << 20


class Origin:
    """Keeps what is PUT and gives it back; `/early` refuses a body before reading it."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}
        self.received = 0
        self.stopped_short = threading.Event()
        self._listener = Listener("origin", self._serve)

    def __enter__(self) -> Origin:
        self._listener.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint("origin", f"http://127.0.0.1:{self._listener.port}", "k", "s")

    def _serve(self, sock: socket.socket) -> None:
        stream = Stream(sock)
        try:
            while (head := stream.read_head()) is not None:
                self._answer(stream, head)
        except (OSError, IncompleteError):
            self.stopped_short.set()

    def _answer(self, stream: Stream, head: Head) -> None:
        if head.target == "/early":
            stream.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
            raise ConnectionAbortedError
        if head.expects_continue:
            stream.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = bytearray()
        for piece in stream.body(request_framing(head)):
            self.received += len(piece)
            body += piece
        if head.method == "PUT":
            self.stored[head.target] = bytes(body)
            stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: e\r\n\r\n")
            return
        data = self.stored[head.target]
        stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: e\r\n\r\n" % len(data))
        if head.method == "GET":
            stream.send(data)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as started:
        started.stored["/x"] = BODY
        yield started


@pytest.fixture
def proxy(origin: Origin, fault_proxy: Callable[[Endpoint], FaultProxy]) -> FaultProxy:
    return fault_proxy(origin.endpoint)


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[http.client.HTTPConnection]:
    endpoint = proxy.endpoint
    connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=10)
    yield connection
    connection.close()


def ask(
    client: http.client.HTTPConnection, method: str, path: str = "/x", body: bytes | None = None
) -> tuple[int, bytes]:
    client.request(method, path, body)
    response = client.getresponse()
    return response.status, response.read()


def test_passes_on_one_connection(
    origin: Origin, proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    assert ask(client, "PUT", "/a?x=1", b"hello") == (200, b"")
    sock = client.sock
    assert ask(client, "GET", "/a?x=1") == (200, b"hello")
    assert ask(client, "HEAD") == (200, b"")
    assert client.sock is sock
    assert [(seen.method, seen.target, seen.status) for seen in proxy.requests] == [
        ("PUT", "/a?x=1", 200),
        ("GET", "/a?x=1", 200),
        ("HEAD", "/x", 200),
    ]
    put, get, _ = proxy.requests
    assert (put.body, put.body_bytes, get.response_bytes) == (b"hello", 5, 5)
    assert put.headers["content-length"] == "5"


def test_streams_large_and_chunked_bodies(
    origin: Origin, proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    block = hashlib.sha256(b"seed").digest() * (MIB // 32)
    client.request("PUT", "/big", iter([block] * 32), encode_chunked=True)
    assert client.getresponse().read() == b""
    assert proxy.requests[0].body_bytes > 32 * MIB
    assert len(proxy.requests[0].body) == 1 << 16
    origin.stored["/big"] = block * 64
    status, body = ask(client, "GET", "/big")
    assert status == 200
    assert hashlib.sha256(body).digest() == hashlib.sha256(block * 64).digest()


def test_continue_is_passed(
    origin: Origin, proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    client.connect()
    stream = Stream(client.sock)
    stream.send(b"PUT /c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
    interim = stream.read_head()
    assert interim is not None
    assert interim.status == 100
    stream.send(b"abc")
    final = stream.read_head()
    assert final is not None
    assert final.status == 200
    assert origin.stored["/c"] == b"abc"


def test_early_refusal_reaches_the_client(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    client.connect()
    client.putrequest("PUT", "/early")
    client.putheader("Content-Length", str(64 * MIB))
    client.endheaders()
    response = client.getresponse()
    assert (response.status, response.read()) == (403, b"no")
    # The body was promised and not sent: nothing more can be asked on this connection.
    assert client.sock.recv(1) == b""
    assert proxy.requests[0].body_bytes < 64 * MIB


def test_slow_down_for_matching_requests_only(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    rule = proxy.on(slow_down(), method="PUT", path_re=r"^/a\b", times=2, skip=1)
    statuses = [ask(client, "PUT", "/a", b"x")[0] for _ in range(4)]
    assert statuses == [200, 503, 503, 200]
    assert ask(client, "PUT", "/b", b"x")[0] == 200
    assert ask(client, "GET", "/a")[0] == 200
    assert rule.hits == 2


def test_scripted_reply_never_reaches_the_server(
    origin: Origin, proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    proxy.on(Reply(207, b"made up", {"X-Y": "z"}))
    client.request("PUT", "/new", b"body")
    response = client.getresponse()
    assert (response.status, response.read(), response.headers["X-Y"]) == (207, b"made up", "z")
    assert "/new" not in origin.stored


def test_undrained_reply_closes(proxy: FaultProxy, client: http.client.HTTPConnection) -> None:
    proxy.on(Reply(503, b"busy", drain=False))
    client.connect()
    client.putrequest("PUT", "/x")
    client.putheader("Content-Length", str(MIB))
    client.endheaders()
    response = client.getresponse()
    assert (response.status, response.read()) == (503, b"busy")
    assert response.headers["Connection"] == "close"


def test_error_body_under_200_and_html(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    proxy.on(error_reply(200, "InternalError", Retry_After="1"))
    proxy.on(html_reply())
    status, body = ask(client, "POST", "/x?uploadId=1", b"<x/>")
    assert status == 200
    assert b"<Code>InternalError</Code>" in body
    assert ask(client, "GET")[1].startswith(b"<!doctype html>")


@pytest.mark.parametrize("after", [0, 1, 1000, len(BODY)])
def test_reset_in_response(
    proxy: FaultProxy, client: http.client.HTTPConnection, after: int
) -> None:
    proxy.on(Cut(after=after))
    got: list[bytes] = []
    client.connect()
    stream = Stream(client.sock)
    stream.send(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
    assert stream.read_head() is not None
    with pytest.raises(ConnectionResetError):
        got.extend(stream.body(len(BODY) + 1))
    assert b"".join(got) == BODY[:after]


def test_truncated_response_ends_politely(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    proxy.on(truncated(1000))
    client.request("GET", "/x")
    with pytest.raises(http.client.IncompleteRead) as cut:
        client.getresponse().read()
    assert cut.value.partial == BODY[:1000]


@pytest.mark.parametrize("reset", [True, False])
def test_cut_in_request(
    origin: Origin, proxy: FaultProxy, client: http.client.HTTPConnection, reset: bool
) -> None:
    proxy.on(Cut(after=1000, direction="request", reset=reset))
    client.request("PUT", "/cut", BODY)
    with pytest.raises(ConnectionResetError if reset else http.client.RemoteDisconnected):
        client.getresponse()
    assert origin.stopped_short.wait(5)
    assert origin.received == 1000
    assert "/cut" not in origin.stored


def test_dropped_reply_after_the_server_acted(
    origin: Origin, proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    proxy.on(dropped_reply())
    client.request("PUT", "/kept", b"x")
    with pytest.raises(ConnectionResetError):
        client.getresponse()
    assert origin.stored["/kept"] == b"x"


def test_request_lost_before_the_server(
    origin: Origin, proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    proxy.on(Cut(after=None, direction="request", reset=False))
    client.request("PUT", "/lost", b"x")
    with pytest.raises(http.client.RemoteDisconnected):
        client.getresponse()
    assert "/lost" not in origin.stored


@pytest.mark.parametrize(
    "stall", [Stall(after=100), Stall(after=None), Stall(after=None, direction="request")]
)
def test_stall_until_released(
    proxy: FaultProxy, client: http.client.HTTPConnection, stall: Stall
) -> None:
    proxy.on(stall)
    client.request("GET", "/x")
    assert stall.reached.wait(5)
    assert not proxy.requests[0].is_done
    stall.release()
    assert client.getresponse().read() == BODY


def test_stop_releases_stalls(proxy: FaultProxy, client: http.client.HTTPConnection) -> None:
    stall = Stall(after=None)
    proxy.on(stall)
    client.request("GET", "/x")
    assert stall.reached.wait(5)
    proxy.stop()
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        client.getresponse()


@pytest.mark.parametrize("at", [0, 5000, len(BODY) - 1])
def test_flip_in_response(proxy: FaultProxy, client: http.client.HTTPConnection, at: int) -> None:
    proxy.on(Flip(at=at))
    _, body = ask(client, "GET")
    assert [i for i in range(len(BODY)) if body[i] != BODY[i]] == [at]
    assert ask(client, "GET") == (200, BODY)


def test_flip_in_request(
    origin: Origin, proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    proxy.on(Flip(at=7, direction="request"))
    ask(client, "PUT", "/flipped", BODY)
    stored = origin.stored["/flipped"]
    assert [i for i in range(len(BODY)) if stored[i] != BODY[i]] == [7]


def test_a_body_comes_twice_and_is_promised_once(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    proxy.on(Repeat())
    client.connect()
    stream = Stream(client.sock)
    stream.send(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
    head = stream.read_head()
    assert head is not None
    assert head.get("Content-Length") == str(len(BODY))
    assert b"".join(stream.body(2 * len(BODY))) == BODY * 2


def test_what_is_masked_keeps_its_length(
    origin: Origin, proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    origin.stored["/doc"] = b"<ETag>abc</ETag>"
    proxy.on(Mask(rb"(?<=ETag>)[^<]+"))
    assert ask(client, "GET", "/doc") == (200, b"<ETag>000</ETag>")


@pytest.mark.parametrize("length", ["5", None])
def test_wrong_length_on_head(
    proxy: FaultProxy, client: http.client.HTTPConnection, length: str | None
) -> None:
    proxy.on(EditHead({"Content-Length": length}), method="HEAD")
    client.request("HEAD", "/x")
    response = client.getresponse()
    response.read()
    assert response.headers["Content-Length"] == length


def test_missing_length_on_get_is_read_until_close(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    proxy.on(EditHead({"Content-Length": None, "ETag": '"other"'}))
    client.request("GET", "/x")
    response = client.getresponse()
    assert response.headers["ETag"] == '"other"'
    assert response.read() == BODY


def test_latency_and_trickle_take_their_time(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    proxy.on(Latency(0.15))
    proxy.on(Trickle(bytes_per_second=len(BODY) * 5))
    for _ in range(2):
        began = time.monotonic()
        assert ask(client, "GET") == (200, BODY)
        assert time.monotonic() - began >= 0.14


def test_down_refuses_and_up_answers_on_the_same_port(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    assert ask(client, "GET")[0] == 200
    url = proxy.endpoint.url
    proxy.down()
    client.close()
    with pytest.raises(ConnectionRefusedError):
        ask(client, "GET")
    proxy.up()
    client.close()
    assert ask(client, "GET")[0] == 200
    assert proxy.endpoint.url == url


def test_cut_connections_spares_new_ones(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    assert ask(client, "GET")[0] == 200
    proxy.cut_connections()
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(client, "GET")
    client.close()
    assert ask(client, "GET")[0] == 200


def test_dead_server_is_a_reset(
    origin: Origin, proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    origin.__exit__()
    client.request("GET", "/x")
    with pytest.raises(ConnectionResetError):
        client.getresponse()


def test_wait_until_sees_requests_of_other_threads(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    thread = threading.Thread(target=ask, args=(client, "GET"))
    thread.start()
    proxy.wait_until(lambda requests: any(seen.is_done for seen in requests))
    thread.join()
    with pytest.raises(TimeoutError):
        proxy.wait_until(lambda requests: len(requests) > 1, timeout_s=0.01)


def test_clear_forgets_rules(proxy: FaultProxy, client: http.client.HTTPConnection) -> None:
    proxy.on(slow_down(), times=None, where=lambda request: request.method == "GET")
    assert ask(client, "GET")[0] == 503
    proxy.clear()
    assert ask(client, "GET")[0] == 200


def test_client_that_gives_up_frees_the_server(
    origin: Origin, proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    client.connect()
    client.putrequest("PUT", "/half")
    client.putheader("Content-Length", str(MIB))
    client.endheaders(b"x" * 1000)
    proxy.wait_until(lambda requests: bool(requests) and requests[0].body_bytes == 1000)
    reset_on_close(client.sock)
    client.close()
    assert origin.stopped_short.wait(5)
    proxy.wait_until(lambda requests: requests[0].is_done)
