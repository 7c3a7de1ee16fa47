"""Editing the replication rules of a bucket, from the menu to the replica."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.replication.rules import Destination
from s4desk.core.persist.replication_home import STATUSES
from s4desk.core.persist.replication_table import replication_database
from s4desk.core.replication.service import Running
from s4desk.core.store.configuration import read_config
from s4desk.gui.commands import replication_editing
from s4desk.gui.dialogs.bucket_config.dialog import BucketConfigDialog
from s4desk.gui.dialogs.bucket_config.review import SaveDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.replication_native import NativeReplicationDialog
from s4desk.gui.dialogs.replication_rule import ReplicationRuleDialog
from s4desk.gui.dialogs.replication_rules import ReplicationRulesDialog
from s4desk.gui.dialogs.stores_rules import StoresRulesEditor
from s4desk.viewmodels.acts import Act
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.gui.test_commands import choose
from tests.gui.test_replicating import button, click
from tests.gui.test_replication_badges import AWAY, BOTH, COPIES, MINE, STORES_RULES, replicated

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


async def opened(stage: Stage) -> ReplicationRulesDialog:
    await stage.show("a")
    stage.give(Act.REPLICATION_RULES)
    return await stage.opened(ReplicationRulesDialog)


async def rules_of(stage: Stage) -> tuple[Any, ...]:
    return (await stage.desk.replication.ruled(MINE)).rules


def test_a_rule_is_made_and_the_object_arrives(desk):
    async def story(stage: Stage) -> None:
        dialog = await opened(stage)
        click(dialog, "add")
        rule = await stage.opened(ReplicationRuleDialog)
        assert not button(rule, "finish").isEnabled()
        box = rule.findChild(QComboBox, "connection")
        assert box.currentText() == "Away"
        rule.findChild(QLineEdit, "id").setText("mine")
        rule.findChild(QLineEdit, "bucket").setText("copies")
        rule.findChild(QLineEdit, "to_prefix").setText("from-home/")
        click(rule, "finish")
        await until(lambda: dialog.list.model.rowCount() == 1)
        assert "Away:copies/from-home/" in dialog.list.model.index(0, 1).data()
        click(dialog, "save")
        await until(lambda: stage.dialog(ReplicationRulesDialog) is None)
        (kept,) = await rules_of(stage)
        assert (kept.id, kept.destination) == ("mine", Destination(AWAY, "copies", "from-home/"))
        await until(lambda: desk.replication.meter is not None)
        await until(lambda: desk.replication.meter.course(MINE, "mine").completed)

    perform(desk, story, connections=BOTH)


def test_what_would_not_arrive_is_saved_by_who_insists(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await opened(stage)
        dialog.rules.put(0, replace(COPIES, destination=Destination(AWAY, "nowhere")))
        click(dialog, "save")
        await until(lambda: "is not there" in dialog.outcome.text())
        assert (await rules_of(stage))[0].destination.bucket == "copies"
        assert button(dialog, "save").text() == "&Save All the Same"
        click(dialog, "save")
        await until(lambda: stage.dialog(ReplicationRulesDialog) is None)
        assert (await rules_of(stage))[0].destination.bucket == "nowhere"

    perform(desk, story, connections=BOTH)


def test_both_ends_are_asked_on_demand(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await opened(stage)
        click(dialog, "check")
        await until(lambda: dialog.outcome.text().startswith("Both ends answer"))
        assert button(dialog, "save").text() == "&Save"
        dialog.reject()

    perform(desk, story, connections=BOTH)


def test_nothing_was_asked_where_no_rule_is_on(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage, replace(COPIES, is_enabled=False))
        dialog = await opened(stage)
        click(dialog, "check")
        await until(lambda: dialog.outcome.text() == "No rule is on: no destination was asked.")
        dialog.reject()

    perform(desk, story, connections=BOTH)


def hang(stage: Stage, given_up: list[bool]) -> asyncio.Event:
    """Let both ends say nothing until the event, or nobody waits for them any more."""
    editing, answer = stage.commands.replication_editing, asyncio.Event()

    async def concerns(_ruled):
        try:
            await answer.wait()
        except asyncio.CancelledError:
            given_up.append(True)
            raise
        return []

    editing.concerns = concerns  # type: ignore[method-assign]
    return answer


def test_nothing_is_edited_while_both_ends_are_asked(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await opened(stage)
        answer = hang(stage, [])
        dialog.list.switch()
        click(dialog, "save")
        await until(lambda: dialog.outcome.text() == "Asking both ends…")
        for name in ("save", "check", "stores", "import", "export", "add"):
            assert not button(dialog, name).isEnabled()
        answer.set()
        await until(lambda: stage.dialog(ReplicationRulesDialog) is None)
        assert await rules_of(stage) == (replace(COPIES, is_enabled=False),)

    perform(desk, story, connections=BOTH)


def test_who_gives_up_while_both_ends_are_asked_saves_nothing(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await opened(stage)
        given_up: list[bool] = []
        hang(stage, given_up)
        dialog.list.switch()
        click(dialog, "save")
        await until(lambda: dialog.outcome.text() == "Asking both ends…")
        dialog.reject()
        press(await stage.opened(QuestionDialog), "&Discard")
        await until(lambda: stage.dialog(ReplicationRulesDialog) is None)
        await until(lambda: given_up)
        assert await rules_of(stage) == (COPIES,)

    perform(desk, story, connections=BOTH)


def test_nobody_waits_for_ends_that_hang(desk, monkeypatch):
    monkeypatch.setattr(replication_editing, "PATIENCE_S", 0.1)

    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await opened(stage)
        hang(stage, [])
        click(dialog, "check")
        await until(lambda: "no answer" in dialog.outcome.text())
        assert button(dialog, "save").text() == "&Save All the Same"
        assert button(dialog, "import").isEnabled()
        dialog.reject()

    perform(desk, story, connections=BOTH)


def test_who_removes_a_connection_is_told_of_the_rules_about_it(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage, COPIES, replace(COPIES, id="second"))
        await stage.show("a")
        stage.give(Act.REMOVE_CONNECTION)
        dialog = await stage.opened(DeletionDialog)
        assert dialog.replication.text().startswith("2 replication rules lead to it or from it")
        dialog.reject()
        await until(lambda: stage.dialog(DeletionDialog) is None)
        await desk.connections.remove(AWAY)
        rules = await opened(stage)
        assert "(removed connection):copies" in rules.list.model.index(0, 1).data()
        assert '"(removed connection):copies"' in rules.rules.json
        rules.reject()

    perform(desk, story, connections=BOTH)


def test_where_another_process_replicates_nothing_is_said_to_go_at_once(desk):
    async def story(stage: Stage) -> None:
        other = replication_database(desk.folders.data / STATUSES)
        await other.open()
        try:
            await replicated(stage)
            await until(lambda: desk.replication.running is Running.ELSEWHERE)
            dialog = await opened(stage)
            assert "Another process" in dialog.rules.interval.fields["every"].hint
            dialog.reject()
            await until(lambda: stage.dialog(ReplicationRulesDialog) is None)
        finally:
            await other.aclose()

    perform(desk, story, connections=BOTH)


def test_a_loop_cannot_be_saved(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await opened(stage)
        text = dialog.rules.json.replace("Away:copies", f"Home:{BUCKET}")
        dialog.json.setPlainText(text)
        assert "leads to the same bucket" in button(dialog, "save").toolTip()
        assert not button(dialog, "save").isEnabled()
        dialog.json.setPlainText(text[:-3])
        assert "Line" in button(dialog, "save").toolTip()
        dialog.json.setPlainText(text.replace(f"Home:{BUCKET}", "Away:copies"))
        assert button(dialog, "save").isEnabled()
        dialog.reject()

    perform(desk, story, connections=BOTH)


def test_rules_go_into_a_file_and_come_back(desk, tmp_path: Path):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await opened(stage)
        target = tmp_path / "rules.json"
        click(dialog, "export")
        choose(await stage.opened(QFileDialog), target)
        await until(target.exists)
        await until(lambda: "Written to" in dialog.outcome.text())
        dialog.list.remove()
        assert dialog.list.model.rowCount() == 0
        click(dialog, "import")
        choose(await stage.opened(QFileDialog), target)
        await until(lambda: dialog.list.model.rowCount() == 1)
        assert dialog.rules.rules == [COPIES]
        dialog.reject()

    perform(desk, story, connections=BOTH)


def test_what_is_edited_is_not_lost_by_closing(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await opened(stage)
        dialog.list.remove()
        dialog.reject()
        question = await stage.opened(QuestionDialog)
        press(question, "&Keep Editing")
        assert dialog.isVisible()
        dialog.reject()
        press(await stage.opened(QuestionDialog), "&Discard")
        await until(lambda: stage.dialog(ReplicationRulesDialog) is None)
        assert await rules_of(stage) == (COPIES,)

    perform(desk, story, connections=BOTH)


def test_what_somebody_else_has_saved_meanwhile_is_not_lost_unseen(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await opened(stage)
        await replicated(stage, replace(COPIES, priority=9))
        dialog.list.switch()
        click(dialog, "save")
        await until(lambda: "somebody else" in dialog.outcome.text())
        assert (await rules_of(stage))[0].priority == 9
        click(dialog, "save")
        await until(lambda: stage.dialog(ReplicationRulesDialog) is None)
        assert await rules_of(stage) == (replace(COPIES, is_enabled=False),)

    perform(desk, story, connections=BOTH)


def test_rules_of_the_store_are_edited_where_they_are(desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        await store.put_document(BUCKET, from_json(ConfigKind.REPLICATION, STORES_RULES))
        await replicated(stage)
        dialog = await opened(stage)
        await until(lambda: dialog.list.model.rowCount() == 2)
        dialog.list.view.go_to(1)
        assert not button(dialog, "remove-rule").isEnabled()
        dialog.list.switch()
        assert dialog.rules.is_on(1)
        click(dialog, "edit")
        config = await stage.opened(BucketConfigDialog)
        assert [each.kind for each in config.pages] == [ConfigKind.REPLICATION]
        config.reject()
        dialog.reject()

    perform(desk, story, connections=BOTH)


def test_rules_move_and_are_copied(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await opened(stage)
        click(dialog, "duplicate")
        assert [each.id for each in dialog.rules.rules] == ["to-away", "to-away-1"]
        click(dialog, "up")
        assert [each.id for each in dialog.rules.rules] == ["to-away-1", "to-away"]
        assert not button(dialog, "up").isEnabled()
        click(dialog, "save")
        await until(lambda: stage.dialog(ReplicationRulesDialog) is None)
        assert [each.id for each in await rules_of(stage)] == ["to-away-1", "to-away"]
        assert stage.commands.browsing.place.connection == HOME

    perform(desk, story, connections=BOTH)


def test_a_rule_of_the_store_is_changed_in_a_form_and_saved_after_a_look(desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        await store.put_document(BUCKET, from_json(ConfigKind.REPLICATION, STORES_RULES))
        dialog = await opened(stage)
        click(dialog, "stores")
        config = await stage.opened(BucketConfigDialog)
        page = config.page(ConfigKind.REPLICATION)
        await until(lambda: page.is_open)
        editor = page.findChild(StoresRulesEditor)
        editor.edit()
        rule = await stage.opened(ReplicationRuleDialog)
        rule.findChild(QLineEdit, "prefix").setText("photos/")
        rule.findChild(QLineEdit, "storage_class").setText("STANDARD_IA")
        click(rule, "finish")
        await until(lambda: page.draft.is_edited)
        page.buttons.save_asked.emit()
        save = await stage.opened(SaveDialog)
        save.accept()

        await until(lambda: not page.draft.is_edited)
        kept = await read_config(store, BUCKET, ConfigKind.REPLICATION)
        assert kept is not None
        assert kept["Rules"][0] == dict(STORES_RULES["Rules"][0]) | {  # type: ignore[call-overload]
            "Filter": {"Prefix": "photos/"},
            "Destination": {"Bucket": "arn:aws:s3:::other", "StorageClass": "STANDARD_IA"},
        }
        config.reject()
        dialog.reject()

    perform(desk, story, connections=BOTH)


def test_rules_are_handed_to_the_store(desk, tmp_path):
    target = tmp_path / "store.json"

    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await opened(stage)
        click(dialog, "native")
        native = await stage.opened(NativeReplicationDialog)
        role = "arn:aws:iam::1:role/r"
        native.findChild(QLineEdit, "role").setText(role)
        assert json.loads(native.text)["Role"] == role
        click(native, "copy")
        assert QGuiApplication.clipboard().text() == native.text
        assert native.outcome.text() == "Copied."
        click(native, "save")
        choose(await stage.opened(QFileDialog), target)
        await until(lambda: "Written to" in native.outcome.text())
        value = json.loads(target.read_text())
        assert (value["Role"], value["Rules"][0]["ID"]) == (role, COPIES.id)
        native.reject()
        dialog.reject()

    perform(desk, story, connections=BOTH)
