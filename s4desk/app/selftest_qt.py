"""The part of the self-test that needs Qt: imported only when its libraries may be missing."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, qVersion
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QLabel

from s4desk.core.runtime.i18n import tr


def paint_a_widget() -> str:
    """Show a label and look at its pixels; returns what Qt this is.

    Raises OSError when nothing was painted, which happens without any font.
    """
    application = QApplication.instance() or QApplication(["s4desk"])
    label = QLabel("s4desk")
    label.show()
    application.processEvents()
    image = label.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    label.close()
    colours = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    if len(colours) < 2:
        raise OSError(
            tr("no text can be painted: no font is installed (apt-get install fonts-dejavu-core)")
        )
    return f"Qt {qVersion()}, {QGuiApplication.platformName()}"


def plugin_folder() -> str:
    return QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)
