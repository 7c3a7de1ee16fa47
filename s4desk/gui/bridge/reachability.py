"""What the system says about its network, where it says anything."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation

_ONLINE = (QNetworkInformation.Reachability.Site, QNetworkInformation.Reachability.Online)


class Reachability(QObject):
    """Tells that there is a network again, or another one.

    It is a hint and no more: what cannot be reached finds out by itself, only later.
    """

    came = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        feature = QNetworkInformation.Feature.Reachability
        # There is nothing for some systems.
        if QNetworkInformation.loadBackendByFeatures(feature):
            QNetworkInformation.instance().reachabilityChanged.connect(self.look)

    def look(self, reachability: QNetworkInformation.Reachability) -> None:
        """The network is like this now."""
        if reachability in _ONLINE:
            self.came.emit()
