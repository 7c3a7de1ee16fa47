"""One page of the configuration of a bucket: a form, the same as JSON or XML, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.domain.bucket_config import FACTS, ConfigKind
from s4desk.core.domain.errors import InvalidRequestError
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.bucket_config.buttons import PageButtons
from s4desk.gui.dialogs.bucket_config.editors import editor_of, has_form, with_margins
from s4desk.gui.dialogs.bucket_config.ids import IdBar
from s4desk.gui.dialogs.bucket_config.json_editor import JsonEditor, XmlEditor
from s4desk.gui.dialogs.bucket_config.meaning_box import MeaningBox
from s4desk.gui.dialogs.bucket_config.stops import chain, stops_in
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import MARGIN, SPACING, headline
from s4desk.viewmodels.config_draft import ConfigDraft
from s4desk.viewmodels.config_meaning import meaning
from s4desk.viewmodels.config_pages import (
    PageState,
    words_of,
)
from s4desk.viewmodels.config_xml import xml_or_reason
from s4desk.viewmodels.error_text import explain
from s4desk.viewmodels.lifecycle_form_limits import NO_LIMITS
from s4desk.viewmodels.lifecycle_form_rules import Overview
from s4desk.viewmodels.lock_out_text import access_notes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.bucket_config import BucketDocument
    from s4desk.core.store.policy_context import PolicyContext
    from s4desk.gui.dialogs.bucket_config.editors import Editor

FORM, JSON, XML = 0, 1, 2


class ConfigPage(QWidget):
    """Shows a ConfigDraft, and tells what is wanted of it; it asks nobody itself.

    id_chosen(str)  of a kind that is there several times, another one is to be shown
    changed()       the state of the page may be another one
    """

    id_chosen = Signal(str)
    changed = Signal()

    def __init__(self, kind: ConfigKind, bucket: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self.draft = ConfigDraft(kind, None)
        self.state = PageState.UNREAD
        self.limits = NO_LIMITS
        self.policy_context: PolicyContext | None = None
        self._bucket = bucket
        self._document: BucketDocument | None = None
        self._overview = Overview()
        self._editor: Editor | None = None
        self._editor_view: QWidget | None = None
        self._stop_before: QWidget | None = None
        self._is_busy = False
        self._is_set = False
        self.setAccessibleName(words_of(kind).title)
        self._title = headline(words_of(kind).title)
        self.ids = IdBar(self) if FACTS[kind].has_ids else None
        self._views = QTabWidget(self)
        self._form_area = QScrollArea(self)
        self._json = JsonEditor(self)
        self._xml = XmlEditor(self) if kind is ConfigKind.LIFECYCLE else None
        self._texts = [self._json, *([self._xml] if self._xml is not None else [])]
        self._means, self._meaning = QLabel(tr("What this means"), self), MeaningBox(self)
        self.outcome = Note("outcome", self)
        self.buttons = PageButtons(kind, self)
        self._rest = QWidget(self)
        self._lay_out()
        self._json.edited.connect(self._edit_text)
        if self._xml is not None:
            self._xml.edited.connect(self._edit_xml)
        self._views.currentChanged.connect(self._turn_to)
        self.buttons.revert_asked.connect(self.revert)
        self.buttons.template_chosen.connect(self.replace)
        self.buttons.go_asked.connect(self._go_to_problem)
        if self.ids is not None:
            self.ids.chosen.connect(self.id_chosen)
        self._fit()

    def come_after(self, widget: QWidget) -> None:
        """By the Tab key, before what comes after that widget now."""
        self._stop_before = widget
        self._order_stops()

    # What is shown

    def show_reading(self) -> None:
        self._set_state(PageState.READING)
        self.outcome.say(tr("The store is asked…"))

    def show_value(
        self,
        value: Mapping[str, Any] | None,
        id: str = "",
        *,
        is_set: bool = True,
        document: BucketDocument | None = None,
    ) -> None:
        """What the store told, None for nothing. Some say something even where nothing is set."""
        self._document = document
        self.draft = ConfigDraft(self.kind, value, id)
        self._is_set = is_set and value is not None
        self._is_busy = False
        self.outcome.say("")
        self._rebuild()
        self._set_state(self._settled_state())

    def show_ids(self, ids: Sequence[str]) -> None:
        """Which ones there are; without any there is nothing to show but that."""
        if self.ids is not None:
            self.ids.show_ids(ids)
            if not ids:
                self.show_value(None)
                self.outcome.say(tr("There is none yet."))

    def begin_new(self, id: str) -> None:
        """One that is not at the store yet."""
        if self.ids is not None:
            self.ids.add(id)
        self.show_value(None, id)
        self._changed()

    def show_lack(self, problem: BaseException | str) -> None:
        """The store does not have this at all."""
        self._is_busy = False
        if isinstance(problem, str):
            self.outcome.say(problem)
        else:
            self.outcome.say(explain(problem).problem, failure=problem)
        self._order_stops()
        self._set_state(PageState.CANNOT)

    def show_failure(self, problem: BaseException) -> None:
        """It could not be read."""
        self.fail(problem)
        self._set_state(PageState.FAILED)

    def fail(self, problem: BaseException | str) -> None:
        """What was asked for could not be done; what was edited stays."""
        self._is_busy = False
        if isinstance(problem, InvalidRequestError):
            # It is the document that is refused: how it was sent is of no interest.
            self.outcome.say(explain(problem).problem, is_error=True, failure=problem)
        else:
            self.outcome.fail(problem)
        self._order_stops()
        self._fit()

    def set_busy(self, sentence: str) -> None:
        """While something is saved, nothing can be edited."""
        self._is_busy = True
        self.outcome.say(sentence)
        self._fit()

    def end_busy(self) -> None:
        self._is_busy = False
        self.outcome.say("")
        self._fit()

    def move_onto(self, value: Mapping[str, Any] | None) -> None:
        """Keep what is wanted, to be saved over what the store tells by now."""
        self.draft.move_onto(value)
        self._changed()

    def replace(self, value: Mapping[str, Any]) -> None:
        """Want another value."""
        self.draft.edit(value)
        self._rebuild()
        self._changed()

    def revert(self) -> None:
        self.draft.revert()
        self._rebuild()
        self._changed()

    # What is edited

    @property
    def is_open(self) -> bool:
        """Whether it can be edited now."""
        is_known = self.state in (PageState.SET, PageState.NOT_SET, PageState.EDITED)
        is_one = self.ids is None or bool(self.draft.id)
        return is_known and is_one and not self._is_busy

    def _edit_text(self, text: str) -> None:
        self.draft.edit_text(text)
        self._changed()

    def _edit_xml(self, text: str) -> None:
        self.draft.edit_xml(text)
        self._changed()

    def _edit_form(self) -> None:
        if self._editor is None:
            return
        if isinstance(self._editor_view, FormRows):
            self._editor_view.show_state()
        problem = self._editor.problem
        self.draft.edit(self.draft.value if problem else self._editor.result(), problem)
        self._changed()

    def _turn_to(self, view: int) -> None:
        """The view that is turned to shows what the other one was told."""
        if view == self._views.indexOf(self._form_area):
            if self._editor is not None and self._editor.value != self.draft.value:
                self._rebuild()
        else:
            self._show_texts()
        self._fit()

    def _show_texts(self) -> None:
        self._json.show_text(self.draft.text)
        if self._xml is not None:
            self._xml.show_text(xml_or_reason(self.kind, self.draft.wanted, self._document))

    def _rebuild(self) -> None:
        self._show_texts()
        self._editor_view = None
        found = editor_of(self.kind, self.draft.value, self.limits, self._edit_form)
        if found is not None:
            self._editor, self._editor_view = found
            self._form_area.setWidget(with_margins(self._editor_view))
        self._order_stops()

    def _order_stops(self) -> None:
        """The Tab key goes from above to below; what was just made would come last."""
        if self._stop_before is None:
            return
        form = self._form_area.widget()
        stops: list[QWidget] = [
            self._stop_before,
            *stops_in(self.buttons.beside_title),
            *(stops_in(self.ids) if self.ids is not None else ()),
            self._views.tabBar(),
            *(stops_in(form) if form is not None else ()),
            *self._texts,
            self._meaning,
            self.outcome,
            *stops_in(self.buttons),
        ]
        chain(stops)

    def _go_to_problem(self) -> None:
        if (problem := self.draft.json_problem) is not None:
            self._typed.go_to(problem)

    @property
    def _typed(self) -> JsonEditor:
        """The text that is looked at, or would be."""
        shown = self._views.currentWidget()
        return next((each for each in self._texts if each is shown), self._json)

    # State

    def _changed(self) -> None:
        problem = self.draft.json_problem
        for each in self._texts:
            each.show_problem(problem if each is self._typed else None)
        sentence = self.draft.obstacle if self.draft.is_edited else ""
        self.outcome.say(sentence, is_error=bool(sentence))
        self._set_state(PageState.EDITED if self.draft.is_edited else self._settled_state())

    def _settled_state(self) -> PageState:
        return PageState.SET if self._is_set else PageState.NOT_SET

    def _set_state(self, state: PageState) -> None:
        self.state = state
        self._fit()
        self.changed.emit()

    def _fit(self) -> None:
        is_open, draft = self.is_open, self.draft
        is_known = self.state not in (PageState.CANNOT, PageState.FAILED, PageState.READING)
        self._views.setEnabled(is_known)
        for each in self._texts:
            each.setReadOnly(not is_open)
        if (form := self._form_area.widget()) is not None:
            form.setEnabled(is_open)
        if has_form(self.kind):
            self._views.setTabEnabled(FORM, draft.json_problem is None)
            for view in self._texts:
                is_looked_at = view is self._views.currentWidget()
                is_other_sound = draft.json_problem is None or is_looked_at
                at = self._views.indexOf(view)
                self._views.setTabEnabled(at, not draft.problem and is_other_sound)
        self._tell_meaning(is_known=is_known)
        for widget in (self._views, self._means, self._meaning):
            widget.setVisible(is_known or self.state is PageState.READING)
        self._rest.setVisible(not self._views.isVisibleTo(self))
        self.buttons.fit(draft, self._bucket, self.state, is_open=is_open, is_busy=self._is_busy)
        if self.ids is not None:
            is_readable = is_known and not self._is_busy
            self.ids.fit(is_open=is_readable and not draft.is_edited, is_known=is_known)

    def _tell_meaning(self, *, is_known: bool) -> None:
        draft = self.draft
        if draft.json_problem is not None:
            # The value is that of before: nobody is told that what stands there means it.
            self._meaning.show_sentences([tr("Nothing, as long as it cannot be read.")])
            return
        sentences = self._sentences() if is_known else []
        warnings, more = access_notes(
            self.kind, self._document, draft.wanted, self._bucket, self.policy_context
        )
        self._meaning.show_sentences([*sentences, *more], warnings)

    def _sentences(self) -> list[str]:
        """The list of rules tells itself what they do; below it stands what is odd about them.
        Beside a text that comes first, and then what they do."""
        said = meaning(self.kind, self.draft.wanted)
        if self.kind is ConfigKind.LIFECYCLE and self.draft.wanted:
            odd = self._overview.of(self.draft.value)
            is_listed = self._views.currentWidget() is self._form_area
            return odd if is_listed else [*odd, *said]
        return said

    def _lay_out(self) -> None:
        self._form_area.setFrameShape(QFrame.Shape.NoFrame)
        self._form_area.setWidgetResizable(True)
        self._form_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._form_area.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self._views.setAccessibleName(tr("As a form or as JSON"))
        self._views.setObjectName("views")
        # It stands last in the chain, and Tab would go on from there to its bar, for ever.
        self._views.setFocusProxy(None)  # type: ignore[arg-type]  # none is allowed
        self._views.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if has_form(self.kind):
            self._views.addTab(self._form_area, tr("&Form"))
        self._views.addTab(self._json, tr("&JSON"))
        if self._xml is not None:
            self._views.addTab(self._xml, tr("&XML"))
        about = QLabel(words_of(self.kind).about)
        about.setWordWrap(True)
        about.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._means.setBuddy(self._meaning)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, SPACING)
        layout.setSpacing(SPACING // 2)
        heading = QHBoxLayout()
        heading.addWidget(self._title, 1)
        heading.addWidget(self.buttons.beside_title)
        layout.addLayout(heading)
        layout.addWidget(about)
        if self.ids is not None:
            layout.addWidget(self.ids)
        layout.addSpacing(SPACING // 2)
        layout.addWidget(self._views, 1)
        layout.addWidget(self._means)
        layout.addWidget(self._meaning)
        layout.addWidget(self.outcome)
        layout.addWidget(self.buttons)
        layout.addWidget(self._rest, 1)
