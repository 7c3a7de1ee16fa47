"""Locked objects and a real pointer, keyboard and server that enforces locks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.gui.scenery import open_window
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.gui.actors import Actor, Hand
    from tests.servers.endpoint import Endpoint

KEYS = ("dir/in.txt", "free.txt", "governed.txt", "held.txt")


@pytest.fixture
def bucket(ceph: Endpoint, new_bucket: Callable[..., str]) -> str:
    bucket = new_bucket(ceph, lock=True)
    until = datetime.now(UTC) + timedelta(hours=1)
    with s3_client(ceph) as client:
        for key in KEYS:
            client.put_object(Bucket=bucket, Key=key, Body=key.encode())
        client.put_object_retention(
            Bucket=bucket,
            Key="governed.txt",
            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until},
        )
        client.put_object_legal_hold(Bucket=bucket, Key="held.txt", LegalHold={"Status": "ON"})
    return bucket


@pytest.mark.timeout(120)
def test_no_key_and_no_drag_moves_what_is_locked(actor, hand: Hand, ceph: Endpoint, bucket: str):
    window: Actor = open_window(actor, hand, ceph, bucket)
    window.until(lambda now: now["badges"].get("held.txt") == "Hold")
    window.until(lambda now: now["badges"]["governed.txt"].startswith("Governance 20"))
    window.until(lambda now: now["badges"]["free.txt"] == "–")
    for name in ("held.txt", "governed.txt"):
        hand.click(window.latest["rows"][name])
        window.until(lambda now: now["selected"] == 1)
        for key in ("Delete", "F2", "ctrl+x", "ctrl+shift+m"):
            hand.key(key)
        hand.drag(window.latest["rows"][name], window.latest["rows"]["dir"])
        assert window.latest["dialog"] == ""
    # What is free goes the same way, so the pointer did what it was meant to.
    hand.drag(window.latest["rows"]["free.txt"], window.latest["rows"]["dir"])
    window.until(lambda now: now["transfers"] == ["completed"])
    with s3_client(ceph) as client:
        there = client.list_objects_v2(Bucket=bucket)["Contents"]
    assert [each["Key"] for each in there] == [
        "dir/free.txt",
        "dir/in.txt",
        "governed.txt",
        "held.txt",
    ]
    assert window.quit() == (0, "")
    with s3_client(ceph) as client:
        client.put_object_legal_hold(Bucket=bucket, Key="held.txt", LegalHold={"Status": "OFF"})
