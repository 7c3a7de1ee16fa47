"""Making a group of its parts. Whoever imports this loads the byte path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.failover.location_cache import LocationCache
from s4desk.core.failover.member import Member, Surroundings
from s4desk.core.failover.reading import Reader
from s4desk.core.failover.store import FailoverStore
from s4desk.core.store.retry import RetryingStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.failover import Answer, FailoverGroup
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.failover.backend_store import OpenStore
    from s4desk.core.failover.counters import Counters
    from s4desk.core.failover.health import Health
    from s4desk.core.failover.index import LocationIndex
    from s4desk.core.failover.usage import UsageMeter
    from s4desk.core.runtime.clock import Clock


def open_reader(  # noqa: PLR0913 - the parts of a group, given by one caller
    id_: ConnectionId,
    group: FailoverGroup,
    *,
    name_of: Callable[[ConnectionId], str],
    opener_of: Callable[[ConnectionId], OpenStore],
    health_of: Callable[[ConnectionId], Health],
    meter: UsageMeter,
    index: LocationIndex,
    clock: Clock,
    counters: Counters,
    told: Callable[[Answer], None],
    not_listed: Callable[[S4DeskError | None], None],
) -> Reader:
    around = Surroundings(meter, clock, group.timeout_s, name_of(id_))
    members = [
        Member(each, name_of(member), opener_of(member), health_of(member), around)
        for each in group.backends
        for member in [each.connection]
    ]
    cache = LocationCache(clock)
    return Reader(id_, group, members, index, cache, clock, counters, told, not_listed)


class GroupStore(RetryingStore):
    """A group that asks again what fails for a passing reason everywhere. It is read from its first
    backend alone; `to_read` is the same group for whoever merely reads, from any backend."""

    def __init__(self, reader: Reader, clock: Clock, attempts: int) -> None:
        group = FailoverStore(reader)
        super().__init__(group.at_home(), clock=clock, attempts=attempts)
        self.to_read = RetryingStore(group, clock=clock, attempts=attempts)
