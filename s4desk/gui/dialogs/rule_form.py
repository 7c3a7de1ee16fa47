"""One rule as a form, with what it does in words: what the dialogs of all rules have in common."""

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

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.gui.dialogs.bucket_config.meaning_box import MeaningBox
from s4desk.gui.dialogs.bucket_config.row_table import RowsEditor
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import SPACING, choice_box, column, headline, paragraph
from s4desk.gui.dialogs.scrolled import Scrolled
from s4desk.gui.room import claim, roomy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.viewmodels.config_tables import ConfigTable
    from s4desk.viewmodels.lifecycle_form import RuleForm
    from s4desk.viewmodels.replication_rule_form import ReplicationRuleForm
    from s4desk.viewmodels.stores_rule_form import StoresRuleForm

    AnyRuleForm = RuleForm | ReplicationRuleForm | StoresRuleForm

LEAST: Final = (420, 320)
NOTE_ROOM: Final = 56
"""Pixels for an error of some lines under a field."""


class RuleFormDialog(QDialog):
    """Accepted once its form has no errors. It saves nothing. Who inherits it puts the fields and
    tables there, in `_fill`."""

    def __init__(
        self, form: AnyRuleForm, title: str, size: tuple[int, int], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.tables: dict[str, RowsEditor] = {}
        self.form = form
        self._inside = QWidget(self)
        self._rows: list[FormRows] = []
        layout = QVBoxLayout(self._inside)
        layout.setContentsMargins(0, 0, SPACING, 0)
        layout.setSpacing(SPACING // 2)
        self._fill(layout)
        layout.addStretch(1)
        self._align()
        self._scrolled = Scrolled(self._inside, self)
        self._meaning = MeaningBox(self)
        self._problem = Note("problem", self)
        self._buttons = choice_box(self, tr("F&inish"))
        self._finish = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._finish.setObjectName("finish")
        self._finish.setDefault(True)
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        self._lay_out(size)
        self._show_state()

    def _fill(self, layout: QVBoxLayout) -> None:
        """Put into the layout what can be edited."""
        raise NotImplementedError

    def _add_title(self, layout: QVBoxLayout, text: str, hint: str = "") -> None:
        layout.addSpacing(SPACING)
        layout.addWidget(headline(text))
        if hint:
            layout.addWidget(paragraph(hint))

    def _add_fields(self, layout: QVBoxLayout, names: Sequence[str]) -> None:
        rows = FormRows(self.form, self._inside, names=names)
        rows.let_labels_stand_above()
        rows.edited.connect(lambda _: self._show_state())
        self._rows.append(rows)
        layout.addWidget(rows)

    def _add_table(
        self,
        layout: QVBoxLayout,
        name: str,
        table: ConfigTable,
        title: str,
        buttons: tuple[str, str],
    ) -> RowsEditor:
        add, remove = buttons
        editor = RowsEditor(table, title, self._inside, add_text=add, remove_text=remove)
        editor.setObjectName(name)
        editor.view.setMaximumHeight(editor.view.minimumHeight())
        editor.edited.connect(self._show_state)
        label = QLabel(tr("{title}:").format(title=title))
        label.setBuddy(editor.view)
        layout.addWidget(label)
        layout.addWidget(editor)
        self.tables[name] = editor
        return editor

    def _accept(self) -> None:
        if not self.form.errors:
            self.accept()

    def _show_state(self) -> None:
        errors = self.form.errors
        for rows in self._rows:
            rows.show_state()
        summary = self.form.summary or tr("It cannot be read yet what it does.")
        self._meaning.show_sentences([summary, *self.form.remarks])
        # A field that is not looked at may be out of sight, with what is said under it.
        focus = self.focusWidget()
        told = {each for each in errors if focus is not None and focus.objectName() == each}
        self._say(self._lines(errors, told))
        self._finish.setEnabled(not errors)
        self._finish.setToolTip(next(iter(errors.values()), ""))
        self._keep_in_sight()

    def _say(self, lines: Sequence[str]) -> None:
        """The first of what is wrong: all of it would leave no room for what is edited."""
        said, more = "".join(lines[:1]), len(lines) - 1
        if more > 0:
            rest = tr_n("{problem} And {count} more.", "{problem} And {count} more.", more)
            said = rest.format(problem=said, count=more)
        self._problem.say(said, is_error=True)
        self._problem.setToolTip("\n".join(lines))

    def _keep_in_sight(self) -> None:
        """What is said under a field may be below the edge."""
        focus = self.focusWidget()
        if focus is not None and self._inside.isAncestorOf(focus):
            cast("QVBoxLayout", self._inside.layout()).activate()
            self._scrolled.ensureWidgetVisible(focus, 0, roomy(self, NOTE_ROOM))

    def _lines(self, errors: Mapping[str, str], told: set[str]) -> list[str]:
        """What is wrong and not said where somebody looks."""
        return [self._line(name, error) for name, error in errors.items() if name not in told]

    def _line(self, name: str, error: str) -> str:
        if name in self.form.fields:
            label = self.form.fields[name].label.replace("&", "")
        elif name in self.tables:
            label = self.tables[name].view.accessibleName()
        else:
            return error
        return tr("{field}: {problem}").format(field=label, problem=error)

    def _align(self) -> None:
        """All fields begin at the same place."""
        found = [each for rows in self._rows for each in rows.findChildren(QLabel)]
        labels = [label for label in found if label.buddy() is not None]
        widest = max(label.sizeHint().width() for label in labels)
        for label in labels:
            label.setMinimumWidth(widest)

    def _lay_out(self, size: tuple[int, int]) -> None:
        layout = column(self)
        policy = self._scrolled.sizePolicy()
        policy.setVerticalPolicy(QSizePolicy.Policy.Expanding)  # it is what the dialog is for
        self._scrolled.setSizePolicy(policy)
        layout.addWidget(self._scrolled, 1)
        layout.addWidget(self._meaning)
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)
        claim(self, size, LEAST)
