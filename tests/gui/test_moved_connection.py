"""A connection that was pointed elsewhere: what is in the queue goes on there only by consent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.transfer import BatchId, Direction, TransferSpec, TransferState
from s4desk.gui.dialogs.question import QuestionDialog
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, qapp) -> Desk:
    return memory_desk(tmp_path / "home")


@pytest.mark.parametrize("is_same", [True, False])
def test_retry_asks_whether_it_is_the_same_store(desk: Desk, tmp_path: Path, is_same: bool):
    missing = Address(HOME, Location(BUCKET, "missing"))
    spec = TransferSpec(Direction.DOWNLOAD, missing, tmp_path / "missing", batch=BatchId("b"))

    async def story(stage: Stage) -> None:
        async def failed_as(kind: str) -> None:
            def has_failed() -> bool:
                (transfer,) = desk.queue.transfers()
                return (transfer.state, transfer.error_kind) == (TransferState.FAILED, kind)

            await until(has_failed)

        queueing = stage.commands.queueing
        (id_,) = await desk.queue.submit([spec])
        await failed_as("NotFoundError")
        there = desk.connections.get(HOME)
        assert there is not None
        await desk.connections.edit(replace(there, endpoint="memory:elsewhere"))
        await queueing.retry([id_])
        await failed_as("ConnectionMovedError")

        stage.window.transfers.retry_requested.emit([id_])
        dialog = await stage.opened(QuestionDialog)
        (dialog.accept if is_same else dialog.reject)()
        await until(lambda: stage.dialog(QuestionDialog) is None)
        await failed_as("NotFoundError" if is_same else "ConnectionMovedError")

    perform(desk, story)
