"""Counting what is locked of what a verb is about to cover, so that it can say so in one line."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from s4desk.app.cli.locked import PATIENCE_S, locks_objects, tell_record
from s4desk.core.domain.errors import StoreError
from s4desk.core.runtime.i18n import tr_n
from s4desk.core.transfer.locked import MOST, locked_among
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.app.cli.console import Console
    from s4desk.core.domain.identity import Location
    from s4desk.core.store.protocol import Store

MOST_LOOKED: Final = 1000
"""Of so many objects the lock is asked for; what comes after them is only counted."""


class LockWatch:
    """Looks at what is there, before a new version or a delete marker comes on top of it.

    Nothing is asked where the bucket has no Object Lock. Nobody waits long for it, and what cannot
    be found out stops nothing: the verb meets the store again.
    """

    def __init__(self, store: Store, bucket: str) -> None:
        self._store = store
        self._bucket = bucket
        self._is_locking: bool | None = None
        self._locked: list[Location] = []
        self._looked = self._passed = 0

    async def look(self, locations: Sequence[Location]) -> None:
        """Look at some of these, which are there, before they are covered."""
        if not locations or not await self.is_locking():
            return
        some = locations[: max(0, MOST_LOOKED - self._looked)]
        self._passed += len(locations) - len(some)
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await locked_among(self._store, some, datetime.now(UTC), lambda _: None)
        except (StoreError, TimeoutError):
            self._passed += len(some)
            return
        self._looked += len(some)
        self._locked += [location for location, _ in found.locked]

    async def free_of(self, locations: Sequence[Location]) -> set[Location]:
        """Those of them that are not locked; however many there are, each is asked for where the
        bucket has Object Lock. Raises StoreError."""
        if not await self.is_locking():
            return set(locations)
        locked: set[Location] = set()
        for first in range(0, len(locations), MOST):
            some = locations[first : first + MOST]
            found = await locked_among(self._store, some, datetime.now(UTC), lambda _: None)
            locked |= {location for location, _ in found.locked}
        return set(locations) - locked

    async def is_locking(self) -> bool:
        """Whether the bucket has Object Lock; asked once."""
        if self._is_locking is None:
            self._is_locking = await locks_objects(self._store, self._bucket)
        return self._is_locking

    def tell(self, console: Console, *, is_dry: bool = False) -> None:
        """Say what was, or would be, covered; nothing when nothing of it is locked."""
        if not self._locked and not self._passed:
            return
        if console.as_json:
            tell_record(console, self._bucket, self._locked, passed=self._passed, is_dry=is_dry)
            return
        parts = [_locked_text(len(self._locked), is_dry=is_dry)] if self._locked else []
        if self._passed:
            sentence = tr_n(
                "{bucket} has Object Lock; whether {count} more is locked was not asked.",
                "{bucket} has Object Lock; whether {count} more are locked was not asked.",
                self._passed,
            )
            parts.append(sentence.format(bucket=self._bucket, count=format_count(self._passed)))
        console.say(" ".join(parts))


def _locked_text(count: int, *, is_dry: bool) -> str:
    sentence = (
        tr_n(
            "{count} locked object would be covered: a new version or a delete marker would come on"
            " top, and the locked version would stay below.",
            "{count} locked objects would be covered: new versions or delete markers would come on"
            " top, and the locked versions would stay below.",
            count,
        )
        if is_dry
        else tr_n(
            "{count} locked object is covered: a new version or a delete marker comes on top, and"
            " the locked version stays below.",
            "{count} locked objects are covered: new versions or delete markers come on top, and"
            " the locked versions stay below.",
            count,
        )
    )
    return sentence.format(count=format_count(count))
