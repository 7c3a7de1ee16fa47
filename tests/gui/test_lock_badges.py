"""Badges of locks: on the rows that are seen, for one request each."""

from __future__ import annotations

import asyncio
from array import array
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import (
    MalformedReplyError,
    PermissionDeniedError,
    UnavailableError,
)
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import Attributes, ObjectMeta, Page
from s4desk.gui.commands import lock_badges
from s4desk.gui.views.seen_rows import seen_indexes
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.ordering import Column
from s4desk.viewmodels.places import Place
from tests.gui.stage import HOME, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractItemView

    from s4desk.core.store.memory import MemoryStore

VAULT = "vault"
COUNT = 100_000
UNTIL = datetime(2031, 5, 6, 12, tzinfo=UTC)
GOVERNED = LockState(LockMode.GOVERNANCE, UNTIL)
COMPLIANT = LockState(LockMode.COMPLIANCE, UNTIL, legal_hold=True)
HELD = LockState(legal_hold=True)
ROLE = Qt.ItemDataRole


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


class Looks:
    """Counts the looks at a store, and may refuse them or let them wait."""

    def __init__(self, store: MemoryStore) -> None:
        self.keys: list[str] = []
        self.configs: list[str] = []
        self.inside = self.most = 0
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self._head, self._get_document = store.head, store.get_document
        store.head, store.get_document = self.head, self.get_document  # type: ignore[method-assign]

    async def head(self, location, *, version=None):
        self.keys.append(location.key)
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.gate.wait()
            if self.failure is not None:
                raise self.failure
            return await self._head(location, version=version)
        finally:
            self.inside -= 1

    async def get_document(self, bucket, kind, **which):
        if kind is ConfigKind.OBJECT_LOCK:
            self.configs.append(f"{bucket} {kind}")
        return await self._get_document(bucket, kind, **which)


async def vault(stage: Stage, *, bucket: str = VAULT, **locks: LockState | None) -> Looks:
    """Show a bucket with Object Lock, whose objects have these locks."""
    store = await stage.store()
    if bucket == VAULT:
        await store.create_bucket(bucket, with_lock=True)
    for name, lock in locks.items():
        attributes = Attributes(lock=lock) if lock is not None else Attributes()
        await store.put(Location(bucket, name), b"x", attributes=attributes)
    looks = Looks(store)
    stage.commands.browsing.go(Place(HOME, Prefix(bucket)))
    await stage.rested()
    return looks


def pretend(store: MemoryStore, attributes: Attributes) -> None:
    """Let the store have COUNT objects, all with these attributes."""

    async def list_objects(prefix, *, token=None, start_after="", **_: object) -> Page:
        first = int(token or start_after or 0)
        rows = range(first, min(first + 1000, COUNT))
        return Page(
            prefix,
            [f"{at:06}" for at in rows],
            array("q", [1] * len(rows)),
            array("d", [1.7e9] * len(rows)),
            [f"{at:032x}" for at in rows],
            ["STANDARD"] * len(rows),
            next_token=str(rows.stop) if rows.stop < COUNT else None,
        )

    async def head(location, *, version=None) -> ObjectMeta:
        return ObjectMeta(location, 1, None, "", version=version, attributes=attributes)

    store.list_objects = list_objects  # type: ignore[method-assign]
    store.head.__self__._head = head  # type: ignore[attr-defined]


def badges(view: QAbstractItemView, column: int = Column.LOCK, role: int = ROLE.DisplayRole):
    """What is shown of each row on the screen."""
    return [index.siblingAtColumn(column).data(role) for index in seen_indexes(view)]


