"""What the window does at the first member of a failover group is asked as the group asks it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json
from s4desk.core.domain.connection import group_connection
from s4desk.core.domain.failover import Backend, FailoverGroup, UsageLimits
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.replication.rules import Destination
from s4desk.core.replication.rule_book import Ruled
from s4desk.gui.commands.unreplicated import Unreplicated, found_object
from s4desk.gui.dialogs.bucket_config.review import SaveDialog
from s4desk.gui.dialogs.capabilities import CapabilitiesDialog
from s4desk.gui.dialogs.lifecycle_apply import LifecycleApplyDialog
from s4desk.gui.dialogs.lifecycle_apply import Stage as ApplyStage
from s4desk.gui.dialogs.lifecycle_schedule import LifecycleScheduleDialog
from s4desk.gui.dialogs.replication_rules import ReplicationRulesDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.config_pages import PageState
from s4desk.viewmodels.places import Place
from tests.gui import bucket_config
from tests.gui.bucket_config import opened, said, turned_to, type_json
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until
from tests.gui.test_grouping import AWAY, GROUP, STORES
from tests.gui.test_lifecycle_previewing import PAST, gone, keys, note, previewed, tell
from tests.gui.test_replication_badges import COPIES, MINE

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection

ALBUMS = "albums"
"""What the bucket is called in the group."""


def photos(**limits: int) -> tuple[Connection, ...]:
    names = ((ALBUMS, BUCKET),)
    home, away = Backend(HOME, names, UsageLimits(**limits)), Backend(AWAY, names)
    return (*STORES, group_connection(GROUP, "Photos", FailoverGroup((home, away))))


@pytest.fixture
def desk(tmp_path: Path, qapp: object) -> Desk:
    return memory_desk(tmp_path / "home")


async def look_into(stage: Stage) -> None:
    stage.commands.browsing.go(Place(GROUP, Prefix(ALBUMS)))
    await stage.rested()


def pretend(desk: Desk) -> None:
    desk.groups.pretend_down(GROUP, HOME, is_down=True)


def used(desk: Desk) -> int:
    """Requests of the first member, by the count of the group."""
    return desk.groups.status(GROUP).backends[0].used.requests


async def versioning(stage: Stage) -> object:
    document = await (await stage.store()).get_document(BUCKET, ConfigKind.VERSIONING)
    return as_json(document).get("Status")


def test_a_bucket_is_configured_as_its_group_asks(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await look_into(stage)
        dialog, before = await opened(stage), used(desk)
        page = await turned_to(dialog, ConfigKind.VERSIONING)
        assert used(desk) > before
        type_json(page, '{"Status": "Enabled"}')
        await bucket_config.saved(stage, page)
        assert await versioning(stage) == "Enabled"
        type_json(page, '{"Status": "Suspended"}')
        pretend(desk)
        bucket_config.press(page, "save")
        bucket_config.press(await stage.opened(SaveDialog), "save")
        await until(lambda: "Home is down, the first member of the group" in said(page))
        assert await versioning(stage) == "Enabled"
        dialog.reject()

    perform(desk, story, connections=photos())


def test_a_limit_holds_for_the_configuration_of_a_bucket(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await look_into(stage)
        dialog = await opened(stage)
        page = await turned_to(dialog, ConfigKind.CORS)
        assert page.state is PageState.FAILED
        assert "Home" in said(page)
        dialog.reject()

    perform(desk, story, connections=photos(requests=1))


def test_rules_are_looked_at_and_applied_as_the_group_asks(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await stage.put("tmp/a")
        await tell(stage, PAST)
        await look_into(stage)
        before = used(desk)
        preview = await previewed(stage)
        assert keys(preview) == ["tmp/a"]
        assert used(desk) > before
        bucket_config.press(preview, "apply")
        dialog = await stage.opened(LifecycleApplyDialog)
        await until(lambda: dialog.stage is ApplyStage.PLANNED)
        dialog.findChild(QLineEdit, "word").setText(BUCKET)
        bucket_config.press(dialog, "apply")
        await until(lambda: dialog.stage is ApplyStage.DONE)
        assert await stage.keys() == []
        # The run is one of the first member's bucket, by its name there.
        (record,) = await desk.lifecycle_runs.latest(HOME, BUCKET, 9)
        assert record.report.buckets == (BUCKET,)
        await until(lambda: stage.names() == [])
        assert "was changed since it was looked at" in note(preview, "outcome")
        dialog.reject()
        pretend(desk)
        bucket_config.press(preview, "look")
        await until(lambda: "Home" in note(preview, "outcome"))
        apply, export = (preview.findChild(QPushButton, each) for each in ("apply", "export"))
        assert not apply.isEnabled()
        assert "Nothing can be written: Home is pretended to be down." in apply.toolTip()
        assert not export.isEnabled()
        assert "The rules are not known yet" in export.toolTip()
        bucket_config.press(preview, "schedule")
        await until(lambda: "Somebody pretends that" in note(preview, "outcome"))
        assert stage.dialog(LifecycleScheduleDialog) is None
        await gone(stage, preview)

    perform(desk, story, connections=photos())


def test_what_waits_for_its_replica_is_known_in_a_group(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        nowhere = replace(COPIES, destination=Destination(AWAY, "nowhere"))
        await desk.replication.put(Ruled(MINE, (nowhere,)))
        await stage.put("a")
        store = await desk.stores.get(GROUP)
        row = found_object(await store.head(Location(ALBUMS, "a")))
        of = Unreplicated(desk).of
        for rows, folders in (([row], []), ([], [Prefix(ALBUMS)])):
            backlog = await of(GROUP, ALBUMS, rows, folders)
            assert backlog
            assert backlog.is_whole

    perform(desk, story, connections=photos())


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (Act.REPLICATION_RULES, ReplicationRulesDialog),
        (Act.CAPABILITIES, CapabilitiesDialog),
    ],
)
def test_what_goes_past_the_group_is_refused_in_a_drill(desk: Desk, act: Act, kind: type) -> None:
    async def story(stage: Stage) -> None:
        await look_into(stage)
        pretend(desk)
        stage.give(act)
        await until(lambda: "Home is down" in stage.error)
        assert stage.dialog(kind) is None
        desk.groups.pretend_down(GROUP, HOME, is_down=False)
        stage.give(act)
        assert stage.error == ""  # what was said of the last try
        dialog = await stage.opened(kind)
        assert "Home" in dialog.windowTitle()
        dialog.reject()

    perform(desk, story, connections=photos())
