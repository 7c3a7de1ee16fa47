"""The configuration of a bucket in the window: read page by page, changed, saved after a look."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QListWidget, QTabWidget

from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.capability import Answer, Capability, CapabilityReport, Finding, Reason
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.errors import NotSupportedError, PermissionDeniedError
from s4desk.core.store.memory import MemoryStore
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.bucket_config.dialog import BucketConfigDialog
from s4desk.gui.dialogs.bucket_config.review import ConflictDialog, SaveDialog
from s4desk.gui.dialogs.bucket_config.row_table import RowsView
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.config_pages import PageState
from tests.gui.bucket_config import (
    button,
    changes,
    choose,
    meant,
    opened,
    press,
    said,
    saved,
    show_json,
    turned_to,
    type_json,
)
from tests.gui.reading import nameless, out_of_order, unreached
from tests.gui.stage import BUCKET, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

K = ConfigKind


@pytest.fixture
def desk(tmp_path: Path, qapp) -> Desk:
    return memory_desk(tmp_path / "home")


async def tell(stage: Stage, kind: ConfigKind, value: dict[str, Any], id: str = "") -> None:
    """Configure the bucket as another client would."""
    await (await stage.store()).put_document(BUCKET, from_json(kind, value, id=id))


async def told(stage: Stage, kind: ConfigKind, id: str = "") -> dict[str, Any]:
    return as_json(await (await stage.store()).get_document(BUCKET, kind, id=id))


def item(dialog: BucketConfigDialog, kind: ConfigKind, role: int) -> Any:
    pages = dialog.findChild(QListWidget, "pages")
    return pages.item(list(ConfigKind).index(kind)).data(role)


def test_a_policy_is_begun_by_a_template_looked_at_and_saved(desk: Desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.POLICY)
        assert page.state is PageState.NOT_SET
        assert not button(page, "save").isEnabled()
        choose(page, "template", "Refuse Without Encryption")
        assert "without encryption" in meant(page)
        assert page.state is PageState.EDITED
        lines = await saved(stage, page)
        assert all(line.startswith("+") for line in lines)
        statement = (await told(stage, K.POLICY))["Statement"][0]
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert page.state is PageState.SET
        assert item(dialog, K.POLICY, Qt.ItemDataRole.AccessibleTextRole) == "Policy: Set"
        dialog.reject()

    perform(desk, story)


def test_what_cannot_be_read_has_no_meaning(desk: Desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.POLICY)
        choose(page, "template", "Read-Only Public")
        before = meant(page)
        assert "everybody" in before
        sound = show_json(page)
        type_json(page, sound[:-1])
        assert meant(page) == "Nothing, as long as it cannot be read."
        type_json(page, sound)
        assert meant(page) == before
        press(page, "revert")
        dialog.reject()

    perform(desk, story)


def test_what_lets_strangers_in_is_saved_only_with_the_name_of_the_bucket(desk: Desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.POLICY)
        choose(page, "template", "Read-Only Public")
        press(page, "save")
        asked = await stage.opened(SaveDialog)
        assert "Everybody, also without a key" in asked.findChild(QLabel, "warning").text()
        word = asked.findChild(QLineEdit, "word")
        for typed in ("", "photo"):
            word.setText(typed)
            assert not button(asked, "save").isEnabled()
        QTest.keyClick(word, Qt.Key.Key_Return)
        await until(lambda: stage.dialog(SaveDialog) is None)
        assert await told(stage, K.POLICY) == {}
        assert page.draft.is_edited

        await saved(stage, page, word=BUCKET)
        assert (await told(stage, K.POLICY))["Statement"][0]["Sid"] == "PublicRead"
        dialog.reject()

    perform(desk, story)


def test_a_grant_to_everybody_asks_too_and_the_owner_stays(desk: Desk):
    owner = {"ID": "me", "DisplayName": "Me"}
    mine = {"Grantee": {"Type": "CanonicalUser", **owner}, "Permission": "FULL_CONTROL"}

    async def story(stage: Stage) -> None:
        await tell(stage, K.ACL, {"Owner": owner, "Grants": [mine]})
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.ACL)
        assert page.state is PageState.NOT_SET
        press(page, "add-everybody")
        await saved(stage, page, word=BUCKET)
        value = await told(stage, K.ACL)
        assert value["Owner"] == owner
        assert [each["Permission"] for each in value["Grants"]] == ["FULL_CONTROL", "READ"]
        dialog.reject()

    perform(desk, story)


def test_a_change_of_somebody_else_is_noticed_and_nothing_overwritten(desk: Desk):
    theirs = {"TagSet": [{"Key": "team", "Value": "theirs"}]}

    async def story(stage: Stage) -> None:
        await tell(stage, K.TAGGING, {"TagSet": [{"Key": "team", "Value": "old"}]})
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.TAGGING)
        view = page.findChild(RowsView)
        view.model().setData(view.model().index(0, 1), "mine")
        await tell(stage, K.TAGGING, theirs)

        press(page, "save")
        press(await stage.opened(SaveDialog), "save")
        both = await stage.opened(ConflictDialog)
        assert nameless(both) == []
        assert any("theirs" in line for line in changes(both))
        both.reject()
        await until(lambda: button(page, "save").isEnabled())
        assert await told(stage, K.TAGGING) == theirs
        assert page.draft.value == {"TagSet": [{"Key": "team", "Value": "mine"}]}

        press(page, "save")
        press(await stage.opened(SaveDialog), "save")
        press(await stage.opened(ConflictDialog), "mine")
        asked = await stage.opened(SaveDialog)
        assert [line[0] for line in changes(asked)] == ["-", "+"]
        assert "theirs" in changes(asked)[0]
        press(asked, "save")
        await until(lambda: said(page).startswith("Saved"))
        assert await told(stage, K.TAGGING) == {"TagSet": [{"Key": "team", "Value": "mine"}]}
        dialog.reject()

    perform(desk, story)


def test_what_somebody_else_wrote_can_be_taken_over(desk: Desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.VERSIONING)
        page.findChild(QComboBox, "status").setCurrentIndex(1)
        await tell(stage, K.VERSIONING, {"Status": "Suspended"})
        press(page, "save")
        press(await stage.opened(SaveDialog), "save")
        press(await stage.opened(ConflictDialog), "theirs")
        await until(lambda: page.draft.before == {"Status": "Suspended"})
        assert not page.draft.is_edited
        assert page.findChild(QComboBox, "status").currentData() == "Suspended"
        dialog.reject()

    perform(desk, story)


def test_the_form_and_the_json_show_the_same_and_keep_what_is_unknown(desk: Desk):
    async def story(stage: Stage) -> None:
        body = (
            b'<PublicAccessBlockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            b"<BlockPublicAcls>true</BlockPublicAcls><Novel>kept</Novel>"
            b"</PublicAccessBlockConfiguration>"
        )
        document = BucketDocument(K.PUBLIC_ACCESS_BLOCK, body)
        await (await stage.store()).put_document(BUCKET, document)
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.PUBLIC_ACCESS_BLOCK)
        page.findChild(QCheckBox, "BlockPublicPolicy").setChecked(True)
        value = json.loads(show_json(page))
        assert (value["BlockPublicPolicy"], value["Novel"]) == (True, "kept")
        value["IgnorePublicAcls"] = True
        type_json(page, json.dumps(value))
        page.findChild(QTabWidget, "views").setCurrentIndex(0)
        assert page.findChild(QCheckBox, "IgnorePublicAcls").isChecked()
        await saved(stage, page)
        store = await stage.store()
        written = await store.get_document(BUCKET, K.PUBLIC_ACCESS_BLOCK)
        assert b"<Novel>kept</Novel>" in written.body
        dialog.reject()

    perform(desk, story)


def test_an_error_in_json_is_told_with_its_place_and_gone_to(desk: Desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.CORS)
        type_json(page, '{\n  "CORSRules": [\n    {"a" 1}\n  ]\n}')
        assert said(page).startswith("Line 3, column 10: A colon is missing")
        assert not button(page, "save").isEnabled()
        assert not page.findChild(QTabWidget, "views").isTabEnabled(0)
        press(page, "go")
        cursor = page.findChild(type(page._json)).textCursor()
        assert (cursor.blockNumber() + 1, cursor.columnNumber() + 1) == (3, 10)
        press(page, "revert")
        assert said(page) == ""
        assert not page.draft.is_edited
        dialog.reject()

    perform(desk, story)


def test_it_is_copied_as_json_and_as_a_command(desk: Desk):
    async def story(stage: Stage) -> None:
        await tell(stage, K.TAGGING, {"TagSet": [{"Key": "a", "Value": "1"}]})
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.TAGGING)
        choose(page, "copy", "As JSON")
        clipboard = QGuiApplication.clipboard()
        assert json.loads(clipboard.text()) == {"TagSet": [{"Key": "a", "Value": "1"}]}
        choose(page, "copy", "As AWS CLI Command")
        assert "put-bucket-tagging --bucket photos" in clipboard.text()
        assert said(page) == "Copied."
        dialog.reject()

    perform(desk, story)


def test_it_is_taken_away_after_a_look(desk: Desk):
    async def story(stage: Stage) -> None:
        await tell(stage, K.TAGGING, {"TagSet": [{"Key": "a", "Value": "1"}]})
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.TAGGING)
        press(page, "remove")
        asked = await stage.opened(SaveDialog)
        assert {line[0] for line in changes(asked)} == {"-"}
        press(asked, "save")
        await until(lambda: said(page) == "Removed.")
        assert await told(stage, K.TAGGING) == {}
        assert page.state is PageState.NOT_SET
        dialog.reject()

    perform(desk, story)


def test_a_kind_that_is_there_several_times_is_begun_chosen_and_removed(desk: Desk):
    async def story(stage: Stage) -> None:
        days = {"Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
        await tell(stage, K.INTELLIGENT_TIERING, {"Id": "cold", **days}, id="cold")
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.INTELLIGENT_TIERING)
        assert page.draft.id == "cold"
        press(page, "new-id")
        asked = await stage.opened(FormDialog)
        name = asked.findChild(QLineEdit, "id")
        name.setText("cold")
        assert "id" in asked.form.errors
        name.setText("colder")
        asked.accept()
        await until(lambda: page.draft.id == "colder")
        page.findChild(QLineEdit, "DEEP_ARCHIVE_ACCESS").setText("180")
        await saved(stage, page)
        assert (await told(stage, K.INTELLIGENT_TIERING, "colder"))["Id"] == "colder"
        assert (await told(stage, K.INTELLIGENT_TIERING, "cold"))["Tierings"] == days["Tierings"]

        press(page, "remove")
        press(await stage.opened(SaveDialog), "save")
        await until(lambda: said(page) == "Removed.")
        assert page.ids.ids == ["cold"]
        assert page.draft.id == "cold"
        dialog.reject()

    perform(desk, story)


def test_what_the_store_lacks_is_grey_and_says_why(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    finding = Finding(Answer.NO, Reason.REFUSED)
    report = CapabilityReport(findings={Capability.CORS: finding})
    asked: list[ConfigKind] = []
    get_document = MemoryStore.get_document

    async def get(self: MemoryStore, bucket: str, kind: ConfigKind, *, id: str = "") -> Any:
        asked.append(kind)
        if kind is K.WEBSITE:
            raise NotSupportedError("no such thing")
        if kind is K.LOGGING:
            raise PermissionDeniedError("not yours")
        return await get_document(self, bucket, kind, id=id)

    monkeypatch.setattr(MemoryStore, "get_document", get)

    async def story(stage: Stage) -> None:
        await stage.open()
        monkeypatch.setattr(stage.desk.stores, "report", lambda _: report)
        asked.clear()
        dialog = await opened(stage)
        await until(lambda: dialog.page(K.VERSIONING).state is PageState.NOT_SET)
        assert asked == [K.VERSIONING]
        tip = item(dialog, K.CORS, Qt.ItemDataRole.ToolTipRole)
        assert tip.startswith("This store does not have it: Cross-origin rules")
        page = await turned_to(dialog, K.CORS)
        assert said(page) == tip
        page = await turned_to(dialog, K.WEBSITE)
        assert page.state is PageState.CANNOT
        page = await turned_to(dialog, K.LOGGING)
        assert page.state is PageState.FAILED
        assert "Details…" in said(page)
        assert K.CORS not in asked
        press(dialog.page(K.CORS), "retry")
        await until(lambda: dialog.page(K.CORS).state is PageState.NOT_SET)
        monkeypatch.setattr(MemoryStore, "get_document", get_document)
        press(page, "retry")
        await until(lambda: page.state is PageState.NOT_SET)
        dialog.reject()

    perform(desk, story)


def test_what_a_store_does_not_keep_is_told_and_undone_unless_it_is_wanted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    put_document = MemoryStore.put_document

    async def put(self: MemoryStore, bucket: str, document: BucketDocument) -> None:
        body = document.body.replace(b"<MaxAgeSeconds>3600</MaxAgeSeconds>", b"")
        await put_document(self, bucket, BucketDocument(document.kind, body))

    monkeypatch.setattr(MemoryStore, "put_document", put)

    async def story(stage: Stage) -> None:
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.CORS)
        press(page, "add-row")
        model = page.findChild(RowsView).model()
        model.setData(model.index(0, 0), "*")
        for is_wanted in (False, True):
            press(page, "save")
            press(await stage.opened(SaveDialog), "save")
            question = await stage.opened(QuestionDialog)
            assert "MaxAgeSeconds" in said(page)
            assert await told(stage, K.CORS) == {}
            if is_wanted:
                question.accept()
                await until(lambda: said(page).startswith("Saved, as far"))
            else:
                question.reject()
                await until(lambda: stage.dialog(QuestionDialog) is None)
                assert page.draft.is_edited
        [rule] = (await told(stage, K.CORS))["CORSRules"]
        assert "MaxAgeSeconds" not in rule
        dialog.reject()

    perform(desk, story)


def test_what_was_edited_is_not_lost_by_closing(desk: Desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.VERSIONING)
        page.findChild(QComboBox, "status").setCurrentIndex(1)
        dialog.reject()
        question = await stage.opened(QuestionDialog)
        question.reject()
        assert dialog.isVisible()
        dialog.reject()
        (await stage.opened(QuestionDialog)).accept()
        await until(lambda: stage.dialog(BucketConfigDialog) is None)
        assert await told(stage, K.VERSIONING) == {}

    perform(desk, story)


def test_what_fails_after_the_dialog_was_closed_is_told_by_the_window(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    waiting, gate = asyncio.Event(), asyncio.Event()

    async def put(*_: object) -> None:
        waiting.set()
        await gate.wait()
        raise PermissionDeniedError("not yours")

    async def story(stage: Stage) -> None:
        await stage.open()
        dialog = await opened(stage)
        page = await turned_to(dialog, K.VERSIONING)
        page.findChild(QComboBox, "status").setCurrentIndex(1)
        monkeypatch.setattr(MemoryStore, "put_document", put)
        press(page, "save")
        press(await stage.opened(SaveDialog), "save")
        await waiting.wait()
        dialog.reject()
        (await stage.opened(QuestionDialog)).accept()
        await until(lambda: stage.dialog(BucketConfigDialog) is None)
        gate.set()
        await until(lambda: "no permission" in stage.error)

    perform(desk, story)


def test_it_is_offered_for_a_bucket_and_not_without_one(desk: Desk):
    async def story(stage: Stage) -> None:
        action = stage.window.acts[Act.BUCKET_CONFIGURATION]
        assert not action.isEnabled()
        assert action.statusTip() == "Choose a bucket first."
        await stage.open()
        assert action.isEnabled()

    perform(desk, story)


def test_every_page_has_names_and_is_walked_through_by_keys(desk: Desk):
    async def story(stage: Stage) -> None:
        await tell(stage, K.CORS, {"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": []}]})
        await stage.open()
        dialog = await opened(stage)
        for kind in ConfigKind:
            await turned_to(dialog, kind)
            assert nameless(dialog) == [], kind
            assert out_of_order(dialog) == [], kind
            assert unreached(dialog) == [], kind
        dialog.reject()

    perform(desk, story)


def test_tags_are_typed_by_keys_alone(desk: Desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        dialog = await opened(stage)
        pages = dialog.findChild(QListWidget, "pages")
        pages.setFocus()
        QTest.keyClicks(pages, "Tags")
        await until(lambda: dialog.page(K.TAGGING).state is PageState.NOT_SET)
        page = dialog.page(K.TAGGING)
        await pressed_by_key(page, "add-row")
        view = page.findChild(RowsView)
        await write(view, "team")
        QTest.keyClick(view, Qt.Key.Key_Right)
        QTest.keyClick(view, Qt.Key.Key_F2)
        await write(view, "photos")
        assert page.draft.value == {"TagSet": [{"Key": "team", "Value": "photos"}]}
        await pressed_by_key(page, "save")
        asked = await stage.opened(SaveDialog)
        QTest.keyClick(asked.focusWidget(), Qt.Key.Key_Return)
        await until(lambda: said(page).startswith("Saved"))
        assert await told(stage, K.TAGGING) == {"TagSet": [{"Key": "team", "Value": "photos"}]}
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        await until(lambda: stage.dialog(BucketConfigDialog) is None)

    perform(desk, story)


async def pressed_by_key(page: Any, name: str) -> None:
    wanted = button(page, name)
    window = page.window()
    for _ in range(30):
        if wanted.hasFocus():
            break
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert wanted.hasFocus(), name
    QTest.keyClick(wanted, Qt.Key.Key_Space)


async def write(view: RowsView, text: str) -> None:
    """Into the cell that is being edited."""
    line = view.window().focusWidget()
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)
    await until(view.hasFocus)
