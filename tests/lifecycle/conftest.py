from __future__ import annotations

import pytest

from s4desk.core.store.memory import MemoryStore
from tests.lifecycle.executing import Blind, Singly, World


@pytest.fixture(params=[MemoryStore, Singly, Blind])
def world(request):
    return World(request.param)


@pytest.fixture
def plain():
    return World()
