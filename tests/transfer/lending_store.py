"""A ScriptedStore that lends threads, whose requests pass through its script all the same."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.errors import NotSupportedError
from s4desk.core.wire.cancellation import CancelledJobError, CancelToken
from tests.transfer.scripted_store import ScriptedStore

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from s4desk.core.domain.identity import Location
    from s4desk.core.store.direct import Work
    from s4desk.core.store.protocol import PutReply
    from s4desk.core.wire.body import Body

LOOK_S = 0.005


class LendingStore(ScriptedStore):
    """`lent` counts the threads, and `direct` the requests they made."""

    lent = 0
    direct = 0
    honours_conditions = True
    held: frozenset[str] = frozenset()

    def hold(self, *keys: str) -> None:
        """What is written there is not answered until `let_go`."""
        self.held = frozenset(keys)
        self._let_go = asyncio.Event()

    def let_go(self) -> None:
        self.held = frozenset()
        self._let_go.set()

    async def put(self, location: Location, body: Body, **words: Any) -> PutReply:
        if location.key in self.held:
            await self._let_go.wait()
        condition = words.get("condition")
        if condition is not None and not self.honours_conditions and not condition.is_safeguard:
            raise NotSupportedError("If-None-Match", operation="put")
        return await super().put(location, body, **words)

    async def directly(self, work: Work) -> None:
        self.lent += 1
        loop = asyncio.get_running_loop()
        lent = _Lent(self, loop)
        ended: asyncio.Future[None] = loop.create_future()
        failures: list[BaseException] = []

        def run() -> None:
            try:
                work(lent)
            except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
                failures.append(error)
            loop.call_soon_threadsafe(lambda: ended.done() or ended.set_result(None))

        thread = threading.Thread(target=run, name="lent")
        thread.start()
        try:
            await asyncio.shield(ended)
        except asyncio.CancelledError:
            lent.token.cancel()
            while not ended.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([ended])
            raise
        finally:
            thread.join()
        if failures:
            raise failures[0]


class _Lent:
    def __init__(self, store: LendingStore, loop: asyncio.AbstractEventLoop) -> None:
        self._store = store
        self._loop = loop
        self.token = CancelToken()

    def head(self, location: Any) -> Any:
        return self._run(self._store.head(location))

    def get_tags(self, location: Any) -> Any:
        return self._run(self._store.get_tags(location))

    def get(self, location: Any, sink: Any, **words: Any) -> Any:
        return self._run(self._store.get(location, sink, **words))

    def put(self, location: Any, body: Any, **words: Any) -> Any:
        return self._run(self._store.put(location, body, **words))

    def _run(self, request: Coroutine[Any, Any, Any]) -> Any:
        """Wait for a request that the loop makes, unless the thread is to stop."""
        if self.token.is_cancelled:
            request.close()
            raise CancelledJobError
        self._store.direct += 1
        reply = asyncio.run_coroutine_threadsafe(request, self._loop)
        while True:
            try:
                return reply.result(LOOK_S)
            except TimeoutError:
                if self.token.is_cancelled:
                    reply.cancel()
            except CancelledError as error:
                raise CancelledJobError from error
