"""Stories in a real window on a real display, and the largest one on a fast endpoint."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.gui.bridge.ticker import FRAME_MS
from s4desk.viewmodels.listing import ListingState
from s4desk.viewmodels.places import Place
from tests.gui.scenery import open_window, partner, tree_of
from tests.gui.stage import Stage, memory_desk, perform, until
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.gui.actors import Actor, Hand
    from tests.servers.endpoint import Endpoint

LISTED = "logs/2026/11/"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as people have them: nested, hidden, empty, odd names, one larger file."""
    folder = tmp_path / "holiday"
    (folder / "day 1" / "empty").mkdir(parents=True)
    (folder / "day 1" / "ünï ☃.txt").write_bytes(b"snow")
    (folder / ".hidden").write_bytes(b"secret")
    (folder / "a+b%c#d?.txt").write_bytes(b"odd")
    (folder / "large.bin").write_bytes(os.urandom(2 * 1024**2))
    (folder / "nothing").write_bytes(b"")
    return folder


@pytest.fixture
def window(actor: Callable[..., Actor], moto: Endpoint, moto_bucket: str, hand: Hand) -> Actor:
    return open_window(actor, hand, moto, moto_bucket)


def listed(moto: Endpoint, bucket: str) -> dict[str, Any]:
    with s3_client(moto) as client:
        reply = client.list_objects_v2(Bucket=bucket)
        return {each["Key"]: each["Size"] for each in reply.get("Contents", [])}


def test_a_folder_is_dragged_in_browsed_dragged_out_and_deleted(
    actor, window, hand, moto, moto_bucket, folder, tmp_path
):
    other = partner(actor, tmp_path / "desktop", folder)

    # In: from another program's window onto the empty pane.
    hand.drag(other.latest["source"], window.latest["middle"])
    other.until(lambda now: now.get("dragged") == "CopyAction")
    window.until(lambda now: "holiday" in now["rows"] and "files" in now["message"])
    assert set(window.latest["transfers"]) == {"completed"}
    assert listed(moto, moto_bucket) == {
        "holiday/.hidden": 6,
        "holiday/a+b%c#d?.txt": 3,
        "holiday/day 1/empty/": 0,
        "holiday/day 1/ünï ☃.txt": len("snow"),
        "holiday/large.bin": 2 * 1024**2,
        "holiday/nothing": 0,
    }

    # Browse: into the folder and back.
    hand.double_click(window.latest["rows"]["holiday"])
    window.until(lambda now: "day 1" in now["rows"] and now["state"] == "complete")
    hand.key("alt+Left")
    window.until(lambda now: list(now["rows"]) == ["holiday"] and now["state"] == "complete")

    # Out: the folder into the other program's window.
    for _ in range(3):
        hand.drag(window.latest["rows"]["holiday"], other.latest["target"], rest_s=2)
        window.until(lambda now: "queued" not in now["transfers"])
        if (tmp_path / "desktop" / "holiday").exists():
            break
    other.until(lambda now: now.get("dropped") == ["holiday"])
    assert tree_of(tmp_path / "desktop" / "holiday") == tree_of(folder)
    assert (tmp_path / "desktop" / "holiday" / "day 1" / "empty").is_dir()

    # Delete: the key, the word, the button.
    hand.click(window.latest["rows"]["holiday"])
    window.until(lambda now: now["selected"] == 1)
    hand.key("Delete")
    window.until(lambda now: now["dialog"] == "Delete")
    hand.type("delete")
    hand.key("Return")
    window.until(lambda now: now["rows"] == {} and "deleted" in now["message"])
    assert listed(moto, moto_bucket) == {}

    code, errors = window.quit()
    assert (code, errors) == (0, "")


def test_a_million_keys_begin_at_once_and_stop_at_once(qapp, tmp_path, null, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", null.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", null.secret_key)
    connection = Connection(
        ConnectionId("fast"),
        "Fast",
        endpoint=null.url,
        region="us-east-1",
        credentials=CredentialReference(CredentialKind.ENVIRONMENT),
    )

    async def story(stage: Stage) -> None:
        pane = stage.window.pane
        stage.commands.browsing.go(Place(connection.id, Prefix("b", LISTED)))
        await until(lambda: pane.status.state is ListingState.PAUSED)
        assert 0 < pane.status.objects < 20_000
        pane.load_all()
        await until(lambda: pane.status.loaded >= 20_000)
        pane.stop()
        stopped_at = pane.status.loaded
        assert pane.status.state is ListingState.STOPPED
        frames: list[int] = []
        stage.window.ticker.add(lambda: bool(frames.append(1)) or len(frames) < 3)
        stage.window.ticker.wake()
        await until(lambda: len(frames) == 3)  # three frames of FRAME_MS
        assert FRAME_MS == 100
        assert pane.status.loaded == stopped_at

    perform(memory_desk(tmp_path / "home"), story, connections=(connection,))
