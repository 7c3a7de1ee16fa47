from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.viewmodels.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 日本 😀 a\\b", "plain é 日本 😀 a\\b"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("\x1b[2J\x00\x7f\x9b", "\\x1b[2J\\x00\\x7f\\x9b"),
        ("evil\u202etxt.exe", "evil\\u202etxt.exe"),
        ("line\u2028", "line\\u2028"),
        ("z\u200bw\u2060\ufeff\xad", "z\\u200bw\\u2060\\ufeff\\xad"),
        ("👩\u200d🚀 1\u202f000", "👩\u200d🚀 1\u202f000"),
        ("\udcff\udc80", "\\xff\\x80"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_would_move_the_cursor_is_written(text, shown):
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_no_text_has_two_lines_or_undecodable_bytes(text):
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")