def test_a_badge_says_mode_and_day_and_hold(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        await vault(stage, a=GOVERNED, b=COMPLIANT, c=HELD, d=None)
        expected = ["Governance 2031-05-06", "Compliance 2031-05-06 + Hold", "Hold", "–"]
        await until(lambda: badges(table) == expected)
        assert not table.isColumnHidden(Column.LOCK)
        spoken = badges(table, role=ROLE.AccessibleTextRole)
        assert "COMPLIANCE" in spoken[1]
        assert "legal hold" in spoken[1]
        assert spoken[3] == "not locked"
        has_icon = [icon is not None for icon in badges(table, role=ROLE.DecorationRole)]
        assert has_icon == [True, True, True, False]
        names = badges(table, Column.NAME, ROLE.AccessibleTextRole)
        assert names[2] == "c, under a legal hold"
        assert names[3] == "d"
        stage.window.acts[Act.SHOW_TREE].trigger()
        tree = stage.window.pane.tree
        await until(lambda: badges(tree, 4) == expected)
        assert not tree.isColumnHidden(4)
        stage.window.acts[Act.SHOW_GRID].trigger()
        await until(lambda: badges(stage.window.pane.grid) == expected)

    perform(desk, story)


def test_a_bucket_without_locks_is_asked_once_and_its_objects_never(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        looks = await vault(stage, bucket="photos", a=None, b=None)
        await until(lambda: stage.commands.locks.is_locking(HOME, "photos") is False)
        for act in (Act.SHOW_GRID, Act.SHOW_TREE, Act.SHOW_TABLE):
            stage.window.acts[act].trigger()
            await asyncio.sleep(0.3)
        assert not stage.commands.lock_badges.is_busy
        assert looks.configs == ["photos object_lock"]
        assert looks.keys == []
        assert stage.window.pane.table.isColumnHidden(Column.LOCK)

    perform(desk, story)


def test_the_column_goes_with_the_bucket_and_stays_hidden_if_wished(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        await vault(stage, a=GOVERNED)
        await until(lambda: not table.isColumnHidden(Column.LOCK))
        await stage.open()
        assert table.isColumnHidden(Column.LOCK)
        entry = next(each for each in table.column_menu().actions() if each.text() == "Lock")
        assert not entry.isEnabled()
        stage.commands.browsing.back()
        assert not table.isColumnHidden(Column.LOCK)
        next(each for each in table.column_menu().actions() if each.text() == "Lock").trigger()
        await stage.open()
        stage.commands.browsing.back()
        await stage.rested()
        assert table.isColumnHidden(Column.LOCK)

    perform(desk, story)


def test_each_row_that_is_seen_is_asked_for_once(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        looks = await vault(stage)
        pretend(await stage.store(), Attributes(lock=GOVERNED))
        stage.commands.browsing.refresh()
        await until(lambda: table.model().rowCount() and all(badges(table)))
        await stage.rested()
        assert table.model().rowCount() >= 10_000  # the scroll bar loads the rest
        seen = len(badges(table))
        assert len(looks.keys) == len(set(looks.keys)) == seen
        assert looks.most <= lock_badges.AT_ONCE
        bar = table.verticalScrollBar()
        for at in range(1, 101):  # past all of them, without a rest
            bar.setValue(bar.maximum() * at // 100)
            await asyncio.sleep(0.005)
        await until(lambda: all(badges(table)))
        assert len(looks.keys) == len(set(looks.keys))
        assert len(looks.keys) <= 2 * seen
        bar.setValue(0)
        await asyncio.sleep(0.3)
        assert all(badges(table))
        assert len(looks.keys) <= 2 * seen

    perform(desk, story)


def test_what_is_scrolled_away_is_given_up(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        looks = await vault(stage, **{f"{at:04}": GOVERNED for at in range(500)})
        looks.gate.clear()
        await until(lambda: looks.inside == lock_badges.AT_ONCE)
        first = set(looks.keys)
        table.verticalScrollBar().setValue(table.verticalScrollBar().maximum())
        await until(lambda: len(looks.keys) == 2 * lock_badges.AT_ONCE)
        assert first.isdisjoint(looks.keys[lock_badges.AT_ONCE :])
        assert looks.inside == lock_badges.AT_ONCE  # the first ones were cancelled
        looks.gate.set()
        await until(lambda: all(badges(table)))

    perform(desk, story)


def test_a_store_that_fails_is_left_alone(desk):
    async def story(stage: Stage) -> None:
        looks = await vault(stage)
        looks.failure = UnavailableError("no", operation="head")
        store = await stage.store()
        for at in range(40):
            await store.put(Location(VAULT, f"{at:02}"), b"x")
        stage.commands.browsing.refresh()
        await until(lambda: looks.keys)
        await until(lambda: not stage.commands.lock_badges.is_busy)
        assert len(looks.keys) <= lock_badges.AT_ONCE + lock_badges.PATIENCE
        table = stage.window.pane.table
        assert set(badges(table)) == {"Unknown"}
        said = "Its lock could not be read: The connection to the store broke (no)."
        assert said in badges(table, role=ROLE.ToolTipRole)[0]
        looks.failure = None
        stage.commands.lock_badges.try_again()
        await until(lambda: set(badges(table)) == {"–"})
        assert stage.error == ""

    perform(desk, story)


def test_who_answers_again_is_waited_for(desk):
    async def story(stage: Stage) -> None:
        looks, store = await vault(stage), await stage.store()
        for name in "ab":
            await store.put(Location(VAULT, name), b"x")
        looks.gate.clear()

        async def head(location, *, version=None):
            if location.key == "a":
                raise UnavailableError("no", operation="head")
            return await looks.head(location, version=version)

        store.head = head  # type: ignore[method-assign]
        pane, painted = stage.window.pane, []
        show = pane.browsers.show_badges

        def show_badges() -> None:
            painted.append(badges(pane.table))
            show()

        pane.browsers.show_badges = show_badges
        stage.commands.browsing.refresh()
        await until(lambda: ["Unknown", "Unknown"] in painted)
        looks.gate.set()
        await until(lambda: ["", "–"] in painted)

    perform(desk, story)


@pytest.mark.parametrize(
    "failure",
    [
        PermissionDeniedError("no", operation="head", status=403),
        MalformedReplyError("a lock that cannot be read", operation="head"),
    ],
)
def test_what_may_not_be_read_is_said_and_not_asked_again(desk, failure):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        looks = await vault(stage)
        looks.failure = failure
        await (await stage.store()).put(Location(VAULT, "a"), b"x")
        stage.commands.browsing.refresh()
        await until(lambda: badges(table) == ["?"])
        stage.commands.lock_badges.look_again()
        await asyncio.sleep(0.3)
        assert looks.keys == ["a"]

    perform(desk, story)


def test_a_rewritten_object_is_asked_for_again(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        await vault(stage, a=None)
        await until(lambda: badges(table) == ["–"])
        await (await stage.store()).put(
            Location(VAULT, "a"), b"y", attributes=Attributes(lock=HELD)
        )
        stage.commands.browsing.refresh()
        await until(lambda: badges(table) == ["Hold"])

    perform(desk, story)


def test_a_selection_of_locked_rows_must_stay(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table, acts = stage.window.pane.table, stage.window.acts
        looks = await vault(stage, a=HELD, b=None, c=GOVERNED)
        await until(lambda: all(badges(table)))
        count = len(looks.keys)
        for names, is_free in ((["b"], True), (["a"], False), (["a", "b", "c"], False)):
            stage.select(*names)
            for act in (Act.DELETE, Act.RENAME, Act.CUT, Act.MOVE_TO):
                is_one = act is not Act.RENAME or len(names) == 1
                assert acts[act].isEnabled() is (is_free and is_one)
        assert "2 selected objects are locked" in acts[Act.DELETE].toolTip()
        assert acts[Act.COPY].isEnabled()
        await asyncio.sleep(0.4)
        assert len(looks.keys) <= count + 1  # the inspector's own
        flags = QItemSelectionModel.SelectionFlag
        table.selectionModel().select(table.model().index(1, 0), flags.ClearAndSelect | flags.Rows)
        assert acts[Act.DELETE].isEnabled()

    perform(desk, story)


def test_a_retention_that_ends_is_no_lock_any_more(desk):
    lock = LockState(LockMode.COMPLIANCE, datetime.now(UTC) + timedelta(seconds=1.5))

    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        await vault(stage, a=lock)
        await until(lambda: badges(table) != [""])
        assert badges(table)[0].startswith("Compliance")
        await until(lambda: badges(table) == ["–"])

    perform(desk, story)
