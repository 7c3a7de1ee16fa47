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

UNDONE: Final = "undone"
NOT_BEGUN: Final = "not-begun"
ARRIVED: Final = "arrived"
LEFT: Final = "left"


async def undo(
    desk: Desk,
    journal: SqliteJournal,
    among: Collection[TransferId] | None,
    console: Console,
    *,
    is_run: bool = True,
) -> None:
    """Abort each upload until the store says that it is gone, remove each half file.

    What is whole at its target is left, and has completed. What had not begun is told apart from
    what was undone, as the history of an `is_run` has only this.
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
        _Endings(desk, console, is_run=is_run).tell(ended)
        if orphans:
            await journal.remove([each.id for each in orphans])
            sentence = tr("its connection is gone; what was sent may still be at the store")
            _fail_all(desk, [(each, sentence) for each in orphans], console)
        rest = [(each, each.error) for each in failed if not _is_orphan(desk, each)]
        _fail_all(desk, rest, console)
    finally:
        await queue.aclose()


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


class _Endings:
    """Tells each for programs, and what is not as it was meant; of many others only how many."""

    def __init__(self, desk: Desk, console: Console, *, is_run: bool) -> None:
        self._desk = desk
        self._console = console
        self._is_run = is_run

    def tell(self, ended: Sequence[Transfer]) -> None:
        by_event: dict[str, list[Transfer]] = {UNDONE: [], NOT_BEGUN: [], ARRIVED: [], LEFT: []}
        for transfer in ended:
            by_event[self._ending(transfer)].append(transfer)
        for transfer in by_event.pop(LEFT):
            self._tell_one(transfer, LEFT)
        for ending, alike in by_event.items():
            if len(alike) > FEW and not self._console.as_json:
                sentence = _of_many(ending)
                self._console.record({}, sentence.format(count=format_count(len(alike))))
            else:
                for transfer in alike:
                    self._tell_one(transfer, ending)

    def _ending(self, transfer: Transfer) -> str:
        if transfer.state is TransferState.COMPLETED:
            return ARRIVED
        if transfer.error:
            return LEFT
        return UNDONE if transfer.attempts or not self._is_run else NOT_BEGUN

    def _tell_one(self, transfer: Transfer, ending: str) -> None:
        target = place_name(self._desk, transfer.spec.target)
        record = {
            "type": "transfer",
            "event": LEFT if ending == ARRIVED else ending,
            "state": transfer.state.value,
            "source": place_name(self._desk, transfer.spec.source),
            "target": target,
            "verified": transfer.verified,
            "note": transfer.error,
        }
        sentence = _of_one(transfer, ending)
        line = sentence.format(target=self._console.name(target), note=transfer.error)
        self._console.record(record, line)


def _of_many(ending: str) -> str:
    return {
        UNDONE: tr("undone: {count} transfers, nothing of them is at the store or on the disk"),
        NOT_BEGUN: tr("not begun: {count} more, and there was nothing to undo"),
        ARRIVED: tr("complete: {count} had arrived, and are left"),
    }[ending]


def _of_one(transfer: Transfer, ending: str) -> str:
    if ending == UNDONE and isinstance(transfer.spec.target, Path):
        return tr("undone: {target}, nothing of it is on the disk any more")
    return {
        UNDONE: tr("undone: {target}, nothing of it is at the store any more"),
        NOT_BEGUN: tr("not begun: {target}, and there was nothing to undo"),
        ARRIVED: tr("complete: {target} had arrived, and is left"),
        LEFT: tr("given up: {target}: {note}"),
    }[ending]
