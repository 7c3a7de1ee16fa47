"""Five thousand profiles in the configuration of AWS: offered, chosen, and no burden."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLineEdit

from s4desk.core.domain.connection import CredentialKind
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.importing import ImportDialog
from s4desk.viewmodels.acts import Act
from tests.gui.stage import Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from s4desk.core.desk import Desk

PROFILES = 5000
LONGEST_S = 0.5
"""How long the window may not answer, on a machine that others share."""


@pytest.fixture
def desk(tmp_path: Path, qapp: object) -> Desk:
    return memory_desk(tmp_path / "home")


@pytest.fixture(autouse=True)
def configuration() -> None:
    profiles = (
        f"[profile team-{n}]\nsso_session = corp\nsso_account_id = {n}\nsso_role_name = reader\n"
        for n in range(PROFILES)
    )
    text = "".join(profiles) + (
        "[sso-session corp]\nsso_start_url = https://corp.test/start\nsso_region = eu-west-1\n"
    )
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(text)


class Lateness:
    """The longest time between two turns of the loop."""

    def __init__(self) -> None:
        self.worst, self._last = 0.0, time.perf_counter()

    def __call__(self) -> None:
        now = time.perf_counter()
        self.worst, self._last = max(self.worst, now - self._last), now


def test_they_are_offered_without_holding_up_the_window(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        late = Lateness()
        stage.give(Act.IMPORT_CONNECTIONS)
        dialog = await stage.opened(ImportDialog)

        def is_here() -> bool:
            late()
            return dialog.model.rowCount() == PROFILES

        await until(is_here)
        assert late.worst < LONGEST_S
        dialog.reject()

    perform(desk, story)


def test_one_of_them_is_chosen_as_it_is_typed(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        stage.give(Act.ADD_CONNECTION)
        dialog = await stage.opened(ConnectionDialog)
        form = dialog.form
        form.edit("credentials", CredentialKind.PROFILE)
        dialog.refresh()
        line = dialog.findChild(QLineEdit, "profile")
        assert line is not None
        await until(lambda: line.completer() is not None)
        completer = line.completer()
        completer.setCompletionPrefix("team-4999")
        assert completer.currentCompletion() == "team-4999"
        dialog.reject()

    perform(desk, story, connections=())
