"""Dialogs about lifecycle rules where there is little room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QTableView, QTabWidget

from s4desk.core.domain.lifecycle.rules import Rule
from s4desk.gui.dialogs.lifecycle.rule_table import RuleModel, RuleView
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.gui.dialogs.lifecycle_schedules import LifecycleSchedulesDialog
from s4desk.gui.dialogs.short_choice import ShortChoice
from s4desk.viewmodels.lifecycle_form_rules import RuleList
from tests.viewmodels.lifecycle_findings import NOW, some

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

LONG = "archive of all photographs of the year 2026 and of all years that went before it"
RULE = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}


def test_a_long_name_of_a_rule_leaves_room_for_the_key(qtbot: QtBot) -> None:
    dialog = LifecyclePreviewDialog("Preview", "")
    qtbot.addWidget(dialog)
    dialog.begin(some(), (Rule(id=LONG), Rule()), NOW)
    dialog.resize(640, 480)
    dialog.show()
    text, rule = dialog.findChild(QLineEdit, "text"), dialog.findChild(QComboBox, "rule")
    dialog.findChild(QTabWidget).setCurrentIndex(1)
    assert dialog.width() == 640
    assert text.width() >= text.fontMetrics().horizontalAdvance("a part of a key")
    assert isinstance(rule, ShortChoice)
    rule.setCurrentIndex(1)
    assert rule.shown_text().endswith("…")
    assert LONG.startswith(rule.shown_text()[:-1])
    assert rule.toolTip() == LONG
    assert rule.itemData(1, Qt.ItemDataRole.ToolTipRole) == LONG


def _heights(view: RuleView) -> list[int]:
    return [view.rowHeight(row) for row in range(view.model().rowCount())]


def test_rules_are_as_high_as_their_words_at_any_width(qtbot: Any) -> None:
    def shown(width: int) -> RuleView:
        view = RuleView(RuleModel(RuleList({"Rules": [RULE, RULE]})))
        qtbot.addWidget(view)
        view.resize(width, 300)
        view.show()
        return view

    narrow, wide = shown(240), shown(900)
    high, low = _heights(narrow), _heights(wide)
    assert high[0] > low[0]
    narrow.resize(900, 300)
    wide.resize(240, 300)
    qtbot.waitUntil(lambda: _heights(narrow) == low)
    qtbot.waitUntil(lambda: _heights(wide) == high)


def test_a_reason_in_the_list_of_schedules_is_cut_at_its_end(qtbot: Any) -> None:
    dialog = LifecycleSchedulesDialog()
    qtbot.addWidget(dialog)
    table = dialog.findChild(QTableView)
    assert table.textElideMode() is Qt.TextElideMode.ElideRight
