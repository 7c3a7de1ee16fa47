"""What the last line of the window says of a failover group, where, and until when."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.failover import FailoverGroup, UsageLimits
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.failover.usage import Usage
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until
from tests.gui.test_grouping import AWAY, GROUP, PHOTOS, STORES, look_into

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

HERE, ELSEWHERE = (Place(each, Prefix(BUCKET)) for each in (GROUP, AWAY))
LIMIT = 500


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return memory_desk(tmp_path / "home")


async def told_at(stage: Stage, place: Place) -> str:
    stage.commands.browsing.go(place)
    await stage.rested()
    return stage.error


def limited(requests: int) -> FailoverGroup:
    group = PHOTOS.group
    home = replace(group.home, limits=UsageLimits(requests=requests))
    return replace(group, backends=(home, *group.backends[1:]))


def test_what_home_could_not_do_is_told_in_the_group_until_it_can(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"1", away=b"1")
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        await stage.rested()
        stage.give(Act.REPLICATION_RULES)
        await until(lambda: "Home is down, the first member" in stage.error)
        said = stage.error
        assert [await told_at(stage, each) for each in (ELSEWHERE, HERE)] == ["", said]
        await told_at(stage, ELSEWHERE)
        desk.groups.pretend_down(GROUP, HOME, is_down=False)
        assert stage.error == ""
        assert await told_at(stage, HERE) == "Home answers again: do again what failed."
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        await until(lambda: stage.error == said)

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_a_refusal_is_not_found_again(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"1", away=b"1")
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        await stage.rested()
        stage.window.pane.renamed.emit(Location(BUCKET, "a.txt"), "b.txt")
        assert "renamed or moved while Home is down" in stage.error
        assert [await told_at(stage, each) for each in (ELSEWHERE, HERE)] == ["", ""]

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_that_home_is_used_up_is_said_until_its_limit_is_another(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await look_into(stage, home=b"newer at home", away=b"older")
        meter = desk.groups._state(GROUP).meter
        meter.count(HOME, Usage(requests=LIMIT))
        stage.commands.browsing.refresh()
        await until(lambda: stage.window.pane.status.members == {AWAY})
        await stage.rested()
        stage.select("a.txt")
        stage.give(Act.DELETE)
        await until(lambda: "Home is used up for this month (at most 500 requests" in stage.error)
        await desk.connections.edit(replace(PHOTOS, group=limited(9 * LIMIT)))
        await until(lambda: stage.error == "")

    limit = replace(PHOTOS, group=limited(LIMIT))
    perform(desk, story, connections=(*STORES, limit))
