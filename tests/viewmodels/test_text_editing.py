"""Text that goes back as it came."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.errors import ValidationError
from s4desk.viewmodels.config_diff import Sign
from s4desk.viewmodels.text_editing import EDIT_LIMIT, MOST_COMPARED, differences, opened


@pytest.mark.parametrize(
    ("data", "encoding", "facts"),
    [
        (b"", "", "UTF-8"),
        (b"one\ntwo\n", "", "UTF-8, LF"),
        (b"one\r\ntwo", "", "UTF-8, CRLF"),
        (b"one\rtwo\r", "", "UTF-8, CR"),
        (b"a\nb\r\nc\n", "", "UTF-8, mixed line ends"),
        (codecs.BOM_UTF8 + "größe\r\n".encode(), "", "UTF-8, with a byte order mark, CRLF"),
        (codecs.BOM_UTF16_LE + "a\nb".encode("utf-16-le"), "", "UTF-16 LE, with a byte order"),
        ("größe\n".encode("cp1252"), "", "Western (Windows-1252), LF"),
        ("дом".encode("cp1251"), "cp1251", "Cyrillic (Windows-1251)"),
        ("日本\n".encode("shift_jis"), "shift_jis", "Japanese (Shift JIS), LF"),
    ],
)
def test_nothing_is_changed_by_opening_it(data: bytes, encoding: str, facts: str):
    text = opened(data, encoding)
    assert text.encoded(text.text) == data
    assert text.facts.startswith(facts)
    assert "\r" not in text.text


def test_what_is_written_ends_as_the_rest():
    crlf = opened(codecs.BOM_UTF8 + b"a\r\nb\r\n")
    assert crlf.encoded("a\nnew\nb\n") == codecs.BOM_UTF8 + b"a\r\nnew\r\nb\r\n"
    mixed = opened(b"1\n2\r\n3\n4\r\n5\n6")
    assert mixed.encoded("1\n2\nnew\n3\n4\n5\n6") == b"1\n2\r\nnew\n3\n4\r\n5\n6"
    assert mixed.encoded("2\n3\n4\n5\n6") == b"2\r\n3\n4\r\n5\n6"
    assert mixed.encoded("1\n2\n3\nx\n5\n6") == b"1\n2\r\n3\nx\n5\n6"
    assert opened(b"one").encoded("one\ntwo") == b"one\ntwo"


@given(st.lists(st.sampled_from(["a", "b", ""]), max_size=6), st.lists(st.sampled_from("ab\n")))
def test_any_edit_of_mixed_lines_is_written(lines, typed):
    data = b"".join(line.encode() + (b"\r\n" if at % 2 else b"\n") for at, line in enumerate(lines))
    text = "".join(typed)
    written = opened(data).encoded(text)
    assert written.replace(b"\r\n", b"\n").decode() == text


@pytest.mark.parametrize(
    ("data", "encoding", "said"),
    [
        (b"\0\1\2", "", "no text"),
        (b"caf\xe9", "utf-8", "cannot be kept as UTF-8"),
        ("a\u2029b".encode(), "", "cannot be kept"),
        ("a\ufdd0b".encode(), "", "cannot be kept"),
        (b"x" * (EDIT_LIMIT + 1), "", "too large"),
        (b"\x81", "shift_jis", "cannot be kept"),
    ],
)
def test_what_would_not_come_back_is_refused(data: bytes, encoding: str, said: str):
    with pytest.raises(ValidationError, match=said):
        opened(data, encoding)


def test_a_letter_that_an_encoding_has_not_is_named():
    text = opened("größe\n".encode("cp1252"))
    with pytest.raises(ValidationError, match=r"“日” in line 2 cannot be written in Western"):
        text.encoded("größe\n日")


def test_differences_are_lines():
    lines = differences("a\nb\nc", "a\nB\nc")
    assert lines is not None
    assert [line.text for line in lines if line.sign is Sign.ADDED] == ["B"]
    assert [line.text for line in lines if line.sign is Sign.REMOVED] == ["b"]
    many = "\n".join(map(str, range(MOST_COMPARED + 2)))
    assert differences(many, many.replace("1", "x")) is None
    assert differences(many, f"{many}\nnew") is not None
