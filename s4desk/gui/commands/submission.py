"""What a form asks for, until it is done or given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from s4desk.gui.dialogs.base import FormDialog


async def is_done(dialog: FormDialog, sentence: str, deed: Callable[[], Awaitable[None]]) -> bool:
    """Let the person try until `deed` succeeds, True, or they give up; the dialog is gone then.

    `sentence` says what is going on meanwhile.
    """
    try:
        while await dialog.submission():
            dialog.set_busy(True, sentence)
            try:
                await deed()
            except (S4DeskError, OSError) as error:
                dialog.fail(error)
            else:
                return True
        return False
    finally:
        dialog.close()
        dialog.deleteLater()
