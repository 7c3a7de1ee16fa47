"""A text edited in the window; and what happens when somebody else was quicker."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QTabWidget

from s4desk.core.domain.capability import Answer, Capability, CapabilityReport, Finding, Reason
from s4desk.core.domain.errors import LockedError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.lock import LockState
from s4desk.core.domain.objects import Attributes
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.text_editor import LostUpdateDialog, TextEditorDialog
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.viewmodels.acts import Act
from tests.gui.real_store import connection_to, go
from tests.gui.stage import HOME, Stage, memory_desk, perform, press, until
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from tests.servers.endpoint import Endpoint


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


async def editor(stage: Stage, name: str) -> TextEditorDialog:
    stage.select(name)
    stage.give(Act.EDIT_TEXT)
    return await stage.opened(TextEditorDialog)


def field(dialog: TextEditorDialog) -> QPlainTextEdit:
    return dialog.findChild(QPlainTextEdit, "text")


def note(dialog: TextEditorDialog, name: str = "outcome") -> str:
    return dialog.findChild(QLabel, name).text()


async def saved(dialog: TextEditorDialog) -> None:
    dialog.findChild(QPushButton, "save").click()
    await until(lambda: note(dialog).startswith("Saved."))


async def gone(stage: Stage, dialog: TextEditorDialog) -> None:
    dialog.reject()
    await until(lambda: stage.dialog(TextEditorDialog) is None)


WINDOWS = codecs.BOM_UTF8 + "größe\xa0= 1\r\nname = x\r\n".encode()


def test_it_is_changed_and_stays_what_it_is(desk, endpoint: Endpoint, bucket: str, monkeypatch):
    with s3_client(endpoint) as client:
        client.put_object(
            Bucket=bucket,
            Key="app.ini",
            Body=WINDOWS,
            ContentType="text/x-ini",
            CacheControl="no-store",
            Metadata={"who": "me"},
            Tagging="team=red",
        )

    def there() -> Any:
        with s3_client(endpoint) as client:
            found = client.get_object(Bucket=bucket, Key="app.ini")
            tags = client.get_object_tagging(Bucket=bucket, Key="app.ini")["TagSet"]
            return found["Body"].read(), found, {each["Key"]: each["Value"] for each in tags}

    async def story(stage: Stage) -> None:
        await go(stage, bucket)
        dialog = await editor(stage, "app.ini")
        assert "UTF-8, with a byte order mark, CRLF" in note(dialog, "facts")
        assert not dialog.findChild(QPushButton, "save").isEnabled()
        QTest.keyClicks(field(dialog), "# new")
        QTest.keyClick(field(dialog), Qt.Key.Key_Return)
        QTest.keyClick(field(dialog), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: note(dialog).startswith("Saved."))
        body, found, tags = there()
        assert body == codecs.BOM_UTF8 + b"# new\r\n" + WINDOWS[len(codecs.BOM_UTF8) :]
        assert (found["ContentType"], found["CacheControl"]) == ("text/x-ini", "no-store")
        assert (found["Metadata"], tags) == ({"who": "me"}, {"team": "red"})
        with s3_client(endpoint) as client:
            theirs = {"TagSet": [{"Key": "theirs", "Value": "1"}]}
            client.put_object_tagging(Bucket=bucket, Key="app.ini", Tagging=theirs)
        QTest.keyClicks(field(dialog), "again")
        await until(lambda: not note(dialog))
        await saved(dialog)
        assert b"again" in there()[0]
        assert there()[2] == {"theirs": "1"}

        with s3_client(endpoint) as client:
            client.put_object(Bucket=bucket, Key="app.ini", Body=b"theirs\r\n")
        QTest.keyClicks(field(dialog), "lost?")
        dialog.findChild(QPushButton, "save").click()
        quicker = await stage.opened(LostUpdateDialog)
        assert there()[0] == b"theirs\r\n"
        quicker.reject()
        await until(lambda: "Nothing was saved" in note(dialog))
        dialog.leave()
        await until(lambda: stage.dialog(TextEditorDialog) is None)

    perform(desk, story, connections=(connection_to(endpoint, monkeypatch),))


async def overtaken(stage: Stage) -> tuple[TextEditorDialog, LostUpdateDialog]:
    """Somebody else writes, then Save is pressed."""
    await stage.show("a.txt", data=b"one\ntwo\n")
    dialog = await editor(stage, "a.txt")
    QTest.keyClicks(field(dialog), "mine ")
    await stage.put("a.txt", b"one\ntheirs\n")
    dialog.findChild(QPushButton, "save").click()
    return dialog, await stage.opened(LostUpdateDialog)


def test_both_versions_are_shown_and_mine_goes_on(desk):
    async def story(stage: Stage) -> None:
        dialog, quicker = await overtaken(stage)
        tabs = quicker.findChild(QTabWidget)
        shown = [tabs.widget(at).toPlainText() for at in range(tabs.count())]
        assert "+ mine one" in shown[0]
        assert "- theirs" in shown[0]
        assert shown[1:] == ["one\ntheirs\n", "mine one\ntwo\n"]
        quicker.findChild(QPushButton, "mine").click()
        await until(lambda: "not saved yet" in note(dialog))
        assert await stage.read("a.txt") == b"one\ntheirs\n"
        await saved(dialog)
        assert await stage.read("a.txt") == b"mine one\ntwo\n"
        await gone(stage, dialog)

    perform(desk, story)


def test_somebody_quicker_still_is_not_overwritten_either(desk):
    async def story(stage: Stage) -> None:
        dialog, quicker = await overtaken(stage)
        quicker.findChild(QPushButton, "mine").click()
        await until(lambda: "not saved yet" in note(dialog))
        await stage.put("a.txt", b"later\n")
        dialog.findChild(QPushButton, "save").click()
        again = await stage.opened(LostUpdateDialog)
        again.findChild(QPushButton, "theirs").click()
        await until(lambda: dialog.text == "later\n")
        assert not dialog.is_modified
        assert await stage.read("a.txt") == b"later\n"
        await gone(stage, dialog)

    perform(desk, story)


def test_what_was_deleted_meanwhile_is_made_again_on_purpose(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=b"one\n")
        dialog = await editor(stage, "a.txt")
        QTest.keyClicks(field(dialog), "mine ")
        await (await stage.store()).delete(stage.commands.subject.selection.only)
        dialog.findChild(QPushButton, "save").click()
        quicker = await stage.opened(LostUpdateDialog)
        assert quicker.findChild(QPushButton, "theirs") is None
        quicker.findChild(QPushButton, "mine").click()
        await until(lambda: "not saved yet" in note(dialog))
        assert await stage.keys() == []
        await saved(dialog)
        assert await stage.read("a.txt") == b"mine one\n"
        await gone(stage, dialog)

    perform(desk, story)


def test_a_write_whose_answer_was_lost_is_no_quarrel(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=b"one\n")
        dialog = await editor(stage, "a.txt")
        QTest.keyClicks(field(dialog), "mine ")
        await stage.put("a.txt", b"mine one\n")
        dialog.findChild(QPushButton, "save").click()
        await until(lambda: "there already" in note(dialog))
        await gone(stage, dialog)

    perform(desk, story)


def test_what_is_not_saved_is_not_thrown_away(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=b"one\n")
        dialog = await editor(stage, "a.txt")
        QTest.keyClicks(field(dialog), "mine ")
        dialog.reject()
        press(await stage.opened(QuestionDialog), "Go On &Editing")
        await until(lambda: stage.dialog(QuestionDialog) is None)
        assert dialog.isVisible()
        dialog.reject()
        press(await stage.opened(QuestionDialog), "&Discard Changes")
        await until(lambda: stage.dialog(TextEditorDialog) is None)
        assert await stage.read("a.txt") == b"one\n"

    perform(desk, story)


def test_a_store_without_conditions_is_said_to_be_one(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=b"one\n")
        no = Finding(Answer.NO, Reason.REFUSED)
        desk.stores._probed[HOME] = CapabilityReport(findings={Capability.PUT_IF_MATCH: no})
        dialog = await editor(stage, "a.txt")
        assert "looks right before" in note(dialog, "warning")
        await gone(stage, dialog)

    perform(desk, story)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"\0\1", "no text"), (b"x" * (1024 * 1024 + 1), "too large"), (b"a\xe2\x80\xa9b", "cannot")],
)
def test_what_cannot_be_edited_says_why(desk, data: bytes, said: str):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=data)
        stage.select("a.txt")
        stage.give(Act.EDIT_TEXT)
        await until(lambda: said in stage.error)
        assert stage.dialog(TextEditorDialog) is None

    perform(desk, story)


def test_what_is_locked_is_not_edited(desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        await store.create_bucket("locked", with_lock=True)
        hold = Attributes(lock=LockState(legal_hold=True))
        await store.put(Location("locked", "a.txt"), b"one\n", attributes=hold)
        with pytest.raises(LockedError):
            await stage.commands.text_editing.edit(HOME, Location("locked", "a.txt"))
        assert stage.dialog(TextEditorDialog) is None

    perform(desk, story)


def test_what_is_locked_meanwhile_is_not_written_over(desk, ceph, new_bucket, monkeypatch):
    bucket = new_bucket(ceph, lock=True)
    where = {"Bucket": bucket, "Key": "a.txt"}

    async def story(stage: Stage) -> None:
        with s3_client(ceph) as client:
            version = client.put_object(**where, Body=b"one\n")["VersionId"]
            await go(stage, bucket)
            dialog = await editor(stage, "a.txt")
            client.put_object_legal_hold(**where, LegalHold={"Status": "ON"})
            QTest.keyClicks(field(dialog), "mine ")
            dialog.findChild(QPushButton, "save").click()
            await until(lambda: "is locked and is not written over" in note(dialog))
            assert (dialog.text, dialog.is_modified) == ("mine one\n", True)
            assert client.head_object(**where)["VersionId"] == version
            client.put_object_legal_hold(**where, LegalHold={"Status": "OFF"})
            await saved(dialog)
            assert client.get_object(**where)["Body"].read() == b"mine one\n"
            await gone(stage, dialog)

    perform(desk, story, connections=(connection_to(ceph, monkeypatch),))


def test_every_letter_of_a_text_comes_back(desk):
    odd = "a\u2028b\xa0c\x0bd\x0ce\tf\ufffcg \x1ch\u0301 😀\n" + 20 * "many words\n"

    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=odd.encode())
        dialog = await editor(stage, "a.txt")
        assert dialog.text == odd
        await gone(stage, dialog)

    perform(desk, story)


def test_the_preview_leads_to_the_editor_in_its_encoding(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", "b.bin", data="дом\n".encode("cp1251"))
        stage.select("a.txt")
        stage.give(Act.PREVIEW)
        panel = stage.window.findChild(PreviewPanel)
        await until(lambda: panel.isVisible() and panel.words() == "äîì\n")
        panel._encodings.setCurrentIndex(panel._encodings.findData("cp1251"))
        panel.encoding_chosen.emit("cp1251")
        await until(lambda: panel.words() == "дом\n")
        panel.findChild(QPushButton, "edit").click()
        dialog = await stage.opened(TextEditorDialog)
        assert not panel.isVisible()
        assert dialog.text == "дом\n"
        field(dialog).insertPlainText("в")
        await saved(dialog)
        assert await stage.read("a.txt") == "вдом\n".encode("cp1251")
        field(dialog).insertPlainText("日")
        dialog.findChild(QPushButton, "save").click()
        await until(lambda: "cannot be written in Cyrillic" in note(dialog))
        dialog.leave()
        await until(lambda: stage.dialog(TextEditorDialog) is None)

    perform(desk, story)
