"""Fixtures of the transfer engine."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.transfer.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter; pytest's own are closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="s4desk-open-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder, onerror=_unlock)


def _unlock(remove: Callable[[str], object], path: str, _error: object) -> None:
    Path(path).chmod(0o755)
    remove(path)


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    # So that parts may be small; the limit itself is the store's own test.
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    return World(tmp_path)
