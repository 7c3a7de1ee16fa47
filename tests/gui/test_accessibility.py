"""What somebody hears who does not see the window: every widget that takes keys has a name.

Every dialog that a story waits for (`Stage.opened`) is looked at for names, too.
"""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.bucket_config.dialog import BucketConfigDialog
from s4desk.gui.dialogs.capabilities import CapabilitiesDialog
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.destination import DestinationDialog
from s4desk.gui.dialogs.group import GroupDialog
from s4desk.gui.dialogs.history import HistoryDialog
from s4desk.gui.dialogs.importing import ImportDialog
from s4desk.gui.dialogs.palette import PaletteDialog
from s4desk.gui.dialogs.settings import SettingsDialog
from s4desk.gui.dialogs.shortcuts import ShortcutsDialog
from s4desk.gui.dialogs.storage import StorageDialog
from s4desk.gui.dialogs.sync import SyncDialog
from s4desk.gui.dialogs.uploads import UploadsDialog
from s4desk.gui.models.transfer_cells import TransferColumn
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.viewmodels.acts import Act
from tests.gui.reading import nameless, out_of_order
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until


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
        stage.give(Act.SHOW_GRID)
        await stage.rested()
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.window.status_bar.show_error("Broken.")
        assert nameless(stage.window) == []

    perform(desk, story)


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("a.txt", b"words"),
        ("a.csv", b"a,b\n1,2\n"),
        ("a.md", b"# Title\n\n[link](http://x.test)\n"),
        ("a.png", b"no picture"),
    ],
)
def test_the_preview_has_names_whatever_it_shows(desk, key, content):
    async def story(stage: Stage) -> None:
        await stage.show(key, data=content)
        stage.select(key)
        stage.give(Act.PREVIEW)
        panel = stage.window.findChild(PreviewPanel)
        await until(lambda: panel.isVisible() and panel._stack.currentWidget().hasFocus())
        await until(lambda: "…" not in panel.words())
        assert nameless(panel) == []

    perform(desk, story)


def test_transfers_are_told_in_words(desk, tmp_path):
    """A bar, an arrow and a sign are nothing to hear."""
    (tmp_path / "a").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        await stage.open()
        target = Address(HOME, Location(BUCKET, "a"))
        await desk.queue.submit([TransferSpec(Direction.UPLOAD, tmp_path / "a", target, 1)])
        stage.session._feed.wake()  # as the window does when it submits
        await until(lambda: set(stage.states) == {TransferState.COMPLETED})
        model = stage.window.transfer_model
        await until(lambda: model.rowCount() == 1)
        role = Qt.ItemDataRole.AccessibleTextRole
        columns = (TransferColumn.DIRECTION, TransferColumn.PROGRESS, TransferColumn.STATE)
        await until(lambda: model.index(0, TransferColumn.STATE).data(role) == "Done")
        assert [model.index(0, each).data(role) for each in columns] == ["Upload", "100 %", "Done"]

    perform(desk, story)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (Act.ADD_CONNECTION, ConnectionDialog),
        (Act.ADD_GROUP, GroupDialog),
        (Act.SETTINGS, SettingsDialog),
        (Act.FIND, FormDialog),
        (Act.PALETTE, PaletteDialog),
        (Act.SYNC, SyncDialog),
        (Act.UPLOADS, UploadsDialog),
        (Act.BUCKET_CONFIGURATION, BucketConfigDialog),
        (Act.DELETE, DeletionDialog),
        (Act.RENAME, FormDialog),
        (Act.NEW_BUCKET, FormDialog),
        (Act.NEW_FOLDER, FormDialog),
        (Act.COPY_TO, DestinationDialog),
        (Act.SHORTCUTS, ShortcutsDialog),
        (Act.HISTORY, HistoryDialog),
        (Act.CAPABILITIES, CapabilitiesDialog),
        (Act.IMPORT_CONNECTIONS, ImportDialog),
        (Act.EXPORT_LINKS, FormDialog),
        (Act.STORAGE_VIEW, StorageDialog),
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
