"""`s4desk` without words, which says as JSON lines when it can be asked and when it was."""

from __future__ import annotations

import json
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from s4desk.app import reception, window
from s4desk.core.desk import Desk
from s4desk.core.runtime.events import BatchFinished
from s4desk.gui.main_window import MainWindow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from s4desk.gui.opening import Asked

opened = Desk.open
came_forward = MainWindow.come_forward
really_listening = reception.listening
forward = 0


def say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


@asynccontextmanager
async def listening(desk: Desk, asked: Asked) -> AsyncIterator[None]:
    async with really_listening(desk, asked):
        say(is_open=True)
        desk.events.subscribe(BatchFinished, lambda _: say(states=states(desk)))
        yield
    say(is_open=False)


def states(desk: Desk) -> list[str]:
    return [each.state for each in desk.queue.transfers()]


async def open_desk(self: Desk) -> object:
    waiting = await opened(self)
    say(has_queue=True)
    return waiting


def come_forward(self: MainWindow) -> bool:
    global forward
    is_forward = came_forward(self)
    if is_forward:
        forward += 1
        say(forward=forward)
    return is_forward


reception.listening = listening
Desk.open = open_desk  # type: ignore[method-assign,assignment]
MainWindow.come_forward = come_forward
sys.exit(window.open_window(is_demo=False))
