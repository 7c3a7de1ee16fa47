"""Which unfinished uploads any journal here still needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.persist.peek import peek
from s4desk.core.persist.runs import RunView, upload_owners
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.persist.runs import RunFolder
    from s4desk.core.transfer.owners import Owners

WINDOW: Final = "window"
"""What stands for the window's own journal in place of a run's id."""


async def needed_uploads(runs: RunFolder, database: Path) -> Owners:
    """Of runs and of the window. Raises DatabaseError when a journal cannot be read: what it needs
    is not known then."""
    views = await runs.look()
    for newer in runs.unread:
        raise newer
    if await in_thread(database.exists):
        views.append(RunView(WINDOW, True, await in_thread(peek, database)))
    return upload_owners(views)
