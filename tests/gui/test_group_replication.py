"""What is known of replication of objects in a failover group: by the rules of its first member."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.identity import Location
from s4desk.core.domain.replication.rules import Destination
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.ordering import Column
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until
from tests.gui.test_group_home import look_into, photos, pretend, used
from tests.gui.test_grouping import AWAY, GROUP
from tests.gui.test_replication_badges import (
    COPIES,
    MINE,
    STORES_RULES,
    Heads,
    badges,
    replicated,
    section,
)

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, qapp: object) -> Desk:
    return memory_desk(tmp_path / "home")


def shown(stage: Stage) -> list[str]:
    return badges(stage.window.pane.table)


def test_rows_of_a_group_say_how_their_replicas_are(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await replicated(stage, replace(COPIES, destination=Destination(AWAY, "later")))
        await stage.put("a")
        await look_into(stage)
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("a")
        await until(lambda: shown(stage) == ["Failed"])
        assert not stage.window.pane.table.isColumnHidden(Column.REPLICATION)
        await until(lambda: section(stage, "Replication").get("Destination") == "Away:later")
        await (await desk.stores.get(AWAY)).create_bucket("later")
        await desk.replication.retry(MINE)
        await until(lambda: shown(stage) == ["Completed"])  # nobody has scrolled or refreshed
        await until(lambda: section(stage, "Replication").get("Status") == "Completed")

    perform(desk, story, connections=photos())


def test_an_older_copy_of_a_stand_in_is_not_said_to_be_replicated(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await replicated(stage, replace(COPIES, destination=Destination(AWAY, "nowhere")))
        await (await desk.stores.get(AWAY)).put(Location(BUCKET, "a"), b"older")
        await stage.put("a", b"newer")
        await look_into(stage)
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("a")
        await until(lambda: shown(stage) == ["Failed"])
        await until(lambda: section(stage, "Replication"))
        pretend(desk)
        await until(lambda: shown(stage) == [""])
        await until(lambda: "may be older" in section(stage, "General").get("Read from", ""))
        assert not section(stage, "Replication")
        desk.groups.pretend_down(GROUP, HOME, is_down=False)
        await until(lambda: shown(stage) == ["Failed"])
        await until(lambda: section(stage, "Replication"))

    perform(desk, story, connections=photos())


def test_what_the_first_member_replicates_itself_is_marked(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        store = await stage.store()
        await store.put_document(BUCKET, from_json(ConfigKind.REPLICATION, STORES_RULES))
        await stage.put("a")
        await Heads({"a": "PENDING"}).put_between(stage)
        before = used(desk)
        await look_into(stage)
        await until(lambda: shown(stage) == ["Pending (store)"])
        assert used(desk) > before + 1  # the question goes through the group, and is counted
        # It is known of the first member's bucket, whatever it is looked at by.
        assert stage.commands.replication_reading.replicates(MINE)

    perform(desk, story, connections=photos())
