"""Stories: properties are looked at and changed, of one object and of many; archives are asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QTabWidget

from s4desk.core.domain.access import CannedAcl
from s4desk.core.domain.archive import archive_state
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Attributes
from s4desk.core.runtime.clock import SystemClock
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.busy import BusyDialog
from s4desk.gui.dialogs.pairs import PairsPage
from s4desk.gui.dialogs.properties import PropertiesDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.models.object_table import COLUMNS
from s4desk.gui.models.pair_table import NAME, VALUE, PairTableModel
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.ordering import Column
from s4desk.viewmodels.pairs import MetadataRows, TagRows
from tests.gui.reading import out_of_order, twins
from tests.gui.stage import BUCKET, memory_desk, perform, press, until

if TYPE_CHECKING:
    from tests.gui.stage import Stage

FULL = Attributes(
    content_type="text/plain",
    cache_control="max-age=9",
    metadata={"author": "Grüße"},
    tags={"team": "blue"},
)


def key(name):
    return Location(BUCKET, name)


def field(dialog, name):
    return dialog.findChild(QLineEdit, name)


def write(dialog, name, text):
    line = field(dialog, name)
    line.selectAll()
    QTest.keyClicks(line, text)


async def type_pair(dialog, table, name, value):
    """As a person does: into the empty row, and without leaving the last cell."""
    pages = dialog.findChildren(PairsPage)
    view = next(page.table for page in pages if page.table.objectName() == table)

    def editors():
        return [each for each in view.viewport().findChildren(QLineEdit) if each.isVisible()]

    row = view.model().rowCount() - 1
    for column, text in ((NAME, name), (VALUE, value)):
        view.setCurrentIndex(view.model().index(row, column))
        view.edit(view.model().index(row, column))
        await until(lambda: len(editors()) == 1)
        editor = editors()[0]
        editor.selectAll()
        QTest.keyClicks(editor, text)
        if column == NAME:
            QTest.keyClick(editor, Qt.Key.Key_Return)
            await until(lambda: not editors())


def meaning(dialog):
    return dialog.findChild(QLabel, "meaning").text()


async def properties_of(stage: Stage, *names: str) -> PropertiesDialog:
    stage.select(*names)
    await until(lambda: stage.window.acts[Act.PROPERTIES].isEnabled())
    stage.give(Act.PROPERTIES)
    return await stage.opened(PropertiesDialog)


async def full_objects(stage, *names):
    store = await stage.store()
    for name in names:
        await store.put(key(name), b"content", attributes=FULL)
    await stage.open()
    return store


async def discard(stage, dialog):
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    press(await stage.opened(QuestionDialog), "&Discard")
    await until(lambda: stage.dialog(PropertiesDialog) is None)


def test_what_was_edited_is_not_dropped_unasked(qapp, tmp_path):
    async def story(stage):
        store = await full_objects(stage, "a.txt")
        dialog = await properties_of(stage, "a.txt")
        write(dialog, "content_type", "text/markdown")
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        press(await stage.opened(QuestionDialog), "&Keep Editing")
        await until(lambda: stage.dialog(QuestionDialog) is None)
        assert stage.dialog(PropertiesDialog) is dialog
        assert field(dialog, "content_type").text() == "text/markdown"
        await discard(stage, dialog)
        assert (await store.head(key("a.txt"))).attributes.content_type == "text/plain"
        # What was edited and taken back is no loss.
        dialog = await properties_of(stage, "a.txt")
        write(dialog, "content_type", "text/html")
        write(dialog, "content_type", "text/plain")
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        await until(lambda: stage.dialog(PropertiesDialog) is None)

    perform(memory_desk(tmp_path), story)


def test_each_letter_is_of_one_and_no_example_looks_like_a_value(qapp, tmp_path):
    async def story(stage):
        await full_objects(stage, "a.txt", "b.txt")
        for names in (("a.txt",), ("a.txt", "b.txt")):
            dialog = await properties_of(stage, *names)
            for page in range(4):
                dialog.show_page(page)
                assert twins(dialog) == []
            shown = {line.placeholderText() for line in dialog.findChildren(QLineEdit)}
            assert not {"gzip", "max-age=3600"} & shown
            assert ("such as gzip" in shown) is (len(names) == 1)
            dialog.reject()
            await until(lambda: stage.dialog(PropertiesDialog) is None)

    perform(memory_desk(tmp_path), story)


def test_one_object_is_changed_in_place(qapp, tmp_path):
    async def story(stage):
        store = await full_objects(stage, "a.txt")
        await store.put_acl(key("a.txt"), CannedAcl.PUBLIC_READ)
        dialog = await properties_of(stage, "a.txt")
        assert field(dialog, "content_type").text() == "text/plain"
        save = next(b for b in dialog.findChildren(QPushButton) if b.text() == "&Save")
        assert not save.isEnabled()
        write(dialog, "content_type", "text/markdown")
        dialog.show_page(1)
        await type_pair(dialog, "metadata", "reviewed", "later")
        assert save.isEnabled()
        assert "copied onto itself" in meaning(dialog)
        press(dialog, "&Save")
        await until(lambda: stage.dialog(PropertiesDialog) is None)
        there = await store.head(key("a.txt"))
        assert there.attributes.content_type == "text/markdown"
        assert there.attributes.cache_control == "max-age=9"
        assert dict(there.attributes.metadata) == {"author": "Grüße", "reviewed": "later"}
        assert dict(await store.get_tags(key("a.txt"))) == {"team": "blue"}
        assert (await store.get_acl(key("a.txt"))).is_public
        assert await stage.read("a.txt") == b"content"
        (past,) = await stage.desk.history.changes()
        assert (past.kind, past.key, past.done, past.failed) == ("properties", "a.txt", 1, 0)

    perform(memory_desk(tmp_path), story)


def test_a_change_of_somebody_else_is_told_and_kept(qapp, tmp_path):
    async def story(stage):
        store = await full_objects(stage, "a.txt")
        dialog = await properties_of(stage, "a.txt")
        write(dialog, "content_language", "de")
        theirs = replace(FULL, metadata={"theirs": "1"}, tags={})
        await store.copy(key("a.txt"), key("a.txt"), attributes=theirs)
        press(dialog, "&Save")
        await until(lambda: "Somebody else" in dialog.outcome.text())
        assert "Nothing was saved" in dialog.outcome.text()
        there = (await store.head(key("a.txt"))).attributes
        assert (there.content_language, dict(there.metadata)) == ("", {"theirs": "1"})
        # What was typed is done to what is there now.
        press(dialog, "&Load Again")
        await until(lambda: dict(dialog.form.metadata.pairs) == {"theirs": "1"})
        assert field(dialog, "content_language").text() == "de"
        press(dialog, "&Save")
        await until(lambda: stage.dialog(PropertiesDialog) is None)
        there = (await store.head(key("a.txt"))).attributes
        assert (there.content_language, dict(there.metadata)) == ("de", {"theirs": "1"})

    perform(memory_desk(tmp_path), story)


def test_what_a_store_would_refuse_cannot_be_saved(qapp, tmp_path):
    async def story(stage):
        await full_objects(stage, "a.txt")
        dialog = await properties_of(stage, "a.txt")
        save = next(b for b in dialog.findChildren(QPushButton) if b.text() == "&Save")
        dialog.show_page(2)
        await type_pair(dialog, "tags", "rate", "50%")
        assert not save.isEnabled()
        assert "“Tags”" in meaning(dialog)
        await discard(stage, dialog)

    perform(memory_desk(tmp_path), story)


def test_permissions_are_shown_and_replaced(qapp, tmp_path):
    async def story(stage):
        store = await full_objects(stage, "a.txt")
        await store.put_acl(key("a.txt"), CannedAcl.PUBLIC_READ)
        before = await store.head(key("a.txt"))
        dialog = await properties_of(stage, "a.txt")
        dialog.show_page(3)
        table = next(t for t in dialog.findChildren(object) if t.objectName() == "grants")
        assert table.model().index(1, 0).data() == "Everybody, without a key"
        table.setCurrentIndex(table.model().index(1, 0))
        QTest.mouseClick(dialog.findChild(QPushButton, "grant-remove"), Qt.MouseButton.LeftButton)
        assert "stays as it is" in meaning(dialog)
        who = dialog.findChild(QComboBox, "grantee")
        add = dialog.findChild(QPushButton, "grant-add")
        QTest.mouseClick(add, Qt.MouseButton.LeftButton)
        assert "id of an account" in dialog.findChild(QLabel, "grants-error").text()
        who.setEditText("somebody")
        QTest.mouseClick(add, Qt.MouseButton.LeftButton)
        assert dialog.form.change().acl.grants[-1].grantee.id == "somebody"
        canned = dialog.findChild(QComboBox, "canned")
        canned.setCurrentIndex(canned.findData(CannedAcl.PUBLIC_READ))
        assert "Everybody who knows the address" in meaning(dialog) or not dialog.form.change()
        canned.setCurrentIndex(canned.findData(CannedAcl.PRIVATE))
        press(dialog, "&Save")
        await until(lambda: stage.dialog(PropertiesDialog) is None)
        assert (await store.get_acl(key("a.txt"))).is_private
        assert (await store.head(key("a.txt"))).modified == before.modified

    perform(memory_desk(tmp_path), story)


def test_many_are_previewed_and_changed(qapp, tmp_path):
    async def story(stage):
        store = await full_objects(stage, "a.txt", "b.txt", "folder/c.txt")
        frozen = replace(FULL, storage_class="GLACIER")
        await store.put(key("folder/frozen"), b"x", attributes=frozen)
        await stage.open()
        dialog = await properties_of(stage, "folder", "a.txt")
        write(dialog, "cache_control", "no-store")
        press(dialog, "Pre&view…")
        review = await stage.opened(ReviewDialog)
        told = review.findChildren(QLabel)[0].text()
        assert told == "2 objects will be changed. 1 cannot be changed."
        assert (await store.head(key("a.txt"))).attributes.cache_control == "max-age=9"
        press(review, "&Change 2 Objects")
        await until(lambda: stage.dialog(PropertiesDialog) is None)
        report = await stage.opened(ReviewDialog)
        assert (
            "2 objects were changed. 1 cannot be changed." in report.findChildren(QLabel)[0].text()
        )
        report.reject()
        (past,) = await stage.desk.history.changes()
        assert (past.kind, past.key, past.done, past.failed) == ("properties", "", 2, 1)
        for name, wanted in {
            "a.txt": "no-store",
            "b.txt": "max-age=9",
            "folder/c.txt": "no-store",
            "folder/frozen": "max-age=9",
        }.items():
            assert (await store.head(key(name))).attributes.cache_control == wanted

    perform(memory_desk(tmp_path), story)


def test_a_preview_may_be_declined(qapp, tmp_path):
    async def story(stage):
        store = await full_objects(stage, "a.txt", "b.txt")
        dialog = await properties_of(stage, "a.txt", "b.txt")
        write(dialog, "cache_control", "no-store")
        press(dialog, "Pre&view…")
        review = await stage.opened(ReviewDialog)
        review.reject()
        await until(lambda: stage.dialog(ReviewDialog) is None)
        assert stage.dialog(PropertiesDialog) is dialog
        await discard(stage, dialog)
        await until(lambda: stage.dialog(PropertiesDialog) is None)
        assert (await store.head(key("a.txt"))).attributes.cache_control == "max-age=9"

    perform(memory_desk(tmp_path), story)


def hold(store, monkeypatch, name):
    """Let copies of one object wait for ever."""
    copy = store.copy

    async def held(source, target, **words):
        if source.key == name:
            await asyncio.Event().wait()
        return await copy(source, target, **words)

    monkeypatch.setattr(store, "copy", held)


def test_closing_the_dialog_stops_what_is_saved(qapp, tmp_path, monkeypatch):
    async def story(stage):
        store = await full_objects(stage, "a.txt")
        hold(store, monkeypatch, "a.txt")
        dialog = await properties_of(stage, "a.txt")
        write(dialog, "content_type", "text/markdown")
        press(dialog, "&Save")
        await until(lambda: dialog.outcome.text() == "Saving…")
        assert not field(dialog, "content_type").isEnabled()
        dialog.reject()
        await until(lambda: stage.dialog(PropertiesDialog) is None)
        monkeypatch.undo()
        # Nothing is left that would save it later, or keep the next one.
        dialog = await properties_of(stage, "a.txt")
        assert field(dialog, "content_type").text() == "text/plain"
        dialog.reject()

    perform(memory_desk(tmp_path), story)


def test_changes_of_many_are_stopped_and_say_how_far_they_came(qapp, tmp_path, monkeypatch):
    async def story(stage):
        store = await full_objects(stage, "a.txt", "b.txt")
        dialog = await properties_of(stage, "a.txt", "b.txt")
        write(dialog, "cache_control", "no-store")
        press(dialog, "Pre&view…")
        review = await stage.opened(ReviewDialog)
        hold(store, monkeypatch, "b.txt")
        press(review, "&Change 2 Objects")
        busy = await stage.opened(BusyDialog)
        await until(lambda: "Changed 1 object." in [w.text() for w in busy.findChildren(QLabel)])
        press(busy, "Stop")
        bar = stage.window.status_bar
        await until(lambda: bar.currentMessage() == "Stopped. 1 object was changed.")
        assert (await store.head(key("a.txt"))).attributes.cache_control == "no-store"
        assert (await store.head(key("b.txt"))).attributes.cache_control == "max-age=9"

    perform(memory_desk(tmp_path), story)


def test_an_archived_object_is_restored(qapp, tmp_path):
    async def story(stage):
        store = await full_objects(stage, "a.txt")
        await store.put(key("old.tar"), b"x", attributes=Attributes(storage_class="GLACIER"))
        await stage.open()
        stage.select("old.tar")
        stage.give(Act.UNARCHIVE)
        dialog = await stage.opened(FormDialog)
        write(dialog, "days", "0")
        ok = next(b for b in dialog.findChildren(QPushButton) if b.text() == "&Restore")
        assert not ok.isEnabled()
        write(dialog, "days", "3")
        press(dialog, "&Restore")
        now = SystemClock().now()

        async def is_there():
            meta = await store.head(key("old.tar"))
            return archive_state(meta.storage_class, meta.headers).can_read(now)

        while not await is_there():  # noqa: ASYNC110 - a store tells nobody
            await asyncio.sleep(0.01)
        stage.select("a.txt")
        asking = stage.window.acts[Act.UNARCHIVE]
        await until(lambda: not asking.isEnabled())
        assert asking.statusTip() == "Nothing of this is in an archive."
        stage.select("a.txt", "old.tar")
        await until(asking.isEnabled)

    perform(memory_desk(tmp_path), story)


def test_the_list_tells_how_far_a_restore_is(qapp, tmp_path):
    async def story(stage):
        store = await full_objects(stage, "a.txt")
        frozen = Attributes(storage_class="DEEP_ARCHIVE")
        for name in ("old", "older"):
            await store.put(key(name), b"x", attributes=frozen)
        await store.restore_archived(key("old"), 3)
        asked, head = [], store.head

        async def counted(location, *, version=None):
            asked.append(location.key)
            return await head(location, version=version)

        store.head = counted
        await stage.open()
        model = stage.window.pane.table.model()
        until_ = archive_state("DEEP_ARCHIVE", (await head(key("old"))).headers).until
        day = until_.astimezone().strftime("%Y-%m-%d")

        def cells():
            return {
                model.index(row, 0).data(): model.index(row, COLUMNS.index(Column.CLASS)).data()
                for row in range(model.rowCount())
            }

        await until(lambda: cells()["old"] == f"DEEP_ARCHIVE, restored until {day}")
        await until(lambda: "older" in asked)
        assert cells() == {
            "a.txt": "STANDARD",
            "old": f"DEEP_ARCHIVE, restored until {day}",
            "older": "DEEP_ARCHIVE",
        }
        tip = model.index(2, COLUMNS.index(Column.CLASS)).data(Qt.ItemDataRole.ToolTipRole)
        assert "has to be restored" in tip
        assert sorted(asked) == ["old", "older"]
        # What a person asks for is shown without a click.
        stage.select("older")
        stage.give(Act.UNARCHIVE)
        press(await stage.opened(FormDialog), "&Restore")
        await until(lambda: "restored until" in cells()["older"])

    perform(memory_desk(tmp_path), story)


def test_where_the_listing_tells_of_restores_nothing_is_asked(qapp, tmp_path, monkeypatch):
    async def story(stage):
        store = await full_objects(stage, "a.txt")
        frozen = Attributes(storage_class="GLACIER")
        for name in ("old", "older"):
            await store.put(key(name), b"x", attributes=frozen)
        asked, listed = [], store.list_objects

        async def head(location, **_words):
            asked.append(location.key)

        async def list_objects(*words, **more):
            page = await listed(*words, **more)
            return replace(page, restores={"old": 'ongoing-request="true"'})

        monkeypatch.setattr(store, "head", head)
        monkeypatch.setattr(store, "list_objects", list_objects)
        monkeypatch.setattr(Connection, "is_aws", property(lambda _: True))
        stage.commands.browsing.refresh()
        model = stage.window.pane.table.model()
        column = COLUMNS.index(Column.CLASS)
        await until(lambda: model.index(1, column).data() == "GLACIER, being restored")
        assert model.index(2, column).data() == "GLACIER"
        assert asked == []
        monkeypatch.undo()

    perform(memory_desk(tmp_path), story)


def test_the_keys_lead_through_every_page(qapp, tmp_path):
    async def story(stage):
        await full_objects(stage, "a.txt", "b.txt")
        for names in (["a.txt"], ["a.txt", "b.txt"]):
            dialog = await properties_of(stage, *names)
            for page in range(dialog.findChild(QTabWidget, "pages").count()):
                dialog.show_page(page)
                await until(lambda: QApplication.activeWindow() is not None)
                assert out_of_order(dialog) == []
            dialog.reject()
            await until(lambda: stage.dialog(PropertiesDialog) is None)

    perform(memory_desk(tmp_path), story)


def test_it_waits_for_a_selection(qapp, tmp_path):
    async def story(stage):
        await full_objects(stage, "a.txt")
        for act in (Act.PROPERTIES, Act.UNARCHIVE):
            action = stage.window.acts[act]
            assert not action.isEnabled()
            assert action.statusTip() == "Select something first."

    perform(memory_desk(tmp_path), story)


@pytest.mark.parametrize("rows", [MetadataRows({"a": "1", "b": "2"}), TagRows({})])
def test_the_table_of_pairs(qtmodeltester, rows):
    model = PairTableModel(rows)
    qtmodeltester.check(model)
    before = model.rowCount(QModelIndex())
    assert model.setData(model.index(before - 1, NAME), "new")
    assert model.rowCount() == before + 1
    assert not model.setData(model.index(before, VALUE), "")
    qtmodeltester.check(model)
    model.take_away(before - 1)
    model.take_away(before - 1)
    assert model.rowCount() == before


def test_what_becomes_public_is_asked_about_first(qapp, tmp_path):
    async def story(stage):
        store = await full_objects(stage, "a.txt", "b.txt")
        dialog = await properties_of(stage, "a.txt")
        dialog.show_page(3)
        canned = dialog.findChild(QComboBox, "canned")
        canned.setCurrentIndex(canned.findData(CannedAcl.PUBLIC_READ))
        press(dialog, "&Save")
        question = await stage.opened(QuestionDialog)
        said = [label.text() for label in question.findChildren(QLabel)]
        assert said[0] == "Everybody, also without a key, gets at 1 object then."
        question.reject()
        await until(lambda: stage.dialog(QuestionDialog) is None)
        assert not (await store.get_acl(key("a.txt"))).is_public
        for _ in range(5):
            await asyncio.sleep(0)  # from then on a press is heard again
        press(dialog, "&Save")
        press(await stage.opened(QuestionDialog), "&Let Them In")
        await until(lambda: stage.dialog(PropertiesDialog) is None)
        assert (await store.get_acl(key("a.txt"))).is_public

        # Public already, nobody more is let in.
        dialog = await properties_of(stage, "a.txt", "b.txt")
        dialog.show_page(3)
        canned = dialog.findChild(QComboBox, "canned")
        canned.setCurrentIndex(canned.findData(CannedAcl.AUTHENTICATED_READ))
        press(dialog, "Pre&view…")
        press(await stage.opened(ReviewDialog), "&Change 2 Objects")
        question = await stage.opened(QuestionDialog)
        said = [label.text() for label in question.findChildren(QLabel)]
        assert said[0] == "Whoever has any account at this provider gets at 2 objects then."
        question.reject()
        await until(lambda: stage.dialog(QuestionDialog) is None)
        assert stage.dialog(PropertiesDialog) is dialog
        await discard(stage, dialog)
        assert (await store.get_acl(key("a.txt"))).is_public

    perform(memory_desk(tmp_path), story)
