"""A group of three real servers, looked into by a person while the first one dies."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from s4desk.core.domain.connection import Addressing, Connection, Credentials, group_connection
from s4desk.core.domain.failover import Backend, FailoverGroup
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.transfer import TransferState
from s4desk.gui.commands import transferring
from s4desk.gui.dialogs.group import GroupDialog
from s4desk.gui.dialogs.group_compare import GroupCompareDialog
from s4desk.gui.dialogs.group_status import GroupStatusDialog
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.group_compare import Shown, Sieve
from s4desk.viewmodels.listing import Remedy
from tests.gui.stage import Stage, memory_desk, perform, press, until
from tests.gui.test_group_comparing import is_done, keys
from tests.gui.test_grouping import bar, cells, chip, names, read_from
from tests.servers.client import s3_client
from tests.servers.fixtures import running
from tests.servers.moto import Moto

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk
    from tests.servers.endpoint import Endpoint

HOME, MINE, THIRD, GROUP = (ConnectionId(name) for name in ("home", "mine", "third", "group"))
KEYS = [f"{at:02}.txt" for at in range(12)]
DRAGGED, BEFORE_ALL = 1, 0


def click_in_tree(stage: Stage, *way: str) -> bool:
    """Unfold what leads there, and click it; whether it is there by now."""
    view, index = stage.window.tree, QModelIndex()
    for name in way:
        view.expand(index)
        model = view.model()
        rows = [model.index(row, 0, index) for row in range(model.rowCount(index))]
        found = [each for each in rows if each.data() == name]
        if not found:
            return False
        index = found[0]
    view.scrollTo(index)
    place = view.visualRect(index).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    return True


async def put_home_first(stage: Stage) -> None:
    """By dragging it."""
    assert click_in_tree(stage, "Photos")
    await stage.rested()
    stage.give(Act.EDIT_CONNECTION)
    dialog = await stage.opened(GroupDialog)
    assert names(dialog) == ["Mine", "Home", "Third"]
    model = dialog.members.model
    mime = model.mimeData([model.index(DRAGGED, 0)])
    model.dropMimeData(mime, Qt.DropAction.MoveAction, BEFORE_ALL, 0, QModelIndex())
    assert names(dialog) == ["Home", "Mine", "Third"]
    assert dialog.members.view.row == BEFORE_ALL
    press(dialog, "Save")
    await until(lambda: stage.desk.connections.get(GROUP).group.home.connection == HOME)
    await until(lambda: stage.dialog(GroupDialog) is None)


async def look_at_all(stage: Stage, target: Path) -> None:
    """Inspect, preview and download without a look at the rows before."""
    stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
    stage.select("07.txt")
    await until(lambda: read_from(stage) == "Mine (may be older)")
    await until(lambda: bar(stage).startswith("Read from Mine (") and "Home " in bar(stage))
    stage.give(Act.PREVIEW)
    panel = stage.window.findChild(PreviewPanel)
    await until(lambda: panel.words().strip() == "x" * 7)
    stage.give(Act.PREVIEW)
    stage.select("08.txt", "09.txt")
    stage.give(Act.DOWNLOAD)
    await until(lambda: stage.states == [TransferState.COMPLETED] * 2)
    assert {each.name: each.stat().st_size for each in target.iterdir()} == {
        "08.txt": 8,
        "09.txt": 9,
    }


async def drill(stage: Stage, member: ConnectionId, chip_then: str) -> None:
    """Pretend that one more is down, and end it by the line above the rows."""
    stage.give(Act.GROUP_STATUS)
    status = await stage.opened(GroupStatusDialog)
    status.choose_member(member)
    press(status, "&Pretend It Is Down")
    assert [row[1] for row in cells(status)][1:] == ["Down (a drill)", "Well"]
    status.reject()
    stage.commands.browsing.refresh()
    await until(lambda: chip(stage) == chip_then)
    assert "Mine is pretended to be down." in bar(stage)
    stage.window.pane.group_bar.findChild(QPushButton, Remedy.END_DRILL).click()
    assert "pretended" not in bar(stage)


async def compare(stage: Stage) -> None:
    stage.window.pane.table.clearSelection()
    stage.give(Act.GROUP_COMPARE)
    dialog = await stage.opened(GroupCompareDialog)
    await until(lambda: is_done(dialog))
    dialog.choose(Sieve(Shown.ALL))
    await until(lambda: keys(dialog) == KEYS)
    columns = range(dialog.model.columnCount())
    row = [dialog.model.index(1, at).data() for at in columns]
    assert row == ["01.txt", "not read", "1 B", "1 B"]
    assert "Home: 0 held (0 B), 12 not read." in dialog.state.text()
    dialog.choose(Sieve(Shown.MISSING, 2))
    await until(lambda: keys(dialog) == [])
    dialog.reject()


async def all_down(stage: Stage) -> None:
    for each in (MINE, THIRD):
        stage.desk.groups.pretend_down(GROUP, each, is_down=True)
    assert bar(stage).endswith("Nothing can be read or written meanwhile.")
    stage.commands.browsing.refresh()
    await stage.rested()
    assert stage.names() == KEYS  # as they were
    stage.window.pane.group_bar.findChild(QPushButton, Remedy.END_DRILL).click()
    stage.commands.browsing.refresh()
    await until(lambda: chip(stage) == "Read from Mine (may be older)")


def test_a_group_of_three_is_used_on_when_its_home_dies(
    moto, new_bucket, pytestconfig, tmp_path, monkeypatch
):
    bucket, desk, target = new_bucket(moto), memory_desk(tmp_path / "home"), tmp_path / "down"
    target.mkdir()

    async def chosen(*_words) -> Path:
        return target

    monkeypatch.setattr(transferring, "choose_folder", chosen)

    async def story(stage: Stage) -> None:
        await keep_keys(desk, servers)
        await put_home_first(stage)
        await until(lambda: click_in_tree(stage, "Photos", bucket))
        await until(lambda: stage.names() == KEYS)
        assert (bar(stage), chip(stage)) == ("", "Read from Home")
        await asyncio.to_thread(dying.close)
        await look_at_all(stage, target)
        stage.commands.browsing.refresh()
        await stage.rested()
        assert (stage.names(), chip(stage)) == (KEYS, "Read from Mine (may be older)")
        await drill(stage, MINE, "Read from Third (may be older)")
        await compare(stage)
        await all_down(stage)

    with ExitStack() as others:
        dying = others.enter_context(ExitStack())
        servers = {
            HOME: dying.enter_context(running(Moto(), pytestconfig)),
            MINE: moto,
            THIRD: others.enter_context(running(Moto(), pytestconfig)),
        }
        for each in servers.values():
            fill(each, bucket)
        stores = [
            Connection(id_, id_.title(), each.url, each.region, Addressing.PATH)
            for id_, each in servers.items()
        ]
        group = FailoverGroup(tuple(map(Backend, (MINE, HOME, THIRD))), timeout_s=5.0)
        perform(desk, story, connections=(*stores, group_connection(GROUP, "Photos", group)))


def fill(endpoint: Endpoint, bucket: str) -> None:
    with s3_client(endpoint) as client:
        if bucket not in {each["Name"] for each in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=bucket)
        for at, key in enumerate(KEYS):
            client.put_object(Bucket=bucket, Key=key, Body=b"x" * at)


async def keep_keys(desk: Desk, servers: dict[ConnectionId, Endpoint]) -> None:
    for id_, each in servers.items():
        await desk.secrets.keep(id_, Credentials(each.access_key, each.secret_key))
