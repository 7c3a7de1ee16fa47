"""What a sync of a failover group shows while another than its first member is listed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit

from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.wire.body import BytesSink
from s4desk.gui.dialogs.sync import SyncDialog
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.sync_form import Way
from s4desk.viewmodels.sync_rows import SyncColumn
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.gui.test_grouping import AWAY, GROUP, PHOTOS, STORES, store
from tests.gui.test_syncing import compare, compared, ended, opened, rows

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

THIRD, ALBUMS = ConnectionId("third"), "albums"
STAYS = ("old.txt", "Stays")


@pytest.fixture
def desk(qapp: object, tmp_path: Path) -> Desk:
    return memory_desk(tmp_path / "home")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


async def put(
    stage: Stage, member: ConnectionId, key: str, data: bytes, bucket: str = BUCKET
) -> None:
    await (await stage.desk.stores.get(member)).put(Location(bucket, key), data)


async def look_into(stage: Stage) -> None:
    """A group whose second member has an older object, and lacks one."""
    await put(stage, HOME, "from/old.txt", b"what is newest")
    await put(stage, HOME, "from/only.txt", b"1")
    for key in ("from/old.txt", "from/new.txt"):
        await put(stage, AWAY, key, b"older")
    stage.commands.browsing.go(Place(GROUP, Prefix(BUCKET, "from/")))
    await stage.rested()


async def compared_with_third(stage: Stage, here: Path) -> SyncDialog:
    dialog = await opened(stage, here, Way.COPY)
    stores = dialog.findChild(QComboBox, "connection")
    stores.setCurrentIndex(stores.findData(THIRD))
    dialog.findChild(QLineEdit, "target").setText(f"{ALBUMS}/to")
    await compare(dialog)
    return dialog


def said(dialog: SyncDialog, name: str) -> str:
    return dialog.findChild(QLabel, name).text()


def test_what_may_be_older_replaces_no_file_and_is_not_said_to(desk: Desk, here: Path) -> None:
    (here / "old.txt").write_bytes(b"mine")
    (here / "only.txt").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        await look_into(stage)
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        dialog = await compared(stage, here, Way.DOWN)
        assert sorted(rows(dialog)) == [("new.txt", "Add"), STAYS]
        row = rows(dialog).index(STAYS)
        name = dialog.model.index(row, SyncColumn.NAME)
        assert Qt.CheckState(name.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Unchecked
        why = dialog.model.index(row, SyncColumn.WHY)
        assert why.data() == "Source may be older"
        assert said(dialog, "older") == (
            "Away was listed in place of Home: it may have older objects, and lack some."
            " What may be older replaces nothing: compare again when Home can be read."
        )
        assert not dialog.findChild(QCheckBox, "delete").isEnabled()
        assert said(dialog, "obstacle") == (
            "Nothing counts as gone: Home may have what Away lacks."
        )
        press(dialog, "&Sync")
        await until(lambda: stage.dialog(SyncDialog) is None)
        await ended(stage)
        assert (here / "old.txt").read_bytes() == b"mine"
        assert (here / "new.txt").read_bytes() == b"older"

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_nor_an_object_of_another_store(desk: Desk, here: Path) -> None:
    async def story(stage: Stage) -> None:
        await look_into(stage)
        await put(stage, THIRD, "to/old.txt", b"mine", ALBUMS)
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        dialog = await compared_with_third(stage, here)
        assert sorted(rows(dialog)) == [("new.txt", "Add"), STAYS]
        desk.groups.pretend_down(GROUP, HOME, is_down=False)
        await compare(dialog)
        assert sorted(rows(dialog)) == [("old.txt", "Replace"), ("only.txt", "Add")]
        assert not said(dialog, "older")
        press(dialog, "&Sync")
        await until(lambda: stage.dialog(SyncDialog) is None)
        await ended(stage)

    third = replace(store(THIRD, "Third"), endpoint=f"memory:{ALBUMS}")
    perform(desk, story, connections=(*STORES, PHOTOS, third))


def test_what_home_gives_and_does_not_list_is_replaced(desk: Desk, here: Path) -> None:
    (here / "old.txt").write_bytes(b"mine")

    async def story(stage: Stage) -> None:
        await look_into(stage)

        async def refuse(prefix: Prefix, **_: object) -> None:
            raise PermissionDeniedError("no", operation="list", location=prefix.location(""))

        (await stage.store()).list_objects = refuse
        dialog = await compared(stage, here, Way.DOWN)
        assert sorted(rows(dialog)) == [("new.txt", "Add"), ("old.txt", "Replace")]
        assert said(dialog, "older") == (
            "Away was listed in place of Home: it may have older objects, and lack some."
        )
        press(dialog, "&Sync")
        await until(lambda: stage.dialog(SyncDialog) is None)
        await ended(stage)
        assert (here / "old.txt").read_bytes() == b"what is newest"

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_what_was_copied_of_it_meanwhile_is_looked_at_again(desk: Desk, here: Path) -> None:
    """It looks newer than what the first has, which was there before."""

    async def story(stage: Stage) -> None:
        await look_into(stage)
        await put(stage, HOME, "from/new.txt", b"newer")
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        dialog = await compared_with_third(stage, here)
        press(dialog, "&Sync")
        await until(lambda: stage.dialog(SyncDialog) is None)
        await ended(stage)
        desk.groups.pretend_down(GROUP, HOME, is_down=False)
        dialog = await compared_with_third(stage, here)
        assert sorted(rows(dialog)) == [
            ("new.txt", "Replace"),
            ("old.txt", "Replace"),
            ("only.txt", "Add"),
        ]
        why = dialog.model.index(rows(dialog).index(("new.txt", "Replace")), SyncColumn.WHY)
        assert why.data() == "Target may be older"
        press(dialog, "&Sync")
        await until(lambda: len(stage.states) == 5)
        await ended(stage)
        sink = BytesSink()
        await (await desk.stores.get(THIRD)).get(Location(ALBUMS, "to/new.txt"), sink)
        assert bytes(sink.data) == b"newer"

    third = replace(store(THIRD, "Third"), endpoint=f"memory:{ALBUMS}")
    perform(desk, story, connections=(*STORES, PHOTOS, third))
