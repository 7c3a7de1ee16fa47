"""What can be done with one page of a bucket's configuration."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import SPACING
from s4desk.viewmodels.config_pages import PageState
from s4desk.viewmodels.config_policy import templates, with_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.viewmodels.config_draft import ConfigDraft
    from s4desk.viewmodels.config_policy import Template


class PageButtons(QWidget):
    """`beside_title` holds what is about the whole of it, and stands above.

    save_asked(), remove_asked()  after a look at the changes
    retry_asked()                 read it again
    json_asked(), cli_asked()     copy it
    template_chosen(object)       the policy with a template in it
    range_asked(object)           a template that needs a range of addresses
    go_asked()                    to the place of an error in JSON
    preview_asked(object)         what the value as it is edited would do; see `let_preview`
    """

    save_asked = Signal()
    remove_asked = Signal()
    retry_asked = Signal()
    revert_asked = Signal()
    json_asked = Signal()
    cli_asked = Signal()
    go_asked = Signal()
    template_chosen = Signal(object)
    range_asked = Signal(object)
    preview_asked = Signal(object)

    def __init__(self, kind: ConfigKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._draft: ConfigDraft | None = None
        self._bucket = ""
        self.beside_title = QWidget(self)
        self._row, self._corner = _row(self), _row(self.beside_title)
        self._save = self._button("save", tr("&Save…"), self.save_asked.emit)
        self._revert = self._button("revert", tr("&Revert"), self.revert_asked.emit)
        self._remove = self._button("remove", tr("Re&move…"), self.remove_asked.emit)
        self._go = self._button("go", tr("Show the Err&or"), self.go_asked.emit)
        self._retry = self._button("retry", tr("Rea&d Again"), self.retry_asked.emit)
        self._templates = self._menu_button("template", tr("Insert &Template"))
        self._row.addStretch(1)
        self._preview = self._button("preview", tr("Previe&w…"), self._ask_preview, self._corner)
        self._preview.hide()
        self._copy = self._menu_button("copy", tr("&Copy"))
        for template in templates():
            self._add(
                self._templates, template.title, partial(self._insert, template), template.tip
            )
        self._add(self._copy, tr("As &JSON"), self.json_asked.emit)
        self._add(self._copy, tr("As AWS &CLI Command"), self.cli_asked.emit)

    def let_preview(self) -> None:
        """Offer it: somebody listens to `preview_asked`."""
        self._preview.show()

    def fit(
        self, draft: ConfigDraft, bucket: str, state: PageState, *, is_open: bool, is_busy: bool
    ) -> None:
        """Show what can be done, and why the rest cannot."""
        self._draft, self._bucket = draft, bucket
        is_known = state in (PageState.SET, PageState.NOT_SET, PageState.EDITED)
        self._save.setVisible(is_known)
        self._revert.setVisible(is_known and draft.is_edited)
        self._remove.setVisible(is_known and draft.can_be_removed and not draft.is_edited)
        self._go.setVisible(is_known and draft.json_problem is not None)
        self._retry.setVisible(state is not PageState.READING and not draft.is_edited)
        self._retry.setEnabled(not is_busy)
        self._templates.setVisible(is_known and self._kind is ConfigKind.POLICY)
        self._save.setEnabled(is_open and not draft.obstacle)
        self._save.setToolTip(draft.obstacle)
        self._revert.setEnabled(is_open)
        self._remove.setEnabled(is_open)
        self._templates.setEnabled(is_open and draft.json_problem is None)
        self._copy.setEnabled(is_known and draft.json_problem is None)
        is_sound = not draft.problem and draft.json_problem is None
        self._preview.setEnabled(is_known and is_sound and not is_busy)

    def _ask_preview(self) -> None:
        if self._draft is not None:
            self.preview_asked.emit(self._draft.wanted)

    def _insert(self, template: Template) -> None:
        if self._draft is None:
            return
        if template.asks_range:
            self.range_asked.emit(template)
        else:
            self.template_chosen.emit(with_template(self._draft.value, template, self._bucket))

    def _button(
        self, name: str, text: str, pressed: Callable[[], None], row: QHBoxLayout | None = None
    ) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: pressed())
        (row or self._row).addWidget(button)
        return button

    def _menu_button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        button.setMenu(menu)
        self._corner.addWidget(button)
        return button

    @staticmethod
    def _add(button: QPushButton, text: str, deed: Callable[[], None], tip: str = "") -> None:
        action = QAction(text, button)
        action.setToolTip(tip or text.replace("&", ""))
        action.triggered.connect(lambda: deed())
        button.menu().addAction(action)


def _row(holder: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 2)
    row.setSpacing(SPACING // 2)
    return row
