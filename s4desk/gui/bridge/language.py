"""Qt's own words, those on standard buttons and in menus of fields, in the language of ours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

from s4desk.core.runtime.i18n import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QApplication

_NAME = "language"


def system_languages() -> Sequence[str]:
    """What the user's system asks for, where it says so elsewhere than in the environment."""
    return () if sys.platform == "linux" else QLocale.system().uiLanguages()


def speak(app: QApplication, language: str) -> None:
    """Let Qt speak `language`, one of LANGUAGES, in place of what it spoke before."""
    for former in app.findChildren(QTranslator, _NAME):
        app.removeTranslator(former)
        former.deleteLater()
    if language == ENGLISH:
        return
    translator = QTranslator(app)
    translator.setObjectName(_NAME)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{language}", folder):
        app.installTranslator(translator)
