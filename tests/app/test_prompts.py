"""Questions at a real terminal: a pseudo-terminal that the verb is the foreground of."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
from typing import TYPE_CHECKING

import pytest

from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

PATIENCE_S = 30
CTRL_C, CTRL_D = b"\x03", b"\x04"


class Session:
    """A verb in a terminal of its own, seen and typed into from outside."""

    def __init__(self, terminal: Terminal, *words: str) -> None:
        command, variables = terminal.command(*words), terminal.variables
        self.pid, self._screen = pty.fork()
        if not self.pid:
            os.execve(command[0], command, variables)
        self.seen = b""

    def until(self, pattern: bytes) -> None:
        while not re.search(pattern, self.seen):
            assert self._read(), self.seen

    def type(self, keys: bytes) -> None:
        os.write(self._screen, keys)

    def end(self) -> int:
        """Whatever is still written, and the exit code."""
        while self._read():
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._screen)

    def _read(self) -> bytes:
        ready, _, _ = select.select([self._screen], [], [], PATIENCE_S)
        assert ready, f"nothing more after {self.seen!r}"
        try:
            more = os.read(self._screen, 65536)
        except OSError:  # nobody has it open any more
            return b""
        self.seen += more
        return more


@contextlib.contextmanager
def session(terminal: Terminal, *words: str) -> Iterator[Session]:
    running = Session(terminal, *words)
    try:
        yield running
    finally:
        running.close()


ADD = ("connections", "add", "T", "--endpoint", "http://127.0.0.1:9", "--credentials", "keyring")


QUESTIONS = (b"Key id: ", b"Secret key: ", b"token[^:]*: ")


@pytest.mark.parametrize("answered", [0, 1, 2])
def test_each_question_for_a_key_ends_at_ctrl_c(terminal: Terminal, answered: int):
    with session(terminal, *ADD) as verb:
        for question in QUESTIONS[:answered]:
            verb.until(question)
            verb.type(b"typed\n")
        verb.until(QUESTIONS[answered])
        verb.type(CTRL_C)
        assert verb.end() == 130
        assert b"Interrupted." in verb.seen
        assert b"Traceback" not in verb.seen
    assert terminal.ok("connections", "list").lines == []


def test_a_key_is_typed_unseen(terminal: Terminal):
    with session(terminal, *ADD) as verb:
        verb.until(b"Key id: ")
        verb.type(b"AKIA-seen\n")
        verb.until(b"Secret key: ")
        verb.type(b"never-seen\n")
        verb.until(b"token[^:]*: ")
        verb.type(b"\n")
        assert verb.end() == 0
        assert b"AKIA-seen" in verb.seen
        assert b"never-seen" not in verb.seen
    assert b"never-seen" in terminal.keyring.read_bytes()


@pytest.mark.parametrize(("key", "code"), [(CTRL_C, 130), (b"half" + CTRL_C, 130), (CTRL_D, 1)])
def test_a_question_before_a_deletion_ends_at_once(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, key: bytes, code: int
):
    terminal.add("T", ceph)
    with s3_client(ceph) as client:
        client.put_object(Bucket=ceph_bucket, Key="p/1", Body=b"12345")
    with session(terminal, "rm", "-r", f"T:{ceph_bucket}/p") as verb:
        verb.until("Type “yes”: ".encode())
        verb.type(key)
        assert verb.end() == code
        assert b"Traceback" not in verb.seen
    assert len(terminal.ok("ls", "-r", f"T:{ceph_bucket}").lines) == 1
