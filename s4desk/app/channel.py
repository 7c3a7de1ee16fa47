"""What a running window can be asked by other processes of its user: the asking side.

A window listens on the loopback interface. Where, and the word that proves that somebody may ask,
is in a file of the data folder that only its owner may read. A question is one line of JSON, and so
is the answer. Everything here blocks; there is no Qt in it.
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.persist.peek import is_claimed
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Answer = dict[str, Any]

HOST = "127.0.0.1"
ANSWER_S = 3.0
"""A window that takes longer to answer hangs."""
MOST_BYTES = 1 << 20


class UnansweredError(S4DeskError):
    """There is a window, and it does not answer."""

    def __init__(self) -> None:
        super().__init__(tr("s4desk is open already, but its window does not answer."))


class NoWindowError(S4DeskError):
    """Nobody listens: there is no window, or it is just being opened or closed."""


def window_path(data: Path) -> Path:
    """The file whose claim makes a process the only one with a window on these folders."""
    return data / "window"


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where a window listens, and the word to be let in with."""

    port: int
    token: str

    def publish(self, data: Path) -> None:
        """Tell the processes of this user, and nobody else. Raises OSError."""
        path = _entrance_path(data)
        new = path.with_name(f"{path.name}.new")
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(self), file)
        new.replace(path)


def withdraw(data: Path) -> None:
    """Nobody listens any more."""
    with suppress(OSError):
        _entrance_path(data).unlink(missing_ok=True)


def ask(data: Path, deed: str, details: Mapping[str, object] | None = None) -> Answer:
    """Ask the window that has these folders.

    Raises NoWindowError when there is none, UnansweredError when it is silent for too long.
    """
    entrance = _entrance(data)
    if entrance is None or not is_claimed(window_path(data)):
        raise NoWindowError
    question = {"token": entrance.token, "do": deed, **(details or {})}
    with _connected(entrance.port) as (link, end):
        try:
            link.sendall(json.dumps(question).encode() + b"\n")
            answer = json.loads(_line(link, end))
        except TimeoutError as error:
            raise UnansweredError from error
        except (OSError, ValueError) as error:
            raise NoWindowError from error
    if not isinstance(answer, dict):
        raise NoWindowError
    return answer


def _entrance_path(data: Path) -> Path:
    return data / "window.json"


def _entrance(data: Path) -> Entrance | None:
    try:
        return Entrance(**json.loads(_entrance_path(data).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def _connected(port: int) -> Iterator[tuple[socket.socket, float]]:
    """A connection, and until when it has to have answered."""
    end = time.monotonic() + ANSWER_S
    try:
        link = socket.create_connection((HOST, port), ANSWER_S)
    except TimeoutError as error:
        raise UnansweredError from error
    except OSError as error:
        raise NoWindowError from error
    with link:
        yield link, end


def _line(link: socket.socket, end: float) -> bytes:
    got = b""
    while not got.endswith(b"\n"):
        link.settimeout(max(0.001, end - time.monotonic()))
        some = link.recv(65536)
        if not some or len(got) > MOST_BYTES:
            raise ConnectionError("the answer broke off")
        got += some
    return got
