"""Fixtures of the transfer engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transfer.world import World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    # So that parts may be small; the limit itself is the store's own test.
    monkeypatch.setattr("s4desk.core.store.memory.MIN_PART_SIZE", 1)
    return World(tmp_path)
