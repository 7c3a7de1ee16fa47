"""A failover group in the window while one of its real servers dies."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

from s4desk.core.domain.connection import Addressing, Connection, Credentials, group_connection
from s4desk.core.domain.failover import Backend, FailoverGroup
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.gui.dialogs.group_compare import GroupCompareDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.group_compare import Shown, Sieve
from s4desk.viewmodels.places import Place
from tests.gui.stage import Stage, memory_desk, perform, until
from tests.gui.test_group_comparing import is_done, keys
from tests.gui.test_grouping import bar, chip, read_from
from tests.servers.client import s3_client
from tests.servers.fault import FaultProxy, error_reply
from tests.servers.fixtures import running
from tests.servers.moto import Moto

if TYPE_CHECKING:
    from tests.servers.endpoint import Endpoint

MINE, OTHER, GROUP = (ConnectionId(name) for name in ("mine", "other", "group"))
KEYS = [f"{at:02}.txt" for at in range(20)]


def test_what_was_replicated_is_read_on_when_its_home_dies(
    moto, new_bucket, pytestconfig, tmp_path
):
    bucket, desk = new_bucket(moto), memory_desk(tmp_path / "home")

    def fill(endpoint: Endpoint) -> None:
        with s3_client(endpoint) as client:
            for at, key in enumerate(KEYS):
                client.put_object(Bucket=bucket, Key=key, Body=b"x" * at)

    async def story(stage: Stage) -> None:
        for id_, endpoint in ((MINE, home), (OTHER, moto)):
            await desk.secrets.keep(id_, Credentials(endpoint.access_key, endpoint.secret_key))
        stage.commands.browsing.go(Place(GROUP, Prefix(bucket)))
        await until(lambda: stage.names() == KEYS)
        assert (bar(stage), chip(stage)) == ("", "Read from Mine")
        await asyncio.to_thread(server.close)
        stage.commands.browsing.refresh()
        await until(lambda: chip(stage) == "Read from Other (may be older)")
        await stage.rested()
        assert stage.names() == KEYS
        assert "Mine " in bar(stage)
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("07.txt")
        await until(lambda: read_from(stage) == "Other (may be older)")
        stage.window.pane.table.clearSelection()
        stage.give(Act.GROUP_COMPARE)
        dialog = await stage.opened(GroupCompareDialog)
        await until(lambda: is_done(dialog))
        assert keys(dialog) == []  # of what could not be read nobody knows whether it is the same
        dialog.choose(Sieve(Shown.ALL))
        await until(lambda: keys(dialog) == KEYS)
        assert dialog.model.index(0, 1).data() == "not read"
        dialog.choose(Sieve(Shown.ONLY, 1))
        await until(lambda: keys(dialog) == [])
        dialog.reject()

    with ExitStack() as server:
        home = server.enter_context(running(Moto(), pytestconfig))
        with s3_client(home) as client:
            client.create_bucket(Bucket=bucket)
        fill(home)
        fill(moto)
        stores = [
            Connection(id_, name, each.url, each.region, Addressing.PATH)
            for id_, name, each in ((MINE, "Mine", home), (OTHER, "Other", moto))
        ]
        group = FailoverGroup((Backend(MINE), Backend(OTHER)), timeout_s=5.0)
        perform(desk, story, connections=(*stores, group_connection(GROUP, "Photos", group)))


def test_a_page_that_nobody_could_give_is_read_when_somebody_is_back(moto, new_bucket, tmp_path):
    """Nobody asks for anything meanwhile."""
    bucket, desk = new_bucket(moto), memory_desk(tmp_path / "home")
    with s3_client(moto) as client:
        client.put_object(Bucket=bucket, Key="a.txt", Body=b"x")

    async def story(stage: Stage) -> None:
        for id_ in (MINE, OTHER):
            await desk.secrets.keep(id_, Credentials(moto.access_key, moto.secret_key))
        for each in proxies:
            each.on(error_reply(503, "ServiceUnavailable"), times=None)
        stage.commands.browsing.go(Place(GROUP, Prefix(bucket)))
        await stage.rested()
        assert stage.window.pane.status.is_unreadable
        await until(lambda: bar(stage).startswith("No member answers, next try in 5 min"))
        assert chip(stage) == ""
        await until(lambda: not stage.window.tree_model.tasks._running)  # it gives up too
        proxies[1].clear()
        desk.groups.try_now(GROUP, OTHER)  # its time has come
        await until(lambda: stage.names() == ["a.txt"])
        assert chip(stage) == "Read from Other (may be older)"

    with FaultProxy(moto) as mine, FaultProxy(moto) as other:
        proxies = (mine, other)
        stores = [
            Connection(id_, name, each.endpoint.url, moto.region, Addressing.PATH)
            for id_, name, each in ((MINE, "Mine", mine), (OTHER, "Other", other))
        ]
        group = FailoverGroup((Backend(MINE), Backend(OTHER)), timeout_s=5.0)
        perform(desk, story, connections=(*stores, group_connection(GROUP, "Photos", group)))
