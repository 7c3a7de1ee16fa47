"""Whose rows a failover group shows: those of who would answer now, and what is done to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from s4desk.core.domain.connection import group_connection
from s4desk.core.domain.errors import UnreachableError
from s4desk.core.domain.failover import Backend, FailoverGroup, UsageLimits
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.lock import LockState
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.transfer import Direction, TransferSpec
from s4desk.core.failover.errors import HomeDownError
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.group_status import GroupStatusDialog
from s4desk.gui.dialogs.uploads import UploadsDialog
from s4desk.gui.models.cells import META_ROLE
from s4desk.gui.models.transfer_cells import TransferColumn
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.clip import Clip, Deed
from s4desk.viewmodels.deletion_text import Keeping, confirmation_word
from s4desk.viewmodels.listing import Remedy
from s4desk.viewmodels.ordering import Column
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.gui.test_grouping import AWAY, GROUP, PHOTOS, STORES, bar, cells, chip, look_into

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s4desk.core.desk import Desk

VAULT = "vault"
TIP = Qt.ItemDataRole.ToolTipRole
OBJECT = Location(BUCKET, "a.txt")
HELD = Attributes(lock=LockState(legal_hold=True))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return memory_desk(tmp_path / "home")


def sizes(stage: Stage) -> dict[str, int]:
    """What the table shows."""
    model = stage.window.pane.table.model()
    metas = [model.index(row, 0).data(META_ROLE) for row in range(model.rowCount())]
    return {meta.location.key: meta.size for meta in metas}


def pretend(stage: Stage, *members: ConnectionId, is_down: bool = True) -> None:
    for each in members:
        stage.desk.groups.pretend_down(GROUP, each, is_down=is_down)


async def vaults(stage: Stage) -> None:
    """Both members have a bucket with Object Lock, and a held object in it."""
    for id_ in (HOME, AWAY):
        store = await stage.desk.stores.get(id_)
        await store.create_bucket(VAULT, with_lock=True)
        await store.put(Location(VAULT, "held.txt"), b"x", attributes=HELD)


def test_what_a_drill_has_kept_from_being_known_of_locks_is_asked_again(desk):
    async def story(stage: Stage) -> None:
        await vaults(stage)
        acts, locks = stage.window.acts, stage.commands.locks
        pretend(stage, HOME)
        stage.commands.browsing.go(Place(GROUP, Prefix(VAULT)))
        await until(lambda: stage.names() == ["held.txt"])
        stage.select("held.txt")
        with pytest.raises(HomeDownError):
            await locks.locks(GROUP, VAULT)
        assert locks.is_locking(GROUP, VAULT) is None
        pretend(stage, HOME, is_down=False)
        await until(lambda: locks.is_locking(GROUP, VAULT))
        await until(lambda: not acts[Act.DELETE].isEnabled())
        assert "hold" in acts[Act.DELETE].statusTip()
        assert acts[Act.LOCK].isEnabled()

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_badges_rest_no_longer_than_the_drill(desk):
    async def story(stage: Stage) -> None:
        await vaults(stage)
        badges = stage.commands.lock_badges
        pretend(stage, HOME)
        stage.commands.browsing.go(Place(GROUP, Prefix(VAULT)))
        await until(lambda: stage.names() == ["held.txt"])
        await until(lambda: badges._is_resting)
        pretend(stage, HOME, is_down=False)
        model = stage.window.pane.table.model()
        await until(lambda: model.index(0, Column.LOCK).data() == "Hold")

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_locks_that_only_home_tells_are_said_to_be_unknown_while_it_is_down(desk):
    async def story(stage: Stage) -> None:
        await vaults(stage)
        stage.commands.browsing.go(Place(GROUP, Prefix(VAULT)))
        model = stage.window.pane.table.model()
        lock = Column.LOCK
        await until(lambda: stage.names() and model.index(0, lock).data() == "Hold")
        away = await stage.desk.stores.get(AWAY)
        await away.put(Location(VAULT, "another.txt"), b"x")
        pretend(stage, HOME)
        await until(lambda: stage.names() == ["another.txt", "held.txt"])
        await until(lambda: model.index(0, lock).data() == "Unknown")
        assert "Home is down, the first member of the group" in model.index(0, lock).data(TIP)
        pretend(stage, HOME, is_down=False)
        await until(lambda: stage.names() == ["held.txt"])
        await until(lambda: model.index(0, lock).data() == "Hold")

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_a_drill_shows_what_the_next_member_has_and_its_end_what_home_has(desk):
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"newer at home", away=b"older")
        assert sizes(stage) == {"a.txt": 13}
        stage.give(Act.GROUP_STATUS)
        dialog = await stage.opened(GroupStatusDialog)
        dialog.choose_member(HOME)
        press(dialog, "&Pretend It Is Down")
        assert not bar(stage).startswith("Read from Home")  # it is not asked any more
        await until(lambda: sizes(stage) == {"a.txt": 5})
        stage.select("a.txt")
        press(dialog, "End the &Drill")
        await until(lambda: sizes(stage) == {"a.txt": 13})
        await stage.rested()
        assert stage.commands.subject.selection.only == OBJECT
        assert (bar(stage), chip(stage)) == ("", "Read from Home")
        dialog.reject()

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_versions_stay_in_a_drill_and_are_read_anew_at_its_end(desk):
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"newer at home", away=b"older")
        stage.give(Act.SHOW_VERSIONS)
        await until(lambda: stage.window.pane.status.is_of_versions)
        await stage.rested()
        pretend(stage, HOME)
        await stage.put("a.txt", b"written meanwhile")
        await until(lambda: "pretended to be down" in bar(stage))
        assert sizes(stage) == {"a.txt": 13}
        pretend(stage, HOME, is_down=False)
        await until(lambda: sizes(stage) == {"a.txt": 17})

    perform(desk, story, connections=(*STORES, PHOTOS))


@pytest.mark.parametrize("act", [Act.SHOW_TREE, Act.SHOW_GRID])
def test_so_it_is_in_other_views(desk, act):
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"newer at home", away=b"older")
        await stage.put("only at home.txt")
        stage.commands.browsing.refresh()
        stage.window.acts[act].trigger()
        await until(lambda: stage.window.pane.status.total_bytes == 14)
        pretend(stage, HOME)
        await until(lambda: stage.window.pane.status.members == {AWAY})
        pretend(stage, HOME, is_down=False)
        await until(lambda: stage.window.pane.status.members == {HOME})
        await stage.rested()
        assert stage.window.pane.status.total_bytes == 14

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_buckets_are_listed_again_when_somebody_can_be_asked(desk):
    async def story(stage: Stage) -> None:
        pretend(stage, HOME, AWAY)
        stage.commands.browsing.go(Place(GROUP))
        await until(lambda: stage.window.pane.status.failure is not None)
        assert "No member" in stage.window.pane.page.notice.title
        pretend(stage, AWAY, is_down=False)
        await until(lambda: stage.window.pane.status.members == {AWAY})
        pretend(stage, HOME, is_down=False)
        await until(lambda: stage.window.pane.status.members == {HOME})

    perform(desk, story, connections=(*STORES, PHOTOS))


async def refused(*_words: object, **_how: object) -> None:
    raise UnreachableError("connection refused", operation="ListObjectsV2")


async def stale(stage: Stage) -> None:
    """Home fails once, as it was listed, and is well then."""
    await look_into(stage, home=b"newer at home", away=b"older")
    home = await stage.desk.stores.get(HOME)
    listed, home.list_objects = home.list_objects, refused
    stage.commands.browsing.refresh()
    await until(lambda: sizes(stage) == {"a.txt": 5})
    await stage.rested()
    # So that it is not read by itself: nothing has told yet that home is well.
    home.list_objects = listed


DEEDS: dict[str, Callable[[Stage], None]] = {
    "delete": lambda stage: stage.give(Act.DELETE),
    "rename": lambda stage: stage.give(Act.RENAME),
    "rename in place": lambda stage: stage.window.pane.renamed.emit(OBJECT, "b.txt"),
    "cut": lambda stage: stage.give(Act.CUT),
    "move": lambda stage: stage.give(Act.MOVE_TO),
    "drag": lambda stage: stage.commands.dropping.drop_here(
        Clip(GROUP, stage.commands.subject.selection), Prefix(BUCKET, "f/"), Deed.MOVE
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_done_by_the_rows_of_a_stand_in(desk, deed):
    async def story(stage: Stage) -> None:
        await stale(stage)
        stage.commands.group_rows.changed = lambda _group: None  # it is the deed that reads anew
        stage.select("a.txt")
        DEEDS[deed](stage)
        said = "The list was that of Away: it is read anew from Home, choose again."
        await until(lambda: stage.error == said)
        await until(lambda: sizes(stage) == {"a.txt": 13})
        await stage.rested()
        assert (QApplication.activeModalWidget(), stage.commands.clipping.clip) == (None, None)
        assert await stage.read("a.txt") == b"newer at home"
        stage.give(Act.DELETE)
        (await stage.opened(DeletionDialog)).reject()

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_rows_that_are_not_home_s_say_so_while_all_is_well(desk):
    async def story(stage: Stage) -> None:
        await stale(stage)
        stage.commands.group_rows.changed = lambda _group: None  # as within its rest
        store = await desk.stores.get(GROUP)
        await store.head(OBJECT)
        await until(lambda: bar(stage).startswith("This list was read from Away, and may be older"))
        stage.window.pane.group_bar.findChild(QPushButton, Remedy.REFRESH).click()
        await until(lambda: (sizes(stage), bar(stage)) == ({"a.txt": 13}, ""))

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_when_home_is_well_again_its_rows_come_by_themselves(desk):
    async def story(stage: Stage) -> None:
        await stale(stage)
        store = await desk.stores.get(GROUP)
        await store.head(OBJECT)
        await until(lambda: sizes(stage) == {"a.txt": 13})

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_a_deletion_says_whom_it_waits_for_and_that_nothing_was_deleted(desk):
    async def story(stage: Stage) -> None:
        for id_ in (HOME, AWAY):
            await (await desk.stores.get(id_)).put(Location(BUCKET, "f/a.txt"), b"x")
        stage.commands.browsing.go(Place(GROUP, Prefix(BUCKET)))
        await until(lambda: stage.names() == ["f"])
        stage.select("f")
        home = await desk.stores.get(HOME)
        for each in ("list_objects", "list_uploads"):
            setattr(home, each, refused)
        stage.give(Act.DELETE)
        dialog = await stage.opened(DeletionDialog)
        await until(lambda: "Waiting for Home: There is no way" in dialog.tally.text())
        dialog.findChild(QLineEdit, "word").setText(confirmation_word(Keeping.NOTHING))
        press(dialog, "&Delete")
        await until(lambda: stage.error.startswith("Nothing was deleted. "))

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_verifying_says_who_gave_what_was_read(desk):
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"newer at home", away=b"older")
        for prefix in ("f/1", "f/2"):
            await (await desk.stores.get(AWAY)).put(Location(BUCKET, prefix), b"x")
        pretend(stage, HOME)
        await until(lambda: stage.names() == ["f", "a.txt"])
        await stage.rested()
        told = stage.window.status_bar.currentMessage
        stage.select("a.txt")
        stage.give(Act.VERIFY)
        await until(lambda: "every byte is the same" in told())
        assert told().endswith("Read from Away: this may be an older copy.")
        stage.select("f")
        stage.give(Act.VERIFY)
        await until(lambda: "2 were read from other members of the group" in told())

    perform(desk, story, connections=(*STORES, PHOTOS))


@pytest.mark.parametrize("deed", ["rename in place", "drag"])
def test_while_home_is_down_nothing_is_begun_that_it_would_wait_for(desk, deed):
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"1", away=b"1")
        stage.select("a.txt")
        pretend(stage, HOME)
        DEEDS[deed](stage)
        await until(lambda: "renamed or moved while Home is down" in stage.error)
        assert (stage.states, QApplication.activeModalWidget()) == ([], None)

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_versions_can_be_hidden_where_they_cannot_be_listed(desk):
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"1", away=b"1")
        stage.give(Act.SHOW_VERSIONS)
        await stage.rested()
        pretend(stage, HOME)
        stage.commands.browsing.go(Place(GROUP, Prefix(BUCKET, "f/"), versions=True))
        page = stage.window.pane.page
        await until(lambda: stage.window.pane.status.failure is not None)
        assert "Home is down" in page.notice.title
        page.findChild(QPushButton, Remedy.HIDE_VERSIONS).click()
        await until(lambda: not stage.commands.browsing.place.versions)
        assert not stage.window.acts[Act.SHOW_VERSIONS].isChecked()

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_an_older_copy_is_said_to_be_one_where_it_is_looked_at_and_downloaded(desk, tmp_path):
    async def story(stage: Stage) -> None:
        await look_into(stage, away=b"words of mine")
        pretend(stage, HOME)
        await until(lambda: stage.names() == ["a.txt"])
        stage.select("a.txt")
        stage.give(Act.PREVIEW)
        panel = stage.window.findChild(PreviewPanel)
        await until(lambda: panel.words() == "words of mine")
        assert panel.notes == "Read from Away: this may be an older copy."
        await desk.queue.submit(
            [TransferSpec(Direction.DOWNLOAD, Address(GROUP, OBJECT), tmp_path / "a", 13)]
        )
        stage.session._feed.wake()
        model = stage.window.transfer_model
        at = TransferColumn.STATE
        await until(lambda: model.index(0, at).data() == "Done, may be older")
        assert "older copy" in model.index(0, at).data(TIP)
        assert "Away (may be older) for" in model.index(0, TransferColumn.NAME).data(TIP)

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_unfinished_uploads_that_could_not_be_listed_are_not_said_to_be_none(desk):
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"1", away=b"1")
        stage.give(Act.UPLOADS)
        dialog = await stage.opened(UploadsDialog)
        summary = dialog.findChild(Note, "summary")
        await until(lambda: summary.text() == "There is no unfinished upload.")
        pretend(stage, HOME)
        dialog.findChild(QPushButton, "again").click()
        await until(lambda: "Home" in dialog.outcome.text())
        assert summary.text() == ""
        dialog.reject()

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_a_member_that_is_used_up_is_not_said_to_be_well(desk):
    limits = UsageLimits(requests=1)
    group = FailoverGroup((Backend(HOME), Backend(AWAY, limits=limits)))

    async def story(stage: Stage) -> None:
        stage.give(Act.GROUP_STATUS)
        dialog = await stage.opened(GroupStatusDialog)
        press(dialog, "Check &Now")
        await until(lambda: cells(dialog)[1][1:3] == ["Used up for this month", "1 of 1"])
        dialog.reject()

    perform(desk, story, connections=(*STORES, group_connection(GROUP, "Photos", group)))
