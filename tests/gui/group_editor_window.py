"""The editor of a failover group as a program of its own, for a real pointer.

`python -m tests.gui.group_editor_window`: prints the members in their order, the current one and
where each row is, as lines of JSON.
"""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from s4desk.core.domain.identity import ConnectionId
from s4desk.gui.dialogs.group import GroupDialog
from s4desk.viewmodels.group_form import GroupForm
from tests.gui.stray_groups import GROUP, STORES

SETTLED_MS = 300


def main() -> None:
    app = QApplication(sys.argv[:1])
    form = GroupForm(ConnectionId("g"), STORES, "Photos", GROUP)
    dialog = GroupDialog(form, is_new=False)
    view = dialog.members.view

    def say() -> None:
        rows = [view.visualRect(view.model().index(row, 0)) for row in range(len(form.members))]
        places = [view.viewport().mapToGlobal(each.center()) for each in rows]
        told = {
            "members": [each.connection for each in form.members],
            "row": view.row,
            "rows": [[each.x(), each.y()] for each in places],
            "height": rows[0].height(),
        }
        print(json.dumps(told), flush=True)

    dialog.members.edited.connect(say)
    dialog.move(40, 40)
    dialog.show()
    QTimer.singleShot(SETTLED_MS, say)
    app.exec()


if __name__ == "__main__":
    main()
