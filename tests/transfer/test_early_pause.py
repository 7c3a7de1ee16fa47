"""Paused again before it had found out what is kept, a transfer shows it all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.transfer import TransferState
from s4desk.core.transfer.job import Stop
from tests.transfer.world import PART, noise

if TYPE_CHECKING:
    from tests.transfer.world import World


LARGE = noise(4 * PART + 500)


@pytest.mark.parametrize("direction", ["upload", "download"])
async def test_what_is_kept_is_shown(world: World, direction: str) -> None:
    transfer = await getattr(world, direction)(LARGE)
    paused = await world.stopped_midway(transfer, Stop.PAUSE, after=2)
    assert world.board.progress(transfer.id).done == 2 * PART
    again = world.job(paused.transfer)
    again.stop(Stop.PAUSE)
    await again.run()
    assert again.transfer.state is TransferState.PAUSED
    assert world.board.progress(transfer.id).done == 2 * PART
    await world.run(again.transfer)
    assert world.board.progress(transfer.id).done == len(LARGE)
