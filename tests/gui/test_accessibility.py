"""What somebody hears who does not see the window: every widget that takes keys has a name.

Every dialog that a story waits for (`Stage.opened`) is looked at in the same way.
"""

from __future__ import annotations

import pytest

from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.palette import PaletteDialog
from s4desk.gui.dialogs.settings import SettingsDialog
from s4desk.gui.dialogs.sync import SyncDialog
from s4desk.gui.dialogs.uploads import UploadsDialog
from s4desk.viewmodels.availability import Act
from tests.gui.reading import nameless, out_of_order
from tests.gui.stage import Stage, memory_desk, perform


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def test_the_window_has_names_for_all_that_can_be_reached(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", "folder/b.txt")
        stage.window.acts[Act.HIDE_EMPTY_TRANSFERS].trigger()
        assert nameless(stage.window) == []
        stage.give(Act.SHOW_GRID)
        assert nameless(stage.window) == []
        stage.give(Act.SHOW_TREE)
        await stage.rested()
        stage.give(Act.FILTER)
        assert nameless(stage.window) == []
        stage.give(Act.GO_TO)
        assert nameless(stage.window) == []

    perform(desk, story)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (Act.ADD_CONNECTION, ConnectionDialog),
        (Act.SETTINGS, SettingsDialog),
        (Act.FIND, FormDialog),
        (Act.PALETTE, PaletteDialog),
        (Act.SYNC, SyncDialog),
        (Act.UPLOADS, UploadsDialog),
        (Act.DELETE, DeletionDialog),
        (Act.RENAME, FormDialog),
        (Act.NEW_BUCKET, FormDialog),
        (Act.NEW_FOLDER, FormDialog),
    ],
)
def test_dialogs_have_names_for_all_that_can_be_reached(desk, act, kind):
    async def story(stage: Stage) -> None:
        await stage.show("a b.txt", "folder/b.txt")
        stage.select("folder")
        stage.give(act)
        dialog = await stage.opened(kind)
        if isinstance(dialog, FormDialog):
            dialog.show_rare()
        assert nameless(dialog) == []
        assert out_of_order(dialog) == []
        dialog.reject()

    perform(desk, story)
