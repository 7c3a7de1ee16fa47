"""Links in the window: real servers honour what the dialog says of them."""

from __future__ import annotations

import asyncio
import csv
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton

from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.share import QrCodeDialog, ShareDialog
from s4desk.viewmodels.acts import Act
from tests.gui.reading import nameless, out_of_order
from tests.gui.real_store import connection_to, go
from tests.gui.stage import Stage, memory_desk, perform, press, until
from tests.gui.test_commands import choose
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.endpoint import Endpoint


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


async def fetched(url: str, method: str = "GET", body: bytes | None = None) -> tuple[bytes, str]:
    """What comes, and as what."""

    def fetch() -> tuple[bytes, str]:
        kind = {"Content-Type": "application/octet-stream"} if body is not None else {}
        with urlopen(Request(url, body, kind, method=method), timeout=20) as reply:
            return reply.read(), reply.headers.get("Content-Disposition", "")

    return await asyncio.to_thread(fetch)


def note(dialog: ShareDialog, name: str) -> str:
    return dialog.findChild(QLabel, name).text()


async def signed(dialog: ShareDialog) -> str:
    await until(lambda: dialog.link)
    return dialog.link


async def chosen(dialog: ShareDialog, name: str, text: str) -> str:
    """The link after a choice in one field."""
    before = dialog.link
    box = dialog.findChild(QComboBox, name)
    box.setCurrentIndex(box.findData(text))
    await until(lambda: dialog.link not in ("", before))
    return dialog.link


def test_links_are_made_as_one_looks(desk, endpoint: Endpoint, bucket: str, monkeypatch):
    with s3_client(endpoint) as client:
        client.put_object(Bucket=bucket, Key="größe +.txt", Body=b"content")

    async def story(stage: Stage) -> None:
        await go(stage, bucket)
        stage.select("größe +.txt")
        stage.give(Act.SHARE)
        dialog = await stage.opened(ShareDialog)
        assert await fetched(await signed(dialog)) == (b"content", "")
        assert "X-Amz-Expires=3600" in dialog.link
        assert "can read the object until" in note(dialog, "outcome")
        press(dialog, "&Copy Link")
        assert QGuiApplication.clipboard().text() == dialog.link
        assert note(dialog, "outcome").startswith("Copied.")

        before = dialog.link
        dialog.findChild(QLineEdit, "name").setText("Größe.txt")
        assert not dialog.findChild(QPushButton, "code").isEnabled()
        await until(lambda: dialog.link not in ("", before))
        assert "Gr%C3%B6%C3%9Fe.txt" in (await fetched(dialog.link))[1]

        assert "X-Amz-Expires=604800" in await chosen(dialog, "expires", "7d")
        assert await fetched(await chosen(dialog, "method", "HEAD"), "HEAD")
        link = await chosen(dialog, "method", "PUT")
        assert "can write the object" in note(dialog, "outcome")
        assert not dialog.findChild(QLineEdit, "name").isVisible()
        await fetched(link, "PUT", b"written")
        with s3_client(endpoint) as client:
            assert client.get_object(Bucket=bucket, Key="größe +.txt")["Body"].read() == b"written"
        dialog.reject()

    perform(desk, story, connections=(connection_to(endpoint, monkeypatch),))


