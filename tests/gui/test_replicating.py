"""The window of replication: what it says, while it is seen, and what is asked in it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QFileDialog, QPushButton
from shiboken6 import isValid

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.identity import Location
from s4desk.core.domain.replication.rules import Destination, Filter
from s4desk.core.replication.service import Running
from s4desk.gui.dialogs.replication import ReplicationDialog
from s4desk.gui.dialogs.replication_compare import ReplicationCompareDialog
from s4desk.gui.dialogs.replication_rules import ReplicationRulesDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.replication_overview import RuleId
from tests.gui.stage import BUCKET, Stage, memory_desk, perform, until
from tests.gui.test_commands import choose
from tests.gui.test_replication_badges import AWAY, BOTH, COPIES, MINE, STORES_RULES, replicated

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

BROKEN = replace(COPIES, id="broken", destination=Destination(AWAY, "nowhere"), filter=Filter("b"))


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def rows(dialog: ReplicationDialog) -> list[list[str]]:
    model = dialog.model
    columns = range(model.columnCount())
    return [[model.index(at, c).data() for c in columns] for at in range(model.rowCount())]


def facts(dialog: ReplicationDialog) -> dict[str, str]:
    return {each.name: each.value for each in dialog.facts}


def button(dialog: QDialog, name: str) -> QPushButton:
    return dialog.findChild(QPushButton, name)


def click(dialog: QDialog, name: str) -> None:
    found = button(dialog, name)
    assert found.isEnabled()
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


async def shown(stage: Stage) -> ReplicationDialog:
    stage.give(Act.REPLICATION)
    dialog = await stage.opened(ReplicationDialog)
    await until(lambda: dialog.state.text())
    return dialog


def test_each_rule_says_how_it_goes_and_goes_on_saying_it(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage, replace(COPIES, filter=Filter("a")), BROKEN)
        await stage.show("a", "b")
        dialog = await shown(stage)
        await until(
            lambda: [each[5:] for each in rows(dialog)] == [["0", "1", "0"], ["0", "0", "1"]]
        )
        assert rows(dialog)[0][:4] == [f"Home:{BUCKET}", "to-away", "s4desk", "Away:copies"]
        assert [each[4] for each in rows(dialog)] == ["Up to date", "Has failures"]
        await until(lambda: facts(dialog).get("Since the start", "").startswith("1 replicated"))
        assert "listed" in facts(dialog)["Last look"]
        assert dialog.bars[-1].completed + dialog.bars[-2].completed == 1
        await stage.put("a2")
        desk.replication.look_now(MINE)
        await until(lambda: rows(dialog)[0][6] == "2")  # nobody has asked for it
        dialog.close()

    perform(desk, story, connections=BOTH)


def test_errors_are_listed_and_tried_again(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage, replace(COPIES, filter=Filter("a")), BROKEN)
        await stage.show("a", "b")
        dialog = await shown(stage)
        await until(lambda: len(rows(dialog)) == 2 and rows(dialog)[1][7] == "1")
        assert not button(dialog, "retry").isEnabled()
        dialog.choose(RuleId(MINE, "broken"))
        await until(lambda: dialog.errors.rowCount() == 1)
        assert dialog.errors.index(0, 0).data() == "b"
        assert "nowhere" in dialog.errors.index(0, 3).data()
        await (await desk.stores.get(AWAY)).create_bucket("nowhere")
        click(dialog, "retry")
        await until(lambda: dialog.outcome.text() == "1 object is tried again.")
        await until(lambda: rows(dialog)[1][6:] == ["1", "0"])
        await until(lambda: dialog.errors.rowCount() == 0)
        dialog.choose(RuleId(MINE, "to-away"))
        assert dialog.outcome.text() == ""
        dialog.close()

    perform(desk, story, connections=BOTH)


def test_all_is_paused_and_goes_on(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        await stage.show("a")
        dialog = await shown(stage)
        await until(lambda: rows(dialog) and rows(dialog)[0][6] == "1")
        click(dialog, "pause")
        await until(lambda: rows(dialog)[0][4] == "Paused")
        assert dialog.state.text().startswith("Paused")
        assert desk.replication.running is Running.PAUSED
        await stage.put("b")
        click(dialog, "look")
        await until(lambda: rows(dialog)[0][5] == "1")
        await until(lambda: facts(dialog)["Pending since"] != "nothing waits")
        click(dialog, "pause")
        await until(lambda: rows(dialog)[0][5:7] == ["0", "2"])
        dialog.close()

    perform(desk, story, connections=BOTH)


def test_what_is_there_already_is_replicated_on_demand(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        await stage.show("a")
        dialog = await shown(stage)
        await until(lambda: rows(dialog) and rows(dialog)[0][6] == "1")
        store = await stage.store()
        await store.put(Location(BUCKET, "by-somebody"), b"else")
        click(dialog, "look")
        assert "is compared with its destinations" in dialog.outcome.text()
        await until(lambda: rows(dialog)[0][6] == "2")
        there = await desk.stores.get(AWAY)
        await there.delete(Location("copies", "a"))
        click(dialog, "look")
        kept = desk.replication.meter
        await until(lambda: kept.course(MINE, "to-away").completed == 3)
        assert (await there.head(Location("copies", "a"))).size == 1
        click(dialog, "pause")
        await until(lambda: desk.replication.running is Running.PAUSED)
        assert dialog.outcome.text() == ""
        click(dialog, "look")
        assert "waits until you resume" in dialog.outcome.text()
        dialog.close()

    perform(desk, story, connections=BOTH)


def test_nothing_is_read_while_nobody_looks(desk):
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        await replicated(stage)
        await stage.show("a")
        counted = []
        counts = desk.replication.statuses.counts

        async def count(source):
            counted.append(source)
            return await counts(source)

        desk.replication.statuses.counts = count
        dialog = await shown(stage)
        await until(lambda: len(counted) >= 2)
        dialog.hide()
        await asyncio.sleep(0.2)
        read = len(counted)
        await until(lambda: not stage.window.ticker.is_awake)
        await asyncio.sleep(1.5)
        stage.window.ticker.tick()  # somebody else's
        await asyncio.sleep(0.2)
        assert len(counted) == read
        dialog.show()
        await until(lambda: len(counted) > read)
        dialog.close()
        await until(lambda: not stage.window.ticker.is_awake)

    perform(desk, story, connections=BOTH)


def test_what_stores_do_stands_beside_what_s4desk_does(desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        await store.put_document(BUCKET, from_json(ConfigKind.REPLICATION, STORES_RULES))
        await replicated(stage)
        dialog = await shown(stage)
        await until(lambda: len(rows(dialog)) == 2)
        assert rows(dialog)[1][:5] == [f"Home:{BUCKET}", "1", "The store", "other", "On"]
        dialog.choose(RuleId(MINE, "1", is_ours=False))
        assert not button(dialog, "look").isEnabled()
        assert not button(dialog, "retry").isEnabled()
        assert button(dialog, "edit").isEnabled()
        dialog.close()

    perform(desk, story, connections=BOTH)


def test_without_rules_it_says_what_to_do(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a")
        dialog = await shown(stage)
        assert "choose a bucket" in dialog.state.text()
        for name in ("edit", "look", "retry", "pause"):
            assert not button(dialog, name).isEnabled()
        stage.give(Act.REPLICATION)  # there is one, which comes to the front
        assert await stage.opened(ReplicationDialog) is dialog
        dialog.close()

    perform(desk, story, connections=BOTH)


def test_rules_are_edited_from_here(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        dialog = await shown(stage)
        await until(lambda: rows(dialog))
        click(dialog, "edit")
        rules = await stage.opened(ReplicationRulesDialog)
        rules.list.remove()
        click(rules, "save")
        await until(lambda: not rows(dialog))
        dialog.close()

    perform(desk, story, connections=BOTH)


def test_a_bucket_is_compared_with_its_replicas(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        await stage.show("a", "b", "c")
        dialog = await shown(stage)
        await until(lambda: rows(dialog) and rows(dialog)[0][6] == "3")
        there = await desk.stores.get(AWAY)
        await there.delete(Location("copies", "a"))
        await there.put(Location("copies", "b"), b"of somebody")
        await there.put(Location("copies", "z"), b"more")
        click(dialog, "compare")
        compared = await stage.opened(ReplicationCompareDialog)
        await until(lambda: button(compared, "look").isEnabled())
        assert compared.state.text() == (
            "1 as it should be, 1 missing there, 1 different there, 1 only there."
            " Metadata, tags, storage classes and locks were not compared."
        )
        assert differences(compared) == [
            ["missing there", "a", "", "1 B", ""],
            ["different there", "b", "", "1 B", "11 B"],
            ["only there", "z", "", "", "4 B"],
        ]
        click(compared, "look")
        assert "is compared with its destinations" in compared.outcome.text()
        await until(lambda: desk.replication.meter.course(MINE, "to-away").completed >= 4)
        assert (await there.head(Location("copies", "a"))).size == 1
        compared.reject()
        await until(lambda: not isValid(compared))
        dialog.close()

    perform(desk, story, connections=BOTH)


def test_what_comes_of_a_comparison_waits_for_its_end(qtbot):
    dialog = ReplicationCompareDialog("Home:photos", "Away:copies/photos", None)
    qtbot.addWidget(dialog)
    dialog.ask()
    enabled = {name: button(dialog, name).isEnabled() for name in ("look", "manifest", "stop")}
    assert enabled == {"look": False, "manifest": False, "stop": True}


def differences(dialog: ReplicationCompareDialog) -> list[list[str]]:
    model = dialog.model
    columns = range(model.columnCount())
    return [[model.index(at, c).data() for c in columns] for at in range(model.rowCount())]


def test_what_belongs_to_the_bytes_is_compared_when_it_is_ticked(desk, tmp_path):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        await stage.show("a", "b")
        dialog = await shown(stage)
        await until(lambda: rows(dialog) and rows(dialog)[0][6] == "2")
        there = await desk.stores.get(AWAY)
        await there.put_tags(Location("copies", "b"), {"of": "somebody"})
        click(dialog, "compare")
        compared = await stage.opened(ReplicationCompareDialog)
        await until(lambda: compared.state.text().startswith("2 as they should be."))
        assert not button(compared, "manifest").isEnabled()
        assert not button(compared, "stop").isEnabled()
        tick = compared.findChild(QCheckBox, "thorough")
        QTest.keyClick(tick, Qt.Key.Key_Space)
        await until(lambda: differences(compared))
        assert differences(compared) == [["other attributes", "b", "tags", "1 B", "1 B"]]
        await until(lambda: button(compared, "manifest").isEnabled())
        assert compared.state.text().startswith("1 as it should be, 1 with other attributes.")
        # A look of ours goes by bytes.
        assert not button(compared, "look").isEnabled()
        click(compared, "manifest")
        choose(await stage.opened(QFileDialog), tmp_path / "list.csv")
        await until(lambda: compared.outcome.text())
        assert (tmp_path / "list.csv").read_text() == f"{BUCKET},b\n"
        QTest.keyClick(tick, Qt.Key.Key_Space)
        await until(lambda: compared.state.text().startswith("2 as they should be."))
        assert differences(compared) == []
        compared.reject()
        await until(lambda: not isValid(compared))
        dialog.close()

    perform(desk, story, connections=BOTH)


def test_a_comparison_is_stopped_and_says_so(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage)
        await stage.show("a")
        dialog = await shown(stage)
        await until(lambda: rows(dialog) and rows(dialog)[0][6] == "1")
        there, is_asked = await desk.stores.get(AWAY), asyncio.Event()

        async def never(*_args, **_more):
            is_asked.set()
            await asyncio.Event().wait()

        there.get_tags = never
        click(dialog, "compare")
        compared = await stage.opened(ReplicationCompareDialog)
        await until(lambda: compared.state.text().startswith("1 as it should be."))
        QTest.keyClick(compared.findChild(QCheckBox, "thorough"), Qt.Key.Key_Space)
        await until(is_asked.is_set)
        click(compared, "stop")
        await until(lambda: "Stopped before the end" in compared.state.text())
        assert not button(compared, "stop").isEnabled()
        compared.reject()
        await until(lambda: not isValid(compared))
        dialog.close()

    perform(desk, story, connections=BOTH)


def test_what_cannot_be_compared_says_why(desk):
    async def story(stage: Stage) -> None:
        await replicated(stage, BROKEN)
        await stage.show("b")
        dialog = await shown(stage)
        await until(lambda: rows(dialog))
        click(dialog, "compare")
        compared = await stage.opened(ReplicationCompareDialog)
        await until(lambda: "nowhere" in compared.state.text())
        assert not button(compared, "look").isEnabled()
        compared.reject()
        await until(lambda: not isValid(compared))
        dialog.close()

    perform(desk, story, connections=BOTH)
