"""Other processes here that delete at the same place at the same time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.identity import Address
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.tasks import TaskScope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.persist.runs import RunView

LOOK_EVERY_S: Final = 1.0


@asynccontextmanager
async def rivals_told(
    desk: Desk, remote: Remote, own: str, console: Console
) -> AsyncIterator[None]:
    """Say in the end if somebody else deleted there during the block, other than the run `own`.

    A store answers for a key that is gone as for one that it deletes: both count it.
    """
    found: set[str] = set()

    async def look() -> None:
        views = await desk.runs.look()
        found.update(view.id for view in views if view.id != own and _is_rival(view, remote))

    async def watch() -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await look()

    scope = TaskScope("rivals")
    await look()
    scope.start(watch())
    try:
        yield
    finally:
        await scope.aclose()
        await look()
        if found:
            record = {"type": "shared", "bucket": remote.bucket, "key": remote.key}
            console.record(record | {"runs": sorted(found)}, _sentence())


def _sentence() -> str:
    return tr(
        "Another process was deleting there too. A store does not say what was gone already, so"
        " what both of them asked for counts for both."
    )


def _is_rival(view: RunView, remote: Remote) -> bool:
    """Whichever the connection: two may lead to one store."""
    command = view.journal.command
    if not view.is_running or command is None or view.journal.deletion is None:
        return False
    if not isinstance(command.source, Address):
        return False
    theirs, ours = command.source.location, remote.location
    is_nested = theirs.key.startswith(ours.key) or ours.key.startswith(theirs.key)
    return theirs.bucket == ours.bucket and is_nested
