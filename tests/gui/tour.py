"""Walks through the window as somebody else reads it, and prints what they could not read or reach.

    python -m tests.gui.tour --locale DIR --language de --text 2 --right-to-left --into PICTURES

A process of its own: the size of text, the direction and the screen belong to a whole program.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

LAPTOP = {"name": "laptop", "x": 0, "y": 0, "width": 1366, "height": 768}
LAPTOP |= {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--locale", type=Path, required=True)
    parser.add_argument("--language", default="en")
    parser.add_argument("--text", type=float, default=1.0)
    parser.add_argument("--right-to-left", action="store_true")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--into", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        _move_into(Path(home))
        _walk(arguments, Path(home))


def _move_into(home: Path) -> None:
    """Nothing of the person at this computer is looked at."""
    screen = home / "screen.json"
    screen.write_text(json.dumps({"windowFrameMargins": True, "screens": [LAPTOP]}))
    os.environ |= {
        "HOME": str(home),
        "AWS_CONFIG_FILE": str(home / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "QT_QPA_PLATFORM": f"offscreen:configfile={screen}",
    }


def _walk(arguments: argparse.Namespace, home: Path) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication, QWidget

    from s4desk.core.persist.settings import Theme
    from s4desk.core.runtime import i18n
    from s4desk.gui.assets import choose_style
    from tests.catalogues import load_maker
    from tests.gui.reading import twins
    from tests.gui.stage import Stage, memory_desk, perform
    from tests.gui.touring import cut_off, sideways, tour

    os.environ["LANGUAGE"] = arguments.language
    i18n.resource = lambda *_names: arguments.locale  # type: ignore[assignment, attr-defined]
    app = QApplication(sys.argv[:1])
    choose_style(app)
    font = app.font()
    font.setPointSizeF(font.pointSizeF() * arguments.text)
    app.setFont(font)
    if arguments.right_to_left:
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)

    # What is new stays English until it is translated.
    is_english = arguments.language == "en"
    untold = set() if is_english else {each.id for each in load_maker().extract()}

    def look(name: str, shown: QWidget) -> None:
        for text in (*cut_off(shown), *sideways(shown), *twins(shown, untold)):
            print(f"{name}: {text}")
        if arguments.into is not None:
            arguments.into.mkdir(parents=True, exist_ok=True)
            shown.grab().save(str(arguments.into / f"{name}.png"))

    async def story(stage: Stage) -> None:
        await tour(stage, look)

    desk = memory_desk(home / "desk")
    if arguments.dark:
        desk.settings.for_now = {"theme": Theme.DARK}
    perform(desk, story)
    print("all seen")


if __name__ == "__main__":
    main()
