"""What a transfer that is given up has left at its target all the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.conflicts import existing_at, head_if_there
from s4desk.core.transfer.job import NOTHING, Trace
from s4desk.core.transfer.proof import proved_by

if TYPE_CHECKING:
    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.store.protocol import StoreOf


async def look_for(
    spec: TransferSpec,
    store_of: StoreOf,
    *,
    part_size: int,
) -> Trace:
    """What is there of a transfer whose end nobody heard of. It is left: it may be another's.

    Nothing is taken for a move whose source is still there. Raises StoreError where the store
    cannot be asked now.
    """
    try:
        if not await _is_there(spec, store_of):
            return NOTHING
    except PermissionDeniedError:
        return Trace(note=tr("whether it had arrived cannot be seen"))
    verified = await proved_by(spec, store_of, part_size=part_size)
    if verified is None:
        return Trace(note=tr("what is there now is not proved to be of it, and is left"))
    if spec.removes_source:
        return Trace(note=tr("the copy is complete and is left, and so is its source"))
    return Trace(verified)


async def _is_there(spec: TransferSpec, store_of: StoreOf) -> bool:
    target = spec.target
    if isinstance(target, Path):
        return await in_thread(existing_at, target) is not None
    store = await store_of(target.connection)
    return await head_if_there(store, target.location) is not None
