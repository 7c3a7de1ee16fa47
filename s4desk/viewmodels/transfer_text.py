"""What the queue shows of a transfer, and what is said about all of them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import Direction, TransferState, WaitKind
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.answer_text import answer_text, stand_in_text
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import (
    display_name,
    escape_key,
    folder_label,
    format_count,
    format_duration,
    format_size,
    format_speed,
    object_label,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.identity import Address, ConnectionId
    from s4desk.core.domain.transfer import Progress, Transfer, TransferSpec, Wait
    from s4desk.core.transfer.progress import Totals

BETWEEN = " · "
SIZE_ONLY = "size-only"


class Wish(StrEnum):
    """What was asked of a transfer; to obey may take a moment."""

    PAUSE = "pause"
    CANCEL = "cancel"


def transfer_name(spec: TransferSpec) -> str:
    """The last segment of what is moved; a download and a copy are called as in the store."""
    if isinstance(spec.source, Path):
        name = spec.source.name
        return folder_label(f"{name}/") if spec.is_folder else display_name(name)
    name = spec.source.location.name
    return folder_label(name) if name.endswith("/") else object_label(name)


def full_path(end: Path | Address, name_of: Callable[[ConnectionId], str] = str) -> str:
    """One end of a transfer, nothing in it hidden: a path, or NAME:bucket/key."""
    if isinstance(end, Path):
        return printable(str(end))
    place = f"{escape_key(end.location.bucket)}/{escape_key(end.location.key)}"
    return f"{display_name(name_of(end.connection))}:{place}"


def source_text(transfer: Transfer, name_of: Callable[[ConnectionId], str] = str) -> str:
    """Where it comes from, and which member of a group had it."""
    path, answer = full_path(transfer.spec.source, name_of), transfer.effort.answer
    if answer is None or isinstance(transfer.spec.source, Path):
        return path
    # Where there is no room the middle is left out: who had it and the end of the key stay.
    return tr("{member} for {path}").format(path=path, member=answer_text(answer, name_of))


def both_ends(transfer: Transfer, name_of: Callable[[ConnectionId], str] = str) -> list[str]:
    """Where from, with the member of a group that had it, and where to, a line each."""
    return [
        tr("From: {path}").format(path=source_text(transfer, name_of)),
        tr("To: {path}").format(path=full_path(transfer.spec.target, name_of)),
    ]


def direction_text(spec: TransferSpec) -> str:
    """Which way the bytes go; of a copy whether the original stays."""
    if spec.direction is Direction.COPY and spec.removes_source:
        return tr("Move")
    return {
        Direction.UPLOAD: tr("Upload"),
        Direction.DOWNLOAD: tr("Download"),
        Direction.COPY: tr("Copy"),
    }[spec.direction]


def state_text(
    progress: Progress, *, quiet_s: int = 0, wait: Wait | None = None, wish: Wish | None = None
) -> str:
    """The state in a word or two; while a transfer runs, what it is doing; why it failed.

    `quiet_s` is for how many seconds nothing was heard of it, if that is too long; `wait` what it
    waits for; `wish` what was asked of it and is not done yet.
    """
    transfer = progress.transfer
    if wish is not None:
        return {Wish.PAUSE: tr("Pausing…"), Wish.CANCEL: tr("Cancelling…")}[wish]
    is_running = transfer.state is TransferState.RUNNING
    if is_running and wait is not None:
        return wait_text(wait)
    if progress.note and (is_running or transfer.state is TransferState.QUEUED):
        return _notes().get(progress.note, progress.note)
    if is_running and quiet_s:
        return tr("Running – no answer for {time}").format(time=format_duration(quiet_s))
    if transfer.state is TransferState.COMPLETED:
        return _done_text(progress)
    return _rest_text(transfer)


def may_be_old(transfer: Transfer) -> bool:
    """Whether a member of a group stood in for the first, and may have had an older object."""
    is_there = transfer.state is TransferState.COMPLETED and not transfer.skipped
    answer = transfer.effort.answer
    return is_there and answer is not None and answer.may_be_old


def is_unproved(transfer: Transfer) -> bool:
    """Whether an object has come to us, or through us to another store, and nothing tells that its
    bytes are right."""
    is_there = transfer.state is TransferState.COMPLETED and not transfer.skipped
    source, target = transfer.spec.source, transfer.spec.target
    is_brought = not isinstance(source, Path) and (
        isinstance(target, Path) or source.connection != target.connection
    )
    is_object = is_brought and not transfer.spec.is_folder
    return is_there and is_object and transfer.verified == SIZE_ONLY


def _done_text(progress: Progress) -> str:
    transfer = progress.transfer
    if may_be_old(transfer):
        return tr("Done, may be older")
    if is_unproved(transfer) and progress.done:
        return tr("Done, not proved")
    if transfer.skipped:
        return tr("Skipped")
    return tr("Done, something left behind") if transfer.error else tr("Done")


def _rest_text(transfer: Transfer) -> str:
    if transfer.state is TransferState.FAILED and transfer.error:
        return tr("Failed – {reason}").format(reason=transfer.error)
    return {
        TransferState.QUEUED: tr("Waiting"),
        TransferState.RUNNING: tr("Running"),
        TransferState.PAUSED: tr("Paused"),
        TransferState.FAILED: tr("Failed"),
        TransferState.CANCELLED: tr("Cancelled"),
    }[transfer.state]


def wait_text(wait: Wait) -> str:
    """What a running transfer waits for."""
    if wait.kind is WaitKind.SLOT:
        return tr("Waiting for a slot")
    time = format_duration(wait.seconds) if wait.seconds >= 1 else ""
    if wait.kind is WaitKind.THROTTLED:
        return tr("Throttled – waiting {time}").format(time=time) if time else tr("Throttled")
    return tr("Trying again in {time}").format(time=time) if time else tr("Trying again")


def state_tip(progress: Progress, name_of: Callable[[ConnectionId], str] = str) -> str:
    """Why nothing was done, or which member of a group stood in for the first, and how the result
    was checked."""
    transfer = progress.transfer
    if transfer.skipped:
        return tr("The target was there already; nothing was moved.")
    is_done = transfer.state is TransferState.COMPLETED
    if not is_done and transfer.state is not TransferState.RUNNING:
        return verified_tip(transfer)
    answer = None if isinstance(transfer.spec.source, Path) else transfer.effort.answer
    told = (transfer.error if is_done else "") or verified_tip(transfer)
    return " ".join(filter(None, (stand_in_text(answer, name_of), told)))


def verified_text(transfer: Transfer) -> str:
    """How the result was checked, in a word; nothing while that is not known."""
    if transfer.verified == SIZE_ONLY:
        return tr("Size only")
    return transfer.verified.upper()


def verified_tip(transfer: Transfer) -> str:
    """What the word means, and what can be done where it means little."""
    if is_unproved(transfer):
        return tr(
            "Only the size was compared: the store tells neither a checksum of the whole object nor"
            " of which parts it was made. “Verify Transfers Now” reads it again and compares every"
            " byte."
        )
    if transfer.verified == SIZE_ONLY:
        return tr(
            "Only the size was compared: the store keeps no checksum of the whole object."
            " “Verify Transfers Now” reads it again and compares every byte."
        )
    if transfer.verified:
        sentence = tr("Both ends have the same checksum: {checksum}.")
        return sentence.format(checksum=transfer.verified.upper())
    return ""


def done_percent(progress: Progress) -> int | None:
    """How much is done, of a hundred; None when it cannot be told, or nothing was to be done."""
    if progress.transfer.skipped:
        return None
    if progress.transfer.state is TransferState.COMPLETED:
        return 100
    if progress.total <= 0:
        return None
    return min(100, progress.done * 100 // progress.total)


def size_text(progress: Progress) -> str:
    """How much of how much; only how much when nothing or everything is moved."""
    if progress.transfer.spec.is_folder:
        return ""
    total = format_size(progress.total)
    if progress.done <= 0 or progress.done >= progress.total:
        return total
    return tr("{done} of {total}").format(done=format_size(progress.done), total=total)


def cancel_question(count: int, moved: int) -> tuple[str, str]:
    """What is asked before `count` transfers are cancelled of which `moved` bytes were moved, and
    what that means."""
    sentence = tr_n("Cancel {count} transfer?", "Cancel {count} transfers?", count)
    explanation = tr(
        "{size} have been moved already and would be thrown away. A transfer that is paused can go"
        " on later where it stopped."
    )
    return (
        sentence.format(count=format_count(count)),
        explanation.format(size=format_size(moved)),
    )


def totals_text(totals: Totals) -> str:
    """The line beside the queue's buttons; nothing for an empty queue."""
    return BETWEEN.join(part for part in (*_counts(totals), *_flow(totals)) if part)


