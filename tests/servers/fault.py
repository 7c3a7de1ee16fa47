"""A proxy between a client and a server that does to chosen requests what networks do."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import socket
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

from tests.servers.faults import (
    Cut,
    Direction,
    EditHead,
    Fault,
    Flip,
    Latency,
    Mask,
    Repeat,
    Reply,
    SeveredError,
    Stall,
    Trickle,
    distort,
    dropped_reply,
    error_reply,
    html_reply,
    pause_or_cut,
    slow_down,
    truncated,
)
from tests.servers.http_stream import (
    Framing,
    Head,
    IncompleteError,
    InterruptedReadError,
    Stream,
    request_framing,
    response_framing,
)
from tests.servers.listener import Listener, finish, reset_on_close
from tests.servers.process import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.endpoint import Endpoint

__all__ = [
    "Cut",
    "Direction",
    "EditHead",
    "FaultProxy",
    "Flip",
    "Latency",
    "Mask",
    "RecordedRequest",
    "Repeat",
    "Reply",
    "Rule",
    "Stall",
    "Trickle",
    "dropped_reply",
    "error_reply",
    "html_reply",
    "slow_down",
    "truncated",
]

KEPT_BODY_BYTES = 1 << 16
_CONNECT_TIMEOUT_S = 10.0


@dataclass(slots=True)
class RecordedRequest:
    """A request that came; the counts grow while it passes.

    `target` is raw, with its query; header names are lower case; `body` is
    the first 64 KiB. `status` is None until a reply was begun.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    body_bytes: int = 0
    status: int | None = None
    response_bytes: int = 0
    is_done: bool = False


@dataclass(slots=True, eq=False)
class Rule:
    """A fault and the requests it befalls; `hits` says how often it did."""

    fault: Fault
    method: str | None
    path: re.Pattern[str] | None
    times: int | None
    skip: int
    where: Callable[[RecordedRequest], bool] | None
    hits: int = field(default=0)
    seen: int = field(default=0)

    def takes(self, request: RecordedRequest) -> bool:
        """Say whether the fault befalls this request, and count it."""
        if self.method is not None and request.method != self.method:
            return False
        if self.path is not None and self.path.search(request.target) is None:
            return False
        if self.where is not None and not self.where(request):
            return False
        self.seen += 1
        if self.seen <= self.skip or (self.times is not None and self.hits >= self.times):
            return False
        self.hits += 1
        return True


