"""What a registry of stores reads and keeps, and somebody else has on a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from s4desk.core.domain.capability import CapabilityReport
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId


class ConnectionReader(Protocol):
    def get(self, connection: ConnectionId) -> Connection | None: ...

    def all(self) -> list[Connection]: ...


class ReportShelf(Protocol):
    """Where reports of probes are kept between two runs of the program. `asker` says whose keys the
    store is asked with."""

    async def load(self, endpoint: str, asker: str) -> CapabilityReport | None:
        """The report of a store, as far as it concerns whoever asks."""

    async def keep(
        self, report: CapabilityReport, asker: str, endpoints: Collection[str]
    ) -> CapabilityReport:
        """Keep a report, and only reports of `endpoints`; returns what is known now."""
