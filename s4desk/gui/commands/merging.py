"""Asking before a folder is put onto one that is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.tasks import run_bounded
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.busy import busy
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.viewmodels.moving_text import (
    looking_for_folders,
    merge_explanation,
    merge_question,
    merge_title,
    merge_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Prefix

LOOKS_IN_FLIGHT = 8


async def agrees_to_merge(
    desk: Desk, connection: ConnectionId, folders: Iterable[Prefix], window: QWidget
) -> bool:
    """Ask once about those of these target folders that hold something; True when none does.

    Raises StoreError.
    """
    targets = sorted(set(folders))
    if not targets:
        return True
    async with busy(looking_for_folders(), window):
        there = await _there(desk, connection, targets)
    if not there:
        return True
    names = [folder.name for folder in there]
    return await accepted(
        QuestionDialog(
            merge_title(), merge_question(names), merge_explanation(), merge_words(), window
        )
    )


async def _there(desk: Desk, connection: ConnectionId, folders: list[Prefix]) -> list[Prefix]:
    """The folders that are no new ones, in the order given."""
    store = await desk.stores.get(connection)
    found: set[Prefix] = set()

    async def look(folder: Prefix) -> None:
        page = await store.list_objects(folder, delimiter="", limit=1)
        if page.keys:
            found.add(folder)

    await run_bounded((look(folder) for folder in folders), LOOKS_IN_FLIGHT)
    return [folder for folder in folders if folder in found]
