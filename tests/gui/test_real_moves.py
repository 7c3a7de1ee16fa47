"""Objects dragged with a real pointer: between rows, into the sidebar, onto a step of the way.

In the table, and in the grid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gui.scenery import open_window
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.gui.actors import Actor, Hand
    from tests.servers.endpoint import Endpoint

KEYS = {"dir/in.txt": b"in", "here.txt": b"here", "other.txt": b"other", "third.txt": b"third"}


@pytest.fixture
def bucket(moto: Endpoint, moto_bucket: str) -> str:
    with s3_client(moto) as client:
        for key, body in KEYS.items():
            client.put_object(Bucket=moto_bucket, Key=key, Body=body)
    return moto_bucket


@pytest.fixture
def window(actor: Callable[..., Actor], moto: Endpoint, bucket: str, hand: Hand) -> Actor:
    window = open_window(actor, hand, moto, bucket)
    window.until(lambda now: bucket in now["places"])
    hand.click(window.latest["places"][bucket])
    hand.key("Right")
    window.until(lambda now: {"dir", "here.txt"} <= now["rows"].keys() and "dir" in now["places"])
    return window


def keys(moto: Endpoint, bucket: str) -> set[str]:
    with s3_client(moto) as client:
        reply = client.list_objects_v2(Bucket=bucket)
        return {each["Key"] for each in reply.get("Contents", [])}


@pytest.mark.parametrize("key", ["ctrl+1", "ctrl+3"], ids=["table", "grid"])
def test_rows_are_dragged_to_rows_places_and_steps(window, hand, moto, bucket, key):
    hand.key(key)
    window.until(lambda now: now["is_grid"] == (key == "ctrl+3") and "here.txt" in now["rows"])
    rows = window.latest["rows"]

    # Onto a folder row: it moves, and its row is gone.
    hand.drag(rows["here.txt"], rows["dir"])
    window.until(lambda now: "here.txt" not in now["rows"] and now["transfers"] == ["completed"])
    assert keys(moto, bucket) == {"dir/in.txt", "dir/here.txt", "other.txt", "third.txt"}

    # The same with Ctrl: it is copied, and stays.
    hand.drag(window.latest["rows"]["other.txt"], window.latest["places"]["dir"], holding="ctrl")
    window.until(lambda now: now["transfers"] == ["completed"] * 2)
    assert keys(moto, bucket) == {*KEYS, "dir/here.txt", "dir/other.txt"} - {"here.txt"}

    # Onto a place of the sidebar: it moves.
    hand.drag(window.latest["rows"]["third.txt"], window.latest["places"]["dir"])
    window.until(lambda now: list(now["rows"]) == ["dir", "other.txt"])
    assert "dir/third.txt" in keys(moto, bucket)

    # Back up, onto a step of the way.
    # By key: rows that are read again between the clicks of a double click spoil it.
    hand.click(window.latest["rows"]["dir"])
    window.until(lambda now: now["selected"] == 1)
    hand.key("Return")
    window.until(lambda now: "third.txt" in now["rows"] and now["state"] == "complete")
    hand.drag(window.latest["rows"]["third.txt"], window.latest["crumbs"][bucket])
    window.until(lambda now: "third.txt" not in now["rows"])
    window.until(lambda now: set(now["transfers"]) == {"completed"})
    assert "third.txt" in keys(moto, bucket)
    assert window.quit() == (0, "")
