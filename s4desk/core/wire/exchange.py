"""What a job on a worker thread is given: requests, buffers, and whether it was cancelled."""

from __future__ import annotations

import contextlib
import mmap
from typing import TYPE_CHECKING

from s4desk.core.runtime.repeats import note_repeat
from s4desk.core.wire.connection import open_connection
from s4desk.core.wire.reply import BadReplyError, NoReplyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.wire.cancellation import CancelToken
    from s4desk.core.wire.connection import Connection, ConnectionPool, Request
    from s4desk.core.wire.endpoint import Endpoint, Timeouts
    from s4desk.core.wire.reply import Reply

COPY_BUFFER = 512 * 1024
"""Bytes that are read at once on their way from a file: they stay in the processor's cache."""

RECEIVE_BUFFER = 2 * 1024 * 1024
"""Bytes that are received and written at once: half as many threads wait for their turn to write
as with 512 KiB."""


class Scratch:
    """A buffer that a worker thread keeps for itself and uses for one job after another.

    It is anonymous memory of the system: a bytearray of 16 MiB is filled with zeros while the
    interpreter is locked, and eight of them make the window late by 80 ms.
    """

    def __init__(self) -> None:
        self._buffer = memoryview(b"")

    def view(self, size: int) -> memoryview:
        """`size` bytes of anything; the next call hands out the same ones."""
        if len(self._buffer) < size:
            self._buffer = memoryview(mmap.mmap(-1, size))
        return self._buffer[:size]


class Exchange:
    """The network, for one job. It blocks; only the job's own thread may use it."""

    def __init__(self, connections: ConnectionPool, scratch: Scratch, token: CancelToken) -> None:
        self.scratch = scratch
        self.token = token
        self._connections = connections

    @property
    def timeouts(self) -> Timeouts:
        return self._connections.timeouts

    @contextlib.contextmanager
    def request(self, endpoint: Endpoint, request: Request) -> Iterator[Reply]:
        """Send a request; the reply's body is read inside the block.

        An idempotent request whose reused connection turns out dead before a byte of a reply, or
        holds something that is none (the rest of the reply before), is sent once more on a fresh
        one. The connection is kept when the block ends without an error
        and the body was read to its end. Raises OSError, http.client.HTTPException,
        CancelledJobError, and what the payload raises.
        """
        connection, reply = self._send(endpoint, request)
        is_kept = False
        try:
            yield reply
            is_kept = connection.is_reusable
        finally:
            self._put_away(connection, keep=is_kept)

    def _send(self, endpoint: Endpoint, request: Request) -> tuple[Connection, Reply]:
        connection = None
        # A proxy that reads along may close a connection without a word (tinyproxy always does).
        if request.is_idempotent or not endpoint.is_forwarded:
            connection = self._connections.idle(endpoint)
        if connection is not None:
            try:
                return connection, self._attempt(connection, request)
            except (NoReplyError, BadReplyError) as error:
                self.token.check()
                if not request.is_idempotent:
                    raise NoReplyError(str(error)) from error
                if request.meter is not None:
                    request.meter.take_back()
                note_repeat()
        fresh = open_connection(endpoint, self.timeouts, self.token)
        return fresh, self._attempt(fresh, request)

    def _attempt(self, connection: Connection, request: Request) -> Reply:
        is_sent = False
        try:
            connection.adopt(self.token)
            reply = connection.send(request)
            is_sent = True
            return reply
        finally:
            if not is_sent:
                self._put_away(connection, keep=False)

    def _put_away(self, connection: Connection, *, keep: bool) -> None:
        self.token.let_go()
        # Only now can nobody shut it down any more.
        if keep and not self.token.is_cancelled:
            self._connections.give_back(connection)
        else:
            connection.close()
