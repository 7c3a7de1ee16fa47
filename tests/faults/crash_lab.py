"""`kill -9` of the real program at a chosen moment, and what the next run makes of it."""

from __future__ import annotations

import random
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tests.servers.client import s3_client
from tests.servers.fault import FaultProxy, Stall

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.terminal import Ended, Terminal
    from tests.servers.fault import Direction, RecordedRequest

MIB = 1024**2
PART = 5 * MIB
PARTS = 4
SIZE = PARTS * PART - 7
IN_FLIGHT = 2
RANGES = 6
"""Of what is downloaded: more than goes in one request, whatever the size of parts."""
CONTENT = random.Random(3).randbytes(RANGES * PART - 3 * MIB)
SMALL = CONTENT[:MIB]
SETTINGS = f"part_limit = {IN_FLIGHT}\npart_size = {PART}\nmultipart_from = {PART}\n"
REACHED_S = 30


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request has got so far that it can be told from outside.

    The `nth` one of `method` whose target has `path` in it (a regular expression) is stopped after
    that many bytes of its body: None is before any byte of that direction, so that the server never
    sees the request, or has acted and its reply is lost.
    """

    name: str
    method: str
    path: str = ""
    nth: int = 1
    direction: Direction = "request"
    after: int | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Stopped:
    """A verb whose request hangs until `stall` is released."""

    process: subprocess.Popen[bytes]
    stall: Stall


@dataclass(slots=True)
class Lab:
    """A server behind a proxy, and a shell with a connection T to it."""

    proxy: FaultProxy
    terminal: Terminal
    bucket: str
    folder: Path

    def place(self, key: str) -> str:
        return f"T:{self.bucket}/{key}"

    def kill_at(self, moment: Moment, words: list[str]) -> list[RecordedRequest]:
        """Run a verb, kill it at the moment, and tell what it had sent."""
        began = len(self.proxy.requests)
        with self.stopped_at(moment, words):
            pass
        return self.proxy.requests[began:]

    @contextmanager
    def stopped_at(
        self, moment: Moment, words: list[str], *, is_program: bool = False
    ) -> Iterator[Stopped]:
        """Run a verb (or another program) up to a moment; it is killed at the end, if it is still
        there."""
        stall = Stall(moment.after, moment.direction)
        self.proxy.on(stall, method=moment.method, path_re=moment.path, skip=moment.nth - 1)
        process = subprocess.Popen(
            words if is_program else self.terminal.command(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self.terminal.variables,
        )
        try:
            is_reached = stall.reached.wait(REACHED_S)
            is_alive = process.poll() is None
            if not (is_reached and is_alive):
                process.kill()
                _, err = process.communicate()
                raise AssertionError((is_reached, is_alive, err.decode()))
            yield Stopped(process, stall)
        finally:
            process.kill()
            if process.stderr is not None and not process.stderr.closed:
                process.communicate()
            self.proxy.cut_connections()
            self.proxy.clear()

    def again(self, words: list[str]) -> tuple[Ended, list[RecordedRequest]]:
        """Run it to its end."""
        began = len(self.proxy.requests)
        ended = self.terminal.run(*words, "--json")
        return ended, self.proxy.requests[began:]

    def uploads(self, key: str) -> list[str]:
        """The unfinished uploads of a key."""
        with s3_client(self.proxy.endpoint) as client:
            found = client.list_multipart_uploads(Bucket=self.bucket, Prefix=key)
            return [upload["UploadId"] for upload in found.get("Uploads", [])]

    def run_files(self) -> list[str]:
        return [path.name for path in (self.terminal.home / "data" / "runs").glob("*")]


class Kind(Protocol):
    """A kind of work that is killed: how it is asked for, and how its end is recognised."""

    @property
    def content(self) -> bytes:
        """What is moved."""

    def prepare(self, lab: Lab, key: str) -> list[str]:
        """Put the source there; the words of the verb."""

    def check(self, lab: Lab, key: str) -> None:
        """See that all is where it belongs, and nothing else."""

    def moved(self, requests: list[RecordedRequest]) -> int:
        """The bytes of content that these requests carried."""


@dataclass(frozen=True, slots=True)
class Upload:
    content: bytes = CONTENT[:SIZE]

    def prepare(self, lab: Lab, key: str) -> list[str]:
        (lab.folder / key).write_bytes(self.content)
        return ["cp", str(lab.folder / key), lab.place(key)]

    def check(self, lab: Lab, key: str) -> None:
        with s3_client(lab.proxy.endpoint) as client:
            assert client.get_object(Bucket=lab.bucket, Key=key)["Body"].read() == self.content

    def moved(self, requests: list[RecordedRequest]) -> int:
        return sum(each.body_bytes for each in requests if each.method == "PUT")


@dataclass(frozen=True, slots=True)
class Download:
    content: bytes = CONTENT

    def prepare(self, lab: Lab, key: str) -> list[str]:
        with s3_client(lab.proxy.endpoint) as client:
            client.put_object(Bucket=lab.bucket, Key=key, Body=self.content)
        return ["cp", lab.place(key), str(lab.folder / key / "file")]

    def check(self, lab: Lab, key: str) -> None:
        assert [path.name for path in (lab.folder / key).iterdir()] == ["file"]
        assert (lab.folder / key / "file").read_bytes() == self.content

    def moved(self, requests: list[RecordedRequest]) -> int:
        return sum(each.response_bytes for each in requests if each.method == "GET")