def brief_totals_text(totals: Totals) -> str:
    """The same for the status bar, where a sentence about the last batch stands beside it."""
    if totals.under_way:
        counted = tr_n("{count} transfer", "{count} transfers", totals.under_way)
        parts = [counted.format(count=format_count(totals.under_way)), *_flow(totals)[1:]]
    else:
        parts = [_paused(totals)]
    if totals.failed:
        in_all = tr_n("{count} failed in all", "{count} failed in all", totals.failed)
        parts.append(in_all.format(count=format_count(totals.failed)))
    return BETWEEN.join(part for part in parts if part)


def _counts(totals: Totals) -> list[str]:
    counts = [
        (tr_n("{count} running", "{count} running", totals.running), totals.running),
        (tr_n("{count} waiting", "{count} waiting", totals.queued), totals.queued),
    ]
    told = [text.format(count=format_count(count)) for text, count in counts if count]
    moved = totals.completed - totals.skipped
    done = tr_n("{count} done", "{count} done", moved)
    skipped = tr_n("{count} skipped", "{count} skipped", totals.skipped)
    cancelled = tr_n("{count} cancelled", "{count} cancelled", totals.cancelled)
    return [
        *told,
        _paused(totals),
        _failed(totals),
        done.format(count=format_count(moved)) if moved else "",
        skipped.format(count=format_count(totals.skipped)) if totals.skipped else "",
        cancelled.format(count=format_count(totals.cancelled)) if totals.cancelled else "",
    ]


def _paused(totals: Totals) -> str:
    text = tr_n("{count} paused", "{count} paused", totals.paused)
    return text.format(count=format_count(totals.paused)) if totals.paused else ""


def _failed(totals: Totals) -> str:
    text = tr_n("{count} failed", "{count} failed", totals.failed)
    return text.format(count=format_count(totals.failed)) if totals.failed else ""


def _flow(totals: Totals) -> list[str]:
    """Bytes, speed, time: only as long as something is under way."""
    if not totals.under_way:
        return []
    moved = tr("{done} of {total}").format(
        done=format_size(totals.done), total=format_size(totals.total)
    )
    speed = format_speed(totals.speed) if totals.running else ""
    left = format_duration(totals.seconds_left)
    return [moved, speed, tr("{time} left").format(time=left) if left else ""]


def _notes() -> dict[str, str]:
    return {
        "network": tr("Waiting for the network"),
        "sign-in": tr("Waits for sign-in"),
        "verifying": tr("Verifying"),
        "mending": tr("Fetching again what is damaged"),
    }
