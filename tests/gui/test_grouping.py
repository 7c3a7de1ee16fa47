"""Failover groups in the window: making, editing and removing them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QToolButton
from shiboken6 import isValid

from s4desk.core.domain.breaker import BreakerState
from s4desk.core.domain.connection import (
    Connection,
    CredentialKind,
    CredentialReference,
    group_connection,
)
from s4desk.core.domain.failover import Backend, FailoverGroup
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.persist.connection_export import file_offers
from s4desk.gui.actions import Act
from s4desk.gui.commands import importing, transferring
from s4desk.gui.dialogs.conflicts import ConflictDialog
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.group import GroupDialog
from s4desk.gui.dialogs.group_member import MemberDialog
from s4desk.gui.dialogs.group_members import MembersModel
from s4desk.gui.dialogs.group_status import GroupStatusDialog
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.replication_rules import ReplicationRulesDialog
from s4desk.gui.models.transfer_cells import TransferColumn
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.viewmodels.group_form import GroupForm
from s4desk.viewmodels.listing import Remedy
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

AWAY, GROUP = ConnectionId("away"), ConnectionId("group")


def store(id_: ConnectionId, name: str) -> Connection:
    anonymous = CredentialReference(CredentialKind.ANONYMOUS)
    return Connection(id_, name, f"memory:{BUCKET}", credentials=anonymous)


STORES = (store(HOME, "Home"), store(AWAY, "Away"))
PHOTOS = group_connection(GROUP, "Photos", FailoverGroup((Backend(HOME), Backend(AWAY))))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return memory_desk(tmp_path / "home")


def names(dialog: GroupDialog) -> list[str]:
    model = dialog.members.model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def choose(dialog: GroupDialog, name: str) -> None:
    """Add a member by the menu of its button."""
    menu = dialog.findChild(QPushButton, "add-member").menu()
    menu.aboutToShow.emit()
    next(each for each in menu.actions() if each.text() == name).trigger()


def test_a_group_is_made_and_opens_like_any_connection(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a.txt", b"bytes")
        stage.give(Act.ADD_GROUP)
        dialog = await stage.opened(GroupDialog)
        QTest.keyClicks(dialog.findChild(QLineEdit, "name"), "Photos")
        assert "Add the connection that is written to" in dialog.members.problem.text()
        for name in ("Home", "Away"):
            choose(dialog, name)
        assert not dialog.findChild(QPushButton, "add-member").isEnabled()
        assert names(dialog) == ["Home", "Away"]
        press(dialog, "Create Group")
        await until(lambda: desk.connections.by_name("Photos") is not None)
        group = desk.connections.by_name("Photos")
        assert group.group.ids == (HOME, AWAY)
        await until(lambda: stage.commands.browsing.place == Place(group.id))
        stage.commands.browsing.go(Place(group.id, Prefix(BUCKET)))
        await until(lambda: stage.names() == ["a.txt"])

    perform(desk, story, connections=STORES)


def test_a_group_is_edited_by_keys(desk):
    async def story(stage: Stage) -> None:
        stage.commands.browsing.go(Place(GROUP))
        await stage.rested()
        stage.give(Act.EDIT_CONNECTION)
        dialog = await stage.opened(GroupDialog)
        view = dialog.members.view
        QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
        assert names(dialog) == ["Away", "Home"]
        assert view.row == 1
        QTest.keyClick(view, Qt.Key.Key_Return)
        member = await stage.opened(MemberDialog)
        QTest.keyClicks(member.findChild(QLineEdit, "requests"), "100")
        press(member, "F&inish")
        await until(lambda: "at most 100 requests" in dialog.members.model.index(1, 1).data())
        press(dialog, "Save")
        await until(lambda: desk.connections.get(GROUP).group.home.connection == AWAY)
        assert desk.connections.get(GROUP).group.backends[1].limits.requests == 100

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_escape_throws_away_nothing_unasked(desk):
    async def story(stage: Stage) -> None:
        stage.give(Act.ADD_GROUP)
        dialog = await stage.opened(GroupDialog)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)  # there is nothing to throw away
        await until(lambda: stage.dialog(GroupDialog) is None)
        stage.give(Act.ADD_GROUP)
        dialog = await stage.opened(GroupDialog)
        choose(dialog, "Home")
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        question = await stage.opened(QuestionDialog)
        press(question, "&Keep Editing")
        assert names(dialog) == ["Home"]
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        press(await stage.opened(QuestionDialog), "&Discard")
        await until(lambda: stage.dialog(GroupDialog) is None)

    perform(desk, story, connections=STORES)


def test_what_a_member_s_buckets_are_called_is_checked(qtbot):
    form = GroupForm(GROUP, STORES, "Photos", PHOTOS.group)
    dialog = GroupDialog(form, is_new=False)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.members.edit()
    member = dialog.findChild(MemberDialog)
    editor = member._names
    editor.model.add()
    editor.model.setData(editor.model.index(0, 0), "a")
    assert "Enter the name of a bucket" in member._problem.text()
    assert not member._ok.isEnabled()
    editor.model.setData(editor.model.index(0, 1), "b")
    assert member._ok.isEnabled()
    member.accept()
    assert form.members[0].buckets == (("a", "b"),)


def test_members_are_dragged(qtbot):
    form = GroupForm(GROUP, STORES, "Photos", PHOTOS.group)
    form.add_member(ConnectionId("third"))
    model = MembersModel(form)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    moved: list[int] = []
    model.moved.connect(moved.append)

    def drag(row: int, before: int) -> list[str]:
        mime = model.mimeData([model.index(row, 0)])
        root = model.index(-1, -1)
        assert not model.dropMimeData(mime, Qt.DropAction.MoveAction, before, 0, root)
        return [each.connection for each in form.members]

    assert drag(0, 3) == [AWAY, "third", HOME]
    assert drag(2, 1) == [AWAY, HOME, "third"]
    assert drag(0, -1) == [HOME, "third", AWAY]
    assert drag(1, 2) == [HOME, "third", AWAY]
    assert moved == [2, 1, 2]


def test_removing_a_member_says_so_first(desk):
    async def story(stage: Stage) -> None:
        stage.commands.browsing.go(Place(AWAY))
        await stage.rested()
        stage.give(Act.REMOVE_CONNECTION)
        dialog = await stage.opened(DeletionDialog)
        assert "member of the group “Photos”" in dialog.replication.text()
        dialog.reject()

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_removing_a_group_keeps_its_members(desk):
    async def story(stage: Stage) -> None:
        stage.commands.browsing.go(Place(GROUP))
        await stage.rested()
        stage.give(Act.REMOVE_CONNECTION)
        dialog = await stage.opened(DeletionDialog)
        press(dialog, "&Remove")
        await until(lambda: desk.connections.get(GROUP) is None)
        assert desk.connections.get(AWAY) is not None

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_rules_of_a_bucket_are_those_of_the_first_member(desk):
    renamed = Backend(HOME, (("albums", BUCKET),))
    group = group_connection(GROUP, "Photos", FailoverGroup((renamed, Backend(AWAY))))

    async def story(stage: Stage) -> None:
        stage.commands.browsing.go(Place(GROUP, Prefix("albums")))
        await stage.rested()
        stage.give(Act.REPLICATION_RULES)
        dialog = await stage.opened(ReplicationRulesDialog)
        assert f"Home:{BUCKET}" in dialog.windowTitle()
        dialog.reject()
        stage.give(Act.LIFECYCLE_PREVIEW)
        preview = await stage.opened(LifecyclePreviewDialog)
        assert f"Home:{BUCKET}" in preview.windowTitle()
        preview.reject()

    perform(desk, story, connections=(*STORES, group))


def test_the_web_address_of_an_object_is_that_at_the_first_member(desk):
    anywhere = Connection(AWAY, "Away", "https://s3.example.test")
    renamed = Backend(AWAY, ((BUCKET, "there"),))
    group = group_connection(GROUP, "Photos", FailoverGroup((renamed, Backend(HOME))))

    async def story(stage: Stage) -> None:
        stage.commands.copying.urls(group, [Location(BUCKET, "a b.txt")])
        assert QApplication.clipboard().text() == "https://s3.example.test/there/a%20b.txt"

    perform(desk, story, connections=(STORES[0], anywhere, group))


def test_groups_are_left_out_of_what_is_exported(desk, tmp_path, monkeypatch):
    async def chosen(*_words) -> Path:
        return tmp_path / "out.toml"

    monkeypatch.setattr(importing, "choose_target", chosen)

    async def story(stage: Stage) -> None:
        await stage.commands.importing.write_out()
        assert "Failover groups stay here" in stage.window.status_bar.currentMessage()
        offers = file_offers(tmp_path / "out.toml")
        assert [each.source for each in offers] == ["Home", "Away"]

    perform(desk, story, connections=(*STORES, PHOTOS))


async def look_into(stage: Stage, **members: bytes) -> None:
    """Show the group, with one object at the members that are named."""
    for name, data in members.items():
        store = await stage.desk.stores.get(ConnectionId(name))
        await store.put(Location(BUCKET, "a.txt"), data)
    stage.commands.browsing.go(Place(GROUP, Prefix(BUCKET)))
    await stage.rested()


def bar(stage: Stage) -> str:
    notice = stage.window.pane.group_bar.notice
    return "" if notice is None else notice.text


def chip(stage: Stage) -> str:
    button = stage.window.status_bar.findChild(QToolButton, "group")
    return button.text() if button.isVisible() else ""


def test_it_is_seen_who_answers_and_who_is_down(desk):
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"1", away=b"1")
        assert (bar(stage), chip(stage)) == ("", "Read from Home")
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        assert "Home is pretended to be down. Nothing can be written" in bar(stage)
        stage.commands.browsing.refresh()
        await until(lambda: chip(stage) == "Read from Away (may be older)")
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("a.txt")
        await until(lambda: read_from(stage).startswith("Away ("))
        button = stage.window.pane.group_bar.findChild(QPushButton, Remedy.END_DRILL)
        button.click()
        await until(lambda: bar(stage) == "")  # its rows are read anew
        stage.commands.browsing.go(Place(HOME))
        await stage.rested()
        assert chip(stage) == ""

    perform(desk, story, connections=(*STORES, PHOTOS))


def read_from(stage: Stage) -> str:
    told = stage.commands.inspecting._told
    return told.read_from if told.meta is not None else ""


def cells(dialog: GroupStatusDialog) -> list[list[str]]:
    model = dialog.model
    columns = range(model.columnCount())
    return [[model.index(row, at).data() for at in columns] for row in range(model.rowCount())]


async def pressed_until_told(dialog: GroupStatusDialog, text: str) -> None:
    """Press what asks the members, and wait for what comes of it."""
    dialog.outcome.say("")
    press(dialog, text)
    await until(lambda: dialog.outcome.text().endswith("answer."))


def test_the_status_of_a_group_is_shown_and_changed(desk):
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"1")
        stage.give(Act.GROUP_STATUS)
        dialog = await stage.opened(GroupStatusDialog)
        assert [row[:2] for row in cells(dialog)] == [["Home", "Well"], ["Away", "Well"]]
        assert "own connections is not counted" in dialog.month.toolTip()
        dialog.choose_member(AWAY)
        press(dialog, "&Pretend It Is Down")
        assert cells(dialog)[1][1] == "Down (a drill)"
        assert "A drill: Away" in dialog.drill.text()
        press(dialog, "End the &Drill")
        assert (cells(dialog)[1][1], dialog.drill.text()) == ("Well", "")
        before = cells(dialog)[1][2]
        press(dialog, "Check &Now")
        await until(lambda: cells(dialog)[1][2] != before)
        stage.give(Act.GROUP_STATUS)  # there is one, which comes to the front
        assert await stage.opened(GroupStatusDialog) is dialog
        dialog.reject()

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_a_member_that_is_down_is_tried_when_somebody_says_so(desk):
    nobody = Connection(AWAY, "Away", "http://127.0.0.1:9", credentials=STORES[0].credentials)

    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"1")
        stage.give(Act.GROUP_STATUS)
        dialog = await stage.opened(GroupStatusDialog)
        dialog.choose_member(AWAY)
        for _ in range(5):
            await pressed_until_told(dialog, "Check &Now")
            assert dialog.outcome.text() == "1 of 2 members answer."
        assert cells(dialog)[1][1].startswith("Down, next try in")
        assert "Away is down, next try in" in bar(stage)
        assert "Nothing answers" in dialog._told.text()
        await pressed_until_told(dialog, "&Try Now")
        assert cells(dialog)[1][1].startswith("Down, next try in")
        dialog.reject()

    perform(desk, story, connections=(STORES[0], nobody, PHOTOS))


def test_who_was_left_alone_is_asked_when_its_time_has_come_and_somebody_looks(desk):
    """The group is not looked into."""
    nobody = Connection(AWAY, "Away", "http://127.0.0.1:9", credentials=STORES[0].credentials)

    async def story(stage: Stage) -> None:
        await stage.open()
        for _ in range(5):
            await desk.groups.look(GROUP)
        desk.groups.try_now(GROUP, AWAY)
        assert desk.groups.status(GROUP).backends[1].health.state is BreakerState.HALF_OPEN
        stage.give(Act.GROUP_STATUS)
        dialog = await stage.opened(GroupStatusDialog)
        await until(lambda: cells(dialog)[1][1].startswith("Down, next try in"))
        dialog.reject()

    perform(desk, story, connections=(STORES[0], nobody, PHOTOS))


@pytest.mark.parametrize("asked", ["Check &Now", "&Try Now"])
def test_the_status_may_be_closed_while_members_are_asked(desk, monkeypatch, asked):
    begun, gate = asyncio.Event(), asyncio.Event()

    async def slow(group: ConnectionId) -> object:
        begun.set()
        await gate.wait()
        return desk.groups.status(group)

    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"1")
        desk.groups.pretend_down(GROUP, AWAY, is_down=True)
        stage.give(Act.GROUP_STATUS)
        dialog = await stage.opened(GroupStatusDialog)
        dialog.choose_member(AWAY)
        monkeypatch.setattr(desk.groups, "look", slow)
        (dialog.check_asked if asked == "Check &Now" else dialog.try_asked).emit()
        await begun.wait()
        dialog.reject()
        await until(lambda: not isValid(dialog))
        gate.set()
        for _ in range(5):  # of the loop, until it would have been told
            await asyncio.sleep(0)
        assert stage.error == ""

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_without_a_group_the_window_says_so(desk):
    async def story(stage: Stage) -> None:
        stage.give(Act.GROUP_STATUS)
        dialog = await stage.opened(GroupStatusDialog)
        assert "There is no failover group yet" in dialog.month.text()
        dialog.reject()

    perform(desk, story, connections=STORES)


def test_the_status_fits_on_a_small_screen(desk):
    async def story(stage: Stage) -> None:
        desk.groups.pretend_down(GROUP, AWAY, is_down=True)
        stage.commands.group_looking.show(GROUP)
        dialog = await stage.opened(GroupStatusDialog)
        dialog.resize(632, 448)
        await until(lambda: dialog.width() == 632)
        assert dialog.layout().totalMinimumHeightForWidth(632) <= 448
        dialog.reject()

    perform(desk, story, connections=(*STORES, PHOTOS))


@pytest.mark.parametrize("is_down", [False, True])
def test_before_something_is_replaced_it_is_said_that_it_may_be_by_older(
    desk, tmp_path, monkeypatch, is_down
):
    (tmp_path / "a.txt").write_bytes(b"mine")

    async def chosen(*_words) -> Path:
        return tmp_path

    monkeypatch.setattr(transferring, "choose_folder", chosen)

    async def story(stage: Stage) -> None:
        desk.groups.pretend_down(GROUP, HOME, is_down=is_down)
        await look_into(stage, home=b"words of mine", away=b"words of mine")
        stage.select("a.txt")
        stage.give(Act.DOWNLOAD)
        dialog = await stage.opened(ConflictDialog)
        said = dialog.warning.text()
        assert said.startswith("Home is not read now") if is_down else not said
        dialog.reject()

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_what_is_downloaded_and_previewed_says_where_it_came_from(desk, tmp_path):
    async def story(stage: Stage) -> None:
        await look_into(stage, away=b"words of mine")
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        stage.commands.browsing.refresh()
        await until(lambda: stage.names() == ["a.txt"])
        stage.select("a.txt")
        stage.give(Act.PREVIEW)
        panel = stage.window.findChild(PreviewPanel)
        await until(lambda: "words of mine" in panel.words())
        source = Address(GROUP, Location(BUCKET, "a.txt"))
        await desk.queue.submit([TransferSpec(Direction.DOWNLOAD, source, tmp_path / "a", 13)])
        stage.session._feed.wake()  # as the window does when it submits
        await until(lambda: set(stage.states) == {TransferState.COMPLETED})
        model = stage.window.transfer_model
        await until(lambda: model.rowCount() == 1)
        told = model.index(0, TransferColumn.FROM)
        await until(lambda: told.data() == f"Away (may be older) for Photos:{BUCKET}/a.txt")
        tip = model.index(0, TransferColumn.STATE).data(Qt.ItemDataRole.ToolTipRole)
        assert "Read from Away: this may be an older copy. Both ends have the same checksum" in tip
        assert (tmp_path / "a").read_bytes() == b"words of mine"

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_what_cannot_be_written_says_why(desk, tmp_path):
    (tmp_path / "new.txt").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"1", away=b"1")
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        target = Address(GROUP, Location(BUCKET, "new.txt"))
        spec = TransferSpec(Direction.UPLOAD, tmp_path / "new.txt", target, 1)
        await desk.queue.submit([spec])
        await until(lambda: set(stage.states) == {TransferState.FAILED})
        assert (
            "Home, the only member of the group that is written to"
            in next(iter(desk.queue.transfers())).error
        )

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_a_key_that_is_missing_is_asked_of_its_member(desk):
    keyed = Connection(AWAY, "Away", "http://127.0.0.1:9")
    group = group_connection(GROUP, "Photos", FailoverGroup((Backend(AWAY),)))

    async def story(stage: Stage) -> None:
        stage.commands.browsing.go(Place(GROUP))
        await stage.rested()
        await until(lambda: stage.window.pane.status.failure is not None)
        stage.window.pane.remedy_wanted.emit(Remedy.EDIT_CONNECTION)
        dialog = await stage.opened(ConnectionDialog)
        assert dialog.form.fields["name"].text == "Away"
        dialog.reject()
        stage.give(Act.SIGN_IN)
        dialog = await stage.opened(ConnectionDialog)
        assert dialog.form.fields["name"].text == "Away"
        dialog.reject()

    perform(desk, story, connections=(STORES[0], keyed, group))


def test_all_of_the_editor_is_in_sight_where_text_is_large(qtbot):
    dialog = GroupDialog(GroupForm(GROUP, STORES, "Photos", PHOTOS.group), is_new=False)
    qtbot.addWidget(dialog)
    font = dialog.font()
    font.setPointSizeF(2 * font.pointSizeF())
    dialog.setFont(font)
    dialog.show()
    assert dialog._inside.minimumSizeHint().width() <= 760
