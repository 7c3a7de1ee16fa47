"""Icons and colours: the look of the window, light and dark, following the system."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from s4desk.core.persist.settings import Theme
from s4desk.core.runtime.resources import resource

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

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

_TURNED = {"back": "forward", "forward": "back"}
"""What points the way one reads, where one reads from the right."""

_PLACES = frozenset({"bucket", "bucket-lock", "folder", "folder-open"})
"""In the accent colour, so that they stand out among objects."""
_QUIET = frozenset(
    {
        "connection",
        "delete-marker",
        "file",
        "file-archive",
        "file-audio",
        "file-code",
        "file-data",
        "file-document",
        "file-image",
        "file-text",
        "file-video",
        "group",
    }
)

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
    _Role.Light: "#454b52",
    _Role.Midlight: "#30343a",
    _Role.Mid: "#3a3f45",
    _Role.Dark: "#121416",
    _Role.Shadow: "#0b0c0d",
}
# What is faint becomes strong where the system asks for high contrast: WCAG 2.2, 1.4.6.
_STRONG_LIGHT: Mapping[QPalette.ColorRole, str] = {
    _Role.Window: "#ffffff",
    _Role.WindowText: "#000000",
    _Role.AlternateBase: "#ffffff",
    _Role.Text: "#000000",
    _Role.PlaceholderText: "#3c4147",
    _Role.Button: "#ffffff",
    _Role.ButtonText: "#000000",
    _Role.BrightText: "#8f0f0f",
    _Role.ToolTipBase: "#000000",
    _Role.ToolTipText: "#ffffff",
    _Role.Highlight: "#0b3d91",
    _Role.Accent: "#0b3d91",
    _Role.Link: "#0b3d91",
    _Role.LinkVisited: "#4a2a91",
    _Role.Mid: "#4c5157",
    _Role.Dark: "#000000",
    _Role.Shadow: "#000000",
}
_STRONG_DARK: Mapping[QPalette.ColorRole, str] = {
    _Role.Window: "#000000",
    _Role.WindowText: "#ffffff",
    _Role.Base: "#000000",
    _Role.AlternateBase: "#000000",
    _Role.Text: "#ffffff",
    _Role.PlaceholderText: "#c3c8ce",
    _Role.Button: "#000000",
    _Role.ButtonText: "#ffffff",
    _Role.BrightText: "#ffa9a3",
    _Role.ToolTipBase: "#ffffff",
    _Role.ToolTipText: "#000000",
    _Role.Highlight: "#9cc3ff",
    _Role.HighlightedText: "#000000",
    _Role.Accent: "#9cc3ff",
    _Role.Link: "#9cc3ff",
    _Role.LinkVisited: "#cdbdff",
    _Role.Light: "#b4bac1",
    _Role.Mid: "#b4bac1",
}
_FADED = {False: "#a2a8b0", True: "#6b727c"}
_FADED_STRONG = {False: "#5b6168", True: "#9da3aa"}
_RESTING_SELECTION = {False: ("#6f88ad", "#ffffff"), True: ("#414a57", "#ffffff")}

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
QRadioButton::indicator {
    width: 12px; height: 12px; border-radius: 7px;
    border: 1px solid palette(placeholder-text); background: palette(base);
}
QRadioButton::indicator:hover, QRadioButton::indicator:focus { border-color: palette(highlight); }
QRadioButton::indicator:disabled { border-color: palette(mid); }
QRadioButton::indicator:checked {
    border-color: palette(highlight);
    background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
        stop: 0 #ffffff, stop: 0.4 #ffffff, stop: 0.5 palette(highlight),
        stop: 1 palette(highlight));
}
QRadioButton::indicator:checked:disabled { background: palette(mid); border-color: palette(mid); }
QToolButton#more { border: none; padding: 2px; }
QTabWidget::pane { border: 1px solid palette(mid); top: -1px; }
QScrollBar { background: palette(base); border: none; margin: 0; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: palette(mid); border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: palette(placeholder-text); }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
"""
_TOOL_TIP = """
QToolTip { background: BASE; color: TEXT; border: 1px solid MID; padding: 4px 6px; }
"""


