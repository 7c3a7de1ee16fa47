"""Objects whose replicas are still awaited, as somebody beside their store knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    Awaiting = Mapping[str, Collection[str]]
    """Versions by key, "" for what the key has now."""


class Awaited(Protocol):
    """What of one bucket s4desk replicates and has not arrived: it is left alone until it has. All
    may raise S4DeskError: what is not known is not touched."""

    async def is_any(self) -> bool:
        """Whether there is anything of that kind."""

    async def of(self, keys: Sequence[str]) -> Awaiting:
        """What of these keys is."""


def is_awaited(awaiting: Awaiting, key: str, version: str, *, is_current: bool) -> bool:
    versions = awaiting.get(key, ())
    return (is_current and "" in versions) or (version != "" and version in versions)
