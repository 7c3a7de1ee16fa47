"""Trying a connection: the smallest question that proves address, credentials and region."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

from s4desk.core.domain.connection import Addressing, WaySecrets
from s4desk.core.domain.errors import (
    CredentialsError,
    MalformedReplyError,
    NotFoundError,
    S4DeskError,
    StoreError,
    TlsError,
    UnavailableError,
)
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.providers import PROVIDERS
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.provider import Provider
    from s4desk.core.store.diagnosis import Diagnosis
    from s4desk.core.store.protocol import Store
    from s4desk.core.store.secrets import SecretReader

Opener = Callable[["Connection"], Awaitable["Store"]]
"""A store of its own for a connection, which the caller closes. Raises S4DeskError."""

TRIAL_ATTEMPTS = 2
"""Somebody waits for the answer, and can try again."""


@dataclass(frozen=True, slots=True)
class ConnectionOutcome:
    """What a connection that works showed: its buckets, or its start folder's first page.

    `count` is the number of buckets, or of entries on that page; `seconds` is how long it took.
    """

    count: int
    seconds: float
    start: Prefix | None = None
    has_more: bool = False


async def check_connection(
    store: Store, connection: Connection, clock: Clock | None = None
) -> ConnectionOutcome:
    """Ask what opening the connection would ask. Raises the StoreError that stands in its way."""
    clock = clock or SystemClock()
    began = clock.monotonic()
    start = connection.start
    if start is None:
        buckets = await store.list_buckets()
        if connection.addressing is Addressing.VIRTUAL and buckets:
            await _reach(store, Prefix(buckets[0].name))
        return ConnectionOutcome(len(buckets), clock.monotonic() - began)
    page = await store.list_objects(start)
    return ConnectionOutcome(
        count=len(page) + len(page.folders),
        seconds=clock.monotonic() - began,
        start=start,
        has_more=page.next_token is not None,
    )


async def _reach(store: Store, place: Prefix) -> None:
    """Ask a bucket that was just listed for itself: the list proves nothing of its host's name.

    Whatever the store answers is an answer, except that there is no such bucket.
    """
    try:
        await store.list_objects(place, limit=1)
    except (MalformedReplyError, NotFoundError, TlsError):
        raise
    except UnavailableError as error:
        if not error.status:
            raise
    except StoreError:
        return


async def try_connection(
    opener: Opener,
    connection: Connection,
    secrets: SecretReader,
    providers: Mapping[str, Provider] = PROVIDERS,
) -> ConnectionOutcome | Diagnosis:
    """Try a connection; where it does not work, find out why and what would mend it.

    Beside the question itself only harmless looks are taken, without keys; a change of addressing
    is tried with the same keys at the same host. Of `secrets` only those of the way are asked.
    """
    try:
        return await _checked(opener, connection)
    except (S4DeskError, OSError) as error:
        failure = error

    async def works(changed: Connection) -> bool:
        try:
            await _checked(opener, changed)
        except (S4DeskError, OSError):
            return False
        return True

    await in_thread(_load_diagnosing)
    # Loaded already, in a thread: importing it here costs nothing.
    from s4desk.core.store.diagnosing import answers, way  # noqa: PLC0415
    from s4desk.core.store.diagnosing.case import Case  # noqa: PLC0415

    asked = _asked(failure, connection)
    case = Case(asked, works, providers, await _of_the_way(connection, secrets))
    return await way.explain(case, failure) or await answers.explain(case, failure)


def _asked(failure: BaseException, connection: Connection) -> Connection:
    """Who was asked; where that was a bucket that had been listed, as if one had begun there."""
    asked: Connection = getattr(failure, "connection", None) or connection
    if isinstance(failure, StoreError) and failure.location is not None and not asked.start_bucket:
        return replace(asked, start_bucket=failure.location.bucket)
    return asked


async def _checked(opener: Opener, connection: Connection) -> ConnectionOutcome:
    store = await opener(connection)
    try:
        return await check_connection(store, connection)
    finally:
        await store.aclose()


async def _of_the_way(connection: Connection, secrets: SecretReader) -> WaySecrets:
    """What the way needs, as far as it is there: without it a look sees less."""
    if not connection.proxy and not connection.client_certificate:
        return WaySecrets()
    try:
        return await secrets.way_secrets(connection.id)
    except CredentialsError:
        return WaySecrets()


def _load_diagnosing() -> None:
    for name in ("case", "way", "answers"):
        import_module(f"s4desk.core.store.diagnosing.{name}")
