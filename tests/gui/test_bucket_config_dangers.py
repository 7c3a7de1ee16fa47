"""What the pages of a bucket do not save, or not without the name of the bucket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.gui.dialogs.bucket_config.review import SaveDialog
from s4desk.viewmodels.config_pages import PageState
from tests.gui.bucket_config import (
    button,
    meant,
    opened,
    press,
    said,
    saved,
    show_json,
    turned_to,
    type_json,
)
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


def _shut() -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
            }
        ],
    }


def test_a_policy_that_locks_its_author_out_is_told_in_red_and_takes_the_name(desk: Desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.POLICY)
        type_json(page, json.dumps(_shut()))
        meaning = page.findChild(QPlainTextEdit, "meaning")
        assert meaning.toPlainText().startswith("This policy locks you out")
        (red,) = meaning.extraSelections()
        error = meaning.palette().color(QPalette.ColorRole.BrightText)
        assert red.format.foreground().color() == error
        assert red.cursor.selectedText().startswith("This policy locks you out")
        assert "Refused" not in red.cursor.selectedText()

        press(page, "save")
        asked = await stage.opened(SaveDialog)
        assert "locks you out" in asked.findChild(QLabel, "warning").text()
        assert "strangers" not in asked.findChild(QLineEdit, "word").accessibleName()
        assert not button(asked, "save").isEnabled()
        asked.findChild(QLineEdit, "word").setText(BUCKET)
        look = store.get_document

        async def refusing(bucket: str, kind: ConfigKind, **how: Any) -> Any:
            there = await look(bucket, kind, **how)
            if kind is K.POLICY and there is not None:
                raise PermissionDeniedError("AccessDenied", operation="get_bucket_policy")
            return there

        store.get_document = refusing  # type: ignore[method-assign]
        press(asked, "save")
        await until(lambda: said(page).startswith("The policy was saved and holds now"))
        assert "root user" in said(page)
        assert page.state is PageState.SET
        assert not page.draft.is_edited
        store.get_document = look  # type: ignore[method-assign]
        assert await told(stage, K.POLICY) == _shut()
        dialog.reject()

    perform(desk, story)


def test_an_acl_that_locks_the_owner_out_is_told_in_red_and_takes_the_name(desk: Desk):
    mine = {"Grantee": {"Type": "CanonicalUser", "ID": "me"}, "Permission": "FULL_CONTROL"}
    theirs = {"Grantee": {"Type": "CanonicalUser", "ID": "bob"}, "Permission": "READ"}
    before, after = ({"Owner": {"ID": "me"}, "Grants": [each]} for each in (mine, theirs))

    async def story(stage: Stage) -> None:
        await tell(stage, K.ACL, before)
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.ACL)
        type_json(page, json.dumps({**before, "Grants": [mine, theirs]}))
        assert "locks the owner" not in meant(page)
        type_json(page, json.dumps(after))
        meaning = page.findChild(QPlainTextEdit, "meaning")
        (red,) = meaning.extraSelections()
        assert red.cursor.selectedText().startswith("This list locks the owner of the bucket out")

        press(page, "save")
        asked = await stage.opened(SaveDialog)
        assert "locks the owner" in asked.findChild(QLabel, "warning").text()
        assert "strangers" not in asked.findChild(QLineEdit, "word").accessibleName()
        assert not button(asked, "save").isEnabled()
        asked.reject()
        await until(lambda: stage.dialog(SaveDialog) is None)
        assert await told(stage, K.ACL) == before
        await saved(stage, page, word=BUCKET)
        assert await told(stage, K.ACL) == after
        assert "locks the owner" not in meant(page)
        dialog.reject()

    perform(desk, story)


def test_a_policy_says_that_public_access_is_blocked(desk: Desk):
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

    async def story(stage: Stage) -> None:
        await tell(stage, K.PUBLIC_ACCESS_BLOCK, dict.fromkeys(names, True))
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.POLICY)
        value = _shut()
        value["Statement"][0] |= {"Effect": "Allow", "Action": "s3:GetObject"}
        type_json(page, json.dumps(value))
        assert "public access is blocked in this bucket" in meant(page)
        type_json(page, json.dumps(value | {"Statement": []}))
        assert "public access is blocked" not in meant(page)
        page.revert()
        dialog.reject()

    perform(desk, story)
