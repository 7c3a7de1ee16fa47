"""A sync in the window against real servers: what they list, prove and delete."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QComboBox, QFileDialog

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
)
from s4desk.core.domain.identity import Prefix
from s4desk.core.transfer.selection import pages_of
from s4desk.core.transfer.sync import Compare
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import HOME, Stage, memory_desk, perform, until
from tests.gui.test_syncing import compare, confirmed, opened, press, rows, tick_delete, told
from tests.gui.test_verifying import choose
from tests.servers.client import new_bucket_name

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.endpoint import Endpoint

TOP = "top/"


@pytest.fixture
def store_connection(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", endpoint.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", endpoint.secret_key)
    return Connection(
        HOME,
        "Home",
        endpoint=endpoint.url,
        region=endpoint.region,
        addressing=Addressing.PATH,
        credentials=CredentialReference(CredentialKind.ENVIRONMENT),
    )


def test_up_again_and_verified(qapp: object, tmp_path: Path, store_connection: Connection) -> None:
    here = tmp_path / "here"
    for name, content in {"a": b"one", "deep/é": b"two", "zero": b""}.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(content)
    bucket = new_bucket_name()

    async def keys(stage: Stage) -> list[str]:
        store = await stage.desk.stores.get(HOME)
        return [key async for page in pages_of(store, Prefix(bucket)) for key in page.keys]

    async def story(stage: Stage) -> None:
        store = await stage.desk.stores.get(HOME)
        await store.create_bucket(bucket)
        stage.commands.browsing.go(Place(HOME, Prefix(bucket, TOP)))
        await stage.rested()
        dialog = await opened(stage, here)
        await compare(dialog)
        assert [deed for _, deed in rows(dialog)] == ["Add"] * 3
        press(dialog, "&Sync")
        await until(lambda: len(stage.desk.queue.transfers()) == 3)
        await until(lambda: all(each.verified for each in stage.desk.queue.transfers()))

        (here / "a").write_bytes(b"0ne")
        os.utime(here / "a", (1, 1))  # only its content tells
        (here / "zero").unlink()
        for how, changed in ((Compare.SIZE_AND_TIME, []), (Compare.CHECKSUM, ["a"])):
            dialog = await opened(stage, here)
            choice = dialog.findChild(QComboBox, "how")
            choice.setCurrentIndex(choice.findData(how))
            await compare(dialog)
            assert rows(dialog) == [*((n, "Replace") for n in changed), ("zero", "Stays")]
            if how is Compare.SIZE_AND_TIME:
                dialog.reject()
        tick_delete(dialog)
        press(dialog, "&Sync")
        await confirmed(stage)
        await told(stage, "1 transferred, 1 deleted")
        assert await keys(stage) == [f"{TOP}a", f"{TOP}deep/é"]

        await until(lambda: sorted(stage.names()) == ["a", "deep"])
        stage.window.pane.select_all()
        await until(stage.window.acts[Act.VERIFY_WITH_FILES].isEnabled)
        stage.window.acts[Act.VERIFY_WITH_FILES].trigger()
        choose(await stage.opened(QFileDialog), here)
        await told(stage, "2 are the same")

    perform(memory_desk(tmp_path / "home"), story, connections=(store_connection,))
