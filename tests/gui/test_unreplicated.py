"""What has no replica yet is said before it is deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.identity import Location, Prefix, VersionId
from s4desk.core.domain.objects import ObjectVersion
from s4desk.core.domain.replication.rules import Destination, Filter
from s4desk.core.persist.database import DatabaseError
from s4desk.core.replication.found_writes import Found
from s4desk.core.replication.table import Seen
from s4desk.gui.commands import unreplicated
from s4desk.gui.commands.unreplicated import Unreplicated, found_object, found_version
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.lifecycle_apply import LifecycleApplyDialog
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.replication_backlog import Backlog, backlog_text
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until
from tests.gui.test_replication_badges import AWAY, BOTH, COPIES, MINE, replicated

FAILING = replace(
    COPIES, id="failing", destination=Destination(AWAY, "nowhere"), filter=Filter("f")
)


LAST = "What is deleted before it is replicated has no replica."


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


async def waiting(stage: Stage, *keys: str) -> None:
    """Objects that wait, and one that has failed."""
    replication = stage.desk.replication
    await replicated(stage, replace(COPIES, filter=Filter("w")), FAILING)
    await stage.show("failed", "other")
    await until(lambda: replication.meter is not None)
    await until(lambda: replication.dropped(MINE, "failing"))
    replication.pause()
    for key in keys:
        await stage.put(key)
    replication.look_now(MINE)
    asked = sorted(keys)

    async def known() -> int:
        return len(await replication.statuses.of_keys(MINE, asked))

    while await known() < len(asked):
        await stage.rested()
    stage.commands.browsing.refresh()
    await stage.rested()


async def rows_in(stage: Stage, *keys: str) -> list[Found]:
    store = await stage.store()
    return [found_object(await store.head(Location(BUCKET, key))) for key in keys]


@pytest.mark.parametrize(
    ("backlog", "said"),
    [
        (Backlog(), ""),
        (Backlog(1), f"1 object is not replicated yet. {LAST}"),
        (Backlog(0, 2), f"The replication of 2 objects has failed. {LAST}"),
        (Backlog(0, 0, 1), f"It is not known of 1 object whether it was replicated. {LAST}"),
    ],
)
def test_words(backlog, said):
    assert backlog_text(backlog) == said
    assert "of the rest it is not known" in backlog_text(Backlog(is_whole=False))


def test_who_deletes_is_told_of_what_waits(desk):
    async def story(stage: Stage) -> None:
        await waiting(stage, "w1", "w2")
        stage.select("failed", "other", "w1")
        stage.give(Act.DELETE)
        dialog = await stage.opened(DeletionDialog)
        await until(lambda: dialog.replication.text())
        assert dialog.replication.text() == backlog_text(Backlog(1, 1))
        dialog.reject()
        await until(lambda: stage.dialog(DeletionDialog) is None)
        stage.select("other")
        stage.give(Act.DELETE)
        dialog = await stage.opened(DeletionDialog)
        await until(lambda: "1 object" in dialog.tally.text())
        assert dialog.replication.isHidden()
        dialog.reject()

    perform(desk, story, connections=BOTH)


def test_folders_and_buckets_are_counted(desk):
    async def story(stage: Stage) -> None:
        await waiting(stage, "w/1", "w/2", "w/deep/3", "wide")
        stage.select("w")
        stage.give(Act.DELETE)
        dialog = await stage.opened(DeletionDialog)
        await until(lambda: dialog.replication.text() == backlog_text(Backlog(3)))
        dialog.reject()
        await until(lambda: stage.dialog(DeletionDialog) is None)
        stage.give(Act.DELETE_BUCKET)
        dialog = await stage.opened(DeletionDialog)
        await until(lambda: dialog.replication.text() == backlog_text(Backlog(4, 1)))
        dialog.reject()

    perform(desk, story, connections=BOTH)


def test_nobody_waits_for_a_folder_of_millions(desk, monkeypatch):
    monkeypatch.setattr(unreplicated, "MOST", 2)
    monkeypatch.setattr(unreplicated, "CHUNK", 1)

    async def story(stage: Stage) -> None:
        await waiting(stage, "w/1", "w/2", "w/3")
        counting = Unreplicated(desk)
        folder = [Prefix(BUCKET, "w/")]
        assert await counting.of(HOME, BUCKET, [], folder) == Backlog(2, is_whole=False)
        rows = await rows_in(stage, "w/1", "failed", "w/3")
        assert await counting.of(HOME, BUCKET, rows) == Backlog(1, 1, is_whole=False)
        assert await counting.of(HOME, BUCKET, await rows_in(stage, "other")) == Backlog()
        all_of_it = await counting.of(HOME, BUCKET, [], [Prefix(BUCKET)])
        assert all_of_it == Backlog(3, 1, is_whole=False)

    perform(desk, story, connections=BOTH)


def test_what_was_never_seen_or_is_written_since_is_not_known(desk):
    async def story(stage: Stage) -> None:
        await waiting(stage, "w1")
        counting, store = Unreplicated(desk), await stage.store()
        await store.put(Location(BUCKET, "w2"), b"never seen")
        await store.put(Location(BUCKET, "v"), b"of no rule")
        rows = await rows_in(stage, "w1", "w2", "v")
        assert await counting.of(HOME, BUCKET, rows) == Backlog(1, 0, 1)
        assert await counting.of(HOME, BUCKET, [], [Prefix(BUCKET, "w")]) == Backlog(1, 0, 1)
        assert await counting.of(HOME, BUCKET, [], [Prefix(BUCKET)]) == Backlog(1, 1, 1)
        desk.replication.resume()
        desk.replication.look_now(MINE)
        await until(lambda: desk.replication.meter.course(MINE, "to-away").completed == 2)
        assert await counting.of(HOME, BUCKET, rows) == Backlog()
        desk.replication.pause()
        await store.put(Location(BUCKET, "w2"), b"written since")
        rows = await rows_in(stage, "w1", "w2", "v")
        assert await counting.of(HOME, BUCKET, rows) == Backlog(0, 0, 1)
        assert await counting.of(HOME, BUCKET, [], [Prefix(BUCKET, "w")]) == Backlog(0, 0, 1)
        await replicated(stage, replace(COPIES, is_enabled=False))
        assert await counting.of(HOME, BUCKET, rows) == Backlog()

    perform(desk, story, connections=BOTH)


def test_a_table_that_cannot_be_read_is_not_silent(desk):
    async def story(stage: Stage) -> None:
        await waiting(stage, "w1", "w2")

        async def broken(*_):
            raise DatabaseError(desk.folders.data, "malformed")

        statuses = desk.replication.statuses
        statuses.of_keys = statuses.between = statuses.counts = broken
        counting, rows = Unreplicated(desk), await rows_in(stage, "w1", "w2", "other")
        assert await counting.of(HOME, BUCKET, rows) == Backlog(0, 0, 2)
        found = await counting.of(HOME, BUCKET, [], [Prefix(BUCKET)])
        assert found == Backlog(0, 0, 3, is_whole=False)

    perform(desk, story, connections=BOTH)


def test_older_versions_count_where_a_rule_is_about_them():
    now = found_version(ObjectVersion(Location("b", "k"), VersionId("2"), True, False, None, 1))
    assert now == Found("k", Seen("", 1), VersionId("2"))
    marker = ObjectVersion(Location("b", "k"), VersionId("3"), False, True, None)
    assert found_version(marker) == Found("k", Seen("", is_marker=True), VersionId("3"), False)


def test_of_several_versions_the_worst_counts(desk):
    async def story(stage: Stage) -> None:
        await waiting(stage, "w1")
        statuses = desk.replication.statuses
        known = [*await statuses.of_keys(MINE, ["failed"]), *await statuses.of_keys(MINE, ["w1"])]
        versions = [
            replace(each, task=replace(each.task, write=known[0].task.write)) for each in known
        ]

        async def of_keys(_source, _keys):
            return versions

        statuses.of_keys = of_keys
        rows = await rows_in(stage, "failed")
        assert await Unreplicated(desk).of(HOME, BUCKET, rows) == Backlog(0, 1)

    perform(desk, story, connections=BOTH)


def test_lifecycle_rules_leave_what_waits_and_of_the_rest_it_is_told(desk):
    rules = {
        "Rules": [
            {
                "ID": "r",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "Expiration": {"Date": "2020-01-01T00:00:00Z"},
            }
        ]
    }

    async def story(stage: Stage) -> None:
        await waiting(stage, "w1", "w2")
        store = await stage.store()
        await store.put(Location(BUCKET, "f2"), b"nobody has looked at it")
        await store.put_document(BUCKET, from_json(ConfigKind.LIFECYCLE, rules))
        stage.give(Act.LIFECYCLE_PREVIEW)
        preview = await stage.opened(LifecyclePreviewDialog)
        await until(lambda: stage.commands.lifecycle_previewing is not None)
        preview.apply_asked.emit()
        dialog = await stage.opened(LifecycleApplyDialog)
        warning = dialog.findChild(Note, "warning")
        await until(lambda: backlog_text(Backlog(unknown=1)) in warning.text())
        rows = range(dialog.model.rowCount())
        assert [dialog.model.index(at, 2).data() for at in rows] == ["f2", "other"]
        sums = dialog.sums
        told = [[sums.index(at, c).data() for c in (0, 1)] for at in range(sums.rowCount())]
        assert ["not replicated yet, and so it stays", "3"] in told
        dialog.reject()
        preview.reject()

    perform(desk, story, connections=BOTH)
