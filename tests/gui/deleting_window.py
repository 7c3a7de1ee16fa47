"""A window in which a folder is deleted as a person does it: `CONNECTION BUCKET FOLDER` to show.

Everything in the folder is selected, deleted and confirmed; whoever started it ends it.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from s4desk.app.paths import find_folders
from s4desk.app.wiring import build_desk
from s4desk.core.domain.identity import Prefix
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.main_window import MainWindow
from s4desk.gui.run import run
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget


def shown(kind: type[QWidget]) -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]


async def delete_all(window: MainWindow) -> None:
    """Wait for the rows, select them, and go through the dialog."""
    pane = window.pane
    await until(lambda: pane.status.loaded and not pane.status.is_busy)
    pane.select_all()
    await until(lambda: window.acts[Act.DELETE].isEnabled())
    window.acts[Act.DELETE].trigger()
    await until(lambda: shown(DeletionDialog))
    (dialog,) = shown(DeletionDialog)
    assert isinstance(dialog, DeletionDialog)
    await until(lambda: "in all" in dialog.tally.text())
    dialog.findChild(QLineEdit, "word").setText("delete")
    dialog.findChild(QPushButton, "delete").click()


def main(connection: str, bucket: str, folder: str) -> int:
    desk = build_desk(find_folders())
    tasks = []

    async def prepare(_tell: Callable[[str], None]) -> Place:
        known = desk.connections.by_name(connection)
        assert known is not None
        (window,) = shown(MainWindow)
        assert isinstance(window, MainWindow)
        tasks.append(asyncio.ensure_future(delete_all(window)))
        return Place(known.id, Prefix(bucket, folder))

    return run(desk, prepare)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
