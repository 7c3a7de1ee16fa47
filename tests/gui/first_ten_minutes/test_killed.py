"""The real window is killed in the middle of a large upload: the next one goes on with it."""

from __future__ import annotations

import os
import random
import signal
from typing import TYPE_CHECKING

import pytest

from tests.faults.crash_lab import MIB, PART, SETTINGS
from tests.gui.scenery import open_window
from tests.servers.client import s3_client
from tests.servers.fault import Stall

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.gui.actors import Actor, Hand
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy

CONTENT = random.Random(10).randbytes(6 * PART - MIB)
ARRIVED = 3
"""Parts whose reply came before the kill; the one after them hangs."""


@pytest.mark.timeout(180)
def test_a_killed_window_sends_only_what_had_not_arrived(
    actor: Callable[..., Actor],
    hand: Hand,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    x11_env: dict[str, str],
    tmp_path: Path,
) -> None:
    proxy = fault_proxy(ceph)
    (tmp_path / "film.mov").write_bytes(CONTENT)
    config = tmp_path / "home" / "config"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text(SETTINGS.replace("part_limit = 2", "part_limit = 1"))
    x11_env |= {
        "S4DESK_HOME": str(tmp_path / "home"),
        "AWS_ACCESS_KEY_ID": ceph.access_key,
        "AWS_SECRET_ACCESS_KEY": ceph.secret_key,
    }

    window = open_window(actor, hand, proxy.endpoint, ceph_bucket)
    stall = Stall(after=PART // 2, direction="request")
    proxy.on(stall, method="PUT", path_re="partNumber", skip=ARRIVED)
    hand.key("ctrl+u")
    window.until(lambda now: now["dialog"] == "Upload Files")
    hand.type(str(tmp_path / "film.mov"))
    hand.key("Return")
    assert stall.reached.wait(60)
    window.until(lambda now: now["transfers"] == ["running"])
    os.kill(window.pid, signal.SIGKILL)
    assert window.wait()[0] == -signal.SIGKILL
    proxy.cut_connections()
    proxy.clear()
    began = len(proxy.requests)

    again = actor("tests.gui.story_window")
    again.until(lambda now: now["transfers"] == ["completed"] or now["errors"])
    assert again.latest["errors"] == []
    with s3_client(ceph) as client:
        stored = client.get_object(Bucket=ceph_bucket, Key="film.mov")["Body"].read()
        unfinished = client.list_multipart_uploads(Bucket=ceph_bucket).get("Uploads", [])
    assert stored == CONTENT
    assert unfinished == []
    resent = sum(each.body_bytes for each in proxy.requests[began:] if each.method == "PUT")
    assert resent == len(CONTENT) - ARRIVED * PART
    assert again.quit() == (0, "")
