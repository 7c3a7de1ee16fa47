"""Opens the window on a desk and stays until it is closed."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from s4desk.core.persist.settings import Language
from s4desk.core.runtime import i18n
from s4desk.gui.assets import Assets, choose_style
from s4desk.gui.bridge.language import speak, system_languages
from s4desk.gui.bridge.loop import run_on_qt, signals_call
from s4desk.gui.main_window import MainWindow

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.gui.opening import Host, Prepare


def run(desk: Desk, prepare: Prepare | None = None, host: Host | None = None) -> int:
    """Show the window, then load the rest; returns the exit code when the window was closed.

    Before the first paint no S3 library is imported and nothing is opened. `desk` is closed at
    the end. `host` is entered after the first paint, and left as soon as the window is closed.
    """
    chosen = desk.settings.current.language
    i18n.choose("" if chosen is Language.SYSTEM else chosen.value, system_languages())
    app = _application()
    speak(app, i18n.language())
    assets = Assets(app)
    assets.set_theme(desk.settings.current.theme)
    app.setWindowIcon(assets.app_icon())
    return run_on_qt(app, lambda: _live(desk, assets, prepare, host))


async def _live(desk: Desk, assets: Assets, prepare: Prepare | None, host: Host | None) -> int:
    closed = asyncio.Event()
    window = MainWindow(desk, assets)
    window.closed.connect(closed.set)
    async with AsyncExitStack() as stack:
        stack.enter_context(signals_call(lambda: _close(window)))
        window.show()
        await window.first_paint()
        if host is not None:
            await stack.enter_async_context(host(window))
        # Commands, dialogs and engines take as long to load as all that is on the screen.
        from s4desk.gui.session import Session  # noqa: PLC0415

        session = Session(desk, assets, window)
        session.start(prepare)
        await closed.wait()
    await session.aclose()
    await desk.aclose()
    window.deleteLater()
    return 0


def _close(window: MainWindow) -> None:
    window.close_now()


def _application() -> QApplication:
    """The QApplication of this process; in a test there is one already."""
    present = QApplication.instance()
    if isinstance(present, QApplication):
        return present
    QApplication.setApplicationName("s4desk")
    QApplication.setApplicationDisplayName("s4desk")
    QApplication.setDesktopFileName("s4desk")
    app = QApplication(sys.argv[:1])
    choose_style(app)
    return app
