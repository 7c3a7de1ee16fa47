"""The lifecycle rules of a bucket, to be switched, ordered and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QMenu

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.lifecycle.rule_dialog import RuleDialog
from s4desk.gui.dialogs.rule_list_editor import RuleListEditor
from s4desk.viewmodels.lifecycle_templates import rule_templates

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

    from s4desk.viewmodels.lifecycle_form_rules import RuleList


SHORTEST = 12
"""Letters of a choice that are seen however narrow it gets."""
_SHORT = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


class RulesEditor(RuleListEditor):
    """A new rule begins with a template; below them stands what all of them leave alone."""

    rules: RuleList

    def __init__(self, rules: RuleList, parent: QWidget | None = None) -> None:
        super().__init__(rules, RuleDialog, parent)

    def _let_add(self, button: QPushButton) -> None:
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        for template in rule_templates():
            action = QAction(template.title, menu)
            action.setToolTip(template.tip)
            action.triggered.connect(lambda _=False, each=template: self.add(each))
            menu.addAction(action)
        button.setText(tr("&Add Rule"))
        button.setMenu(menu)

    def _lay_out(self) -> QVBoxLayout:
        layout = super()._lay_out()
        unreadable = Note("unreadable", self)
        if not self.rules.is_readable:
            unreadable.say(tr("This is no list of rules. It can be changed as JSON or as XML."))
            self._add.setEnabled(False)
        minimum = FormRows(self.rules.minimum, self)
        minimum.let_labels_stand_above()
        for box in minimum.findChildren(QComboBox):
            box.setSizeAdjustPolicy(_SHORT)
            box.setMinimumContentsLength(SHORTEST)
        minimum.edited.connect(lambda _: self.edited.emit())
        layout.insertWidget(0, unreadable)
        layout.addWidget(minimum)
        return layout
