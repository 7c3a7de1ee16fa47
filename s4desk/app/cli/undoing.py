"""`s4desk transfers cancel`: transfers are undone, and what became of each is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli.telling import place_name
from s4desk.app.wiring import build_run_queue
from s4desk.core.domain.identity import Address
from s4desk.core.domain.transfer import Transfer, TransferId, TransferState
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.progress import ProgressBoard

if TYPE_CHECKING:
    from collections.abc import Collection

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.persist.journal import SqliteJournal


async def undo(
    desk: Desk, journal: SqliteJournal, among: Collection[TransferId] | None, console: Console
) -> None:
    """Abort each upload until the store says that it is gone, remove each half file.

    What is whole at its target is left, and has completed.
    """
    queue = build_run_queue(desk, journal, ProgressBoard())
    try:
        await queue.open(auto_resume=False, among=among)
        queue.cancel([each.id for each in queue.transfers()])
        await queue.at_rest()
        for transfer in queue.transfers():
            if transfer.state.is_final:
                _tell_ended(desk, transfer, console)
            elif _is_orphan(desk, transfer):
                await journal.remove([transfer.id])
                sentence = tr("its connection is gone; what was sent may still be at the store")
                console.fail(sentence, place_name(desk, transfer.spec.target))
            else:
                console.fail(transfer.error, place_name(desk, transfer.spec.target))
    finally:
        await queue.aclose()


def _is_orphan(desk: Desk, transfer: Transfer) -> bool:
    """Whether nobody can undo it any more."""
    target = transfer.spec.target
    return isinstance(target, Address) and desk.connections.get(target.connection) is None


def _tell_ended(desk: Desk, transfer: Transfer, console: Console) -> None:
    target, is_undone = place_name(desk, transfer.spec.target), _is_undone(transfer)
    record = {
        "type": "transfer",
        "event": "undone" if is_undone else "left",
        "state": transfer.state.value,
        "source": place_name(desk, transfer.spec.source),
        "target": target,
        "verified": transfer.verified,
        "note": transfer.error,
    }
    sentence = _sentence(transfer)
    line = sentence.format(target=console.name(target), note=transfer.error)
    console.record(record, line)


def _is_undone(transfer: Transfer) -> bool:
    return transfer.state is TransferState.CANCELLED and not transfer.error


def _sentence(transfer: Transfer) -> str:
    if transfer.state is TransferState.COMPLETED:
        return tr("complete: {target} had arrived, and is left")
    if transfer.error:
        return tr("given up: {target}: {note}")
    if isinstance(transfer.spec.target, Path):
        return tr("undone: {target}, nothing of it is on the disk any more")
    return tr("undone: {target}, nothing of it is at the store any more")
