"""What a person types for sizes, speeds and counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.parts import GIB, KIB, MIB
from s4desk.viewmodels.quantities import (
    count_between,
    parse_size,
    rate_from,
    rate_words,
    size_between,
    size_words,
)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("16 MiB", 16 * MIB),
        ("16M", 16 * MIB),
        (" 16 mib ", 16 * MIB),
        ("16 MB", 16_000_000),
        ("1.5 GiB", 3 * GIB // 2),
        ("1,5 GiB", 3 * GIB // 2),
        ("2.5MB", 2_500_000),
        ("512 kB", 512_000),
        ("100 B", 100),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "16", "MiB", "-1 MiB", "1e3 MB", "16 MiBs", "16 QiB", "½ MB"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValidationError, match="unit"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (16 * MIB, "16 MiB"),
        (2_500_000, "2.5 MB"),
        (KIB, "1 KiB"),
        (1_000, "1 kB"),
        (1_001, "1.001 kB"),
        (7, "7 B"),
        (0, "0 B"),
    ],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert size_words(size) == words


@given(st.integers(0, 2**43))
def test_words_are_read_back(size: int) -> None:
    assert parse_size(size_words(size)) == size


def test_a_size_has_bounds() -> None:
    parse = size_between(5 * MIB, GIB)
    assert parse("5 MiB") == 5 * MIB
    for text in ("4 MiB", "2 GiB"):
        with pytest.raises(ValidationError, match="from 5 MiB to 1 GiB"):
            parse(text)


@pytest.mark.parametrize(
    ("text", "rate"),
    [("", 0), ("  ", 0), ("2.5 MB/s", 2_500_000), ("2 MiB / s", 2 * MIB), ("500 kBps", 500_000)],
)
def test_rates(text: str, rate: int) -> None:
    assert rate_from(10 * KIB)(text) == rate
    assert rate_from(10 * KIB)(rate_words(rate)) == rate


@pytest.mark.parametrize(
    ("text", "said"), [("5", "2.5 MB/s"), ("1 KiB/s", "10 KiB/s"), ("0 B", "10")]
)
def test_what_is_no_rate(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        rate_from(10 * KIB)(text)


def test_counts() -> None:
    assert count_between(1, 64)(" 8 ") == 8
    assert count_between(1, 64, empty=0)("") == 0
    for text in ("0", "65", "", "-1", "eight", "1.5"):
        with pytest.raises(ValidationError, match="from 1 to 64"):
            count_between(1, 64)(text)
