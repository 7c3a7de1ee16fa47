"""What cameras put into JPEGs, and what strangers do."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.viewmodels.embedded_picture import EmbeddedPicture, embedded_picture
from tests.viewmodels.photographs import exif, photograph, segment

SMALL = b"\xff\xd8small picture\xff\xd9"
FRAME = segment(0xC0, b"\x08" + struct.pack(">HH", 3000, 4000) + b"\x03")
JPEG = b"\xff\xd8" + FRAME + segment(0xDA, b"") + b"pixels"


@pytest.mark.parametrize("order", ["<", ">"])
def test_it_is_found_in_both_orders_of_bytes(order: str) -> None:
    found = embedded_picture(photograph(JPEG, SMALL, 6, order))
    assert found == EmbeddedPicture(SMALL, 6, 4000, 3000)


def test_a_begin_is_enough() -> None:
    data = photograph(JPEG, SMALL)
    assert embedded_picture(data[: data.index(FRAME)]) == EmbeddedPicture(SMALL)
    assert embedded_picture(data[: data.index(SMALL) + 3]) is None


def test_other_segments_may_come_before() -> None:
    app0 = segment(0xE0, b"JFIF\0")
    assert embedded_picture(b"\xff\xd8" + app0 + photograph(JPEG, SMALL)[2:]) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        JPEG,
        photograph(JPEG, b"not a jpeg"),
        photograph(JPEG, SMALL, 99)[:40],
        photograph(b"\x89PNG", SMALL),
    ],
)
def test_where_there_is_none(data: bytes) -> None:
    assert embedded_picture(data) is None


def test_an_orientation_that_is_none_is_upright() -> None:
    found = embedded_picture(photograph(JPEG, SMALL, 99))
    assert found is not None
    assert found.orientation == 1


@given(st.binary(max_size=200), st.integers(0, 120), st.binary(max_size=8))
def test_it_never_raises(tail: bytes, at: int, damage: bytes) -> None:
    sound = exif(SMALL)
    damaged = sound[:at] + damage + sound[at + len(damage) :] + tail
    embedded_picture(b"\xff\xd8" + segment(0xE1, damaged) + FRAME)
    embedded_picture(photograph(JPEG, SMALL)[:at] + damage)
