"""What members of a failover group hold, in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLineEdit

from s4desk.core.domain.identity import Location, Prefix
from s4desk.gui.actions import Act
from s4desk.gui.commands import group_comparing
from s4desk.gui.dialogs.group_compare import GroupCompareDialog
from s4desk.gui.dialogs.group_status import GroupStatusDialog
from s4desk.viewmodels.group_compare import Shown, Sieve
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.gui.test_grouping import AWAY, GROUP, PHOTOS, STORES

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

ALL = (*STORES, PHOTOS)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return memory_desk(tmp_path / "home")


async def fill(stage: Stage) -> None:
    for id_, objects in (
        (HOME, {"in/a": b"1", "in/b": b"22", "in/c": b"3", "out": b"4"}),
        (AWAY, {"in/a": b"1", "in/b": b"2", "in/d": b"5"}),
    ):
        store = await stage.desk.stores.get(id_)
        for key, data in objects.items():
            await store.put(Location(BUCKET, key), data)


def keys(dialog: GroupCompareDialog) -> list[str]:
    model = dialog.model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def is_done(dialog: GroupCompareDialog) -> bool:
    return "same at all members" in dialog.state.text()


async def compared(stage: Stage, prefix: str = "") -> GroupCompareDialog:
    await fill(stage)
    stage.commands.browsing.go(Place(GROUP, Prefix(BUCKET, prefix)))
    await stage.rested()
    stage.give(Act.GROUP_COMPARE)
    dialog = await stage.opened(GroupCompareDialog)
    await until(lambda: is_done(dialog))
    return dialog


def test_what_differs_below_the_shown_folder_is_listed(desk):
    async def story(stage: Stage) -> None:
        dialog = await compared(stage, "in/")
        assert keys(dialog) == ["in/b", "in/c", "in/d"]
        assert dialog.state.text().startswith("1 of 4 keys are the same")
        assert dialog.model.index(0, 2).data() == "other: 1 B"
        dialog.choose(Sieve(Shown.ONLY, 1))
        await until(lambda: keys(dialog) == ["in/d"])
        dialog.choose(Sieve(Shown.ALL))
        await until(lambda: keys(dialog) == ["in/a", "in/b", "in/c", "in/d"])
        place = dialog.findChild(QLineEdit, "place")
        place.setText("/no-bucket")
        press(dialog, "&Compare")
        await until(lambda: "Enter a bucket" in dialog.state.text())
        place.setText(BUCKET)
        press(dialog, "&Compare")
        await until(lambda: is_done(dialog) and "of 5 keys" in dialog.state.text())
        assert "out" in keys(dialog)
        dialog.reject()

    perform(desk, story, connections=ALL)


def test_what_is_shown_is_exported(desk, tmp_path, monkeypatch):
    async def chosen(*_words) -> Path:
        return tmp_path / "members.csv"

    monkeypatch.setattr(group_comparing, "choose_target", chosen)

    async def story(stage: Stage) -> None:
        dialog = await compared(stage)
        dialog.choose(Sieve(Shown.MISSING, 1))
        await until(lambda: keys(dialog) == ["in/c", "out"])
        press(dialog, "&Export…")
        await until(lambda: "Written to" in dialog.outcome.text())
        dialog.reject()

    perform(desk, story, connections=ALL)
    lines = (tmp_path / "members.csv").read_text("utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in lines] == ["key", "in/c", "out"]


def test_of_many_only_the_first_are_listed(desk, monkeypatch):
    monkeypatch.setattr(group_comparing, "MOST_LISTED", 2)

    async def story(stage: Stage) -> None:
        dialog = await compared(stage)
        assert keys(dialog) == ["in/b", "in/c"]
        assert "Only the first 2 are listed" in dialog.outcome.text()
        dialog.choose(Sieve(Shown.ONLY, 1))
        await until(lambda: keys(dialog) == ["in/d"])
        assert dialog.outcome.text() == ""
        dialog.choose(Sieve(Shown.ALL))
        await until(lambda: keys(dialog) == ["in/a", "in/b"])
        assert "Only the first 2 are listed" in dialog.outcome.text()
        dialog.reject()

    perform(desk, story, connections=ALL)


def test_it_can_be_stopped_and_closed_amid_it(desk):
    async def story(stage: Stage) -> None:
        await fill(stage)
        store = await desk.stores.get(AWAY)
        inner, waits = store.list_objects, []

        async def stuck(prefix, **named):
            waits.append(prefix)
            if len(waits) < 2:
                await until(lambda: len(waits) > 1)
            return await inner(prefix, **named)

        stage.commands.browsing.go(Place(GROUP, Prefix(BUCKET)))
        await stage.rested()
        store.list_objects = stuck
        stage.give(Act.GROUP_COMPARE)
        dialog = await stage.opened(GroupCompareDialog)
        await until(lambda: waits)
        press(dialog, "&Stop")
        await until(lambda: dialog.state.text().startswith("Stopped before the end"))
        waits.clear()
        press(dialog, "&Compare")
        await until(lambda: waits)
        dialog.reject()
        await until(lambda: stage.dialog(GroupCompareDialog) is None)

    perform(desk, story, connections=ALL)


def test_the_menus_of_a_group_lead_there(desk):
    async def story(stage: Stage) -> None:
        def offered(place: Place) -> set[Act]:
            return {each[0] for each in stage.session._menus._at(place) if each is not None}

        assert Act.GROUP_STATUS in offered(Place(GROUP))
        assert Act.GROUP_COMPARE in offered(Place(GROUP, Prefix(BUCKET)))
        assert not offered(Place(HOME)) & {Act.GROUP_STATUS, Act.GROUP_COMPARE}

    perform(desk, story, connections=ALL)


def test_only_a_group_has_members_to_compare(desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        assert not stage.window.acts[Act.GROUP_COMPARE].isEnabled()
        stage.commands.browsing.go(Place(GROUP))
        await stage.rested()
        stage.give(Act.GROUP_STATUS)
        status = await stage.opened(GroupStatusDialog)
        press(status, "C&ompare Members…")
        dialog = await stage.opened(GroupCompareDialog)
        assert dialog.place == ""  # a list of buckets is no place
        dialog.reject()
        status.reject()

    perform(desk, story, connections=ALL)
