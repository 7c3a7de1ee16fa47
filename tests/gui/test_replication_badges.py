"""Badges of replication: on the rows that are seen, live, and of whoever replicates them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.domain.replication.rules import Destination, Filter, Rule
from s4desk.core.domain.replication.stamp import STORES_OWN
from s4desk.core.domain.replication.status import Status
from s4desk.core.persist.replication_home import STATUSES
from s4desk.core.persist.replication_table import ReplicationTable, replication_database
from s4desk.core.replication.rule_book import Ruled
from s4desk.core.replication.service import Running
from s4desk.core.replication.table import Record, Seen, Source, Write
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.events import ReplicationChanged
from s4desk.gui.commands import replication_badges
from s4desk.gui.views.seen_rows import seen_indexes
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.ordering import Column
from tests.gui.stage import BUCKET, HOME, Stage, connection, memory_desk, perform, until

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractItemView

AWAY = ConnectionId("away")
MINE = Source(HOME, BUCKET)
COPIES = Rule("to-away", Destination(AWAY, "copies"))
ROLE = Qt.ItemDataRole
STORES_RULES = {
    "Role": "arn:aws:iam::123456789012:role/r",
    "Rules": [
        {
            "ID": "1",
            "Status": "Enabled",
            "Priority": 1,
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": "arn:aws:s3:::other"},
        }
    ],
}


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def away(buckets: str = "copies") -> Connection:
    return Connection(
        AWAY,
        "Away",
        endpoint=f"memory:{buckets}",
        credentials=CredentialReference(CredentialKind.ANONYMOUS),
    )


BOTH = (connection(), away())


def badges(
    view: QAbstractItemView, column: int = Column.REPLICATION, role: int = ROLE.DisplayRole
) -> list[str]:
    """What is shown of each row on the screen."""
    return [index.siblingAtColumn(column).data(role) for index in seen_indexes(view)]


async def replicated(stage: Stage, *rules: Rule) -> None:
    await stage.desk.replication.put(Ruled(MINE, rules or (COPIES,)))


class Heads:
    """What the store says of objects itself, and who asked."""

    def __init__(self, said: dict[str, str]) -> None:
        self.said = said
        self.keys: list[str] = []

    async def put_between(self, stage: Stage) -> None:
        store = await stage.store()
        head = store.head

        async def told(location, *, version=None):
            self.keys.append(location.key)
            meta = await head(location, version=version)
            header = self.said.get(location.key, "")
            return replace(meta, headers={STORES_OWN: header} if header else {})

        store.head = told  # type: ignore[method-assign]


def test_a_row_says_how_its_replica_is(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        await replicated(stage, replace(COPIES, filter=Filter("a")))
        await stage.show("a", "b")
        await until(lambda: badges(table) == ["Completed", ""])
        assert not table.isColumnHidden(Column.REPLICATION)
        tip = badges(table, role=ROLE.ToolTipRole)[0]
        assert "Replicated to Away:copies" in tip
        assert "“to-away”" in tip
        assert "Lag:" in tip
        names = badges(table, Column.NAME, ROLE.AccessibleTextRole)
        assert names[0].startswith("a, Replicated to Away:copies")
        assert names[1] == "b"
        stage.window.acts[Act.SHOW_TREE].trigger()
        tree = stage.window.pane.tree
        await until(lambda: badges(tree, 5) == ["Completed", ""])
        assert not tree.isColumnHidden(5)
        stage.window.acts[Act.SHOW_GRID].trigger()
        await until(lambda: badges(stage.window.pane.grid) == ["Completed", ""])

    perform(desk, story, connections=BOTH)


def test_what_fails_says_why_and_what_comes_after_it_is_seen_at_once(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        await replicated(stage, replace(COPIES, destination=Destination(AWAY, "nowhere")))
        await stage.show("a")
        await until(lambda: badges(table) == ["Failed"])
        tip = badges(table, role=ROLE.ToolTipRole)[0]
        assert "3 attempts" in tip
        assert "nowhere" in tip
        there = await desk.stores.get(AWAY)
        await there.create_bucket("nowhere")
        await desk.replication.retry(MINE)
        await until(lambda: badges(table) == ["Completed"])  # nobody has scrolled or refreshed

    perform(desk, story, connections=BOTH)


def test_a_bucket_without_rules_has_no_column_and_is_asked_once(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        heads = Heads({})
        await heads.put_between(stage)
        await stage.show("a", "b")
        await asyncio.sleep(0.4)
        assert table.isColumnHidden(Column.REPLICATION)
        assert heads.keys == []
        entry = next(e for e in table.column_menu().actions() if e.text() == "Replication")
        assert not entry.isEnabled()
        await replicated(stage, replace(COPIES, is_enabled=False))
        await until(lambda: not table.isColumnHidden(Column.REPLICATION))  # the file is watched
        assert badges(table) == ["", ""]
        await replicated(stage)
        await until(lambda: badges(table) == ["Completed", "Completed"])
        assert not table.isColumnHidden(Column.REPLICATION)

    perform(desk, story, connections=BOTH)


def test_what_the_store_replicates_itself_is_marked_as_its_own(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        store = await stage.store()
        await store.put_document(BUCKET, from_json(ConfigKind.REPLICATION, STORES_RULES))
        heads = Heads({"a": "COMPLETED", "b": "REPLICA", "c": "FAILED", "d": "PENDING"})
        await heads.put_between(stage)
        await stage.show("a", "b", "c", "d", "e")
        expected = ["Completed (store)", "Replica (store)", "Failed (store)", "Pending (store)", ""]
        await until(lambda: badges(table) == expected)
        await until(lambda: len(heads.keys) >= 5)
        assert sorted(heads.keys) == ["a", "b", "c", "d", "e"]
        assert "by its own rules" in badges(table, role=ROLE.ToolTipRole)[0]

    perform(desk, story)


def test_ours_comes_before_what_the_store_says(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        store = await stage.store()
        await store.put_document(BUCKET, from_json(ConfigKind.REPLICATION, STORES_RULES))
        await replicated(stage, replace(COPIES, filter=Filter("a")))
        await stage.put("a")
        await until(lambda: desk.replication.meter is not None)
        await until(lambda: desk.replication.meter.course(MINE, "to-away").completed)
        heads = Heads({"a": "FAILED", "b": "PENDING"})
        await heads.put_between(stage)
        await stage.show("b")
        await until(lambda: badges(table) == ["Completed", "Pending (store)"])
        assert heads.keys == ["b"]

    perform(desk, story, connections=BOTH)


def test_thousands_of_changes_are_one_read_in_a_frame(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        await replicated(stage)
        await stage.show("a")
        await until(lambda: badges(stage.window.pane.table) == ["Completed"])
        await until(lambda: not stage.commands.replication_badges.is_busy)
        reads = []
        of_keys = desk.replication.statuses.of_keys

        async def counted(source, keys):
            reads.append(keys)
            return await of_keys(source, keys)

        desk.replication.statuses.of_keys = counted
        for at in range(2000):
            desk.events.publish(ReplicationChanged(HOME, BUCKET, [f"{at}", "a"]))
            desk.events.publish(ReplicationChanged(HOME, BUCKET, [f"{at}"]))  # on no screen
            desk.events.publish(ReplicationChanged(AWAY, BUCKET, ["a"]))
        await until(lambda: reads)
        await until(lambda: not stage.commands.replication_badges.is_busy)
        assert reads == [["a"]]
        for event in (
            ReplicationChanged(HOME, BUCKET, ["other"]),
            ReplicationChanged(HOME, "other", ["a"]),
            ReplicationChanged(AWAY, BUCKET, ["a"]),
        ):
            desk.events.publish(event)
        await asyncio.sleep(0.3)
        assert len(reads) == 1
        desk.events.publish(ReplicationChanged(HOME, BUCKET))  # of any key
        await until(lambda: len(reads) == 2)

    perform(desk, story, connections=BOTH)


def test_an_object_that_nobody_has_looked_at_is_unknown(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        await replicated(stage)
        await stage.show("a")
        await until(lambda: badges(table) == ["Completed"])
        desk.replication.pause()
        await (await stage.store()).put(Location(BUCKET, "a"), b"something else")
        stage.commands.browsing.refresh()
        await until(lambda: badges(table) == ["Unknown"])
        desk.replication.look_now(MINE)
        await until(lambda: badges(table) == ["Pending"])

    perform(desk, story, connections=BOTH)


def section(stage: Stage, title: str) -> dict[str, str]:
    """What the inspector says below a title."""
    assert stage.window is not None
    sheet = stage.window.inspector.sheet
    sections = sheet.sections if sheet is not None else ()
    found = next((each for each in sections if each.title == title), None)
    return {fact.name: fact.value for fact in found.facts} if found is not None else {}


def test_what_went_elsewhere_is_never_told_of_the_new_place(desk):
    """Who replicates may not have heard of the change yet: the old rows are still there."""

    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        await replicated(stage)
        await stage.show("a")
        await until(lambda: badges(table) == ["Completed"])
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("a")
        await until(lambda: section(stage, "Replication").get("Destination") == "Away:copies")
        elsewhere = replace(COPIES, destination=Destination(AWAY, "nowhere"))
        reading = stage.commands.replication_reading
        await replicated(stage, elsewhere)
        found = await reading.of_bucket(MINE, ["a"])
        assert found.ruled.rules == (elsewhere,)
        assert not found.known["a"]
        await until(lambda: badges(table) == ["Failed"])
        await until(lambda: section(stage, "Replication").get("Destination") == "Away:nowhere")
        await until(lambda: section(stage, "Replication")["Status"] == "Failed")

    perform(desk, story, connections=BOTH)


def test_the_inspector_says_what_is_known_of_an_unknown_object(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        desk.replication.pause()
        await replicated(stage, replace(COPIES, filter=Filter("a")))
        await stage.show("b")
        await until(lambda: (look := desk.replication.look_of(MINE)) and look.at is not None)
        await (await stage.store()).put(Location(BUCKET, "a"), b"by somebody else")
        stage.commands.browsing.refresh()
        await until(lambda: badges(stage.window.pane.table) == ["Unknown", ""])
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("a")
        await until(lambda: section(stage, "Replication"))
        assert section(stage, "Replication") == {
            "Status": "A rule is about it, and it was not looked at yet.",
            "Rule": "to-away",
            "Destination": "Away:copies",
        }
        stage.select("b")
        await until(lambda: section(stage, "General").get("Size"))
        assert not section(stage, "Replication")

    perform(desk, story, connections=BOTH)


def test_the_inspector_says_it_all_and_goes_along(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        await replicated(stage, replace(COPIES, destination=Destination(AWAY, "later", "from/")))
        await stage.show("a")
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("a")
        await until(lambda: section(stage, "Replication").get("Status") == "Failed")
        said = section(stage, "Replication")
        assert (said["Rule"], said["Destination"]) == ("to-away", "Away:later/from/")
        assert said["Attempts"] == "3"
        assert "later" in said["Last error"]
        there = await desk.stores.get(AWAY)
        await there.create_bucket("later")
        await desk.replication.retry(MINE)
        await until(lambda: section(stage, "Replication").get("Status") == "Completed")
        assert "Last error" not in section(stage, "Replication")

    perform(desk, story, connections=BOTH)


def test_the_inspector_knows_a_replica_by_its_stamp(desk):
    async def story(stage: Stage) -> None:
        await replicated(
            stage,
            replace(COPIES, destination=Destination(HOME, BUCKET, "copy/"), filter=Filter("a")),
        )
        await stage.show("a")
        await until(lambda: desk.replication.meter is not None)
        await until(lambda: desk.replication.meter.course(MINE, "to-away").completed)
        await stage.open("copy/")
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("a")
        await until(lambda: section(stage, "Replication"))
        assert section(stage, "Replication")["Status"] == "Replica, made by s4desk"

    perform(desk, story)


def test_what_another_process_replicates_is_seen_too(desk, monkeypatch):
    monkeypatch.setattr(replication_badges, "ELSEWHERE_S", 0.2)

    async def story(stage: Stage) -> None:
        assert stage.window is not None
        table = stage.window.pane.table
        other = replication_database(desk.folders.data / STATUSES)
        await other.open()
        try:
            statuses = ReplicationTable(other, SystemClock())
            await replicated(stage)
            await stage.show("a")
            await until(lambda: desk.replication.running is Running.ELSEWHERE)
            await until(lambda: badges(table) == ["Unknown"])
            stage.commands.browsing.refresh()
            meta = await (await stage.store()).head(Location(BUCKET, "a"))
            write = Write("a", Seen(meta.etag, 1, meta.modified), "to-away")
            (task,) = await statuses.observe(MINE, [write])
            await until(lambda: badges(table) == ["Pending"])
            await statuses.record([Record(task, Status.COMPLETED, 1)])
            await until(lambda: badges(table) == ["Completed"])
            reads = []
            desk.replication.statuses.of_keys = lambda *asked: reads.append(asked)
            await asyncio.sleep(5 * replication_badges.ELSEWHERE_S)
            assert reads == []  # nothing is awaited any more
        finally:
            await other.aclose()

    perform(desk, story, connections=BOTH)
