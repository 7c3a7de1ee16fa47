"""What the pages of a bucket do not save, or not without the name of the bucket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QLabel

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.gui.dialogs.bucket_config.review import SaveDialog
from tests.gui.bucket_config import opened, press, said, show_json, turned_to, type_json
from tests.gui.stage import BUCKET, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

K = ConfigKind
LOCKING = {"ObjectLockEnabled": "Enabled"}


@pytest.fixture
def desk(tmp_path: Path, qapp) -> Desk:
    return memory_desk(tmp_path / "home")


async def tell(stage: Stage, kind: ConfigKind, value: dict[str, Any]) -> None:
    await (await stage.store()).put_document(BUCKET, from_json(kind, value))


async def told(stage: Stage, kind: ConfigKind) -> dict[str, Any]:
    return as_json(await (await stage.store()).get_document(BUCKET, kind))


def kept(**period: int) -> dict[str, Any]:
    return LOCKING | {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", **period}}}


def test_a_removal_after_which_grants_count_again_takes_the_name(desk: Desk):
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}

    async def story(stage: Stage) -> None:
        await tell(stage, K.OWNERSHIP, enforced)
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.OWNERSHIP)
        press(page, "remove")
        asked = await stage.opened(SaveDialog)
        assert "Grants count again" in asked.findChild(QLabel, "warning").text()
        asked.reject()
        await until(lambda: stage.dialog(SaveDialog) is None)
        assert await told(stage, K.OWNERSHIP) == enforced
        dialog.reject()

    perform(desk, story)


def test_json_does_not_lock_for_longer_than_the_form(desk: Desk):
    async def story(stage: Stage) -> None:
        await tell(stage, K.OBJECT_LOCK, LOCKING)
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.OBJECT_LOCK)
        show_json(page)
        type_json(page, json.dumps(kept(Years=100_000)))
        press(page, "save")
        await until(lambda: "At most 70 years" in said(page))
        assert stage.dialog(SaveDialog) is None
        assert await told(stage, K.OBJECT_LOCK) == LOCKING
        dialog.reject()

    perform(desk, story)
