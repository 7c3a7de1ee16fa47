"""A comparison made of two folders, each on this computer or in a store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.parts import PART_SIZE
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.copy_planner import CopyTarget, plan_copies
from s4desk.core.transfer.folders import rules_of
from s4desk.core.transfer.inventory import LocalInventory, RemoteInventory
from s4desk.core.transfer.older_copies import OlderBelow
from s4desk.core.transfer.planner import plan_downloads, plan_uploads
from s4desk.core.transfer.sync import Compare, Comparison
from s4desk.core.transfer.sync_overlap import refuse_one_place

if TYPE_CHECKING:
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.transfer import BatchId
    from s4desk.core.store.protocol import Store, StoreOf
    from s4desk.core.transfer.older_copies import OlderCopies


@dataclass(frozen=True, slots=True)
class StoreFolder:
    """A folder of a store, or a whole bucket."""

    connection: ConnectionId
    prefix: Prefix


async def comparison_of(
    source: Path | StoreFolder,
    target: Path | StoreFolder,
    how: Compare,
    batch: BatchId,
    store_of: StoreOf,
    *,
    part_size: int = PART_SIZE,
    older: OlderCopies,
) -> Comparison:
    """Everything in `source` against everything in `target`; one of them is in a store.

    `part_size` is what an upload of ours would be cut into (bytes), `older` what this computer has
    copied from what may be older than it should be. Raises ValidationError when
    both look like one place, NotFoundError for a source in which nothing is, StoreError, and what
    opening a connection raises.
    """
    if isinstance(source, Path):
        if isinstance(target, Path):
            raise TypeError("both sides are local")
        top = await in_thread(Path.absolute, source)
        rules = await in_thread(rules_of, top)
        there = await store_of(target.connection)
        inventory = RemoteInventory(there, target.connection, target.prefix, local=rules)
        plan = plan_uploads([top], target.connection, target.prefix, batch, keep_name=False)
        return Comparison(plan, inventory, how, store_of, part_size=part_size, top=top)
    here, connection = await store_of(source.connection), source.connection
    await refuse_nothing(here, source.prefix)
    selection = [source.prefix]
    if isinstance(target, Path):
        plan = plan_downloads(here, connection, selection, target, batch, keep_name=False)
        return Comparison(plan, LocalInventory(target), how, store_of, part_size=part_size)
    there = await store_of(target.connection)
    await refuse_one_place(here, source.prefix, there, target.prefix)
    goal = CopyTarget(target.connection, target.prefix, keep_name=False)
    plan = plan_copies(here, connection, selection, goal, batch)
    held = RemoteInventory(there, target.connection, target.prefix)
    below = OlderBelow(older, target.connection, target.prefix)
    return Comparison(plan, held, how, store_of, part_size=part_size, older=below)


async def refuse_nothing(store: Store, source: Prefix) -> None:
    """Raises NotFoundError for a folder that has neither a key nor a marker: a name that was
    mistyped is no empty folder, and a target is not emptied by it. A bucket may be empty."""
    if source.prefix:
        page = await store.list_objects(source, delimiter="", limit=1)
        if not page.keys:
            raise NotFoundError(tr("nothing lies below it"), location=source.location(""))
