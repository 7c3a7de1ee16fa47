"""A site with an engine at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.replication.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    site = Site()
    site.engine.open()
    yield site
    await site.engine.aclose()
    site.database.connection.close()
