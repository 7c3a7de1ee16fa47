"""Every command of the window as a QAction: its words, its keys, and whether it can be given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from s4desk.gui.action_looks import action_looks
from s4desk.viewmodels.acts import MOVES, SORTS, Act
from s4desk.viewmodels.availability import Situation, obstacles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.gui.action_looks import Keys, Looks
    from s4desk.gui.assets import Assets

_Std = QKeySequence.StandardKey
_LETTER = re.compile(r"\(&\w\)|&")

LOCAL = (
    Act.SELECT_ALL,
    Act.RENAME,
    Act.DUPLICATE,
    Act.CUT,
    Act.COPY,
    Act.PASTE,
    Act.DELETE,
)
"""Their keys mean the objects only where the objects are: whoever shows them adds these."""

OF_ROWS = (Act.PREVIEW,)
"""Their keys mean something else in a button or a line among the rows: the views add these."""

_ROLES = {
    Act.QUIT: QAction.MenuRole.QuitRole,
    Act.ABOUT: QAction.MenuRole.AboutRole,
    Act.SETTINGS: QAction.MenuRole.PreferencesRole,
}
_GROUPS = (
    (Act.SHOW_TABLE, Act.SHOW_TREE, Act.SHOW_GRID),
    SORTS,
    (Act.FOLLOW_SYSTEM, Act.LIGHT, Act.DARK),
)


class Actions(QObject):
    """One QAction per Act, shared by menus, tool bars and context menus.

    A command that cannot be given is disabled and says why in its tool tip and in the status bar.
    """

    def __init__(self, assets: Assets, parent: QObject) -> None:
        super().__init__(parent)
        self._assets = assets
        self._looks = action_looks()
        self._reasons: dict[Act, str] = {}
        self._actions = {act: self._make(act, looks) for act, looks in self._looks.items()}
        for members in _GROUPS:
            group = QActionGroup(self)
            for act in members:
                group.addAction(self._actions[act])
        self.fit(Situation())

    def __getitem__(self, act: Act) -> QAction:
        return self._actions[act]

    def keys_of_all(self) -> list[tuple[Act, str, str, str]]:
        """Each command's words, its keys now, and its usual ones: the first of each, portable."""
        portable = QKeySequence.SequenceFormat.PortableText
        return [
            (
                act,
                words_of(action),
                action.shortcut().toString(portable),
                next((keys.toString(portable) for keys in self._usual(act)), ""),
            )
            for act, action in self._actions.items()
        ]

    def give_keys(self, act: Act, keys: str | None) -> None:
        """Let a command be given by these keys, by none, or with None by its usual ones."""
        usual = self._usual(act)
        given = usual if keys is None else [QKeySequence(keys)] if keys else []
        action = self._actions[act]
        action.setShortcuts(given)
        action.setToolTip(self._tool_tip(action, action.statusTip()))

    def _usual(self, act: Act) -> list[QKeySequence]:
        return _sequences(self._looks[act].keys)

    def fit(self, now: Situation) -> None:
        """Enable what can be done now and say of the rest why it cannot."""
        self.show_availability(obstacles(now))

    def show_availability(self, reasons: Mapping[Act, str]) -> None:
        """Touch only what has changed: this is called with every step of a selection."""
        for act, action in self._actions.items():
            reason = reasons.get(act, "")
            if reason == self._reasons.get(act):
                continue
            self._reasons[act] = reason
            action.setEnabled(not reason)
            tip = reason or self._looks[act].tip
            action.setStatusTip(tip)
            action.setToolTip(self._tool_tip(action, tip))

    def _make(self, act: Act, looks: Looks) -> QAction:
        action = QAction(looks.text, self)
        if looks.icon:
            action.setIcon(self._assets.icon(looks.icon))
        action.setObjectName(act)
        action.setCheckable(looks.is_checkable)
        action.setShortcuts(_sequences(looks.keys))
        if act in LOCAL or act in MOVES:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        elif act in OF_ROWS:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setMenuRole(_ROLES.get(act, QAction.MenuRole.NoRole))
        return action

    @staticmethod
    def _tool_tip(action: QAction, tip: str) -> str:
        words = words_of(action).rstrip("…")
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        head = f"{words} ({keys})" if keys else words
        return f"{head}\n{tip}" if tip else head


def words_of(action: QAction) -> str:
    """What a command is called, without the letter to press: of “&Open…” and of “開く(&O)…”."""
    return plain_words(action.text())


def plain_words(text: str) -> str:
    return _LETTER.sub("", text)


def icon_names() -> set[str]:
    """The icons that the commands are drawn with."""
    return {looks.icon for looks in action_looks().values() if looks.icon}


def _sequences(keys: Sequence[Keys]) -> list[QKeySequence]:
    """The key sequences of this platform, without doubles and without what it does not have."""
    found: list[QKeySequence] = []
    for key in keys:
        bound = QKeySequence.keyBindings(key) if isinstance(key, _Std) else [QKeySequence(key)]
        found.extend(sequence for sequence in bound if sequence not in found)
    return found
