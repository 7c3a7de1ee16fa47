"""One lifecycle rule as a form, with what it does in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.domain.lifecycle.checks import Part
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.gui.dialogs.bucket_config.meaning_box import MeaningBox
from s4desk.gui.dialogs.bucket_config.row_table import RowsEditor
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import SPACING, choice_box, column, headline, paragraph
from s4desk.gui.dialogs.scrolled import Scrolled
from s4desk.gui.room import claim, roomy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.viewmodels.lifecycle_form import RuleForm

SIZE = (660, 680)
LEAST = (420, 320)
NOTE_ROOM = 56
"""Pixels for an error of some lines under a field."""
_PARTS = {
    "tags": Part.TAGS,
    "transitions": Part.TRANSITIONS,
    "old_transitions": Part.OLD_TRANSITIONS,
}


class RuleDialog(QDialog):
    """Shows a RuleForm, what it means below it, and is accepted once it has no errors. It saves
    nothing."""

    def __init__(self, form: RuleForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = form
        self.setWindowTitle(tr("New Rule") if form.is_new else tr("Edit Rule"))
        self._inside = QWidget(self)
        self._rows: list[FormRows] = []
        self.tables: dict[str, RowsEditor] = {}
        self._fill(QVBoxLayout(self._inside))
        self._scrolled = Scrolled(self._inside, self)
        self._meaning = MeaningBox(self)
        self._problem = Note("problem", self)
        self._buttons = choice_box(self, tr("F&inish"))
        self._finish = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._finish.setObjectName("finish")
        self._finish.setDefault(True)
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

    def _lines(self, errors: dict[str, str], told: set[str]) -> list[str]:
        """What is wrong and not said where somebody looks."""
        lines = []
        for name, error in errors.items():
            if name in told:
                continue
            if name in self.form.fields:
                label = self.form.fields[name].label.replace("&", "")
                lines.append(tr("{field}: {problem}").format(field=label, problem=error))
            elif name in self.tables:
                lines.append(
                    tr("{field}: {problem}").format(
                        field=self.tables[name].view.accessibleName(), problem=error
                    )
                )
            else:
                lines.append(error)
        return lines

    def _fill(self, layout: QVBoxLayout) -> None:
        layout.setContentsMargins(0, 0, SPACING, 0)
        layout.setSpacing(SPACING // 2)
        self._add_fields(layout, ("id", "is_on"))
        self._add_title(layout, tr("Which objects"))
        self._add_fields(layout, ("prefix", "larger", "smaller"))
        self._add_table(
            layout, "tags", tr("With all of these tags"), (tr("Add &Tag"), tr("Remove Ta&g"))
        )
        self._add_title(layout, tr("Objects as they get older"))
        self._add_fields(layout, ("expire", "expire_days", "expire_date"))
        moves = tr("Moves to other classes")
        self._add_table(layout, "transitions", moves, (tr("Add &Move"), tr("&Remove Move")))
        self._add_title(layout, tr("Old versions"), self.form.limits.versions_hint)
        self._add_fields(layout, ("old_days", "old_newer"))
        moves = tr("Moves of old versions to other classes")
        buttons = (tr("Add Mo&ve of Old Versions"), tr("R&emove This Move"))
        self._add_table(layout, "old_transitions", moves, buttons)
        self._add_title(layout, tr("Unfinished uploads"))
        self._add_fields(layout, ("abort_days",))
        layout.addStretch(1)
        self._align()

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
        self, layout: QVBoxLayout, name: str, title: str, buttons: tuple[str, str]
    ) -> None:
        add, remove = buttons
        table = self.form.table(name)
        editor = RowsEditor(table, title, self._inside, add_text=add, remove_text=remove)
        editor.setObjectName(name)
        editor.view.setMaximumHeight(editor.view.minimumHeight())
        editor.edited.connect(self._show_state)
        label = QLabel(tr("{title}:").format(title=title))
        label.setBuddy(editor.view)
        layout.addWidget(label)
        layout.addWidget(editor)
        obstacle = self.form.limits.obstacles.get(_PARTS[name], "")
        if said := obstacle or self.form.limits.hints.get(_PARTS[name], ""):
            layout.addWidget(paragraph(said))
        editor.setEnabled(not obstacle)
        self.tables[name] = editor

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
