from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A shell with a home folder of its own."""
    return Terminal(tmp_path / "home", tmp_path / "keyring.json")
