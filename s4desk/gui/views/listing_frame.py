"""The rows of a listing, or what is said in their place, and what is said above and below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.views.notices import Banner, LoadingLine, NoticePage
from s4desk.viewmodels.listing import (
    ListingState,
    ListingStatus,
    Notice,
    Remedy,
    banner,
    empty_notice,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import Prefix
    from s4desk.gui.models.cells import Icons


class ListingFrame(QWidget):
    """Shows one of several views, as long as it has rows. `chosen` is a remedy that was pressed."""

    chosen = Signal(object)

    def __init__(
        self,
        icons: Icons,
        views: Sequence[QWidget],
        filter_bar: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.page = NoticePage(icons)
        self.banner = Banner(icons)
        self._line = LoadingLine()
        self._stack = QStackedWidget()
        self._view = views[0]
        self._tells_rest = False
        self._message = Notice("", "", "")
        self._refusal = self._no_writes = ""
        self._lay_out(views, filter_bar)
        self.page.chosen.connect(self._choose)
        self.banner.chosen.connect(self._choose)

    def _lay_out(self, views: Sequence[QWidget], filter_bar: QWidget) -> None:
        for widget in (*views, self.page):
            self._stack.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self._line, filter_bar, self._stack, self.banner):
            layout.addWidget(part, 1 if part is self._stack else 0)
        self._stack.setCurrentWidget(self.page)

    def turn_to(self, view: QWidget, *, tells_rest: bool) -> None:
        """Another listing begins, in this view; `tells_rest` if its rows say what is not loaded."""
        self._view, self._tells_rest, self._refusal = view, tells_rest, ""
        self.banner.show_notice(None)

    def look_through(self, view: QWidget) -> None:
        """Show the same listing in another view."""
        is_showing_rows, self._view = self.is_showing_rows, view
        if is_showing_rows:
            self._bring_up(view)

    def redraw_icons(self) -> None:
        """The colours have changed."""
        self.page.redraw_icons()
        self.banner.redraw_icons()

    # What is said

    def show_message(self, message: Notice) -> None:
        """What is to be said while no listing is open."""
        self._message = message

    def refuse(self, sentence: str, status: ListingStatus, here: Prefix | None) -> None:
        """Say why the listing is not sorted, as long as not all of it is here."""
        self._refusal = sentence
        self._show_notices(status, here)

    def show_no_writes(self, sentence: str, status: ListingStatus, here: Prefix | None) -> None:
        """Say why nothing can be written, where it would be offered; empty when it can."""
        self._no_writes = sentence
        self._show_notices(status, here)

    def follow(self, status: ListingStatus, here: Prefix | None) -> None:
        """Say how the listing is. What is dropped on a sentence goes to `here`."""
        self._line.set_moving(status.is_busy)
        self._show_notices(status, here)

    def _show_notices(self, status: ListingStatus, here: Prefix | None) -> None:
        is_closed = status.state is ListingState.CLOSED
        notice = self._message if is_closed else empty_notice(status, self._no_writes)
        if notice is not None:
            self.page.show_notice(notice, None if self._no_writes else here)
        self._bring_up(self._view if notice is None else self.page)
        if notice is not None or not self._is_going_on(status):
            self.banner.show_notice(self._line_below(status) if notice is None else None)

    def _is_going_on(self, status: ListingStatus) -> bool:
        """While the scroll bar loads a page the banner stays, or the rows would jump."""
        is_paging = status.state is ListingState.LOADING and not status.is_loading_all
        said = self.banner.notice
        return is_paging and said is not None and said.icon == "more"

    def _line_below(self, status: ListingStatus) -> Notice | None:
        if self._refusal and status.has_more:
            remedy = (Remedy.SORT, tr("Load all and sort"))
            return Notice("more", "", self._refusal, (remedy,))
        if self._tells_rest and status.failure is None and not status.pattern:
            return None
        return banner(status)

    def _choose(self, remedy: Remedy) -> None:
        self._refusal = ""
        self.chosen.emit(remedy)

    # What is shown

    @property
    def no_writes(self) -> str:
        return self._no_writes

    @property
    def is_showing_rows(self) -> bool:
        return self._stack.currentWidget() is self._view

    def show_rows(self) -> None:
        """Show the view in the place of any sentence."""
        self._bring_up(self._view)

    def focus_rows(self) -> None:
        """Let the keys go to the rows, or to what is said in their place."""
        shown = self._view if self.is_showing_rows else self.page
        shown.setFocus(Qt.FocusReason.OtherFocusReason)

    def _bring_up(self, widget: QWidget) -> None:
        """Show it in the place of the others; who had the keys there hands them on."""
        had_keys = self._stack.isAncestorOf(QApplication.focusWidget() or self)
        if self._stack.currentWidget() is not widget:
            self._stack.setCurrentWidget(widget)
            if had_keys:
                self.focus_rows()
