"""The whole job on real input: thousands of files into a real Ceph bucket by drag, and back."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from tests.gui.scenery import open_window, partner, tree_of
from tests.servers.client import s3_client
from tests.servers.fault import Stall

if TYPE_CHECKING:
    from pathlib import Path

FILES = 2500
LARGE = 70 * 1024**2
"""Above the threshold of multipart uploads and of ranged downloads."""

NAMES = ("report", "ünïcödé", "a b+c", "100%", ".hidden", "data#1", "e\u0301", "日本語")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Thousands of files of all sizes, deep and flat, hidden and empty."""
    dice = random.Random(4)
    folder = tmp_path / "estate"
    for number in range(FILES):
        depth = dice.randrange(4)
        parts = [f"{NAMES[number % len(NAMES)]} {number % (3 + each)}" for each in range(depth)]
        file = folder.joinpath(*parts, f"{NAMES[dice.randrange(len(NAMES))]}-{number:04d}.dat")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(dice.randbytes(dice.choice((0, 1, 100, 4000, 70_000))))
    (folder / "empty" / "deeper").mkdir(parents=True)
    (folder / "large.bin").write_bytes(os.urandom(LARGE))
    return folder


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_thousands_of_files_are_dragged_to_ceph_and_back(
    actor, hand, ceph, ceph_bucket, folder, tmp_path
):
    window = open_window(actor, hand, ceph, ceph_bucket)
    other = partner(actor, tmp_path / "desktop", folder)

    hand.drag(other.latest["source"], window.latest["middle"])
    other.until(lambda now: now.get("dragged") == "CopyAction")
    window.until(lambda now: "estate" in now["rows"] and "files" in now["message"])
    assert set(window.latest["transfers"]) == {"completed"}
    assert len(window.latest["transfers"]) >= FILES + 1

    hand.double_click(window.latest["rows"]["estate"])
    window.until(lambda now: "empty" in now["rows"] and now["state"] == "complete")
    hand.key("alt+Left")
    window.until(lambda now: list(now["rows"]) == ["estate"] and now["state"] == "complete")

    # What is dragged out is fetched first; the second drag finds it ready.
    hand.drag(window.latest["rows"]["estate"], other.latest["target"], rest_s=1)
    window.until(lambda now: "Ready" in now["message"])
    if not (tmp_path / "desktop" / "estate").exists():
        hand.drag(window.latest["rows"]["estate"], other.latest["target"], rest_s=1)
    other.until(lambda now: now.get("dropped") == ["estate"])
    assert tree_of(tmp_path / "desktop" / "estate") == tree_of(folder)
    assert (tmp_path / "desktop" / "estate" / "empty" / "deeper").is_dir()

    assert window.quit() == (0, "")


def test_what_is_not_here_yet_is_not_dropped(actor, hand, moto, moto_bucket, fault_proxy, tmp_path):
    with s3_client(moto) as client:
        client.put_object(Bucket=moto_bucket, Key="late.bin", Body=b"late")
    proxy = fault_proxy(moto)
    stall = Stall()
    proxy.on(stall, method="GET", path_re="/late")
    window = open_window(actor, hand, proxy.endpoint, moto_bucket)
    other = partner(actor, tmp_path / "desktop", tmp_path)

    # An empty list of files would look like a drop that worked.
    hand.drag(window.latest["rows"]["late.bin"], other.latest["target"])
    assert stall.reached.wait(10)
    stall.release()
    window.until(lambda now: "Ready" in now["message"])

    hand.drag(window.latest["rows"]["late.bin"], other.latest["target"])
    other.until(lambda now: now.get("dropped") == ["late.bin"])
    assert other.latest["drops"] == 1
    landed = tmp_path / "desktop" / "late.bin"
    assert landed.read_bytes() == b"late"

    # What was handed over is not handed over again: the object may be another one by now.
    with s3_client(moto) as client:
        client.put_object(Bucket=moto_bucket, Key="late.bin", Body=b"next")
    landed.unlink()
    while not landed.exists():
        hand.drag(window.latest["rows"]["late.bin"], other.latest["target"], rest_s=1)
    assert landed.read_bytes() == b"next"
    assert window.quit() == (0, "")
