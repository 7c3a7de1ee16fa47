"""The form of one kind of configuration: fields, a table, or a list of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.gui.dialogs.bucket_config.row_table import RowsEditor
from s4desk.gui.dialogs.fields import FormRows
from s4desk.gui.dialogs.frame import SPACING
from s4desk.gui.dialogs.lifecycle.rules_editor import RulesEditor
from s4desk.gui.dialogs.stores_rules import StoresRulesEditor
from s4desk.viewmodels.config_pages import FORMS, TABLES, words_of
from s4desk.viewmodels.lifecycle_form_rules import RuleList
from s4desk.viewmodels.stores_rule_list import StoresRuleList

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s4desk.viewmodels.config_forms import ConfigForm, LockPageForm
    from s4desk.viewmodels.config_tables import ConfigTable
    from s4desk.viewmodels.lifecycle_form_limits import RuleLimits

    Editor = ConfigForm | LockPageForm | ConfigTable | RuleList | StoresRuleList

SHORTEST = 12
"""Letters of a choice that are seen however narrow it gets."""
_RULES = (ConfigKind.LIFECYCLE, ConfigKind.REPLICATION)
_SHORT = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


def has_form(kind: ConfigKind) -> bool:
    return kind in FORMS or kind in TABLES or kind in _RULES


def editor_of(
    kind: ConfigKind, value: Mapping[str, Any], limits: RuleLimits, edited: Callable[[], None]
) -> tuple[Editor, QWidget] | None:
    """What holds the value, and what shows it and tells that it was `edited`; None where there is
    no form."""
    if kind in FORMS:
        form = FORMS[kind](value)
        rows = FormRows(form)
        rows.edited.connect(lambda _: edited())
        rows.let_labels_stand_above()
        for box in rows.findChildren(QComboBox):
            box.setSizeAdjustPolicy(_SHORT)
            box.setMinimumContentsLength(SHORTEST)
        return form, rows
    if kind in TABLES:
        table = TABLES[kind](value)
        cells = RowsEditor(table, words_of(kind).title)
        cells.edited.connect(edited)
        return table, cells
    if kind is ConfigKind.LIFECYCLE:
        rules = RuleList(value, limits)
        listed = RulesEditor(rules)
        listed.edited.connect(edited)
        return rules, listed
    if kind is ConfigKind.REPLICATION:
        stores = StoresRuleList(value)
        shown = StoresRulesEditor(stores)
        shown.edited.connect(edited)
        return stores, shown
    return None


def with_margins(widget: QWidget) -> QWidget:
    """Tables take all the height there is, fields stand at the top of it."""
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
    if isinstance(widget, RowsEditor | RulesEditor | StoresRulesEditor):
        layout.addWidget(widget, 1)
    else:
        layout.addWidget(widget)
        layout.addStretch(1)
    holder.setAutoFillBackground(False)
    return holder
