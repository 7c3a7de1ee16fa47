"""Files that the kernel sends: the same limits, the same ends, and never a byte too many."""

from __future__ import annotations

import contextlib
import errno
import os
import threading

import pytest

from s4desk.core.domain.errors import SourceChangedError
from s4desk.core.domain.parts import Span
from s4desk.core.wire import dial
from s4desk.core.wire.body import FileSource, Slice
from s4desk.core.wire.cancellation import CancelledJobError, CancelToken
from s4desk.core.wire.checksums import running_sum
from s4desk.core.wire.connection import ConnectionPool, Meter, Request
from s4desk.core.wire.endpoint import Endpoint, Timeouts
from s4desk.core.wire.exchange import Exchange, Scratch
from s4desk.core.wire.payload import FilePayload, prepare
from s4desk.core.wire.reply import NoReplyError
from tests.servers.endpoint import Endpoint as Server
from tests.servers.listener import reset_on_close
from tests.servers.tls import TlsFront
from tests.wire.scripted import ROOMY, SHORT, ScriptedServer, reply, serving

MIB = 1 << 20
SIZE = 3 * MIB + 5
LONG = 64 * MIB
GET = Request("GET", "/", [("Host", "x")])

pytestmark = pytest.mark.skipif(not hasattr(os, "sendfile"), reason="no sendfile here")


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
    connections.timeouts = SHORT
    return Exchange(connections, Scratch(), CancelToken())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes((bytes(range(251)) * (SIZE // 251 + 2))[: SIZE + 10])
    return path


@pytest.fixture
def long_file(tmp_path):
    """Longer than what fits between two ends of a connection."""
    path = tmp_path / "long"
    with path.open("wb") as out:
        out.truncate(LONG)
    return path


@pytest.fixture
def kernel(monkeypatch):
    """What the kernel was asked to send, as (offset, count)."""
    runs = []
    send = os.sendfile

    def counted(out, descriptor, offset, count):
        runs.append((offset, count))
        return send(out, descriptor, offset, count)

    monkeypatch.setattr(os, "sendfile", counted)
    return runs


@contextlib.contextmanager
def put(exchange, path, span, **how):
    """A request with a slice of a file, to a store that compares sums."""
    source = FileSource(path)
    try:
        body = Slice(source, span)
        payload = prepare(body, [running_sum("crc64nvme")], exchange, is_compared=True)
        assert isinstance(payload, FilePayload)
        yield Request("PUT", "/k", [("Host", "x")], payload, **how)
    finally:
        source.close()


def ask(exchange, endpoint, request=GET):
    with exchange.request(endpoint, request) as answer:
        return answer.status, answer.read_all(10 * MIB)


@pytest.mark.parametrize("has_kernel_timeouts", [True, False])
def test_a_slice_of_a_file_arrives(exchange, file, kernel, monkeypatch, has_kernel_timeouts):
    monkeypatch.setattr(dial, "_KERNEL_TIMEOUTS", has_kernel_timeouts and dial._KERNEL_TIMEOUTS)
    moved = []
    with ScriptedServer(reply()) as server:
        for _ in range(2):
            with put(exchange, file, Span(3, SIZE), meter=Meter(moved.append)) as request:
                ask(exchange, server.endpoint, request)
        assert {each.body for each in server.asked} == {file.read_bytes()[3 : SIZE + 3]}
        assert server.connections == 1
    assert sum(moved) == 2 * SIZE
    assert kernel[0][0] == 3
    assert max(count for _, count in kernel) > kernel[0][1]


def test_what_the_kernel_cannot_send_is_read(exchange, file, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EINVAL, "not here")

    monkeypatch.setattr(os, "sendfile", refuse)
    with ScriptedServer(reply()) as server, put(exchange, file, Span(3, SIZE)) as request:
        ask(exchange, server.endpoint, request)
        assert server.asked[0].body == file.read_bytes()[3 : SIZE + 3]


def test_a_disk_that_fails_midway_is_read_from_there(exchange, file, kernel, monkeypatch):
    send = os.sendfile

    def fail_late(out, descriptor, offset, count):
        if kernel:
            raise OSError(errno.EIO, "bad sector")
        return send(out, descriptor, offset, count)

    monkeypatch.setattr(os, "sendfile", fail_late)
    with ScriptedServer(reply()) as server, put(exchange, file, Span(3, SIZE)) as request:
        ask(exchange, server.endpoint, request)
        assert server.asked[0].body == file.read_bytes()[3 : SIZE + 3]


@pytest.fixture
def secure():
    """Put TLS before a scripted server."""
    with ScriptedServer(reply()) as server:
        front = TlsFront(Server("scripted", server.endpoint.url, "", ""))
        started = front.start()
        yield Endpoint.parse(started.url, ca_file=str(started.ca)), server
        front.stop()


def test_over_tls_it_is_read(exchange, secure, file, kernel):
    endpoint, server = secure
    with put(exchange, file, Span(3, SIZE)) as request:
        ask(exchange, endpoint, request)
    assert server.asked[0].body == file.read_bytes()[3 : SIZE + 3]
    assert not kernel


def test_over_tls_a_change_is_seen_here(exchange, secure, file):
    endpoint, server = secure
    with put(exchange, file, Span(3, SIZE)) as request:
        with file.open("r+b") as out:
            out.seek(MIB)
            out.write(b"changed")
        with pytest.raises(SourceChangedError):
            ask(exchange, endpoint, request)
    assert not server.asked


@pytest.mark.parametrize("length", [0, MIB, LONG - 1000])
def test_a_file_cut_short_while_it_is_sent_is_never_completed(exchange, long_file, length):
    came = []
    ended = threading.Event()

    def serve(stream, _number):
        stream.read_head()
        os.truncate(long_file, length)
        with contextlib.suppress(Exception):
            came.extend(map(len, stream.body(LONG)))
        ended.set()

    with (
        serving(serve) as endpoint,
        put(exchange, long_file, Span(0, LONG)) as request,
        pytest.raises(SourceChangedError),
    ):
        ask(exchange, endpoint, request)
    assert ended.wait(5)
    assert sum(came) < LONG


def test_a_file_that_was_changed_is_found_out_by_asking(exchange, file):
    with put(exchange, file, Span(3, SIZE)) as request:
        request.payload.check()
        with file.open("r+b") as out:
            out.seek(SIZE + 2)
            out.write(b"!")
        with pytest.raises(SourceChangedError):
            request.payload.check()


def test_an_early_reply_is_read(exchange, long_file):
    def serve(stream, number):
        head = stream.read_head()
        stream.send(reply(b"%d" % number, status=503 if head.method == "PUT" else 200))
        hung_up.append(not done.wait(5))

    done, hung_up = threading.Event(), []
    with serving(serve) as endpoint, put(exchange, long_file, Span(0, LONG)) as request:
        assert ask(exchange, endpoint, request) == (503, b"1")
        assert ask(exchange, endpoint) == (200, b"2")
        assert not hung_up
        done.set()


def test_a_cut_connection_is_replaced_once_and_progress_taken_back(exchange, long_file):
    def serve(stream, number):
        head = stream.read_head()
        if head.method == "GET":
            stream.send(reply())
            stream.read_head()
            stream.sock.recv(MIB)
            reset_on_close(stream.sock)
            return
        came.append(sum(map(len, stream.body(LONG))))
        stream.send(reply(b"all"))

    came, moved = [], []
    with serving(serve) as endpoint:
        ask(exchange, endpoint)
        meter = Meter(moved.append)
        with put(exchange, long_file, Span(0, LONG), meter=meter) as request:
            assert ask(exchange, endpoint, request)[1] == b"all"
    assert came == [LONG]
    assert sum(moved) == LONG
    assert min(moved) < 0


def test_a_fresh_connection_that_is_cut_is_an_error(exchange, long_file):
    def serve(stream, _number):
        stream.read_head()
        stream.sock.recv(MIB)
        reset_on_close(stream.sock)

    with (
        serving(serve) as endpoint,
        put(exchange, long_file, Span(0, LONG)) as request,
        pytest.raises(NoReplyError),
    ):
        ask(exchange, endpoint, request)


@pytest.mark.parametrize("has_kernel_timeouts", [True, False])
def test_a_store_that_stops_reading_is_given_up(
    hasty, long_file, kernel, monkeypatch, has_kernel_timeouts
):
    monkeypatch.setattr(dial, "_KERNEL_TIMEOUTS", has_kernel_timeouts and dial._KERNEL_TIMEOUTS)
    done = threading.Event()

    def serve(stream, _number):
        stream.read_head()
        done.wait(5)

    with serving(serve) as endpoint, put(hasty, long_file, Span(0, LONG)) as request:
        with pytest.raises(TimeoutError):
            ask(hasty, endpoint, request)
        done.set()
    assert len(kernel) < 200, "it asks without a pause"


def test_a_slow_store_is_no_stall_and_its_progress_is_told(hasty, long_file):
    """It takes longer than the limit, and never stops for as long as that."""
    pause = threading.Event()

    def serve(stream, _number):
        stream.read_head()
        for _ in range(10):
            pause.wait(0.1)
            stream.sock.recv(2 * MIB)
        reset_on_close(stream.sock)

    moved = []
    with (
        serving(serve) as endpoint,
        put(hasty, long_file, Span(0, LONG), meter=Meter(moved.append)) as request,
        pytest.raises(NoReplyError),
    ):
        ask(hasty, endpoint, request)
    assert len(moved) > 5


def test_cancelling_wakes_the_thread(connections, long_file):
    reached, done = threading.Event(), threading.Event()

    def serve(stream, _number):
        stream.read_head()
        reached.set()
        done.wait(5)

    token = CancelToken()
    connections.timeouts = Timeouts(first_byte=20, stall=20, tick=15)
    exchange = Exchange(connections, Scratch(), token)
    outcome = []

    def work():
        try:
            with put(exchange, long_file, Span(0, LONG)) as request:
                ask(exchange, endpoint, request)
        except CancelledJobError as error:
            outcome.append(error)

    with serving(serve) as endpoint:
        thread = threading.Thread(target=work)
        thread.start()
        assert reached.wait(5)
        token.cancel()
        thread.join(3)
        assert not thread.is_alive()
        done.set()
    assert len(outcome) == 1
