import asyncio

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from s4desk.gui.bridge.tasks import GuiTasks


@pytest.fixture
def owner(qapp):
    return QObject()


async def test_an_error_is_told_once(owner):
    tasks = GuiTasks(owner)
    told = []
    tasks.failed.connect(told.append)
    error = ValueError("no")

    async def fail():
        raise error

    tasks.start(fail())
    await tasks.aclose()
    await asyncio.sleep(0)
    tasks.start(fail())
    for _ in range(3):
        await asyncio.sleep(0)
    assert told == [error]


async def test_cancel_ends_what_runs_and_is_no_error(owner):
    tasks = GuiTasks(owner)
    told = []
    tasks.failed.connect(told.append)
    task = tasks.start(asyncio.Event().wait())
    await asyncio.sleep(0)
    tasks.cancel()
    await asyncio.wait([task])
    assert (task.cancelled(), told) == (True, [])


async def test_the_tasks_of_a_widget_end_with_it(owner):
    task = GuiTasks(owner).start(asyncio.Event().wait())
    await asyncio.sleep(0)
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete)
    await asyncio.wait([task], timeout=1)
    assert not shiboken6.isValid(owner)
    assert task.cancelled()
