"""Replication in the window between real servers: what the window says is what is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.replication.rules import Destination, Rule
from s4desk.core.replication.rule_book import Ruled
from s4desk.core.replication.table import Source
from s4desk.gui.dialogs.replication import ReplicationDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import Stage, memory_desk, perform, until
from tests.gui.test_ceph_moves import near
from tests.gui.test_replicating import rows
from tests.gui.test_replication_badges import badges, section
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from tests.servers.endpoint import Endpoint

HERE, AWAY = ConnectionId("here"), ConnectionId("away")
COUNT = 30


@pytest.mark.parametrize("kind", ["ceph", "moto"])
def test_objects_of_a_server_are_seen_to_arrive(request, kind, new_bucket, monkeypatch, tmp_path):
    endpoint: Endpoint = request.getfixturevalue(kind)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", endpoint.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", endpoint.secret_key)
    bucket, copies = new_bucket(endpoint), new_bucket(endpoint)
    mine = Source(HERE, bucket)
    with s3_client(endpoint) as client:
        for at in range(COUNT):
            client.put_object(Bucket=bucket, Key=f"{at:02}.txt", Body=b"x" * at)
    connections: tuple[Connection, ...] = (
        near(endpoint, "here"),
        Connection(
            AWAY,
            "Away",
            endpoint="memory:elsewhere",
            credentials=CredentialReference(CredentialKind.ANONYMOUS),
        ),
    )
    desk = memory_desk(tmp_path / "home")

    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        # The higher one leads to the server itself, the other one to another store.
        rule = Rule("within", Destination(HERE, copies, "from/"), 2)
        await desk.replication.put(
            Ruled(mine, (rule, Rule("away", Destination(AWAY, "elsewhere"))))
        )
        stage.commands.browsing.go(Place(HERE, Prefix(bucket)))
        await stage.rested()
        await until(lambda: set(badges(table)) == {"Completed"})
        stage.give(Act.REPLICATION)
        dialog = await stage.opened(ReplicationDialog)
        await until(lambda: rows(dialog) and rows(dialog)[0][6] == str(COUNT))
        assert rows(dialog)[1][5:] == ["0", "0", "0"]
        dialog.close()
        with s3_client(endpoint) as client:
            there = client.list_objects_v2(Bucket=copies, Prefix="from/")["Contents"]
            assert [each["Size"] for each in there] == list(range(COUNT))
        stage.commands.browsing.go(Place(HERE, Prefix(copies, "from/")))
        await stage.rested()
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("07.txt")
        await until(lambda: section(stage, "Replication").get("Status"))
        assert section(stage, "Replication")["Status"] == "Replica, made by s4desk"
        store = await desk.stores.get(HERE)
        meta = await store.head(Location(bucket, "07.txt"))
        assert section(stage, "Replication")["ETag of its source"] == meta.etag

    perform(desk, story, connections=connections)
