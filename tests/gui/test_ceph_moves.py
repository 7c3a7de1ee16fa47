"""Renaming and copying in the window on real stores: what belongs to objects goes along."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
)
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.transfer import TransferState
from s4desk.gui.dialogs.base import FormDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import Stage, memory_desk, perform, press, until
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from tests.servers.endpoint import Endpoint

COUNT = 50
LARGE = 6 * 1024**2
NAMES = ("plain", "ünïcödé ☃", "a+b", "100%", "sub/deep", "sub//twice", "data#1?", "日本語")


def near(endpoint: Endpoint, name: str) -> Connection:
    return Connection(
        ConnectionId(name),
        name.title(),
        endpoint=endpoint.url,
        region="us-east-1",
        addressing=Addressing.PATH,
        credentials=CredentialReference(CredentialKind.ENVIRONMENT),
    )


def fill(endpoint: Endpoint, bucket: str) -> dict[str, bytes]:
    """Objects of all sizes with metadata and tags, by the name below their folder."""
    dice = random.Random(7)
    bodies = {}
    with s3_client(endpoint) as client:
        for number in range(COUNT):
            name = f"{NAMES[number % len(NAMES)]}-{number:02}.txt"
            bodies[name] = dice.randbytes(LARGE if number == 3 else dice.choice((0, 1, 70_000)))
            client.put_object(
                Bucket=bucket,
                Key=f"old/{name}",
                Body=bodies[name],
                ContentType="text/plain",
                CacheControl="max-age=60",
                Metadata={"number": str(number)},
                Tagging=f"number={number}&kind=test",
            )
        client.put_object(Bucket=bucket, Key="old/", Body=b"")
    return bodies


def found(endpoint: Endpoint, bucket: str, folder: str) -> dict[str, Any]:
    """Body, number in the metadata, number in the tags, type: by the name below a folder."""
    told = {}
    with s3_client(endpoint) as client:
        for each in client.list_objects_v2(Bucket=bucket, Prefix=folder)["Contents"]:
            key = each["Key"]
            reply = client.get_object(Bucket=bucket, Key=key)
            tags = client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
            told[key.removeprefix(folder)] = (
                reply["Body"].read(),
                reply["Metadata"].get("number"),
                {tag["Key"]: tag["Value"] for tag in tags}.get("number"),
                reply["ContentType"],
            )
    return told


def expected(bodies: dict[str, bytes]) -> dict[str, Any]:
    numbers = {name: str(int(name[-6:-4])) for name in bodies}
    return {
        name: (body, numbers[name], numbers[name], "text/plain") for name, body in bodies.items()
    }


async def done(stage: Stage) -> None:
    transfers = stage.desk.queue.transfers
    await until(lambda: all(each.state is TransferState.COMPLETED for each in transfers()))
    await stage.desk.queue.at_rest()


@pytest.mark.timeout(180)
def test_a_folder_is_renamed_and_copied_to_another_store(
    qapp, tmp_path, monkeypatch, ceph, ceph_bucket, moto, moto_bucket
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ceph.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", ceph.secret_key)
    here, there = near(ceph, "here"), near(moto, "there")
    bodies = fill(ceph, ceph_bucket)

    async def story(stage: Stage) -> None:
        browsing, table = stage.commands.browsing, stage.window.pane.table
        browsing.go(Place(here.id, Prefix(ceph_bucket)))
        await until(lambda: stage.names() == ["old"])
        stage.select("old")
        stage.give(Act.RENAME)
        dialog = await stage.opened(FormDialog)
        await until(lambda: "51 objects" in dialog.findChild(QLabel, "tally").text())
        dialog.findChild(QLineEdit, "name").setText("new name%")
        press(dialog, "&Rename")
        await until(lambda: stage.names() == ["new name%"])
        await done(stage)
        assert len(stage.desk.queue.transfers()) == COUNT + 1
        await until(lambda: table.currentIndex().data() == "new name%")

        stage.select("new name%")
        stage.give(Act.COPY)
        browsing.go(Place(there.id, Prefix(moto_bucket)))
        await stage.rested()
        stage.give(Act.PASTE)
        await until(lambda: stage.names() == ["new name%"])
        await done(stage)

    perform(memory_desk(tmp_path / "home"), story, connections=(here, there))
    for endpoint, bucket in ((ceph, ceph_bucket), (moto, moto_bucket)):
        told = found(endpoint, bucket, "new name%/")
        assert told.pop("")[0] == b""
        assert told == expected(bodies)
    with s3_client(ceph) as client:
        assert "Contents" not in client.list_objects_v2(Bucket=ceph_bucket, Prefix="old/")
