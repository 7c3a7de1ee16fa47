"""Properties changed in the window on Ceph: another program finds all of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
)
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.gui.dialogs.properties import PropertiesDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import Stage, memory_desk, perform, press, until
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from tests.servers.endpoint import Endpoint

KEY = "ünïcödé ☃ 100%.txt"
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"


def near(endpoint: Endpoint) -> Connection:
    return Connection(
        ConnectionId("ceph"),
        "Ceph",
        endpoint=endpoint.url,
        region="us-east-1",
        addressing=Addressing.PATH,
        credentials=CredentialReference(CredentialKind.ENVIRONMENT),
    )


@pytest.mark.timeout(120)
def test_a_locked_object_keeps_all_that_is_not_edited(
    qapp, tmp_path, monkeypatch, ceph, new_bucket
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ceph.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", ceph.secret_key)
    bucket = new_bucket(ceph, lock=True)
    until_ = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    with s3_client(ceph) as client:
        first = client.put_object(
            Bucket=bucket,
            Key=KEY,
            Body=b"content",
            ContentType="text/plain",
            CacheControl="max-age=60",
            Metadata={"plain": "kept"},
            Tagging="team=blue",
            ObjectLockMode="GOVERNANCE",
            ObjectLockRetainUntilDate=until_,
        )["VersionId"]
        client.put_object_acl(Bucket=bucket, Key=KEY, ACL="public-read")

    async def story(stage: Stage) -> None:
        stage.commands.browsing.go(Place(ConnectionId("ceph"), Prefix(bucket)))
        await until(lambda: stage.names() == [KEY])
        stage.select(KEY)
        stage.give(Act.PROPERTIES)
        dialog = await stage.opened(PropertiesDialog)
        line = dialog.findChild(QLineEdit, "content_type")
        line.selectAll()
        QTest.keyClicks(line, "text/markdown")
        meaning = dialog.findChild(QLabel, "meaning").text()
        assert "new version" in meaning
        assert "Its lock goes along: GOVERNANCE" in meaning
        press(dialog, "&Save")
        await until(lambda: stage.dialog(PropertiesDialog) is None)

    perform(memory_desk(tmp_path), story, connections=(near(ceph),))

    with s3_client(ceph) as client:
        head = client.head_object(Bucket=bucket, Key=KEY)
        tags = client.get_object_tagging(Bucket=bucket, Key=KEY)["TagSet"]
        grants = client.get_object_acl(Bucket=bucket, Key=KEY)["Grants"]
        body = client.get_object(Bucket=bucket, Key=KEY)["Body"].read()
        lock = client.get_object_retention(Bucket=bucket, Key=KEY)["Retention"]
    assert head["VersionId"] != first
    assert (head["ContentType"], head["CacheControl"]) == ("text/markdown", "max-age=60")
    assert head["Metadata"] == {"plain": "kept"}
    assert tags == [{"Key": "team", "Value": "blue"}]
    assert [each["Grantee"].get("URI") for each in grants if "URI" in each["Grantee"]] == [
        EVERYBODY
    ]
    assert (lock["Mode"], lock["RetainUntilDate"]) == ("GOVERNANCE", until_)
    assert body == b"content"
