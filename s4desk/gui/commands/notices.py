"""What the window tells beside its views: errors with their details, and what has ended."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
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
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QWidget

    from s4desk.gui.views.status_bar import StatusBar
    from s4desk.viewmodels.acts import Act
    from s4desk.viewmodels.places import Place

log = logging.getLogger(__name__)

SHOWN_MS = 8000


@dataclass(frozen=True, slots=True)
class _Deed:
    """What a person does, and at which place."""

    act: Act | None
    place: Place | None


@dataclass(slots=True)
class _Line:
    """What stands in the last line of the window until it is looked at.

    It is shown at `places`, None for where there is no place yet; everywhere if there are none.
    What `is_fleeting` is over as soon as the person is elsewhere. The rest is how it came about.
    """

    sentence: str
    places: frozenset[Place | None]
    is_fleeting: bool = False
    deed: Act | None = None
    lead: str = ""
    failure: BaseException | None = None
    to_copy: str = ""


_begun: ContextVar[_Deed | None] = ContextVar("begun", default=None)
"""In the course of what something is said; the tasks that it began have it too."""


class Notices(QObject):
    """The one place where a sentence for the person enters the window.

    What failed is told where the person is, and where it was begun: elsewhere it would be taken for
    something of that place, and who comes back finds it again.
    """

    _told = Signal(str)

    def __init__(self, status_bar: StatusBar, window: QWidget, icon: QIcon) -> None:
        super().__init__(window)
        self._status_bar = status_bar
        self._window = window
        self._icon = icon
        self._tray: QSystemTrayIcon | None = None
        self._here: Place | None = None
        self._line: _Line | None = None
        status_bar.error_clicked.connect(self.show_details)
        # Queued, because whoever tells may be on any thread.
        self._told.connect(self._show_sentence, Qt.ConnectionType.QueuedConnection)

    @contextmanager
    def begun(self, deed: Act | None) -> Iterator[None]:
        """A person does this now, or does it again: what was said of the last try is out of date.
        None is something that nobody does again."""
        if deed is not None and self._line is not None and deed == self._line.deed:
            self.clear()
        token = _begun.set(_Deed(deed, self._here))
        try:
            yield
        finally:
            _begun.reset(token)

    def moved(self, place: Place | None) -> None:
        """The window shows another place: so does the line, unless it is of no place."""
        here = None if place is None else place.plain
        if here == self._here:
            return
        self._here, line = here, self._line
        if line is None or not line.places:
            return
        is_shown = here in line.places
        if line.is_fleeting and not is_shown:
            self._line = None
        self._status_bar.show_error(line.sentence if is_shown else "", is_news=False)

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
        line = self._show(f"{lead} {describe(error)}".strip())
        line.lead, line.failure = lead, error

    def warn(self, sentence: str) -> None:
        """A line that stays so, about something that is no exception."""
        self._show(sentence)

    def refuse(self, sentence: str) -> None:
        """Why nothing was done: of no use any more to a person who has gone on elsewhere."""
        self._show(sentence).is_fleeting = True

    def remind(self, sentence: str) -> None:
        """A line that stays wherever the person goes."""
        self._show(sentence).places = frozenset()

    def reword(self, of: Callable[[BaseException], str | None]) -> None:
        """Say of the error that is shown what `of` says of it now: empty for what it says itself,
        None for one that is not known there."""
        line = self._line
        if line is None or line.failure is None or (said := of(line.failure)) is None:
            return
        self.replace(line.sentence, f"{line.lead} {said or describe(line.failure)}".strip())

    def show_folder(self, folder: Path) -> None:
        """Open a folder in the file manager; where there is none, let its path be copied."""
        if QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.say(tr("Opening {folder}…").format(folder=display_name(str(folder))))
            return
        sentence = tr("No program opened {folder}. Click here to copy its path.")
        line = self._show(sentence.format(folder=display_name(str(folder))))
        line.is_fleeting, line.to_copy = True, str(folder)

    def replace(self, sentence: str, by: str) -> None:
        """Say something else where `sentence` still stands; empty takes it away."""
        line = self._line
        if line is None or line.sentence != sentence:
            return
        line.sentence = by
        if not by:
            self._line = None
        if not line.places or self._here in line.places:
            self._status_bar.show_error(by, is_news=False)

    def take_back(self, sentence: str) -> None:
        """What was said is so no longer; something else that stands there stays."""
        self.replace(sentence, "")

    def tell(self, sentence: str) -> None:
        """The same, from any thread."""
        self._told.emit(sentence)

    def clear(self) -> None:
        self._line = None
        self._status_bar.show_error("")

    def show_details(self) -> None:
        """Somebody looks at the line, which is gone then: open what is known about the error, copy
        the path that it names, or show in full what it had no room for."""
        line, self._line = self._line, None
        if line is None:
            return
        if line.to_copy:
            QApplication.clipboard().setText(line.to_copy)
            self.say(tr("Copied: {text}").format(text=display_name(line.to_copy)))
        elif line.failure is None and self._status_bar.is_error_cut:
            self.explain(line.sentence, "", "")
        self.tell_more(line.failure)

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

    def _show(self, sentence: str) -> _Line:
        deed, here = _begun.get(), self._here
        if deed is not None:
            places = frozenset({here, deed.place})
        else:
            places = frozenset() if here is None else frozenset({here})
        line = self._line = _Line(sentence, places, deed=None if deed is None else deed.act)
        self._status_bar.show_error(sentence)
        return line

    def _show_sentence(self, sentence: str) -> None:
        self.remind(sentence)
