"""Failover groups: several stores that hold the same objects, read as one; SPEC.md section 6."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from s4desk.core.domain.identity import ConnectionId

SCHEME: Final = "group"
"""Of the endpoint of a group, which is no address."""

TIMEOUT_S: Final = 10.0
MOST_BACKENDS: Final = 16


def is_group(endpoint: str) -> bool:
    """Whether an endpoint, or the name of the store at it, is that of a group."""
    return endpoint.partition(":")[0] == SCHEME


@dataclass(frozen=True, slots=True)
class UsageLimits:
    """What a backend may be used for in a month: requests, and bytes out of it and into it; 0 is
    as much as you like."""

    requests: int = 0
    egress: int = 0
    ingress: int = 0


NO_LIMITS: Final = UsageLimits()


@dataclass(frozen=True, slots=True)
class Backend:
    """A connection as a member of a group.

    `buckets` are pairs: what a bucket is called in the group, and there. Others have one name.
    """

    connection: ConnectionId
    buckets: tuple[tuple[str, str], ...] = ()
    limits: UsageLimits = NO_LIMITS

    def there(self, bucket: str) -> str:
        """What a bucket of the group is called at this backend."""
        return dict(self.buckets).get(bucket, bucket)

    def hides(self, bucket: str) -> bool:
        """Whether this name is that of another bucket there: the group has none of it here."""
        return self.there(bucket) == bucket != self.here(bucket)

    def here(self, bucket: str) -> str | None:
        """What a bucket of this backend is called in the group; None for one that the group has
        another bucket for, so that it cannot be reached."""
        for name, there in self.buckets:
            if there == bucket:
                return name
        return bucket if self.there(bucket) == bucket else None


@dataclass(frozen=True, slots=True)
class FailoverGroup:
    """Backends in the order in which they are read. Only the first is written to.

    `parallel` is how many are asked at once where nobody knows which has an object. A backend of
    which no byte came for `timeout_s` seconds has failed.
    """

    backends: tuple[Backend, ...]
    degraded_reads: bool = True
    parallel: int = 1
    timeout_s: float = TIMEOUT_S

    @property
    def ids(self) -> tuple[ConnectionId, ...]:
        return tuple(each.connection for each in self.backends)

    @property
    def home(self) -> Backend:
        """Where writes go."""
        return self.backends[0]


@dataclass(frozen=True, slots=True)
class Answer:
    """Which backend has served a request.

    `is_failover`: it was another than the first. `is_degraded`: nobody knew who has the object.
    `may_be_old`: it was another, and the first backend has not told for this very read that it has
    the same; what it had before may have been written over since, by another program. `limit` is
    for what the first backend was left out, None if it was not.
    """

    backend: ConnectionId
    is_failover: bool = False
    is_degraded: bool = False
    may_be_old: bool = False
    limit: UsageLimits | None = None

    def after(self, before: Answer | None) -> Answer:
        """Of several requests for one thing: who served the last one, or else whoever stood in for
        the first backend, and what holds of any."""
        if before is None:
            return self
        is_kept = before.is_failover and not self.is_failover
        return Answer(
            before.backend if is_kept else self.backend,
            self.is_failover or before.is_failover,
            self.is_degraded or before.is_degraded,
            self.may_be_old or before.may_be_old,
            self.limit or before.limit,
        )
