"""What every test server gives: where it answers, who may ask, and how it starts and stops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path

T_co = TypeVar("T_co", covariant=True)


class ServerError(Exception):
    """A test server did not start, or a tool of it failed."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a started server answers.

    The second pair of keys is another account where the server has accounts
    (Ceph); elsewhere it is just another pair that is accepted.
    """

    server: str
    url: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"
    ca: Path | None = None
    access_key2: str = ""
    secret_key2: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The TCP port; raises ValueError if the URL names none."""
        port = urlsplit(self.url).port
        if port is None:
            raise ValueError(f"no port in {self.url}")
        return port


class Server(Protocol[T_co]):
    """A server the suite can start; most give an Endpoint."""

    name: str

    def available(self) -> str | None:
        """Return why the server cannot run on this machine, or None if it can."""

    def start(self) -> T_co:
        """Start and wait until requests are answered; raises ServerError.

        Call it from the main thread: the processes die with the thread that
        started them.
        """

    def stop(self) -> None:
        """End every process and remove the data; stopping twice is harmless."""
