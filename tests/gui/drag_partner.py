"""Another program's window: files can be dragged out of its left half and into its right.

`python -m tests.gui.drag_partner FOLDER PATH…`: offers the paths, and copies into FOLDER what
falls on it, as a file manager does. Prints lines of JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget

GEOMETRY = (1000, 40, 500, 500)


class Source(QLabel):
    """Begins a drag as soon as the pointer moves with the button down."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__("drag me")
        self._paths = paths

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton:
            return
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(path) for path in self._paths])
        drag = QDrag(self)
        drag.setMimeData(mime)
        action = drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction)
        say({"dragged": action.name})


class Target(QLabel):
    def __init__(self, folder: Path) -> None:
        super().__init__("drop here")
        self._folder = folder
        self._drops = 0
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        names = []
        for url in event.mimeData().urls():
            path = Path(url.toLocalFile())
            names.append(path.name)
            if path.is_dir():
                shutil.copytree(path, self._folder / path.name)
            else:
                shutil.copy(path, self._folder / path.name)
        event.acceptProposedAction()
        self._drops += 1
        say({"dropped": names, "drops": self._drops})


def say(words: dict[str, object]) -> None:
    print(json.dumps(words), flush=True)


def main(folder: str, paths: list[str]) -> int:
    app = QApplication([])
    window = QWidget()
    window.setWindowTitle("Drag partner")
    source, target = Source(paths), Target(Path(folder))
    layout = QHBoxLayout(window)
    layout.addWidget(source)
    layout.addWidget(target)
    window.setGeometry(*GEOMETRY)
    window.show()

    def tell_places() -> None:
        def middle(widget: QWidget) -> list[int]:
            place = widget.mapToGlobal(widget.rect().center())
            return [place.x(), place.y()]

        say({"source": middle(source), "target": middle(target)})

    QTimer.singleShot(500, tell_places)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
