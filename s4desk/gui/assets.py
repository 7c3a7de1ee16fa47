"""Icons and colours: the look of the window, light and dark, following the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from s4desk.core.persist.settings import Theme
from s4desk.core.runtime.resources import resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QApplication

ICON_SIZES = (16, 20, 24, 32, 48)
FUSION = "fusion"


# What a view asks for by what it means, where the drawing has the name of what it shows.
_DRAWINGS = {
    "clear-text": "close",
    "empty": "folder-open",
    "loading": "refresh",
    "locked": "lock",
    "no-match": "search",
    "stopped": "stop",
}

_SCHEMES = {
    Theme.SYSTEM: Qt.ColorScheme.Unknown,
    Theme.LIGHT: Qt.ColorScheme.Light,
    Theme.DARK: Qt.ColorScheme.Dark,
}

_Role = QPalette.ColorRole
_LIGHT: Mapping[QPalette.ColorRole, str] = {
    _Role.Window: "#f4f5f6",
    _Role.WindowText: "#1e2125",
    _Role.Base: "#ffffff",
    _Role.AlternateBase: "#f8f9fa",
    _Role.Text: "#1e2125",
    _Role.PlaceholderText: "#7b828c",
    _Role.Button: "#fcfcfd",
    _Role.ButtonText: "#1e2125",
    _Role.BrightText: "#c62f2f",
    _Role.ToolTipBase: "#2b2e33",
    _Role.ToolTipText: "#f3f4f5",
    _Role.Highlight: "#2f6bd0",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#2f6bd0",
    _Role.Link: "#2460c0",
    _Role.LinkVisited: "#6b4fb3",
    _Role.Light: "#ffffff",
    _Role.Midlight: "#eceef0",
    _Role.Mid: "#d4d8dd",
    _Role.Dark: "#a9b0b9",
    _Role.Shadow: "#7b828c",
}
_DARK: Mapping[QPalette.ColorRole, str] = {
    _Role.Window: "#232629",
    _Role.WindowText: "#e4e6e9",
    _Role.Base: "#1a1c1f",
    _Role.AlternateBase: "#1f2225",
    _Role.Text: "#e4e6e9",
    _Role.PlaceholderText: "#8c939d",
    _Role.Button: "#2d3135",
    _Role.ButtonText: "#e4e6e9",
    _Role.BrightText: "#ff7b72",
    _Role.ToolTipBase: "#33373c",
    _Role.ToolTipText: "#e4e6e9",
    _Role.Highlight: "#3565b5",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#5b8fe0",
    _Role.Link: "#7aa7ee",
    _Role.LinkVisited: "#a993e0",
    _Role.Light: "#3a3f45",
    _Role.Midlight: "#30343a",
    _Role.Mid: "#3a3f45",
    _Role.Dark: "#121416",
    _Role.Shadow: "#0b0c0d",
}
_RESTING_SELECTION = {False: ("#d5dbe4", "#1e2125"), True: ("#3a4047", "#e4e6e9")}

_SHEET = """
QToolBar { border: none; spacing: 2px; padding: 3px 6px; }
QStatusBar { border-top: 1px solid palette(mid); }
QStatusBar::item { border: none; }
QSplitter::handle { background: palette(mid); }
QHeaderView { background: palette(base); }
QHeaderView::section {
    background: palette(base); color: palette(text); padding: 4px 8px;
    border: none; border-right: 1px solid palette(mid); border-bottom: 1px solid palette(mid);
}
QHeaderView::section:last { border-right: none; }
QToolTip {
    background: palette(tool-tip-base); color: palette(tool-tip-text);
    border: 1px solid palette(mid); padding: 4px 6px;
}
"""


class Assets(QObject):
    """What the window is drawn with. Made once, after the QApplication, and passed on.

    An icon that is asked for again after `changed` has the new colours.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._icons: dict[str, QIcon] = {}
        self._is_fusion = app.style().name().lower() == FUSION
        app.styleHints().colorSchemeChanged.connect(self._paint_anew)
        self._paint_anew()

    @property
    def is_dark(self) -> bool:
        scheme = self._app.styleHints().colorScheme()
        if scheme is Qt.ColorScheme.Unknown:
            return self._app.palette().color(_Role.Window).lightness() < 128
        return scheme is Qt.ColorScheme.Dark

    def set_theme(self, theme: Theme) -> None:
        """Follow the system, or not."""
        self._app.styleHints().setColorScheme(_SCHEMES[theme])
        self._paint_anew()

    def icon(self, name: str) -> QIcon:
        """The symbolic icon `name` in the colours of now; an empty one if there is no such file."""
        if name not in self._icons:
            self._icons[name] = self._draw(name)
        return self._icons[name]

    @staticmethod
    def app_icon() -> QIcon:
        """The program's own icon, in its own colours."""
        return QIcon(str(resource("icons", "app.svg")))

    def forget(self) -> None:
        """Draw all icons again when they are asked for: the window's palette has changed."""
        self._icons.clear()
        self.changed.emit()

    def _paint_anew(self) -> None:
        if self._is_fusion:
            self._app.setPalette(fusion_palette(is_dark=self.is_dark))
            self._app.setStyleSheet(_SHEET)
        self.forget()

    def _draw(self, name: str) -> QIcon:
        icon = QIcon()
        source = resource("icons", f"{_DRAWINGS.get(name, name)}.svg")
        if not source.is_file():
            return icon
        renderer = QSvgRenderer(str(source))
        palette = self._app.palette()
        colours = {
            QIcon.Mode.Normal: palette.color(_Role.WindowText),
            QIcon.Mode.Disabled: palette.color(QPalette.ColorGroup.Disabled, _Role.WindowText),
            QIcon.Mode.Selected: palette.color(_Role.HighlightedText),
        }
        for size in ICON_SIZES:
            mask = _render(renderer, size)
            for mode, colour in colours.items():
                icon.addPixmap(_tint(mask, colour), mode)
        return icon


def choose_style(app: QApplication) -> None:
    """Keep the platform's own style; where it has none (a bare X server), take Fusion."""
    if app.style().name().lower() in ("", "windows", "windows95"):
        app.setStyle(FUSION)


def fusion_palette(*, is_dark: bool) -> QPalette:
    """The colours for the one style that has none of its own."""
    palette = QPalette()
    for role, colour in (_DARK if is_dark else _LIGHT).items():
        palette.setColor(role, QColor(colour))
    faded = QColor("#6b727c" if is_dark else "#a2a8b0")
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, faded)
    highlight, text = _RESTING_SELECTION[is_dark]
    palette.setColor(QPalette.ColorGroup.Inactive, _Role.Highlight, QColor(highlight))
    palette.setColor(QPalette.ColorGroup.Inactive, _Role.HighlightedText, QColor(text))
    palette.setColor(QPalette.ColorGroup.Disabled, _Role.Highlight, QColor(highlight))
    return palette


def _render(renderer: QSvgRenderer, size: int) -> QImage:
    mask = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    mask.fill(Qt.GlobalColor.transparent)
    painter = QPainter(mask)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return mask


def _tint(mask: QImage, colour: QColor) -> QPixmap:
    image = QImage(mask)
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(image.rect(), colour)
    painter.end()
    return QPixmap.fromImage(image)
