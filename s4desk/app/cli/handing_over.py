"""`s4desk transfers` about the queue of a window that is open: the window does it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from s4desk.app.channel import NoWindowError, ask
from s4desk.app.cli.telling import place_name
from s4desk.core.domain.transfer import TransferState
from s4desk.core.persist.peek import peek
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Collection

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.transfer import TransferId

LOOK_EVERY_S = 0.1


async def resume(desk: Desk, among: Collection[TransferId] | None, console: Console) -> None:
    """Let the window go on with these, or with all of its queue. Raises NoWindowError."""
    handed = await _ask(desk, "resume", among)
    record = {"type": "run", "id": "window", "event": "handed over", "transfers": len(handed)}
    sentence = tr_n(
        "The window that is open goes on with {count} transfer.",
        "The window that is open goes on with {count} transfers.",
        len(handed),
    )
    console.record(record, sentence.format(count=format_count(len(handed))))
    if desk.settings.for_now:
        console.say(tr("It keeps to limits of its own, not to those of this command."))


async def cancel(desk: Desk, among: Collection[TransferId] | None, console: Console) -> None:
    """Let the window undo these, or all, and wait until it has. Raises NoWindowError."""
    known = {each.id: each for each in (await in_thread(peek, desk.database.path)).unfinished}
    states = await _ask(desk, "cancel", among)
    while any(not _is_over(each) for each in states.values()):
        await asyncio.sleep(LOOK_EVERY_S)
        states |= dict.fromkeys(states) | await _ask(desk, "states", states)
    for id_, state in states.items():
        transfer = known.get(id_)
        target = place_name(desk, transfer.spec.target) if transfer else f"window.{id_}"
        if state is None or state["state"] == TransferState.CANCELLED:
            record = {"type": "transfer", "event": "undone", "id": f"window.{id_}"}
            sentence = tr("undone by the window: {target}").format(target=console.name(target))
            console.record(record | {"state": TransferState.CANCELLED, "target": target}, sentence)
        else:
            console.fail(state["error"] or tr("it has ended meanwhile"), target)


def _is_over(state: dict[str, Any] | None) -> bool:
    """Whether it was undone, has ended otherwise, or could not be undone."""
    over = (TransferState.CANCELLED, TransferState.FAILED, TransferState.COMPLETED)
    return state is None or state["state"] in over


async def _ask(
    desk: Desk, deed: str, among: Collection[TransferId] | None
) -> dict[TransferId, dict[str, Any] | None]:
    """What the window says of these transfers.

    Raises NoWindowError, also while the window is being opened or closed; UnansweredError.
    """
    details = {"transfers": None if among is None else sorted(among)}
    answer = await in_thread(ask, desk.folders.data, deed, details)
    if not answer.get("ok"):
        raise NoWindowError
    return {each["id"]: each for each in answer["transfers"]}
