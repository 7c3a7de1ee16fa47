"""The window's side of the channel: answers other processes of the same user, on its own loop."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from s4desk.app.channel import HOST, MOST_BYTES, Entrance, withdraw
from s4desk.core.domain.transfer import TransferId, TransferState
from s4desk.core.runtime.tasks import TaskScope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from s4desk.core.desk import Desk
    from s4desk.core.domain.transfer import Transfer
    from s4desk.gui.opening import Asked

log = logging.getLogger(__name__)

QUESTION_S = 5.0
"""Whoever connects and asks nothing is not waited for."""
TOKEN_BYTES = 32


class Reception:
    """Answers one question per connection. Deeds only begin here; `states` tells how they went."""

    def __init__(self, desk: Desk, asked: Asked) -> None:
        self._queue = desk.queue
        self._asked = asked
        self._data = desk.folders.data
        self._token = secrets.token_hex(TOKEN_BYTES)
        self._tasks = TaskScope("reception")
        self._server: asyncio.Server | None = None
        self._deeds: Mapping[str, Callable[[list[Transfer]], None]] = {
            "resume": self._resume,
            "cancel": self._cancel,
            "states": lambda _: None,
        }

    async def open(self) -> None:
        """Begin to listen. Raises OSError."""
        self._server = await asyncio.start_server(self._greet, HOST, 0, limit=MOST_BYTES)
        port = self._server.sockets[0].getsockname()[1]
        Entrance(port, self._token).publish(self._data)

    async def aclose(self) -> None:
        """Be gone, at once."""
        if self._server is not None:
            withdraw(self._data)
            self._server.close()
        await self._tasks.aclose()

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.start(self._serve(reader, writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, ValueError, TimeoutError):
                async with asyncio.timeout(QUESTION_S):
                    question = json.loads(await reader.readline())
                    answer = self._answer(question if isinstance(question, dict) else {})
                    writer.write(json.dumps(answer).encode() + b"\n")
                    await writer.drain()
        finally:
            writer.close()

    def _answer(self, question: Mapping[str, Any]) -> dict[str, object]:
        said = question.get("token")
        if not isinstance(said, str) or not hmac.compare_digest(
            said.encode(), self._token.encode()
        ):
            log.warning("somebody asked the window without the right word")
            return {"ok": False, "why": "token"}
        if question.get("do") == "show":
            # Whoever asks one that is closed waits until it is gone, and opens a window.
            return {"ok": True} if self._asked.come_forward() else {"ok": False, "why": "closed"}
        deed = self._deeds.get(str(question.get("do")))
        if deed is None:
            return {"ok": False, "why": "unknown"}
        if not self._queue.is_open:
            return {"ok": False, "why": "not open"}
        meant = self._meant(question.get("transfers"))
        deed(meant)
        self._asked.wake()
        return {"ok": True, "transfers": list(map(_record, meant))}

    def _meant(self, ids: object) -> list[Transfer]:
        """The transfers with these ids; without ids all that have not ended."""
        if isinstance(ids, list):
            return [each for each in self._queue.transfers() if each.id in ids]
        return [each for each in self._queue.transfers() if not each.state.is_final]

    def _resume(self, meant: list[Transfer]) -> None:
        self._queue.retry(_ids(meant, TransferState.FAILED))
        self._queue.resume(_ids(meant, TransferState.PAUSED))

    def _cancel(self, meant: list[Transfer]) -> None:
        self._queue.cancel([each.id for each in meant])


@asynccontextmanager
async def listening(desk: Desk, asked: Asked) -> AsyncIterator[None]:
    """Answer while inside. A window that cannot listen is a window all the same."""
    reception = Reception(desk, asked)
    try:
        await reception.open()
    except OSError as error:
        log.warning("other processes cannot ask this window: %s", error)
    try:
        yield
    finally:
        await reception.aclose()


def _ids(transfers: list[Transfer], state: TransferState) -> list[TransferId]:
    return [each.id for each in transfers if each.state is state]


def _record(transfer: Transfer) -> dict[str, object]:
    return {"id": transfer.id, "state": transfer.state.value, "error": transfer.error}
