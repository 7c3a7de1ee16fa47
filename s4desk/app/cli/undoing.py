"""`s4desk transfers cancel`: transfers are undone, and what became of each is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from s4desk.app.cli.telling import place_name
from s4desk.app.wiring import build_run_queue
from s4desk.core.domain.identity import Address
from s4desk.core.domain.transfer import Transfer, TransferId, TransferState
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.progress import ProgressBoard
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.persist.journal import SqliteJournal

FEW: Final = 3
"""So many are named one by one."""


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
        transfers = queue.transfers()
        ended = [each for each in transfers if each.state.is_final]
        failed = [each for each in transfers if not each.state.is_final]
        orphans = [each for each in failed if _is_orphan(desk, each)]
        _tell_all_ended(desk, ended, console)
        if orphans:
            await journal.remove([each.id for each in orphans])
            sentence = tr("its connection is gone; what was sent may still be at the store")
            _fail_all(desk, [(each, sentence) for each in orphans], console)
        rest = [(each, each.error) for each in failed if not _is_orphan(desk, each)]
        _fail_all(desk, rest, console)
    finally:
        await queue.aclose()


def _tell_all_ended(desk: Desk, ended: Sequence[Transfer], console: Console) -> None:
    """Each for programs, and what is not as it was meant; of many others only how many."""
    undone = [each for each in ended if _is_undone(each)]
    whole = [each for each in ended if each.state is TransferState.COMPLETED]
    given_up = [each for each in ended if each.state is TransferState.CANCELLED and each.error]
    brief = {
        tr("undone: {count} transfers, nothing of them is at the store or on the disk"): undone,
        tr("complete: {count} had arrived, and are left"): whole,
    }
    for transfer in given_up:
        _tell_ended(desk, transfer, console)
    for sentence, alike in brief.items():
        if len(alike) > FEW and not console.as_json:
            console.record({}, sentence.format(count=format_count(len(alike))))
        else:
            for transfer in alike:
                _tell_ended(desk, transfer, console)


def _fail_all(desk: Desk, failed: Sequence[tuple[Transfer, str]], console: Console) -> None:
    """Each; of many with one sentence the first ones, and how many more."""
    told: Counter[str] = Counter()
    for transfer, sentence in failed:
        told[sentence] += 1
        if told[sentence] <= FEW:
            console.fail(sentence, place_name(desk, transfer.spec.target))
    for sentence, count in told.items():
        if count > FEW:
            more = tr("{count} more: {sentence}")
            console.fail(more.format(count=format_count(count - FEW), sentence=sentence))


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
