"""A group on a real server, whose bucket has another name at each of its backends."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

WRONG, STRANGER, DOWN = "Wrong", "Stranger", "Down"
"""Connections with wrong keys, with those of somebody else, and to where nobody answers."""


@dataclass(frozen=True, slots=True)
class MappedShop:
    """Groups called G of two backends, the second of which is B. `photos` is a bucket of theirs
    with `key` in it at both, and with `there` in it at B."""

    terminal: Terminal
    buckets: tuple[str, str]

    def open(self, home: str) -> None:
        names = zip((home, "B"), self.buckets, strict=True)
        backends = [("--backend", f"{name}:photos={bucket}") for name, bucket in names]
        self.terminal.ok("group", "add", "G", *backends[0], *backends[1])

    def said(self, *words: str) -> str:
        """By a verb that fails; no name of a bucket as a backend has it is in it."""
        ended = self.terminal.run(*words)
        assert ended.code == 1, words
        assert not any(each in ended.err for each in self.buckets)
        return ended.err.removeprefix("s4desk: ").strip()


@contextmanager
def opened(terminal: Terminal, server: Endpoint) -> Iterator[MappedShop]:
    """With the connections; a test opens the group that it wants."""
    terminal.add("A", server)
    terminal.add("B", server)
    terminal.add(WRONG, replace(server, secret_key="of-somebody-else"))
    stranger = {"access_key": server.access_key2, "secret_key": server.secret_key2}
    terminal.add(STRANGER, replace(server, **stranger))
    terminal.add(DOWN, replace(server, url="http://127.0.0.1:1"))
    with temporary_bucket(server) as first, temporary_bucket(server) as second:
        with s3_client(server) as client:
            client.put_object(Bucket=first, Key="key", Body=b"x")
            client.put_object(Bucket=second, Key="key", Body=b"x")
            client.put_object(Bucket=second, Key="there", Body=b"x")
        yield MappedShop(terminal, (first, second))
