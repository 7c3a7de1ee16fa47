"""Images of strangers: whole, damaged, turned, and made to take all there is."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QIODevice, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from s4desk.gui.bridge.pictures import SHOWN, read_embedded, read_picture, read_thumbnail
from s4desk.viewmodels.embedded_picture import EmbeddedPicture

EXIF_TURNED = bytes.fromhex(
    "ffe1002245786966000049492a00080000000100120103000100000006000000" + "00000000"
)


def encoded(width: int, height: int, format_: str = "png") -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#306090"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    assert image.save(buffer, format_)
    return bytes(buffer.data().data())


def png_of(width: int, height: int) -> bytes:
    """A header that promises more than there is."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


@pytest.mark.parametrize("format_", ["png", "jpeg", "bmp", "webp", "tiff", "ico"])
def test_an_image_is_read(qapp, format_):
    picture = read_picture(encoded(40, 30, format_), format_)
    assert (picture.size, picture.image.size()) == (QSize(40, 30), QSize(40, 30))
    assert not picture.is_too_large


def test_a_large_one_is_kept_small(qapp):
    picture = read_picture(encoded(4000, 100, "jpeg"), "jpeg")
    assert picture.size == QSize(4000, 100)
    assert picture.image.size() == QSize(SHOWN.width(), 64)


def test_it_stands_upright(qapp):
    data = encoded(40, 30, "jpeg")
    turned = data[:2] + EXIF_TURNED + data[2:]
    picture = read_picture(turned, "jpeg")
    assert (picture.size, picture.image.size()) == (QSize(30, 40), QSize(30, 40))


def test_one_that_would_take_all_memory_is_not_begun(qapp):
    picture = read_picture(png_of(60_000, 60_000), "png")
    assert picture.is_too_large
    assert picture.image.isNull()


@pytest.mark.qt_log_ignore(".*")
def test_a_cut_one_is_damaged_or_shown_in_part(qapp):
    for format_ in ("png", "jpeg", "bmp"):
        data = encoded(400, 300, format_)
        assert read_picture(data[:30], format_).image.isNull()
        read_picture(data[: len(data) // 2], format_)


@pytest.mark.qt_log_ignore(".*")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.sampled_from(["png", "jpeg", "gif", "bmp", "webp", "tiff", "ico"]), st.data())
def test_no_bytes_are_too_odd(qapp, format_, data):
    magic = {"png": png_of(9, 9), "gif": b"GIF89a", "bmp": b"BM"}.get(format_, b"")
    read_picture(magic + data.draw(st.binary(max_size=200)), format_)


@pytest.mark.parametrize("format_", ["png", "jpeg", "bmp", "webp", "ico"])
def test_a_thumbnail_fits_and_is_never_blown_up(qapp, format_):
    wide = read_thumbnail(encoded(200, 100, format_), format_, 120)
    assert wide.size() == QSize(120, 60)
    assert read_thumbnail(encoded(20, 10, format_), format_, 120).size() == QSize(20, 10)


def test_a_thumbnail_stands_upright(qapp):
    data = encoded(400, 300, "jpeg")
    assert read_thumbnail(data[:2] + EXIF_TURNED + data[2:], "jpeg", 120).size() == QSize(90, 120)


def test_nobody_unasked_unpacks_a_bomb(qapp):
    assert read_thumbnail(png_of(6000, 6000), "png", 120).isNull()
    assert read_thumbnail(b"\x89PNG\r\n\x1a\n" + bytes(50), "png", 120).isNull()


def half_red(width: int, height: int, bar: int = 0) -> bytes:
    """Red on the left, blue on the right, and black bars above and below."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    inner = image.rect().adjusted(0, bar, 0, -bar)
    painter.fillRect(inner, QColor("blue"))
    painter.fillRect(inner.adjusted(0, 0, -width // 2, 0), QColor("red"))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    assert image.save(buffer, "jpeg", 95)
    return bytes(buffer.data().data())


def is_red(image: QImage, x: int, y: int) -> bool:
    colour = image.pixelColor(x, y)
    return colour.red() > 180 and colour.blue() < 80


def test_an_embedded_thumbnail_loses_its_bars(qapp):
    embedded = EmbeddedPicture(half_red(160, 120, 7), width=6000, height=4000)
    image = read_embedded(embedded, 120)
    assert image.size() == QSize(120, 80)
    assert is_red(image, 5, 2)
    assert not is_red(image, 100, 2)


@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (120, 90), (5, 45)),
        (2, (120, 90), (115, 45)),
        (3, (120, 90), (115, 45)),
        (4, (120, 90), (5, 45)),
        (5, (90, 120), (45, 5)),
        (6, (90, 120), (45, 5)),
        (7, (90, 120), (45, 115)),
        (8, (90, 120), (45, 115)),
    ],
)
def test_an_embedded_thumbnail_stands_upright(qapp, orientation, size, red_at):
    image = read_embedded(EmbeddedPicture(half_red(160, 120), orientation), 120)
    assert image.size() == QSize(*size)
    assert is_red(image, *red_at)


@pytest.mark.qt_log_ignore(".*")
def test_an_embedded_thumbnail_is_not_taken_for_a_large_screen_or_when_damaged(qapp):
    assert read_embedded(EmbeddedPicture(half_red(160, 120)), 400).isNull()
    assert read_embedded(EmbeddedPicture(b"nothing"), 120).isNull()
