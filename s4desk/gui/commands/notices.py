"""What the window tells beside its views: errors with their details, and what has ended."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.details import DetailsDialog
from s4desk.viewmodels.error_text import describe, details, explain
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QWidget

    from s4desk.gui.views.status_bar import StatusBar
    from s4desk.viewmodels.acts import Act

log = logging.getLogger(__name__)

SHOWN_MS = 8000
_deed: ContextVar[Act | None] = ContextVar("deed", default=None)
"""In the course of what something is said; the tasks that it began have it too."""


class Notices(QObject):
    """The one place where a sentence for the person enters the window."""

    _told = Signal(str)

    def __init__(self, status_bar: StatusBar, window: QWidget, icon: QIcon) -> None:
        super().__init__(window)
        self._status_bar = status_bar
        self._window = window
        self._icon = icon
        self._tray: QSystemTrayIcon | None = None
        self._failure: BaseException | None = None
        self._to_copy = ""
        self._blamed: Act | None = None
        status_bar.error_clicked.connect(self.show_details)
        # Queued, because whoever tells may be on any thread.
        self._told.connect(self._show_sentence, Qt.ConnectionType.QueuedConnection)

    @contextmanager
    def begun(self, deed: Act | None) -> Iterator[None]:
        """A person does this now, or does it again: what was said of the last try is out of date.
        None is something that nobody does again."""
        if deed is not None and deed == self._blamed:
            self.clear()
        token = _deed.set(deed)
        try:
            yield
        finally:
            _deed.reset(token)

    def say(self, sentence: str, *, stays: bool = False) -> None:
        """A remark that goes by itself, unless it `stays` until something else is done."""
        self._status_bar.showMessage(sentence, 0 if stays else SHOWN_MS)

    def hush(self) -> None:
        """Take back what was remarked: the person went on to something else."""
        self._status_bar.clearMessage()

    def fail(self, error: BaseException, lead: str = "") -> None:
        """An error: a line that stays until it is looked at, the next one comes, or what it came of
        is done again. `lead` is a sentence before it."""
        if not isinstance(error, S4DeskError | OSError):
            log.error("a command failed", exc_info=error)
        self._show(f"{lead} {describe(error)}".strip(), error)

    def warn(self, sentence: str) -> None:
        """A line that stays, about something that is no exception."""
        self._show(sentence)

    def show_folder(self, folder: Path) -> None:
        """Open a folder in the file manager; where there is none, let its path be copied."""
        if QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.say(tr("Opening {folder}…").format(folder=display_name(str(folder))))
            return
        sentence = tr("No program opened {folder}. Click here to copy its path.")
        self.warn(sentence.format(folder=display_name(str(folder))))
        self._to_copy = str(folder)

    def replace(self, sentence: str, by: str) -> None:
        """Say something else where `sentence` still stands; empty takes it away."""
        if sentence and self._status_bar.error == sentence:
            self._status_bar.show_error(by, is_news=False)

    def take_back(self, sentence: str) -> None:
        """What was said is so no longer; something else that stands there stays."""
        self.replace(sentence, "")

    def tell(self, sentence: str) -> None:
        """The same, from any thread."""
        self._told.emit(sentence)

    def clear(self) -> None:
        self._show("")

    def show_details(self) -> None:
        """Open what is known about the error that is shown, or copy the path that is."""
        if self._to_copy:
            QApplication.clipboard().setText(self._to_copy)
            self.say(tr("Copied: {text}").format(text=display_name(self._to_copy)))
        self.tell_more(self._failure)

    def tell_more(self, failure: BaseException | None) -> None:
        """All that is known of an error that is shown somewhere, to read and to copy."""
        if failure is not None:
            text = explain(failure)
            self.explain(text.problem, text.advice, details(failure))

    def explain(self, problem: str, advice: str, more: str) -> None:
        """A sentence in full, what to do about it, and facts that can be copied."""
        dialog = DetailsDialog(problem, advice, more, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def notify(self, title: str, sentence: str) -> None:
        """Something long has ended: told to whoever looks at another window now."""
        if QApplication.activeWindow() is not None:
            return
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            self._tray_icon().showMessage(title, sentence, self._icon)

    def close(self) -> None:
        """Take the icon out of the system tray."""
        if self._tray is not None:
            self._tray.hide()

    def _tray_icon(self) -> QSystemTrayIcon:
        """Only there once there was something to say while nobody looked."""
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._icon, self)
            self._tray.messageClicked.connect(self._window.activateWindow)
            self._tray.activated.connect(self._window.activateWindow)
        self._tray.show()
        return self._tray

    def _show(self, sentence: str, failure: BaseException | None = None) -> None:
        self._failure, self._to_copy, self._blamed = failure, "", _deed.get()
        self._status_bar.show_error(sentence)

    def _show_sentence(self, sentence: str) -> None:
        self.warn(sentence)
