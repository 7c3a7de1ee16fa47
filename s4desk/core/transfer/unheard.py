"""Uploads that a store may have created for us, and of which its reply never came."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Prefix
from s4desk.core.store.retry import ATTEMPTS
from s4desk.core.transfer.asking import Span, is_within
from s4desk.core.transfer.leftovers import abort_for_good, held_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import Location, UploadId
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import ObjectStore

log = logging.getLogger(__name__)


class Suspects:
    """The unfinished uploads of one key that nobody but us can have begun.

    An upload carries no mark of ours. It counts as ours when it is of the time when we asked, of
    the same initiator, and nobody ever sent a part to it; and if there are more of them than we
    can have asked for, somebody else's is among them, and all are left to a person.
    """

    def __init__(self, store: ObjectStore, location: Location, clock: Clock) -> None:
        self._store = store
        self._location = location
        self._clock = clock

    async def abort(
        self, asked: Sequence[Span], known: tuple[UploadId, datetime | None] | None = None
    ) -> None:
        """Abort what was created while we `asked`.

        `known` is the upload that we know, and when we heard of it: it tells the store's clock and
        who we are to it. Raises StoreError.
        """
        place = Prefix(self._location.bucket, self._location.key)
        there = [u for u in await self._store.list_uploads(place) if u.location == self._location]
        own = None
        if known is not None:
            own = next((each for each in there if each.upload == known[0]), None)
            if own is None:
                # This store does not list what is there.
                return
        ahead = timedelta()
        if own is not None and own.initiated is not None and known is not None and known[1]:
            ahead = own.initiated - known[1]
        suspects = [
            each
            for each in there
            if each is not own
            and (own is None or each.initiator == own.initiator)
            and any(is_within(each, span, ahead) for span in asked)
            and await held_parts(self._store, self._location, each.upload) == []
        ]
        if len(suspects) > ATTEMPTS * len(asked):
            log.info("%s has more unfinished uploads than are ours", self._location)
            return
        for each in suspects:
            log.info("%s: ending the upload %s, unheard of", self._location, each.upload)
            await abort_for_good(self._store, self._location, each.upload, self._clock)
