import math
import time

import pytest

from s4desk.viewmodels import rows
from s4desk.viewmodels.rows import Kind


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (102_348, "99.9 KiB"),
        (102_349, "100 KiB"),
        (999 * 1024, "999 KiB"),
        (1023 * 1024, "1.0 MiB"),
        (1024**2 - 1, "1.0 MiB"),
        (5 * 1024**4, "5.0 TiB"),
        (2**70, "1024 EiB"),
    ],
)
def test_sizes_are_binary_and_short(size, text):
    assert rows.format_size(size) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(999, "999 B"), (1000, "1.0 kB"), (41_100_000, "41.1 MB"), (999_600, "1.0 MB")],
)
def test_sizes_are_decimal_beside_what_was_typed_so(size, text):
    assert rows.format_decimal_size(size) == text


def test_dates_are_local(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert rows.format_time(0) == "1970-01-01 09:00"
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


@pytest.mark.parametrize("seconds", [math.nan, math.inf, 1e18, -1e18])
def test_what_is_no_date_is_nothing(seconds):
    assert rows.format_time(seconds) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (3599, "59 min 59 s"),
        (3660, "1 h 01 min"),
        (86400 * 3.5, "3 days"),
    ],
)
def test_durations_are_coarse(seconds, text):
    assert rows.format_duration(seconds) == text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PNG", Kind.IMAGE),
        ("x.tar.gz", Kind.ARCHIVE),
        ("part.parquet", Kind.DATA),
        ("png", Kind.FILE),
        ("trailing.", Kind.FILE),
        ("", Kind.FILE),
    ],
)
def test_the_extension_tells_the_kind(name, kind):
    assert rows.kind_of(name) is kind


def test_every_kind_has_words():
    for extension in rows._KIND_OF:
        assert rows.type_label(f"x.{extension}").startswith(extension.upper())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain name.txt", "plain name.txt"),
        ("日本語 ünï", "日本語 ünï"),
        ("line\nbreak", "line␊break"),
        ("c\x01x\x7f", "c␁x␡"),
        (" a b ", "␣a b␣"),
        ("   ", "␣␣␣"),
        ("a\udc80b", "a⟨80⟩b"),
        ("exe\u202egnp", "exe⟨U+202E⟩gnp"),
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("a\u200db", "a⟨U+200D⟩b"),
        ("a\ufe0fb", "a⟨U+FE0F⟩b"),
        ("a\xa0b", "a⟨U+00A0⟩b"),
        ("a\u3164b", "a⟨U+3164⟩b"),
        ("👩\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f⃣", "👩\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f⃣"),
        ("אבג.exe", "אבג.exe"),
        ("<b>bold</b>", "<b>bold</b>"),
    ],
)
def test_what_hides_is_made_visible(name, shown):
    assert rows.display_name(name) == shown


@pytest.mark.parametrize("name", ["..", "."])
def test_a_folder_of_dots_does_not_look_like_the_way_up(name):
    assert rows.folder_label(f"{name}/") == rows.folder_label(name) == f"{name}/"
    assert rows.dots_hint(f"{name}/")
    assert not rows.dots_hint("dots/")


def test_empty_names_are_said():
    assert rows.folder_label("/") == "(empty name)"
    assert rows.folder_label("photos/") == "photos"
    assert rows.folder_label("..hidden/") == "..hidden"
    assert rows.object_label("") == "(folder marker)"


def test_an_escaped_key_tells_twins_apart():
    twins = ["é", "e\u0301", "a\\n", "a\n", "a\u200b", "a\\u200b", "a", "\udc80", "\\udc80"]
    escaped = [rows.escape_key(key) for key in twins]
    assert len(set(escaped)) == len(twins)
    assert rows.escape_key("a\tb\u202e😀") == "a\\tb\\u202e😀"