class Assets(QObject):
    """What the window is drawn with. Made once, after the QApplication, and passed on.

    An icon follows the colours by itself; pixmaps made from one are to be made anew after
    `changed`.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._theme = Theme.SYSTEM
        self._icons: dict[str, QIcon] = {}
        self._drawn: dict[tuple[str, int, int, int], QPixmap] = {}
        self._is_fusion = app.style().name().lower() == FUSION
        app.styleHints().colorSchemeChanged.connect(self._paint_anew)
        # Kept: the signal of a wrapper that nobody holds is lost.
        self._hints = app.styleHints()
        self._hints.accessibility().contrastPreferenceChanged.connect(self._paint_anew)
        self._paint_anew()

    @property
    def is_dark(self) -> bool:
        # A platform without a theme of its own ignores what is asked of it.
        scheme = _SCHEMES[self._theme]
        if scheme is Qt.ColorScheme.Unknown:
            scheme = self._app.styleHints().colorScheme()
        return scheme is Qt.ColorScheme.Dark

    @property
    def is_strong(self) -> bool:
        """Whether the system asks for high contrast."""
        wish = self._hints.accessibility().contrastPreference()
        return wish is Qt.ContrastPreference.HighContrast

    def set_theme(self, theme: Theme) -> None:
        """Follow the system, or not."""
        self._theme = theme
        self._app.styleHints().setColorScheme(_SCHEMES[theme])
        self._paint_anew()

    def icon(self, name: str) -> QIcon:
        """The symbolic icon `name`. It is drawn in the colours of the moment it is painted."""
        if name not in self._icons:
            self._icons[name] = QIcon(SymbolEngine(self, name))
        return self._icons[name]

    def draw(self, name: str, size: QSize, mode: QIcon.Mode) -> QPixmap:
        """The symbol in device pixels; nothing where there is no such drawing."""
        colour = self._colour(name, mode)
        if self._app.isRightToLeft():
            name = _TURNED.get(name, name)
        key = (name, size.width(), size.height(), colour.rgba())
        if key not in self._drawn:
            source = resource("icons", f"{_DRAWINGS.get(name, name)}.svg")
            self._drawn[key] = _drawn(source, size, colour)
        return self._drawn[key]

    @staticmethod
    def app_icon() -> QIcon:
        """The program's own icon, in its own colours."""
        return QIcon(str(resource("icons", "app.svg")))

    def forget(self) -> None:
        """The palette has changed: whoever keeps pixmaps has to ask for them again."""
        self._drawn.clear()
        self.changed.emit()

    def _paint_anew(self) -> None:
        if self._is_fusion:
            palette = fusion_palette(is_dark=self.is_dark, is_strong=self.is_strong)
            self._app.setPalette(palette)
            if self.is_dark:
                # Fusion outlines with a darker colour, which cannot be seen here.
                palette.setColor(_Role.Base, palette.color(_Role.Light))
            for kind in ("QCheckBox", "QRadioButton"):
                # Its stub says bytes, which it refuses.
                self._app.setPalette(palette, kind)  # type: ignore[arg-type]
            self._app.setStyleSheet(_SHEET + _tool_tip(palette))
        self.forget()

    def _colour(self, name: str, mode: QIcon.Mode) -> QColor:
        palette = self._app.palette()
        if mode is QIcon.Mode.Disabled:
            return palette.color(QPalette.ColorGroup.Disabled, _Role.WindowText)
        if mode is QIcon.Mode.Selected:
            return palette.color(_Role.HighlightedText)
        if name in _PLACES:
            return palette.color(_Role.Accent)
        return palette.color(_Role.PlaceholderText if name in _QUIET else _Role.WindowText)


def _tool_tip(palette: QPalette) -> str:
    """The style of tool tips: a sheet has no word for their two colours."""
    sheet = _TOOL_TIP
    for word, role in (
        ("BASE", _Role.ToolTipBase),
        ("TEXT", _Role.ToolTipText),
        ("MID", _Role.Mid),
    ):
        sheet = sheet.replace(word, palette.color(role).name())
    return sheet


class SymbolEngine(QIconEngine):
    """Draws one symbol at the size that is asked for."""

    _clones: ClassVar[list[SymbolEngine]] = []

    def __init__(self, assets: Assets, name: str) -> None:
        super().__init__()
        self._assets = assets
        self._name = name

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        scale = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect, self.scaledPixmap(rect.size(), mode, state, scale))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float
    ) -> QPixmap:
        """`size` is independent of the device since Qt 6.8 (QIconEngine::scaledPixmap)."""
        pixmap = QPixmap(self._assets.draw(self._name, size * scale, mode))
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def clone(self) -> SymbolEngine:
        copy = SymbolEngine(self._assets, self._name)
        # Qt deletes it, and Python must not before.
        self._clones.append(copy)
        return copy


def choose_style(app: QApplication) -> None:
    """Keep the platform's own style; where it has none (a bare X server), take Fusion."""
    if app.style().name().lower() in ("", "windows", "windows95"):
        app.setStyle(FUSION)


def fusion_palette(*, is_dark: bool, is_strong: bool = False) -> QPalette:
    """The colours for the one style that has none of its own."""
    colours = dict(_DARK if is_dark else _LIGHT)
    if is_strong:
        colours |= _STRONG_DARK if is_dark else _STRONG_LIGHT
    palette = QPalette()
    for role, colour in colours.items():
        palette.setColor(role, QColor(colour))
    faded = QColor((_FADED_STRONG if is_strong else _FADED)[is_dark])
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, faded)
    if is_strong:
        return palette  # a selection that rests is as strong as any
    highlight, text = _RESTING_SELECTION[is_dark]
    palette.setColor(QPalette.ColorGroup.Inactive, _Role.Highlight, QColor(highlight))
    palette.setColor(QPalette.ColorGroup.Inactive, _Role.HighlightedText, QColor(text))
    palette.setColor(QPalette.ColorGroup.Disabled, _Role.Highlight, QColor(highlight))
    return palette


def _drawn(source: Path, size: QSize, colour: QColor) -> QPixmap:
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    if not source.is_file():
        return pixmap
    renderer = QSvgRenderer(str(source))
    painter = QPainter(pixmap)
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), colour)
    painter.end()
    return pixmap
