"""The laboratory in which the program is killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.terminal import Terminal
from tests.faults.crash_lab import SETTINGS, Lab
from tests.servers.client import temporary_bucket
from tests.servers.fault import FaultProxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.endpoint import Endpoint


@pytest.fixture(scope="module")
def resting_lab(ceph: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A home with two connections, T and U, to a bucket behind the proxy."""
    folder = tmp_path_factory.mktemp("crashes")
    terminal = Terminal(folder / "home", folder / "keyring.json")
    proxy = FaultProxy(ceph)
    with temporary_bucket(ceph) as bucket:
        for name in ("T", "U"):
            terminal.add(name, proxy.start())
            proxy.down()
        (terminal.home / "config" / "settings.toml").write_text(SETTINGS)
        yield Lab(proxy, terminal, bucket, folder)


@pytest.fixture
def lab(resting_lab: Lab) -> Iterator[Lab]:
    """One home and one proxy for all, because each process more takes its time."""
    resting_lab.proxy.up()
    yield resting_lab
    resting_lab.proxy.clear()
    resting_lab.proxy.down()
