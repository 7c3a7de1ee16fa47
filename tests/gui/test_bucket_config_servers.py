"""The configuration of a bucket in the window against real servers, read back by another client."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.gui.dialogs.bucket_config.review import ConflictDialog, SaveDialog
from s4desk.gui.dialogs.bucket_config.row_table import RowsView
from s4desk.viewmodels.config_pages import PageState
from tests.gui.bucket_config import (
    changes,
    choose,
    opened,
    press,
    said,
    saved,
    show_json,
    turned_to,
    type_json,
)
from tests.gui.real_store import connection_to, go
from tests.gui.stage import Stage, memory_desk, perform, until
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from s4desk.gui.dialogs.bucket_config.dialog import BucketConfigDialog
    from s4desk.gui.dialogs.bucket_config.page import ConfigPage
    from tests.servers.endpoint import Endpoint

    Story = Callable[[Stage, BucketConfigDialog, str, Any], Awaitable[None]]

K = ConfigKind


@pytest.fixture(params=["ceph", "localstack"])
def server(request: pytest.FixtureRequest) -> Endpoint:
    started: Endpoint = request.getfixturevalue(request.param)
    return started


@pytest.fixture
def told_at(
    qapp: object,
    tmp_path: Path,
    new_bucket: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., None]:
    """Tell a story in the configuration of a new bucket, with another client at hand."""

    def tell(server: Endpoint, story: Story, *, lock: bool = False) -> None:
        bucket = new_bucket(server, lock=lock)

        async def whole(stage: Stage) -> None:
            await go(stage, bucket)
            dialog = await opened(stage)
            with s3_client(server) as client:
                await story(stage, dialog, bucket, client)
            dialog.reject()

        connections = (connection_to(server, monkeypatch),)
        perform(memory_desk(tmp_path / "home"), whole, connections=connections)

    return tell


def test_a_policy_is_edited_looked_at_saved_and_read_back(server, told_at):
    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        page = await turned_to(dialog, K.POLICY)
        assert page.state is PageState.NOT_SET
        choose(page, "template", "Refuse Without Encryption")
        await saved(stage, page, word=bucket)  # it shuts out whoever comes without TLS, as we do
        policy = json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])
        assert policy["Statement"][0]["Sid"] == "OnlyEncrypted"

        policy["Statement"][0]["Action"] = "s3:PutObject"
        type_json(page, json.dumps(policy, indent=2))
        lines = await saved(stage, page)
        assert [line[0] for line in lines] == ["-", "+"]
        assert "s3:PutObject" in lines[1]
        again = json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])
        assert again["Statement"][0]["Action"] == "s3:PutObject"
        assert "s3:PutObject" in show_json(page)

    told_at(server, story)


def test_strangers_are_let_in_only_by_the_name_of_the_bucket(server, told_at):
    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        page = await turned_to(dialog, K.POLICY)
        choose(page, "template", "Read-Only Public")
        await saved(stage, page, word=bucket)
        policy = json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])
        assert policy["Statement"][0]["Principal"] == "*"

    told_at(server, story)


def test_rules_for_browsers_and_tags_are_typed_into_tables(server, told_at):
    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        page = await turned_to(dialog, K.CORS)
        await add_row(page, {0: "https://example.com", 1: "get, head"})
        await saved(stage, page)
        [rule] = client.get_bucket_cors(Bucket=bucket)["CORSRules"]
        assert rule["AllowedOrigins"] == ["https://example.com"]
        assert sorted(rule["AllowedMethods"]) == ["GET", "HEAD"]

        page = await turned_to(dialog, K.TAGGING)
        await add_row(page, {0: "team", 1: "Störung + Söhne"})
        await saved(stage, page)
        tags = client.get_bucket_tagging(Bucket=bucket)["TagSet"]
        assert tags == [{"Key": "team", "Value": "Störung + Söhne"}]

        press(page, "remove")
        press(await stage.opened(SaveDialog), "save")
        await until(lambda: said(page) == "Removed.")
        assert page.state is PageState.NOT_SET

    told_at(server, story)


def test_a_change_of_another_client_is_noticed(server, told_at):
    theirs = {"TagSet": [{"Key": "team", "Value": "theirs"}]}

    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        page = await turned_to(dialog, K.TAGGING)
        await add_row(page, {0: "team", 1: "mine"})
        client.put_bucket_tagging(Bucket=bucket, Tagging=theirs)
        press(page, "save")
        press(await stage.opened(SaveDialog), "save")
        both = await stage.opened(ConflictDialog)
        assert client.get_bucket_tagging(Bucket=bucket)["TagSet"] == theirs["TagSet"]
        press(both, "mine")
        asked = await stage.opened(SaveDialog)
        assert any("theirs" in line for line in changes(asked))
        press(asked, "save")
        await until(lambda: said(page).startswith("Saved"))
        tags = client.get_bucket_tagging(Bucket=bucket)["TagSet"]
        assert tags == [{"Key": "team", "Value": "mine"}]

    told_at(server, story)


def test_every_page_is_read_and_says_what_the_store_has(server, told_at):
    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
        states = {kind: (await turned_to(dialog, kind)).state for kind in ConfigKind}
        assert states[K.TAGGING] is PageState.SET
        assert states[K.ACL] is PageState.NOT_SET
        read = {PageState.SET, PageState.NOT_SET, PageState.CANNOT}
        failed = {kind: said(dialog.page(kind)) for kind in states if states[kind] not in read}
        assert failed == {}

    told_at(server, story)


def test_forms_are_saved_as_they_say(localstack, told_at):
    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        page = await turned_to(dialog, K.VERSIONING)
        choose_in(page, "status", "Enabled")
        await saved(stage, page)
        assert client.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"

        page = await turned_to(dialog, K.PUBLIC_ACCESS_BLOCK)
        page.findChild(QCheckBox, "BlockPublicPolicy").toggle()
        word = "" if page.findChild(QCheckBox, "BlockPublicPolicy").isChecked() else bucket
        await saved(stage, page, word=word)
        block = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        assert block["BlockPublicPolicy"] is not bool(word)

        page = await turned_to(dialog, K.INTELLIGENT_TIERING)
        assert page.state is PageState.NOT_SET
        page.begin_new("cold")
        page.findChild(QLineEdit, "ARCHIVE_ACCESS").setText("90")
        await saved(stage, page)
        kept = client.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="cold")
        tierings = kept["IntelligentTieringConfiguration"]["Tierings"]
        assert tierings == [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]

        page = await turned_to(dialog, K.WEBSITE)
        choose_in(page, "kind", "site")
        page.findChild(QLineEdit, "index").setText("index.html")
        await saved(stage, page, word=bucket)
        site = client.get_bucket_website(Bucket=bucket)
        assert site["IndexDocument"] == {"Suffix": "index.html"}

    told_at(localstack, story)


def test_a_lock_for_new_objects_is_set_and_taken_away(ceph, told_at):
    async def story(stage: Stage, dialog: BucketConfigDialog, bucket: str, client: Any) -> None:
        page = await turned_to(dialog, K.OBJECT_LOCK)
        choose_in(page, "mode", "GOVERNANCE")
        page.findChild(QLineEdit, "period").setText("3")
        await saved(stage, page)
        assert default_of(client, bucket) == {"Mode": "GOVERNANCE", "Days": 3}
        choose_in(page, "mode", "")
        await saved(stage, page)
        assert default_of(client, bucket) == {}

    told_at(ceph, story, lock=True)


def default_of(client: Any, bucket: str) -> dict[str, Any]:
    told = client.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    found: dict[str, Any] = told.get("Rule", {}).get("DefaultRetention", {})
    return found


def choose_in(page: ConfigPage, name: str, text: str) -> None:
    box = page.findChild(QComboBox, name)
    box.setCurrentIndex(box.findData(text))
    assert box.currentData() == text


async def add_row(page: ConfigPage, texts: dict[int, str]) -> None:
    """A new row of a table, with these cells."""
    press(page, "add-row")
    model = page.findChild(RowsView).model()
    row = model.rowCount() - 1
    for column, text in texts.items():
        model.setData(model.index(row, column), text)
    await until(lambda: page.draft.obstacle == "")
