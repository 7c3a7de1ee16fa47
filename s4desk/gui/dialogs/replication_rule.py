"""One replication rule as a form, ours or that of a store, with what it does in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.bucket_config.meaning_box import MeaningBox
from s4desk.gui.dialogs.bucket_config.row_table import RowsEditor
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import SPACING, choice_box, column, headline
from s4desk.gui.dialogs.scrolled import Scrolled
from s4desk.gui.room import claim, roomy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.viewmodels.replication_rule_form import ReplicationRuleForm
    from s4desk.viewmodels.stores_rule_form import StoresRuleForm

    RuleForm = ReplicationRuleForm | StoresRuleForm

SIZE: Final = (620, 660)
LEAST: Final = (420, 320)
TAGS_AFTER: Final = 1
"""Of the groups of fields."""
NOTE_ROOM: Final = 56
"""Pixels for an error of some lines under a field."""


class ReplicationRuleDialog(QDialog):
    """Accepted once its form has no errors. It saves nothing."""

    def __init__(self, form: RuleForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = form
        self.setWindowTitle(form.title)
        self._inside = QWidget(self)
        self._rows: list[FormRows] = []
        self._tags = RowsEditor(
            form.tags,
            tr("With all of these tags"),
            self._inside,
            add_text=tr("Add &Tag"),
            remove_text=tr("Remove Ta&g"),
        )
        self._tags.setObjectName("tags")
        self._fill(QVBoxLayout(self._inside))
        self._scrolled = Scrolled(self._inside, self)
        self._meaning = MeaningBox(self)
        self._problem = Note("problem", self)
        self._buttons = choice_box(self, tr("F&inish"))
        self._finish = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._finish.setObjectName("finish")
        self._finish.setDefault(True)
        self._tags.edited.connect(self._show_state)
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self._show_state()

    def _accept(self) -> None:
        if not self.form.errors:
            self.accept()

    def _show_state(self) -> None:
        errors = self.form.errors
        for rows in self._rows:
            rows.show_state()
        summary = self.form.summary or tr("It cannot be read yet what it does.")
        self._meaning.show_sentences([summary, *self.form.remarks])
        # One that is looked at has it under itself.
        focus = self.focusWidget()
        told = "" if focus is None else focus.objectName()
        lines = [self._line(name, error) for name, error in errors.items() if name != told]
        self._problem.say(lines[0] if lines else "", is_error=True)
        self._finish.setEnabled(not errors)
        self._finish.setToolTip(next(iter(errors.values()), ""))
        if focus is not None and self._inside.isAncestorOf(focus):
            cast("QVBoxLayout", self._inside.layout()).activate()
            self._scrolled.ensureWidgetVisible(focus, 0, roomy(self, NOTE_ROOM))

    def _line(self, name: str, error: str) -> str:
        field = self.form.fields.get(name)
        label = tr("Tags") if field is None else field.label
        return tr("{field}: {problem}").format(field=label, problem=error)

    def _fill(self, layout: QVBoxLayout) -> None:
        layout.setContentsMargins(0, 0, SPACING, 0)
        layout.setSpacing(SPACING // 2)
        for at, (title, names) in enumerate(self.form.groups):
            self._add_fields(layout, title, names)
            if at == TAGS_AFTER:
                self._add_tags(layout)
        layout.addStretch(1)
        self._align()

    def _add_tags(self, layout: QVBoxLayout) -> None:
        label = QLabel(tr("With all of these tags:"))
        label.setBuddy(self._tags.view)
        layout.addWidget(label)
        layout.addWidget(self._tags)
        self._tags.view.setMaximumHeight(self._tags.view.minimumHeight())

    def _add_fields(self, layout: QVBoxLayout, title: str, names: Sequence[str]) -> None:
        if title:
            layout.addSpacing(SPACING)
            layout.addWidget(headline(title))
        rows = FormRows(self.form, self._inside, names=names)
        rows.let_labels_stand_above()
        rows.edited.connect(lambda _: self._show_state())
        self._rows.append(rows)
        layout.addWidget(rows)

    def _align(self) -> None:
        """All fields begin at the same place."""
        found = [each for rows in self._rows for each in rows.findChildren(QLabel)]
        labels = [label for label in found if label.buddy() is not None]
        widest = max(label.sizeHint().width() for label in labels)
        for label in labels:
            label.setMinimumWidth(widest)

    def _lay_out(self) -> None:
        layout = column(self)
        policy = self._scrolled.sizePolicy()
        policy.setVerticalPolicy(QSizePolicy.Policy.Expanding)  # it is what the dialog is for
        self._scrolled.setSizePolicy(policy)
        layout.addWidget(self._scrolled, 1)
        layout.addWidget(self._meaning)
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)
