"""Which objects are read for a thumbnail."""

from __future__ import annotations

import pytest

from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.domain.parts import MIB, Span
from s4desk.viewmodels.thumbnail import EMBEDDED_WITHIN, ThumbnailRule


def meta(name: str = "a.png", size: int = 1000, storage_class: str = "STANDARD") -> ObjectMeta:
    return ObjectMeta(
        location=Location("bucket", f"folder/{name}"),
        size=size,
        modified=None,
        etag="e",
        storage_class=storage_class,
    )


@pytest.mark.parametrize("name", ["a.png", "A.JPG", "b.jpeg", "x.y.gif", "a.webp", "a.bmp"])
def test_images_are(name: str) -> None:
    assert ThumbnailRule().allows(meta(name))


@pytest.mark.parametrize("name", ["a.svg", "a.tiff", "a.psd", "png", "a.png.txt", "a", ""])
def test_nothing_else_is(name: str) -> None:
    assert not ThumbnailRule().allows(meta(name))


def test_what_is_empty_too_large_or_not_wanted_is_not() -> None:
    rule = ThumbnailRule(limit=1000)
    assert not rule.allows(meta(size=0))
    assert not rule.allows(meta(size=1001))
    assert not ThumbnailRule(is_on=False).allows(meta())


@pytest.mark.parametrize(
    ("storage_class", "usually", "with_fees"),
    [
        ("", True, True),
        ("STANDARD", True, True),
        ("STANDARD_IA", False, True),
        ("GLACIER_IR", False, True),
        ("INTELLIGENT_TIERING", False, True),
        ("SOMETHING_NEW", False, True),
        ("GLACIER", False, False),
        ("DEEP_ARCHIVE", False, False),
    ],
)
def test_fees_are_asked_about_and_archives_never_read(
    storage_class: str, usually: bool, with_fees: bool
) -> None:
    cold = meta(storage_class=storage_class)
    assert ThumbnailRule().allows(cold) == usually
    assert ThumbnailRule(with_fees=True).allows(cold) == with_fees


def test_of_a_large_photograph_only_the_begin_is_read() -> None:
    rule = ThumbnailRule(limit=MIB)
    huge, middle, small = meta("a.jpg", 50 * MIB), meta("a.jpg", MIB), meta("a.jpg", 2000)
    assert rule.allows(huge)
    begin = Span(0, EMBEDDED_WITHIN)
    assert [rule.first_span(each) for each in (huge, middle, small)] == [
        begin,
        begin,
        Span(0, 2000),
    ]
    assert rule.rest(huge, EMBEDDED_WITHIN) is None
    assert rule.rest(middle, EMBEDDED_WITHIN) == Span(EMBEDDED_WITHIN, MIB - EMBEDDED_WITHIN)
    assert rule.rest(small, 2000) is None
    assert rule.first_span(meta("a.png", MIB)) == Span(0, MIB)
