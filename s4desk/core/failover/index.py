"""Which backend holds which object, as far as was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, overload

from s4desk.core.domain.identity import Location

if TYPE_CHECKING:
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import Page


@dataclass(frozen=True, slots=True)
class Copy:
    """An object that a backend was seen to hold. `etag` is its bare ETag there, "" if nobody said;
    `size` is in bytes, -1 if nobody said."""

    location: Location
    backend: ConnectionId
    etag: str = ""
    size: int = -1


class ListedCopies(Sequence[Copy]):
    """What a page of a listing tells of who holds what: made only of those that are looked at, by
    whoever looks."""

    def __init__(self, page: Page, backend: ConnectionId) -> None:
        self._page = page
        self._backend = backend

    def __len__(self) -> int:
        return len(self._page.keys)

    @overload
    def __getitem__(self, at: int) -> Copy: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Copy]: ...

    def __getitem__(self, at: int | slice) -> Copy | Sequence[Copy]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        page = self._page
        location = Location(page.prefix.bucket, page.keys[at])
        return Copy(location, self._backend, page.etags[at], page.sizes[at])


class LocationIndex(Protocol):
    """Of one group, with the names that buckets have in it. It may be wrong: others write too."""

    async def copies(self, location: Location) -> Sequence[Copy]:
        """All that are known of. Raises IndexUnavailableError."""

    def learn(self, copies: Sequence[Copy]) -> None:
        """Take up what was seen of one backend, soon, if there is time: nobody waits for it."""

    def unlearn(self, location: Location, backend: ConnectionId) -> None:
        """A backend does not hold an object; the same."""
