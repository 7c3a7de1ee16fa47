"""How the loop stops a worker thread that is blocked in a system call."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class CancelledJobError(Exception):
    """The job was cancelled; nobody waits for its result any more."""


class CancelToken:
    """Stops one job: shuts its socket down, so that a blocked call returns at once.

    The worker holds at most one socket at a time in the token, and takes it out before it closes
    it: a descriptor that the system has given to somebody else is never shut down.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cancelled = False
        self._is_detached = False
        self._sleeper: threading.Event | None = None

    @property
    def is_cancelled(self) -> bool:
        return self._is_cancelled

    @property
    def is_detached(self) -> bool:
        """Whether the worker is in a call that cannot be interrupted and touches no body."""
        with self._lock:
            return self._is_detached

    def check(self) -> None:
        if self._is_cancelled:
            raise CancelledJobError

    def hold(self, sock: socket.socket) -> None:
        """Let `sock` be shut down when the job is cancelled. Raises CancelledJobError."""
        with self._lock:
            self.check()
            self._socket = sock

    def let_go(self) -> None:
        with self._lock:
            self._socket = None

    def detached(self, call: Callable[[], T]) -> T:
        """Run `call`, which may block for long: a canceller need not wait for it."""
        with self._lock:
            self.check()
            self._is_detached = True
        try:
            return call()
        finally:
            with self._lock:
                self._is_detached = False
                self.check()

    def sleep(self, seconds: float) -> None:
        """Block for so long, unless the job is cancelled: then raises CancelledJobError at once."""
        with self._lock:
            self.check()
            if self._sleeper is None:
                self._sleeper = threading.Event()
        self._sleeper.wait(seconds)
        self.check()

    def cancel(self) -> None:
        with self._lock:
            self._is_cancelled = True
            if self._sleeper is not None:
                self._sleeper.set()
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
