"""The real window in a process of its own, which says where things are on the screen.

`python -m tests.gui.story_window [URL]`: a profile from S4DESK_HOME, keys from the environment;
without a URL just as a person starts it. Prints one line of JSON whenever something has moved; ends
when its window is closed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget
from shiboken6 import isValid

from s4desk.app.paths import find_folders
from s4desk.app.wiring import build_desk
from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
)
from s4desk.core.domain.identity import ConnectionId
from s4desk.gui.main_window import MainWindow
from s4desk.gui.run import run
from s4desk.gui.views.crumbs import CrumbButton
from s4desk.gui.views.status_bar import ErrorLine
from s4desk.viewmodels.ordering import Column
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.gui.views.object_grid_view import ObjectGridView
    from s4desk.gui.views.object_table_view import ObjectTableView

EVERY_S = 0.05
GEOMETRY = (10, 40, 900, 700)


def main(url: str = "") -> int:
    desk = build_desk(find_folders())
    reports: list[asyncio.Future[None]] = []

    async def prepare(_tell: object) -> Place | None:
        window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        window.setGeometry(*GEOMETRY)
        reports.append(asyncio.ensure_future(report_while_open(desk, window)))
        if not url:
            return None
        connection = Connection(
            ConnectionId("story"),
            "Story",
            endpoint=url,
            region="us-east-1",
            addressing=Addressing.PATH,
            credentials=CredentialReference(CredentialKind.ENVIRONMENT),
        )
        await desk.connections.add(connection)
        return Place(connection.id)

    return run(desk, prepare)


async def report_while_open(desk: Desk, window: MainWindow) -> None:
    last = ""
    while isValid(window) and window.isVisible():
        now = json.dumps(report(desk, window))
        if now != last:
            last = now
            print(now, flush=True)
        await asyncio.sleep(EVERY_S)


def report(desk: Desk, window: MainWindow) -> dict[str, Any]:
    pane = window.pane
    by_rows = pane.grid if pane.grid.isVisible() else pane.table
    shown = pane.page if pane.page.isVisible() else by_rows.viewport()
    dialog = next((d for d in dialogs() if d.isActiveWindow()), None)
    return {
        "title": window.windowTitle(),
        "state": pane.status.state,
        "middle": on_screen(shown, shown.rect().center()),
        "rows": rows(by_rows) if by_rows.isVisible() else {},
        "badges": badges(by_rows) if by_rows.isVisible() else {},
        "is_grid": pane.grid.isVisible(),
        "buckets": buckets(window) if pane.buckets.isVisible() else [],
        "said": said(window),
        "places": places(window),
        "crumbs": crumbs(window),
        "selected": len(pane.summary),
        "transfers": sorted(transfer.state for transfer in desk.queue.transfers()),
        "errors": [transfer.error for transfer in desk.queue.transfers() if transfer.error],
        "message": window.status_bar.currentMessage(),
        "dialog": dialog.windowTitle() if dialog is not None else "",
        "told": texts(dialog) if dialog is not None else [],
        "focus": name_of(QApplication.focusWidget()),
    }


def rows(view: ObjectTableView | ObjectGridView) -> dict[str, list[int]]:
    """The middle of each visible name, or of the left of its cell, on the screen."""
    model, viewport = view.model(), view.viewport()
    found = {}
    for row in range(min(model.rowCount(), 20)):
        index = model.index(row, 0)
        rect = view.visualRect(index)
        found[index.data()] = on_screen(viewport, rect.topLeft() + QPoint(60, rect.height() // 2))
    return found


def badges(view: ObjectTableView | ObjectGridView) -> dict[str, str]:
    """What is known of the locks of the first rows."""
    model = view.model()
    indexes = [model.index(row, 0) for row in range(min(model.rowCount(), 20))]
    return {index.data(): index.siblingAtColumn(Column.LOCK).data() for index in indexes}


def buckets(window: MainWindow) -> list[str]:
    model = window.pane.buckets.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def said(window: MainWindow) -> str:
    """The sentences in the place of rows, below them, above them, and about errors."""
    pane = window.pane
    found = [window.status_bar.findChild(ErrorLine)]
    notices = [pane.page.notice, pane.banner.notice, window.banner.notice]
    shown = [pane.page.isVisible(), pane.banner.isVisible(), window.banner.isVisible()]
    words = [
        f"{notice.title} {notice.text}"
        for notice, is_shown in zip(notices, shown, strict=True)
        if notice is not None and is_shown
    ]
    return " | ".join([*words, *(line.accessibleName() for line in found if line.isVisible())])


def texts(dialog: QDialog) -> list[str]:
    labels = dialog.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisible() and label.text()]


def name_of(widget: QWidget | None) -> str:
    """What somebody hears who comes to it."""
    if widget is None:
        return ""
    return widget.accessibleName() or str(widget.property("text") or widget.objectName())


def places(window: MainWindow) -> dict[str, list[int]]:
    """The middle of each row of the sidebar that is open."""
    tree, found = window.tree, {}
    index = tree.model().index(0, 0)
    while index.isValid():
        found[index.data()] = on_screen(tree.viewport(), tree.visualRect(index).center())
        index = tree.indexBelow(index)
    return found


def crumbs(window: MainWindow) -> dict[str, list[int]]:
    """The middle of each step of the way."""
    steps = [step for step in window.path_bar.findChildren(CrumbButton) if step.isVisible()]
    return {step.label: on_screen(step, step.rect().center()) for step in steps}


def dialogs() -> list[QDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog)]


def on_screen(widget: QWidget, point: QPoint) -> list[int]:
    place = widget.mapToGlobal(point)
    return [place.x(), place.y()]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