class FaultProxy:
    """Forwards HTTP/1.1 to an endpoint and injects faults by rules.

    Bodies are streamed, connections kept alive, and headers passed as they
    are, so that signatures stay valid. The first rule that takes a request
    decides; without one the request passes unharmed.
    """

    def __init__(self, target: Endpoint) -> None:
        if not target.url.startswith("http://"):
            raise ValueError("the fault proxy speaks to plain HTTP; put the TLS front before it")
        self._target = target
        self._listener = Listener("fault", self._serve)
        self._closing = threading.Event()
        self._changed = threading.Condition()
        self._rules: list[Rule] = []
        self._requests: list[RecordedRequest] = []

    def start(self) -> Endpoint:
        self._closing.clear()
        self._listener.open()
        return self.endpoint

    def stop(self) -> None:
        """End all connections; stalls are released."""
        self._closing.set()
        self._listener.close()

    def down(self) -> None:
        """Refuse connections and reset the present ones, as a server that died."""
        self.stop()

    def up(self) -> None:
        """Answer again, on the same port."""
        self.start()

    def cut_connections(self) -> None:
        """Reset the present connections; new ones are welcome."""
        self._listener.reset_connections()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def endpoint(self) -> Endpoint:
        """The target's endpoint by way of this proxy."""
        return dataclasses.replace(self._target, url=f"http://{LOOPBACK}:{self._listener.port}")

    def on(
        self,
        fault: Fault,
        *,
        method: str | None = None,
        path_re: str | None = None,
        times: int | None = 1,
        skip: int = 0,
        where: Callable[[RecordedRequest], bool] | None = None,
    ) -> Rule:
        """Let `fault` befall `times` matching requests (None: all) after the first `skip`.

        `path_re` is searched in the raw target, query included.
        """
        pattern = re.compile(path_re) if path_re is not None else None
        rule = Rule(fault, method, pattern, times, skip, where)
        with self._changed:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget the rules; what is under way goes on as it began."""
        with self._changed:
            self._rules.clear()

    @property
    def requests(self) -> list[RecordedRequest]:
        """All requests so far, in the order they came."""
        with self._changed:
            return list(self._requests)

    def wait_until(
        self, enough: Callable[[list[RecordedRequest]], bool], timeout_s: float = 10.0
    ) -> None:
        """Wait until the requests so far are `enough`; raises TimeoutError.

        Asked again whenever a request came, moved bytes, was answered or ended.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: enough(self._requests), timeout_s):
                raise TimeoutError(f"not enough among {len(self._requests)} requests")

    def _serve(self, sock: socket.socket) -> None:
        client, upstream = Stream(sock), _Upstream(self._listener, self._target)
        try:
            while self._exchange(client, upstream):
                pass
            finish(sock)
        except SeveredError as cut:
            if cut.reset:
                reset_on_close(sock)
                upstream.reset()
            else:
                finish(sock)
        except IncompleteError:
            finish(sock)
        except OSError:
            # One side is gone; the other shall see it as abruptly.
            with contextlib.suppress(OSError):
                reset_on_close(sock)
            upstream.reset()
        finally:
            upstream.close()

    def _exchange(self, client: Stream, upstream: _Upstream) -> bool:
        """Pass one request and its reply; say whether the connection lives on."""
        head = client.read_head()
        if head is None:
            return False
        request, fault = self._admit(head)
        try:
            if isinstance(fault, Reply):
                return self._answer(client, head, request, fault)
            pause_or_cut(fault, "request", self._closing)
            server = upstream.connected()
            reply, is_early = self._forward(client, server, head, request, fault)
            pause_or_cut(fault, "response", self._closing)
            is_kept = self._relay(client, server, reply, request, fault)
            return is_kept and not is_early and not head.wants_close
        finally:
            with self._changed:
                request.is_done = True
                self._changed.notify_all()

    def _admit(self, head: Head) -> tuple[RecordedRequest, Fault | None]:
        headers = {name.lower(): value for name, value in head.fields}
        request = RecordedRequest(head.method, head.target, headers)
        with self._changed:
            self._requests.append(request)
            rule = next((rule for rule in self._rules if rule.takes(request)), None)
            self._changed.notify_all()
        return request, rule.fault if rule is not None else None

    def _answer(self, client: Stream, head: Head, request: RecordedRequest, reply: Reply) -> bool:
        """Send a scripted reply; say whether the connection lives on."""
        is_drained = reply.drain and not head.expects_continue
        if is_drained:
            for piece in client.body(request_framing(head)):
                self._count_sent(request, piece)
        phrase = HTTPStatus(reply.status).phrase
        answer = Head(f"HTTP/1.1 {reply.status} {phrase}", list(reply.headers.items()))
        if not answer.get("Content-Length"):
            answer.put("Content-Length", str(len(reply.body)))
        if not is_drained:
            answer.put("Connection", "close")
        self._begin_reply(request, reply.status)
        client.send(answer.encode() + (b"" if head.method == "HEAD" else reply.body))
        return is_drained and not head.wants_close

    def _forward(
        self,
        client: Stream,
        server: Stream,
        head: Head,
        request: RecordedRequest,
        fault: Fault | None,
    ) -> tuple[Head, bool]:
        """Pass the request; return the head of the reply and whether it came before the end."""
        server.send(head.encode())
        if head.expects_continue:
            answer = _read_reply(server)
            if answer.status != HTTPStatus.CONTINUE:
                return answer, True
            client.send(answer.encode())
        is_early = False
        client.interrupted_by = server
        try:
            for piece in distort(
                client.body(request_framing(head)), fault, "request", self._closing
            ):
                self._count_sent(request, piece)
                is_early = not _sent(server, piece)
                if is_early:
                    break
        except InterruptedReadError:
            is_early = True
        finally:
            client.interrupted_by = None
        answer = _read_reply(server)
        while answer.status == HTTPStatus.CONTINUE:
            answer = _read_reply(server)
        return answer, is_early

    def _relay(
        self,
        client: Stream,
        server: Stream,
        reply: Head,
        request: RecordedRequest,
        fault: Fault | None,
    ) -> bool:
        """Pass the reply; say whether the connection lives on."""
        framing = response_framing(reply, request.method)
        is_kept = framing is not Framing.UNTIL_CLOSE and not reply.wants_close
        if isinstance(fault, EditHead):
            fault.apply(reply)
            # The client cannot tell where a body ends whose length is now wrong.
            is_kept = is_kept and framing == response_framing(reply, request.method)
        self._begin_reply(request, reply.status)
        client.send(reply.encode())
        for piece in distort(server.body(framing), fault, "response", self._closing):
            client.send(piece)
            with self._changed:
                request.response_bytes += len(piece)
                self._changed.notify_all()
        return is_kept

    def _count_sent(self, request: RecordedRequest, piece: bytes) -> None:
        with self._changed:
            request.body_bytes += len(piece)
            if len(request.body) < KEPT_BODY_BYTES:
                request.body += piece[: KEPT_BODY_BYTES - len(request.body)]
            self._changed.notify_all()

    def _begin_reply(self, request: RecordedRequest, status: int) -> None:
        with self._changed:
            request.status = status
            self._changed.notify_all()


class _Upstream:
    """The proxy's connection to the server, opened again when the server closed it."""

    def __init__(self, listener: Listener, target: Endpoint) -> None:
        self._listener = listener
        self._target = target
        self._stream: Stream | None = None

    def connected(self) -> Stream:
        if self._stream is not None and self._stream.has_input():
            # Between two replies only the end of the connection can be read.
            self.close()
        if self._stream is None:
            address = (self._target.host, self._target.port)
            sock = socket.create_connection(address, _CONNECT_TIMEOUT_S)
            sock.settimeout(None)
            self._listener.adopt(sock)
            self._stream = Stream(sock)
        return self._stream

    def reset(self) -> None:
        if self._stream is not None:
            with contextlib.suppress(OSError):
                reset_on_close(self._stream.sock)

    def close(self) -> None:
        if self._stream is not None:
            self._listener.release(self._stream.sock)
            self._stream = None


def _read_reply(server: Stream) -> Head:
    head = server.read_head()
    if head is None:
        raise ConnectionResetError("the server closed the connection instead of replying")
    return head


def _sent(server: Stream, piece: bytes) -> bool:
    """Send, or say that the server does not listen any more; it may have answered before."""
    try:
        server.send(piece)
    except OSError:
        return False
    return True