def test_one_version_is_shared(desk, endpoint: Endpoint, bucket: str, monkeypatch):
    with s3_client(endpoint) as client:
        kept = {"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}}
        client.put_bucket_versioning(**kept)
        old = client.put_object(Bucket=bucket, Key="a", Body=b"old")["VersionId"]
        client.put_object(Bucket=bucket, Key="a", Body=b"new")

    async def story(stage: Stage) -> None:
        await go(stage, bucket)
        stage.give(Act.SHOW_VERSIONS)
        await until(lambda: len(stage.names()) == 2)
        stage.window.pane.table.selectRow(1)
        assert list(stage.commands.subject.selection.versions) == [old]
        stage.give(Act.SHARE)
        dialog = await stage.opened(ShareDialog)
        assert (await fetched(await signed(dialog)))[0] == b"old"
        methods = dialog.findChild(QComboBox, "method")
        assert methods.findData("PUT") < 0
        dialog.reject()

    perform(desk, story, connections=(connection_to(endpoint, monkeypatch),))


def test_more_than_seven_days_are_refused(desk, moto: Endpoint, moto_bucket: str, monkeypatch):
    with s3_client(moto) as client:
        client.put_object(Bucket=moto_bucket, Key="a/../b", Body=b"content")

    async def story(stage: Stage) -> None:
        await go(stage, moto_bucket, "a/../")
        stage.select("b")
        stage.give(Act.SHARE)
        dialog = await stage.opened(ShareDialog)
        await signed(dialog)
        assert "“.” or “..”" in note(dialog, "warning")
        await chosen(dialog, "expires", "own")
        assert "X-Amz-Expires=43200" in dialog.link
        dialog.findChild(QLineEdit, "span").setText("8d")
        assert dialog.link == ""
        assert "at most 7d" in note(dialog, "span-error")
        ok = next(b for b in dialog.findChildren(QPushButton) if b.text() == "&Copy Link")
        assert not ok.isEnabled()
        dialog.findChild(QLineEdit, "span").setText("30m")
        assert "X-Amz-Expires=1800" in await signed(dialog)
        dialog.reject()

    perform(desk, story, connections=(connection_to(moto, monkeypatch),))


def test_keys_that_end_are_said(desk, moto: Endpoint, moto_bucket: str, monkeypatch):
    with s3_client(moto) as client:
        client.put_object(Bucket=moto_bucket, Key="a", Body=b"content")

    async def story(stage: Stage) -> None:
        await go(stage, moto_bucket)
        stage.select("a")
        stage.give(Act.SHARE)
        dialog = await stage.opened(ShareDialog)
        assert "X-Amz-Security-Token=session" in await signed(dialog)
        assert "Its key may end sooner." in note(dialog, "outcome")
        dialog.reject()

    real = connection_to(moto, monkeypatch, token="session")
    perform(desk, story, connections=(real,))


def test_a_link_is_a_code_for_a_camera(desk, moto: Endpoint, moto_bucket: str, monkeypatch):
    with s3_client(moto) as client:
        client.put_object(Bucket=moto_bucket, Key="a" * 900, Body=b"content")

    async def story(stage: Stage) -> None:
        await go(stage, moto_bucket)
        stage.select(stage.names()[0])
        stage.give(Act.SHARE)
        dialog = await stage.opened(ShareDialog)
        await signed(dialog)
        press(dialog, "&QR Code…")
        code = await stage.opened(QrCodeDialog)
        assert nameless(code) == []
        image = code.picture.toImage()
        assert image.width() >= 4 * (len(dialog.link) // 20)
        assert image.pixelColor(0, 0).lightness() == 255
        code.findChild(QPushButton, "copy-picture").click()
        assert QGuiApplication.clipboard().image().size() == image.size()
        code.reject()
        dialog.findChild(QLineEdit, "name").setText("ä" * 400)
        await signed(dialog)
        press(dialog, "&QR Code…")
        assert "too long for a QR code" in note(dialog, "outcome")
        dialog.reject()

    perform(desk, story, connections=(connection_to(moto, monkeypatch),))


def test_where_there_are_no_links_it_is_said(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a b.txt", "folder/x")
        stage.select("folder")
        assert "one object" in stage.window.acts[Act.SHARE].statusTip()
        stage.select("a b.txt")
        stage.give(Act.SHARE)
        dialog = await stage.opened(ShareDialog)
        await until(lambda: "no links" in note(dialog, "outcome"))
        assert not dialog.findChild(QPushButton, "code").isEnabled()
        assert out_of_order(dialog) == []
        dialog.reject()

    perform(desk, story)


def test_a_field_that_comes_later_has_room(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt")
        stage.select("a.txt")
        stage.give(Act.SHARE)
        dialog = await stage.opened(ShareDialog)
        await until(lambda: "no links" in note(dialog, "outcome"))
        box = dialog.findChild(QComboBox, "expires")
        box.setCurrentIndex(box.findData("own"))
        span = dialog.findChild(QLineEdit, "span")
        await until(lambda: span.height() >= span.minimumSizeHint().height())
        dialog.reject()

    perform(desk, story)


def written(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_links_to_all_below_are_written_into_a_file(
    desk, endpoint: Endpoint, bucket: str, monkeypatch, tmp_path
):
    keys = ["=cmd", "folder/a/../b", *(f"folder/{at:03}" for at in range(30))]
    with s3_client(endpoint) as client:
        for key in keys:
            client.put_object(Bucket=bucket, Key=key, Body=key.encode())

    async def story(stage: Stage) -> None:
        await go(stage, bucket)
        stage.window.pane.table.selectAll()
        stage.give(Act.EXPORT_LINKS)
        form = await stage.opened(FormDialog)
        press(form, "&Choose File…")
        choose(await stage.opened(QFileDialog), tmp_path / "links.csv")
        await until(lambda: (tmp_path / "links.csv").exists())
        rows = written(tmp_path / "links.csv")
        assert sorted(row["key"] for row in rows) == sorted(["'=cmd", *keys[1:]])
        for row in rows:
            if row["key"] in ("'=cmd", "folder/000"):
                assert (await fetched(row["url"]))[0] == row["key"].removeprefix("'").encode()
        assert {row["method"] for row in rows} == {"GET"}

        stage.select("folder")
        stage.give(Act.EXPORT_LINKS)
        form = await stage.opened(FormDialog)
        box = form.findChild(QComboBox, "form")
        box.setCurrentIndex(box.findData("txt"))
        press(form, "&Choose File…")
        choose(await stage.opened(QFileDialog), tmp_path / "links.txt")
        await until(lambda: (tmp_path / "links.txt").exists())
        lines = (tmp_path / "links.txt").read_text().splitlines()
        assert len(lines) == 31
        assert all(line.startswith(endpoint.url) for line in lines)
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "home",
            "links.csv",
            "links.txt",
        ]

    perform(desk, story, connections=(connection_to(endpoint, monkeypatch),))


def test_links_that_cannot_be_made_leave_no_file(desk, tmp_path):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt")
        stage.select("a.txt")
        stage.give(Act.EXPORT_LINKS)
        press(await stage.opened(FormDialog), "&Choose File…")
        choose(await stage.opened(QFileDialog), tmp_path / "links.csv")
        await until(lambda: "no links" in stage.error)
        assert [path.name for path in tmp_path.iterdir()] == ["home"]

    perform(desk, story)
