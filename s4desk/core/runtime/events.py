"""Edges: things that happened, at low rate, told to whoever asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.transfer import BatchId

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class ObjectsChanged:
    """Objects directly under `prefix` were written or deleted by us."""

    connection: ConnectionId
    prefix: Prefix


@dataclass(frozen=True, slots=True)
class BucketsChanged:
    connection: ConnectionId


@dataclass(frozen=True, slots=True)
class ConnectionsChanged:
    """A connection was added, edited or removed, or its AWS profile leads elsewhere."""


@dataclass(frozen=True, slots=True)
class LifecycleRan:
    """Rules that were scheduled for a bucket were applied, or could not be: its entry says how."""

    connection: ConnectionId
    bucket: str


@dataclass(frozen=True, slots=True)
class ReplicationChanged:
    """The replication status of these keys of a bucket is another one; without keys that of any
    may be."""

    connection: ConnectionId
    bucket: str
    keys: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class GroupChanged:
    """A backend of a failover group is well now or is not any more, another one answers, or it was
    used; a few times a second at most."""

    connection: ConnectionId


@dataclass(frozen=True, slots=True)
class BatchFinished:
    """All transfers that one gesture started have ended; `folders` of the completed ones were
    empty folders. `error` is why one of those failed that did, `left_out` counts what could not
    become a transfer at all."""

    batch: BatchId
    completed: int
    skipped: int
    failed: int
    cancelled: int
    bytes_moved: int
    folders: int = 0
    error: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class SignInWanted:
    """Transfers of a connection wait until a person signs in."""

    connection: ConnectionId


@dataclass(frozen=True, slots=True)
class TransfersBusy:
    """The first attempt of a transfer has begun, or the last one has ended."""

    is_busy: bool


class EventBus:
    """Calls subscribers in order of subscription, on the loop's thread."""

    def __init__(self) -> None:
        self._subscribers: defaultdict[type, list[Callable[[Any], None]]] = defaultdict(list)

    def subscribe(self, kind: type[E], call: Callable[[E], None]) -> Callable[[], None]:
        """Call `call` for each event of `kind`; the returned function ends that."""
        self._subscribers[kind].append(call)
        return lambda: self._subscribers[kind].remove(call)

    def publish(self, event: object) -> None:
        for call in list(self._subscribers[type(event)]):
            call(event)
