"""What is said of a place that is there and has nothing in it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError, StoreError
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from s4desk.app.cli.places import Remote
    from s4desk.core.store.protocol import Store


class EmptyPlaceError(S4DeskError):
    """Nothing lies at or below a place; the message says what that means for the verb."""


async def emptiness(store: Store, remote: Remote, sentence: str) -> EmptyPlaceError:
    """The error for it: `sentence`, where {place} stands for the place, and what is left there."""
    place = str(remote)
    if await _has_versions(store, remote):
        left = tr("Only old versions and delete markers are there: see “s4desk ls --versions”.")
        sentence = f"{sentence} {left}"
    return EmptyPlaceError(sentence.format(place=place))


async def _has_versions(store: Store, remote: Remote) -> bool:
    with contextlib.suppress(StoreError):  # not every store has them, and not every key may look
        page = await store.list_versions(remote.folder, delimiter="", limit=1)
        return bool(page.versions)
    return False
