from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app import mapped_shop as mapped
from tests.app.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.endpoint import Endpoint


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A shell with a home folder of its own."""
    return Terminal(tmp_path / "home", tmp_path / "keyring.json")


@pytest.fixture
def mapped_shop(terminal: Terminal, ceph: Endpoint) -> Iterator[mapped.MappedShop]:
    """What a group is made of, on a server that looks at keys."""
    with mapped.opened(terminal, ceph) as shop:
        yield shop
