"""Thumbnails from a real store: how much is read for each, and that nobody has to wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QSize
from PySide6.QtGui import QColor, QImage

from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.domain.transfer import Direction, TransferSpec
from s4desk.core.wire.body import SMALL_BODY
from s4desk.gui.models.cells import META_ROLE
from s4desk.gui.views.picture_delegate import SIDE
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.thumbnail import EMBEDDED_WITHIN
from tests.gui.stage import Stage, memory_desk, perform, until
from tests.gui.test_ceph_moves import near
from tests.servers.client import s3_client
from tests.servers.fault import Stall
from tests.viewmodels.photographs import photograph

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

LARGE = 2 * 1024**2
TRANSFERRED = SMALL_BODY + 1
TURNED_RIGHT = 6


def image_of(width: int, height: int, format_: str) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#3060c0"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    assert image.save(buffer, format_)
    return bytes(buffer.data().data())


def fill(endpoint: Any, bucket: str) -> dict[str, int]:
    """The images, and how many bytes each has."""
    jpeg, thumbnail = image_of(1200, 800, "jpeg"), image_of(160, 107, "jpeg")
    bodies = {
        "camera.jpg": photograph(jpeg, thumbnail, TURNED_RIGHT).ljust(LARGE, b"\0"),
        "plain.jpg": jpeg.ljust(LARGE, b"\0"),
        "small.png": image_of(300, 200, "png"),
        "words.txt": b"words" * 1000,
    }
    with s3_client(endpoint) as client:
        for name, body in bodies.items():
            client.put_object(Bucket=bucket, Key=f"album/{name}", Body=body)
        client.put_object(Bucket=bucket, Key="large.bin", Body=bytes(TRANSFERRED))
    return {name: len(body) for name, body in bodies.items()}


def picture(stage: Stage, name: str) -> QPixmap | None:
    assert stage.window is not None
    model = stage.window.pane.grid.model()
    meta = model.index(stage.names().index(name), 0).data(META_ROLE)
    found: QPixmap | None = stage.commands.thumbnailing.picture(meta)
    return found


def size(stage: Stage, name: str) -> QSize:
    found = picture(stage, name)
    assert found is not None
    return found.size()


def ranges(proxy: Any, name: str) -> list[str]:
    """What was read of an object."""
    return [
        each.headers.get("range", "all")
        for each in proxy.requests
        if each.method == "GET" and each.target.endswith(f"/{name}")
    ]


@pytest.mark.timeout(120)
def test_of_a_photograph_only_the_begin_is_read_and_nobody_waits_for_transfers(
    qapp, tmp_path, monkeypatch, ceph, ceph_bucket, fault_proxy
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ceph.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", ceph.secret_key)
    sizes = fill(ceph, ceph_bucket)
    proxy = fault_proxy(ceph)
    stall = Stall(after=None)
    proxy.on(stall, method="GET", path_re="large.bin", times=None)
    here = near(proxy.endpoint, "here")

    async def story(stage: Stage) -> None:
        desk = stage.desk
        await stage.commands.preferring.change(transfer_limit=1, part_limit=1)
        source = Address(here.id, Location(ceph_bucket, "large.bin"))
        spec = TransferSpec(Direction.DOWNLOAD, source, tmp_path / "large.bin", size=TRANSFERRED)
        await desk.queue.submit([spec])
        await until(stall.reached.is_set)  # every slot and thread for bodies is taken now

        stage.commands.browsing.go(Place(here.id, Prefix(ceph_bucket, "album/")))
        await stage.rested()
        stage.give(Act.SHOW_GRID)
        names = ("camera.jpg", "plain.jpg", "small.png")
        await until(lambda: all(picture(stage, name) for name in names))
        assert size(stage, "camera.jpg") == QSize(96, SIDE)
        assert size(stage, "plain.jpg") == size(stage, "small.png") == QSize(SIDE, 96)
        begin = f"bytes=0-{EMBEDDED_WITHIN - 1}"
        assert ranges(proxy, "camera.jpg") == [begin]
        rest = f"bytes={EMBEDDED_WITHIN}-{sizes['plain.jpg'] - 1}"
        assert ranges(proxy, "plain.jpg") == [begin, rest]
        assert len(ranges(proxy, "small.png")) == 1
        assert ranges(proxy, "words.txt") == []

        stage.select("words.txt")
        stage.give(Act.PREVIEW)
        panel = stage.window.findChild(PreviewPanel)
        await until(lambda: panel.words().startswith("wordswords"))
        stall.released.set()
        await desk.queue.at_rest()

    perform(memory_desk(tmp_path / "home"), story, connections=(here,))
