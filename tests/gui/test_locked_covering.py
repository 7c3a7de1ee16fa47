"""Nothing is put on top of a locked version unasked, by whatever command of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.gui.commands import reclaiming
from s4desk.gui.dialogs.conflicts import ConflictDialog
from s4desk.gui.dialogs.locked import LockedDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.text_editor import TextEditorDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.selection import Selection
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.gui.test_locked_objects import HELD, close, locked, shown, untouched, vault, versions
from tests.gui.test_uploads import PART, begin, opened, select
from tests.gui.test_uploads import press as press_in_uploads

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


async def _replace(stage: Stage) -> None:
    conflicts = await stage.opened(ConflictDialog)
    conflicts.findChild(QAbstractButton, ConflictPolicy.OVERWRITE).click()
    conflicts.accept()


async def _upload(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "held").write_bytes(b"new")
    stage.window.pane.files_dropped.emit([tmp_path / "held"], Prefix(BUCKET))
    await _replace(stage)


async def _paste(stage: Stage, _tmp_path: Path) -> None:
    await stage.put("other/held")
    await stage.open("other/")
    stage.select("held")
    stage.give(Act.COPY)
    await stage.open()
    stage.give(Act.PASTE)
    await _replace(stage)


async def _rename(stage: Stage, _tmp_path: Path) -> None:
    await stage.put("other")
    renaming = stage.commands.renaming
    stage.session.run_call(lambda: renaming.rename(HOME, Location(BUCKET, "other"), "held"))
    await _replace(stage)


async def _adopt(stage: Stage, tmp_path: Path) -> None:
    content = bytes(PART) + b"the end"
    (tmp_path / "mine").write_bytes(content)
    await begin(stage, "held", bytes(PART))
    dialog = await opened(stage, 1)
    select(dialog, 0)
    press_in_uploads(dialog, "adopt")
    (await stage.opened(QuestionDialog)).accept()


WAYS = {"upload": _upload, "paste": _paste, "rename": _rename, "adopt": _adopt}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_replaces_asks_first(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    async def choose_mine(*_: object) -> Path:
        return tmp_path / "mine"

    monkeypatch.setattr(reclaiming, "choose_file", choose_mine)

    async def story(stage: Stage) -> None:
        await vault(stage)
        await WAYS[way](stage, tmp_path)
        question = await locked(stage)
        assert shown(question) == ["held"]
        assert question.findChild(QCheckBox, "override") is not None
        close(question)
        await until(lambda: stage.dialog(LockedDialog) is None)
        await until(lambda: not stage.states)
        assert await untouched(stage)

    perform(desk, story)


@pytest.mark.parametrize("where", ["menu", "timeline"])
def test_an_older_version_covers_a_locked_one_only_after_a_tick(desk: Desk, where: str) -> None:
    async def story(stage: Stage) -> None:
        store = await vault(stage)
        location = Location(BUCKET, "y")
        await store.put(location, b"free")
        await store.put(location, b"held", attributes=HELD)

        async def restore() -> LockedDialog:
            older = (await store.list_versions(Prefix(BUCKET, "y"))).versions[1]
            restoring = stage.commands.versioning.restore
            if where == "menu":
                await stage.open()
                stage.window.acts[Act.SHOW_VERSIONS].trigger()
                await stage.rested()
                table = stage.window.pane.table
                row = [at for at, name in enumerate(stage.names()) if name == "y"][1]
                table.selectRow(row)
                stage.give(Act.RESTORE_VERSION)
            else:
                stage.session.run_call(lambda: restoring(HOME, [older]))
            return await locked(stage)

        close(await restore())
        await until(lambda: stage.dialog(LockedDialog) is None)
        assert await versions(store, "y") == 2
        assert await stage.read("y") == b"held"
        if where == "menu":
            return
        dialog = await restore()
        dialog.override.setChecked(True)
        press(dialog, "&Go On")
        await until(lambda: stage.window.status_bar.currentMessage())
        assert await stage.read("y") == b"free"
        assert await versions(store, "y") == 3

    perform(desk, story)


def test_a_text_that_is_locked_is_not_edited(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await vault(stage)
        editing = stage.commands.text_editing
        stage.session.run_call(lambda: editing.edit(HOME, Location(BUCKET, "held")))
        await until(lambda: stage.error)
        assert stage.dialog(TextEditorDialog) is None
        assert await untouched(stage)

    perform(desk, story)


def test_a_large_selection_is_looked_at_until_one_is_known_to_be_locked(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        store = await vault(stage)
        for number in range(2500):
            await store.put(Location(BUCKET, f"many/{number:04}"), b"")
        await store.put_legal_hold(Location(BUCKET, "many/0500"), is_on=True)
        heads, look = [], store.head

        async def counted(*arguments: Any, **words: Any) -> Any:
            heads.append(arguments)
            return await look(*arguments, **words)

        store.head = counted  # type: ignore[method-assign]
        chosen = Selection(Prefix(BUCKET), [Prefix(BUCKET, "many/")])
        stage.session.run_call(lambda: stage.commands.deleting.objects(HOME, chosen))
        question = await locked(stage)
        said = " ".join(label.text() for label in question.findChildren(QLabel))
        assert "At least 1" in said
        below = [each for each, *_ in heads if each.key.startswith("many/")]
        assert len(below) <= 1000  # badges look too, at what is seen
        close(question)

    perform(desk, story)
