"""Opening a connection to S3: credentials, objects and buckets, and the layers around them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from s4desk.core.domain.errors import StoreError
from s4desk.core.store.capabilities import known
from s4desk.core.store.credentials import completed, credential_source
from s4desk.core.store.direct import DirectWrapper
from s4desk.core.store.late_admin import LateAdmin
from s4desk.core.store.limits import LimitedStore
from s4desk.core.store.retry import ATTEMPTS, RetryingStore
from s4desk.core.store.s3 import S3Store
from s4desk.core.store.tracing import TracedStore
from s4desk.core.store.way import find_way
from s4desk.core.store.wrapper import Call, Request, StoreWrapper
from s4desk.core.wire.pacing import UNPACED
from s4desk.core.wire.pool import WirePool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s4desk.core.domain.connection import Connection
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.credentials import CredentialSource
    from s4desk.core.store.direct import DirectStore, Work
    from s4desk.core.store.limits import BodySlots
    from s4desk.core.store.protocol import Moved, Store
    from s4desk.core.store.secrets import SecretReader
    from s4desk.core.wire.pacing import Paces

T = TypeVar("T")

__all__ = ["S3Connection", "WirePool", "open_store"]


class S3Connection(StoreWrapper):
    """Objects and configurations by the wire and buckets by aiobotocore, as one store.

    Its errors say which connection they are of, and whether that has worked before.
    """

    def __init__(self, connection: Connection, objects: S3Store, buckets: LateAdmin) -> None:
        self._connection = connection
        self._objects = objects
        self._buckets = buckets
        self._configs = objects
        self._has_worked = False

        async def close() -> None:
            await buckets.aclose()
            await objects.aclose()

        self._close = close

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        with self.named():
            return await super()._around(request, call, moved)

    async def directly(self, work: Work) -> None:
        """Each request that the thread makes says for itself whether it has worked."""
        await self._lend(work)

    def _direct(self, inner: DirectStore) -> DirectStore:
        return _Named(inner, self)

    @contextmanager
    def named(self) -> Iterator[None]:
        """Surrounds a request; threads may do so too."""
        try:
            yield
        except StoreError as error:
            # Only a store has codes for what is wrong.
            self._has_worked = self._has_worked or bool(error.code)
            error.connection, error.has_worked = self._connection, self._has_worked
            raise
        self._has_worked = True


class _Named(DirectWrapper):
    def __init__(self, inner: DirectStore, store: S3Connection) -> None:
        super().__init__(inner)
        self._store = store

    def _around(self, request: Request, call: Callable[[], T]) -> T:
        with self._store.named():
            return super()._around(request, call)


async def open_store(  # noqa: PLR0913 - all that a store needs, given by one caller
    connection: Connection,
    secrets: SecretReader,
    pool: WirePool,
    *,
    bodies: BodySlots | None = None,
    paces: Paces = UNPACED,
    capabilities: Capabilities | None = None,
    clock: Clock | None = None,
    attempts: int = ATTEMPTS,
    took: Callable[[CredentialSource], None] = lambda _: None,
) -> Store:
    """The store of a connection; nothing is sent to it yet. Raises CredentialsError.

    `capabilities` is what is known of the store, and learns; by default what is certain. `took`
    is told where its keys come from.
    """
    connection = await completed(connection)
    credentials = await credential_source(connection, secrets)
    took(credentials)
    way = await find_way(connection, secrets)
    objects = S3Store(connection, credentials, pool, capabilities or known(connection), paces, way)
    admin = LateAdmin(connection, credentials, pool, way)
    traced = TracedStore(
        S3Connection(connection, objects, admin), name=connection.name, clock=clock
    )
    limited = LimitedStore(traced, bodies=bodies)
    return RetryingStore(limited, clock=clock, attempts=attempts)
