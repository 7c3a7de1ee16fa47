"""Replication in the window between real servers: what the window says is what is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.replication.rules import Destination, Rule
from s4desk.core.replication.rule_book import Ruled
from s4desk.core.replication.table import Source
from s4desk.core.store.configuration import read_config, save
from s4desk.gui.dialogs.replication import ReplicationDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.stores_rule_list import StoresRuleList
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


def test_a_rule_of_a_server_is_changed_by_its_form(localstack, new_bucket, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", localstack.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", localstack.secret_key)
    bucket, other = new_bucket(localstack), new_bucket(localstack)
    with s3_client(localstack) as client:
        for each in (bucket, other):
            client.put_bucket_versioning(Bucket=each, VersioningConfiguration={"Status": "Enabled"})
        client.put_bucket_replication(
            Bucket=bucket,
            ReplicationConfiguration={
                "Role": "arn:aws:iam::123456789012:role/r",
                "Rules": [
                    {
                        "ID": "kept",
                        "Priority": 3,
                        "Status": "Enabled",
                        "Filter": {"Prefix": "logs/"},
                        "Destination": {"Bucket": f"arn:aws:s3:::{other}"},
                        "DeleteMarkerReplication": {"Status": "Disabled"},
                    }
                ],
            },
        )
    desk = memory_desk(tmp_path / "home")

    async def story(stage: Stage) -> None:
        await stage.rested()
        store = await desk.stores.get(HERE)
        before = await read_config(store, bucket, ConfigKind.REPLICATION)
        assert before is not None
        rules = StoresRuleList(before)
        form = rules.form(0)
        form.edit("markers", "yes")
        form.edit("storage_class", "STANDARD_IA")
        rules.put(0, form.result())
        document = from_json(ConfigKind.REPLICATION, before)
        wanted = from_json(ConfigKind.REPLICATION, rules.result())
        await save(store, bucket, ConfigKind.REPLICATION, document, wanted)

    perform(desk, story, connections=(near(localstack, "here"),))
    with s3_client(localstack) as client:
        reply = client.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]
    (rule,) = reply["Rules"]
    assert rule["DeleteMarkerReplication"] == {"Status": "Enabled"}
    assert rule["Destination"]["StorageClass"] == "STANDARD_IA"
    assert (rule["ID"], rule["Priority"], rule["Filter"]) == ("kept", 3, {"Prefix": "logs/"})
