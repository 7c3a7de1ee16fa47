"""The replication rules of a bucket: switched, ordered, changed in forms or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QTabWidget,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.bucket_config.json_editor import JsonEditor
from s4desk.gui.dialogs.bucket_config.meaning_box import MeaningBox
from s4desk.gui.dialogs.button_row import ButtonRow
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import SPACING, choice_box, column, paragraph
from s4desk.gui.dialogs.question import ask_to_discard
from s4desk.gui.dialogs.replication_rule import ReplicationRuleDialog
from s4desk.gui.dialogs.rule_list_editor import RuleListEditor
from s4desk.gui.room import claim

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.viewmodels.config_json import JsonProblem
    from s4desk.viewmodels.replication_rule_list import ReplicationRuleList

SIZE: Final = (840, 600)
LEAST: Final = (520, 420)
_Button = QDialogButtonBox.StandardButton


class ReplicationRulesDialog(QDialog):
    """Shows a ReplicationRuleList, and saves nothing itself.

    save_asked()      the rules are to be saved as they are
    check_asked()     whether they can be carried out
    import_asked()    rules are to be read from a file
    export_asked()    and to be written into one
    stores_asked()    the rules of the store itself
    native_asked()    these rules as those would be
    """

    save_asked = Signal()
    check_asked = Signal()
    import_asked = Signal()
    export_asked = Signal()
    stores_asked = Signal()
    native_asked = Signal()

    def __init__(
        self, rules: ReplicationRuleList, place: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Replication Rules: {place}").format(place=place))
        self.rules = rules
        self._json_problem: JsonProblem | None = None
        self.list = RuleListEditor(rules, ReplicationRuleDialog, self)
        self._every = FormRows(rules.interval, self)
        self.json = JsonEditor(self)
        self.json.setAccessibleName(tr("The rules as JSON"))
        self._tabs = QTabWidget(self)
        self._tabs.setAccessibleName(tr("The rules"))
        self._meaning = MeaningBox(self)
        self.outcome = Note("outcome", self)
        self._buttons = choice_box(self, tr("&Save"))
        self._save = self._buttons.button(_Button.Ok)
        self._save.setObjectName("save")
        self._row = ButtonRow(self)
        self._asking = [
            self._add_button("check", tr("&Check Destinations"), self.check_asked.emit),
            self._add_button("stores", tr("Rules of the S&tore…"), self.stores_asked.emit),
            self._add_button("native", tr("&For the Store…"), self.native_asked.emit),
            self._add_button("import", tr("I&mport…"), self.import_asked.emit),
            self._add_button("export", tr("E&xport…"), self.export_asked.emit),
        ]
        self._lay_out()
        self._listen()
        self.json.show_text(rules.json)
        self._show_state()

    # What is changed

    def take_json(self, text: str) -> JsonProblem | None:
        """Take rules from a text, from wherever it came; what is wrong with it, if anything."""
        self.json.show_text(text)
        self._json_edited(text)
        return self._json_problem

    def show_json(self) -> None:
        """Where what is wrong with it is underlined."""
        self._tabs.setCurrentWidget(self.json)

    # What is said

    def set_busy(self, is_busy: bool, sentence: str = "") -> None:
        """While busy nothing can be changed, and `sentence` says what is going on."""
        for part in (self._tabs, self._every, self._save, *self._asking):
            part.setEnabled(not is_busy)
        self.outcome.say(sentence)
        if not is_busy:
            self._fit()

    def show_concerns(self, sentences: Sequence[str], *, is_grave: bool) -> None:
        """What came of asking both ends. Grave ones are saved only by who insists."""
        self.set_busy(False)
        if sentences:
            self.outcome.say("\n".join(sentences), is_error=is_grave)
        elif not any(each.is_enabled for each in self.rules.rules):
            self.outcome.say(tr("No rule is on: no destination was asked."))
        else:
            self.outcome.say(tr("Both ends answer, and can be written to."), is_success=True)
        self._save.setText(tr("&Save All the Same") if is_grave else tr("&Save"))

    def reject(self) -> None:
        """Ask first, if something is edited."""
        if self._json_problem is None and not self.rules.is_edited:
            super().reject()
            return
        place = tr("The rules of this bucket are edited.")
        ask_to_discard(place, lambda: QDialog.reject(self), self)

    def _edited(self) -> None:
        self.json.show_text(self.rules.json)
        self._show_state()

    def _json_edited(self, text: str) -> None:
        self.list.show_changed(lambda: self._read_json(text), 0)
        self.json.show_problem(self._json_problem)
        self._show_state()

    def _read_json(self, text: str) -> None:
        self._json_problem = self.rules.read_json(text)

    def _show_state(self) -> None:
        self.outcome.say("")
        self._save.setText(tr("&Save"))
        self._every.show_state()
        remarks = self.rules.remarks
        refusals = self._refusals
        self._meaning.show_sentences(remarks, refusals)
        self._meaning.setVisible(bool(remarks or refusals))
        self._fit()

    @property
    def _refusals(self) -> list[str]:
        # What was read before is not what is meant now.
        problem = self._json_problem
        return self.rules.refusals if problem is None else [problem.sentence]

    def _fit(self) -> None:
        refusals = self._refusals
        self._save.setEnabled(not refusals)
        self._save.setToolTip(next(iter(refusals), ""))
        # Half a rule would be lost where it cannot be shown as a row.
        self._tabs.setTabEnabled(0, self._json_problem is None)

    # How it is made

    def _listen(self) -> None:
        self.list.edited.connect(self._edited)
        self.list.others_asked.connect(self.stores_asked)
        self.json.edited.connect(self._json_edited)
        self._every.edited.connect(lambda _: self._show_state())
        self._buttons.accepted.connect(lambda: self.save_asked.emit())
        self._buttons.rejected.connect(self.reject)

    def _add_button(self, name: str, text: str, pressed: Callable[[], None]) -> QPushButton:
        button = self._row.add(name, text)
        button.clicked.connect(lambda _=False: pressed())
        return button

    def _lay_out(self) -> None:
        forms = QWidget(self)
        line = QHBoxLayout(forms)
        line.setContentsMargins(SPACING // 2, SPACING // 2, SPACING // 2, SPACING // 2)
        line.addWidget(self.list)
        self._tabs.addTab(forms, tr("Rules"))
        self._tabs.addTab(self.json, tr("JSON"))
        layout = column(self)
        layout.addWidget(
            paragraph(
                tr(
                    "s4desk carries these rules out while it is open. Of several rules about one"
                    " object that of the highest priority decides; of equal ones the first."
                )
            )
        )
        layout.addWidget(self._tabs, 1)
        layout.addWidget(self._every)
        layout.addWidget(self._meaning)
        layout.addWidget(self.outcome)
        layout.addWidget(self._row)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)
