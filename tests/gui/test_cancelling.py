"""What is asked before transfers are cancelled, and when nothing is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel

from s4desk.core.domain.transfer import TransferState
from s4desk.gui.commands.queueing import ASK_FROM
from s4desk.gui.dialogs.question import QuestionDialog
from tests.gui.stage import Stage, memory_desk, perform, until
from tests.transfer.specs import transfer

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

S = TransferState


@pytest.fixture
def desk(tmp_path: Path, qapp) -> Desk:
    return memory_desk(tmp_path / "home")


@pytest.mark.parametrize("state", [S.RUNNING, S.PAUSED, S.FAILED])
def test_much_that_was_moved_is_asked_about_whatever_the_state(
    desk: Desk, state: TransferState, monkeypatch: pytest.MonkeyPatch
):
    cancelled: list[list[int]] = []
    monkeypatch.setattr(desk.queue, "cancel", lambda ids: cancelled.append(list(ids)))
    chosen = [transfer(n, state, size=ASK_FROM) for n in (1, 2)]

    async def story(stage: Stage) -> None:
        cancelled.clear()  # the start of the queue has none to undo
        for each in chosen:
            desk.board.post(each, done=ASK_FROM // 2)
        ids = [each.id for each in chosen]
        stage.window.transfers.cancel_requested.emit(ids)
        question = await stage.opened(QuestionDialog)
        texts = [label.text() for label in question.findChildren(QLabel)]
        assert any("Cancel 2 transfers?" in text for text in texts)
        assert any("256 MiB" in text for text in texts)
        question.reject()
        await until(lambda: stage.dialog(QuestionDialog) is None)
        assert cancelled == []
        stage.window.transfers.cancel_requested.emit(ids)
        (await stage.opened(QuestionDialog)).accept()
        await until(lambda: cancelled == [ids])
        for each in chosen:
            desk.board.post(replace(each, state=S.CANCELLED), done=0)

    perform(desk, story)


def test_little_is_not_asked_about(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    cancelled: list[list[int]] = []
    monkeypatch.setattr(desk.queue, "cancel", lambda ids: cancelled.append(list(ids)))

    async def story(stage: Stage) -> None:
        cancelled.clear()  # the start of the queue has none to undo
        one, over = transfer(1, S.PAUSED, size=ASK_FROM), transfer(2, S.COMPLETED, size=ASK_FROM)
        desk.board.post(one, done=ASK_FROM - 1)
        desk.board.post(over, done=ASK_FROM)
        stage.window.transfers.cancel_requested.emit([one.id, over.id])
        assert cancelled == [[1, 2]]
        assert stage.dialog(QuestionDialog) is None

    perform(desk, story)
