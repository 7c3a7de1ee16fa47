"""The properties of one object, or of many at once, a page each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QTabWidget, QVBoxLayout, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import SPACING, choice_box, column, paragraph
from s4desk.gui.dialogs.grants import GrantsPage
from s4desk.gui.dialogs.pairs import PairsPage
from s4desk.gui.dialogs.question import ask_to_discard
from s4desk.gui.dialogs.scrolled import Scrolled
from s4desk.gui.room import claim
from s4desk.viewmodels.properties_text import (
    exposure_text,
    fault_text,
    meaning_text,
    page_titles,
)

if TYPE_CHECKING:
    from s4desk.core.domain.properties import PropertyChange
    from s4desk.viewmodels.forms import Form
    from s4desk.viewmodels.properties_form import PropertiesForm

SIZE = (620, 520)
LEAST = (440, 360)


class PropertiesDialog(QDialog):
    """Tells in `asked` that what was edited is to be saved, or if it `wants_reload` that it is to
    be looked at again; the caller ends it, shows another form, or calls `fail`."""

    asked = Signal()

    def __init__(self, form: PropertiesForm, subject: str, parent: QWidget | None = None) -> None:
        """`subject` is what it is about, in a line or two."""
        super().__init__(parent)
        self.setWindowTitle(form.title)
        self.wants_reload = False
        self._is_busy = False
        self._is_edited = False
        self._subject = paragraph("")
        self._tabs = QTabWidget(self)
        self._tabs.setObjectName("pages")
        self._tabs.setAccessibleName(tr("Pages"))
        self._meaning = QLabel(self)
        self._meaning.setObjectName("meaning")
        self._meaning.setWordWrap(True)
        self.outcome = Note("outcome", self)
        accept = tr("Pre&view…") if form.is_many else tr("&Save")
        self._buttons = choice_box(self, accept)
        self._ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._cancel = self._buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self._reload = self._buttons.addButton(
            tr("&Load Again"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self._reload.setObjectName("reload")
        self._reload.setAutoDefault(False)
        self._reload.setVisible(not form.is_many)
        self._reload.clicked.connect(lambda: self._ask(wants_reload=True))
        self._buttons.accepted.connect(self._submit)
        self._buttons.rejected.connect(self.reject)
        layout = column(self)
        layout.addWidget(self._subject)
        layout.addWidget(self._tabs, 1)
        layout.addWidget(self._meaning)
        layout.addWidget(self.outcome)
        layout.addWidget(self._buttons)
        self.show_form(form, subject)
        claim(self, SIZE, LEAST)

    def show_form(self, form: PropertiesForm, subject: str) -> None:
        """Show another form in the place of the one before; the page stays."""
        self.form = form
        self._subject.setText(subject)
        shown = max(self._tabs.currentIndex(), 0)
        while self._tabs.count():
            page = self._tabs.widget(0)
            self._tabs.removeTab(0)
            if page is not None:
                page.deleteLater()
        self._add_pages(form)
        self._tabs.setCurrentIndex(shown)
        self._fit()

    def reject(self) -> None:
        """Asks first when something was edited; but what is being saved is stopped at once."""
        is_lost = self._is_edited and bool(self.form.change() or self.form.error)
        if is_lost and not self._is_busy:
            ask_to_discard(self._subject.text(), self._discard, self)
        else:
            super().reject()

    def _discard(self) -> None:
        self._is_edited = False
        self.reject()

    def end(self) -> None:
        """Close it, whatever was edited."""
        self._is_edited = False
        self.close()

    def show_page(self, at: int) -> None:
        self._tabs.setCurrentIndex(at)

    def set_busy(self, is_busy: bool, sentence: str = "") -> None:
        """While busy nothing can be edited, and `sentence` says what is going on."""
        self._is_busy = is_busy
        self._tabs.setEnabled(not is_busy)
        self._reload.setEnabled(not is_busy)
        self.outcome.say(sentence)
        self._fit()

    def fail(self, problem: BaseException | str) -> None:
        self.set_busy(False)
        self.outcome.fail(problem)

    def _add_pages(self, form: PropertiesForm) -> None:
        titles = page_titles()
        self._tabs.addTab(self._scrolled_form(form.general), titles["general"])
        metadata = PairsPage("metadata", tr("Metadata"), form.metadata, self)
        tags = PairsPage("tags", tr("Tags"), form.tags, self)
        for page in (metadata, tags):
            page.edited.connect(self._edited)
        if form.is_many:
            metadata.add_below(self._rows(form.metadata_removed))
            tags.add_below(self._rows(form.tags_removed))
        self._tabs.addTab(metadata, titles["metadata"])
        self._tabs.addTab(_or_reason(tags, form.limits.tags), titles["tags"])
        grants = GrantsPage(form, self)
        grants.edited.connect(self._edited)
        self._tabs.addTab(_or_reason(grants, form.limits.acl), titles["permissions"])
        # Tab follows the order of creation, and the pages are younger than the buttons.
        before: QWidget = grants.last
        for button in (self._ok, self._reload, self._cancel):
            QWidget.setTabOrder(before, button)
            before = button

    def _scrolled_form(self, form: Form) -> QWidget:
        page = QWidget(self)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        scrolled = Scrolled(self._rows(form), page)
        # The page has a colour of its own.
        scrolled.viewport().setAutoFillBackground(False)
        layout.addWidget(scrolled)
        layout.addStretch(1)
        return page

    def _rows(self, form: Form) -> FormRows:
        rows = FormRows(form, self)

        def edited() -> None:
            rows.show_state()
            self._edited()

        rows.edited.connect(edited)
        return rows

    def _edited(self) -> None:
        self._is_edited = True
        self.outcome.say("")
        self._fit()

    def _fit(self) -> None:
        error, change = fault_text(self.form), self.form.change()
        self._ok.setEnabled(bool(change) and not self._is_busy)
        self._ok.setToolTip(error or ("" if change else meaning_text(change, self.form.seen)))
        self._meaning.setText(error or _said(self.form, change))

    def _submit(self) -> None:
        if self.form.change() and not self.form.error:
            self._ask(wants_reload=False)

    def _ask(self, *, wants_reload: bool) -> None:
        self.wants_reload = wants_reload
        self.asked.emit()


def _said(form: PropertiesForm, change: PropertyChange) -> str:
    texts = (meaning_text(change, form.seen), exposure_text(change))
    return " ".join(filter(None, texts))


def _or_reason(page: QWidget, reason: str) -> QWidget:
    """The page, or in its place why it cannot be used."""
    if not reason:
        return page
    page.hide()
    instead = QWidget(page.parentWidget())
    page.setParent(instead)
    layout = QVBoxLayout(instead)
    layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
    said = paragraph(reason)
    said.setAlignment(Qt.AlignmentFlag.AlignTop)
    layout.addWidget(said)
    layout.addStretch(1)
    return instead
