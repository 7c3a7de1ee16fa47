"""Connections whose buckets and folders the test decides, answer by answer."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.objects import Bucket
from s4desk.viewmodels.pager import Pager
from s4desk.viewmodels.places import Place
from tests.viewmodels.listings import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.objects import Page

HOME = ConnectionId("home")
AWAY = ConnectionId("away")


def connection(id_: ConnectionId = HOME, **fields: Any) -> Connection:
    return Connection(id_, fields.pop("name", id_.title()), **fields)


def place(*path: str, id_: ConnectionId = HOME) -> Place:
    """`place()` is the connection, `place("b")` a bucket, `place("b", "a/")` a folder."""
    return Place(id_, Prefix(*path) if path else None)


class FakeTreeSource:
    """Answers at once, or when the gate opens; what raises is raised.

    `folders` holds the pages of a prefix, each a list of the names of folders below it. Cancelled
    requests are counted when they end, and `is_deaf` ones do not end when they are cancelled.
    """

    def __init__(self) -> None:
        self.buckets: dict[ConnectionId, list[str] | Exception] = {HOME: ["b", "c"]}
        self.folders: dict[Prefix, list[list[str] | Exception]] = defaultdict(lambda: [[]])
        self.asked: list[object] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.cancelled = 0
        self.is_deaf = False

    async def list_buckets(self, connection: ConnectionId) -> list[Bucket]:
        self.asked.append(connection)
        answer = self.buckets[connection]
        await self._wait()
        if isinstance(answer, Exception):
            raise answer
        return [Bucket(name) for name in answer]

    def pager_source(self, _connection: ConnectionId) -> Any:
        return lambda prefix, with_owner=False: Pager(self._list, prefix)

    async def _list(self, prefix: Prefix, **query: Any) -> Page:
        at = int(query["token"] or 0)
        if query["start_after"]:
            at = self._page_after(prefix, query["start_after"])
        self.asked.append((prefix, at))
        answers = self.folders[prefix]
        answer = answers[at]
        await self._wait()
        if isinstance(answer, Exception):
            raise answer
        token = str(at + 1) if at + 1 < len(answers) else None
        return page([], answer, prefix=prefix, token=token)

    def _page_after(self, prefix: Prefix, last: str) -> int:
        answers = self.folders[prefix]
        name = last.removeprefix(prefix.prefix)
        return next(at for at, names in enumerate(answers) if _holds(names, name)) + 1

    async def _wait(self) -> None:
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled += 1
            if not self.is_deaf:
                raise


def _holds(names: Sequence[str] | Exception, name: str) -> bool:
    return not isinstance(names, Exception) and name in names
