"""What the system says about its network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QNetworkInformation

from s4desk.gui.bridge.reachability import Reachability

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

Level = QNetworkInformation.Reachability


def test_only_a_network_that_came_is_told(qapp: QApplication) -> None:
    owner, told = QObject(), []
    reachability = Reachability(owner)
    reachability.came.connect(lambda: told.append("came"))
    for level in (Level.Disconnected, Level.Unknown, Level.Local):
        reachability.look(level)
    assert told == []
    for level in (Level.Site, Level.Online):
        reachability.look(level)
    assert told == ["came", "came"]
