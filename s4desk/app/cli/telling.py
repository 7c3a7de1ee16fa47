"""What a verb tells of transfers: each end once, and how far the others are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli.refusals import Refusals
from s4desk.app.cli.served import backend_name, served_record
from s4desk.core.domain.transfer import BatchId, TransferState
from s4desk.core.runtime.events import BatchFinished
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.transfer.ledger import NETWORK
from s4desk.viewmodels.batch_text import batch_text
from s4desk.viewmodels.rows import format_count, format_duration, format_size, format_speed
from s4desk.viewmodels.transfer_rows import change_rows, problem_rows
from s4desk.viewmodels.transfer_text import is_unproved

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import Address, ConnectionId
    from s4desk.core.domain.transfer import Progress, Transfer, TransferId
    from s4desk.core.transfer.planner import Planned
    from s4desk.core.transfer.progress import ProgressBoard
    from s4desk.core.transfer.walk import PathProblem

SKIPPED = "skipped"
"""The state in a record for a completed transfer that had nothing to do."""
_MOST_WARNINGS = 10
_ENDED = (TransferState.COMPLETED, TransferState.FAILED, TransferState.CANCELLED)


class Teller:
    """Writes records and lines for the transfers on a board; `refuses_existing`: what exists is a
    failure, and not just left alone."""

    def __init__(
        self, desk: Desk, console: Console, board: ProgressBoard, *, refuses_existing: bool = False
    ) -> None:
        self._desk = desk
        self._console = console
        self._board = board
        self._refuses_existing = refuses_existing
        self._told: set[TransferId] = set()
        self._is_offline = False
        self._ends: Counter[str] = Counter()
        self._size = 0
        self._folders = 0
        self._left_out = 0
        self._unproved = 0
        self._incomplete = 0
        self._stand_ins = 0
        self._refusals = Refusals(console)

    def leave_out(self, transfers: Iterable[TransferId]) -> None:
        """Tell nothing of these any more."""
        self._told.update(transfers)

    @property
    def is_pointless(self) -> bool:
        """Whether whatever else is tried will fail as all did so far."""
        return self._refusals.is_pointless

    def is_told(self, transfer: TransferId) -> bool:
        return transfer in self._told

    async def tell(self, judged: Callable[[Transfer], Awaitable[Transfer]] | None = None) -> None:
        """Tell of each transfer that has ended since, and how far the others are.

        `judged` has the last word on how one has ended.
        """
        for id_, progress in self._board.drain().items():
            transfer = progress.transfer
            self._tell_network(progress)
            if transfer.state in _ENDED and id_ not in self._told:
                self._told.add(id_)
                self.tell_end(await judged(transfer) if judged else transfer, progress.done)
        if self._console.shows_progress:
            self._console.progress(self._how_far())

    def tell_end(self, transfer: Transfer, done: int) -> None:
        """Tell how a transfer ended with `done` bytes at its target."""
        source, target = self.name(transfer.spec.source), self.name(transfer.spec.target)
        state, error = transfer.state.value, transfer.error
        if transfer.skipped and self._refuses_existing and not transfer.spec.is_folder:
            state = TransferState.FAILED.value
            error = exists_already(transfer)
        elif transfer.skipped:
            state = SKIPPED
        self._ends[state] += 1
        if state == TransferState.COMPLETED:
            self._size += done
            self._folders += transfer.spec.is_folder
        if state == TransferState.FAILED:
            self._refusals.failed(transfer, error, target)
        elif state != TransferState.CANCELLED:
            self._refusals.release()
        if self._console.as_json or state in (TransferState.COMPLETED, SKIPPED):
            line = self._line(source, target, is_skipped=state == SKIPPED)
            names = {"direction": transfer.spec.direction.value, "source": source, "target": target}
            record = _record(transfer, state, error, done)
            record |= served_record(self._desk, transfer.effort.answer)
            self._console.record({"type": "transfer", **names, **record}, line)
        if done and is_unproved(transfer):
            self._tell_unproved(target)
        if state == TransferState.COMPLETED and transfer.error:
            self._tell_left_behind(transfer.error)
        answer = transfer.effort.answer
        if state == TransferState.COMPLETED and answer is not None and answer.is_failover:
            self._tell_stand_in(source, answer)

    def _tell_stand_in(self, source: str, answer: Answer) -> None:
        """Say of what another backend than usual has served; in the same way."""
        self._stand_ins += 1
        if self._stand_ins > _MOST_WARNINGS:
            return
        sentence = tr("s4desk: {source} was read from {backend}")
        if answer.may_be_old:
            sentence = tr("s4desk: warning: {source} was read from {backend}, and may be older")
        backend = backend_name(self._desk, answer)
        self._console.say(sentence.format(source=source, backend=backend))

    def _tell_unproved(self, target: str) -> None:
        """Warn of what may be wrong; of many one by one, and then no more."""
        self._unproved += 1
        if self._unproved <= _MOST_WARNINGS:
            sentence = tr(
                "s4desk: warning: {target} could not be proved: its checksum and its parts are not"
                " known; only its size was compared"
            )
            self._console.say(sentence.format(target=target))

    def _tell_left_behind(self, said: str) -> None:
        """Warn of what did not come along with a copy; in the same way."""
        self._incomplete += 1
        if self._incomplete <= _MOST_WARNINGS:
            self._console.say(tr("s4desk: warning: {sentence}").format(sentence=said))

    def sum_up(self, done_before: int = 0) -> None:
        """Say for a person how all of several ended; `done_before` were done by an earlier run."""
        self._refusals.sum_up()
        if self._unproved > _MOST_WARNINGS:
            sentence = tr("s4desk: warning: {count} objects could not be proved")
            self._console.say(sentence.format(count=format_count(self._unproved)))
        if self._incomplete > _MOST_WARNINGS:
            sentence = tr("s4desk: warning: {count} copies lack something of what belongs to them")
            self._console.say(sentence.format(count=format_count(self._incomplete)))
        if self._stand_ins > _MOST_WARNINGS:
            sentence = tr("s4desk: {count} objects were read from another backend than the first")
            self._console.say(sentence.format(count=format_count(self._stand_ins)))
        if self._console.as_json:
            if self._left_out:
                self._console.record(self._totals(), "")
            return
        if done_before:
            sentence = tr_n(
                "{count} was done by an earlier run.",
                "{count} were done by an earlier run.",
                done_before,
            )
            self._console.say(sentence.format(count=format_count(done_before)))
        if self._ends.total() > 1 or self._left_out:
            self._console.say(batch_text(self._summary()))

    def _summary(self) -> BatchFinished:
        ends = self._ends
        return BatchFinished(
            BatchId(""),
            ends[TransferState.COMPLETED],
            ends[SKIPPED],
            ends[TransferState.FAILED],
            ends[TransferState.CANCELLED],
            self._size,
            self._folders,
            left_out=self._left_out,
        )

    def _totals(self) -> dict[str, object]:
        """The end of a run of which something is no transfer, for programs."""
        summary = self._summary()
        return {
            "type": "run",
            "event": "done",
            "state": TransferState.FAILED.value,
            "completed": summary.completed,
            "skipped": summary.skipped,
            "failed": summary.failed,
            "cancelled": summary.cancelled,
            "left_out": summary.left_out,
            "bytes": summary.bytes_moved,
        }

    def tell_plan(self, planned: Planned) -> None:
        """Tell what cannot be moved, and what gets another name."""
        for problem, (path, reason) in zip(
            planned.problems, problem_rows(planned.problems), strict=True
        ):
            if problem.is_elsewhere:
                self._console.say(f"s4desk: {path}: {reason}")
                continue
            self._left_out += 1
            self._console.fail(reason, path)
            if self._console.as_json:
                self._console.record(_left_out(problem, reason), "")
        for key, name, reason in change_rows(planned.changes):
            sentence = tr("{key} becomes {name}: {reason}")
            self._console.say(sentence.format(key=key, name=name, reason=reason))

    def name(self, side: Path | Address) -> str:
        """A path, or NAME:BUCKET/KEY as it may be typed."""
        return place_name(self._desk, side)

    def _tell_network(self, progress: Progress) -> None:
        """Say once that things wait; again, when something has moved in between."""
        if progress.note == NETWORK and not self._is_offline:
            self._console.say(tr("There is no way to the store; waiting until there is."))
        if progress.note == NETWORK or progress.transfer.state is TransferState.COMPLETED:
            self._is_offline = progress.note == NETWORK

    def _line(self, source: str, target: str, *, is_skipped: bool) -> str:
        sentence = (
            tr("skipped {source}, {target} is there") if is_skipped else "{source} -> {target}"
        )
        return sentence.format(source=self._console.name(source), target=self._console.name(target))

    def _how_far(self) -> str:
        totals = self._board.totals()
        ended = totals.completed + totals.failed + totals.cancelled
        facts = [
            f"{format_count(ended)}/{format_count(ended + totals.under_way)}",
            f"{format_size(totals.done)} / {format_size(totals.total)}",
            format_speed(totals.speed),
            format_duration(totals.seconds_left),
        ]
        return "  ".join(filter(None, facts))


def exists_already(transfer: Transfer) -> str:
    """Why nothing was done where nothing may be replaced."""
    if transfer.spec.removes_source:
        return tr(
            "It exists already: add --if-different to remove the source of what is the same there,"
            " --overwrite or --skip."
        )
    return tr("It exists already: add --overwrite, --skip or --if-different.")


def tell_aside(desk: Desk, console: Console) -> None:
    """Say which journals were damaged."""
    sentence = tr(
        "What an earlier run remembered is damaged and was set aside as {path}. Multipart uploads"
        " it had begun may still be at the store: see “s4desk uploads list”."
    )
    for aside in desk.runs.take_aside():
        console.say(sentence.format(path=aside))


def place_name(desk: Desk, side: Path | Address) -> str:
    """A path, or NAME:BUCKET/KEY as it may be typed."""

    def name_of(id_: ConnectionId) -> str:
        connection = desk.connections.get(id_)
        return connection.name if connection is not None else id_

    return end_name(side, name_of)


def end_name(side: Path | Address, name_of: Callable[[ConnectionId], str]) -> str:
    """The same; `name_of` knows what a connection is called."""
    if isinstance(side, Path):
        return str(side)
    return f"{name_of(side.connection)}:{side.location.bucket}/{side.location.key}"


def _left_out(problem: PathProblem, reason: str) -> dict[str, object]:
    """One thing that could not become a transfer."""
    return {
        "type": "problem",
        "event": "left-out",
        "path": str(problem.path),
        "reason": problem.reason.value,
        "error": reason,
    }


def _record(transfer: Transfer, state: str, error: str, done: int) -> dict[str, object]:
    effort = transfer.effort
    is_moved = state == TransferState.COMPLETED
    return {
        "event": "done",
        "state": state,
        "size": done if is_moved else transfer.spec.size,
        "bytes": done if is_moved else 0,
        "bytes_sent": effort.sent,
        "bytes_reused": effort.reused,
        "parts": effort.parts,
        "retries": effort.retries,
        "verified": transfer.verified,
        "seconds": round(effort.seconds, 3),
        "error": "" if is_moved else error,
        "warning": error if is_moved else "",
    }
