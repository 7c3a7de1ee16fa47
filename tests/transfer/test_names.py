"""Keys become names that stay inside, that the file system can hold, and that differ."""

from __future__ import annotations

import os
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from s4desk.core.transfer.names import (
    LINUX,
    MACOS,
    WINDOWS,
    LocalName,
    LocalNames,
    NameReason,
    NameRules,
    numbered,
    safe_name,
)

ODD = st.sampled_from(
    [*"/.\\:% aAéE\u0301\0\n~*", "..", "//", "CON", "nul.", "a", "b.txt", "(2)", "%2F", "\udcff"]
)
KEYS = st.lists(ODD, max_size=12).map("".join)
LONG = st.builds(lambda char, times: char * times, st.sampled_from("aé😀."), st.integers(200, 400))
RULES = st.sampled_from([LINUX, MACOS, WINDOWS])


@pytest.mark.parametrize(
    ("key", "path", "reason"),
    [
        ("a/b.txt", "a/b.txt", None),
        (".hidden", ".hidden", None),
        ("a b/ü\n", "a b/ü\n", None),
        ("../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd", NameReason.DOTS),
        ("a/./b", "a/%2E/b", NameReason.DOTS),
        ("/etc/passwd", "%2F/etc/passwd", NameReason.EMPTY),
        ("a//b", "a/%2F/b", NameReason.EMPTY),
        ("a/", "a/%2F", NameReason.EMPTY),
        ("", "%2F", NameReason.EMPTY),
        ("...", "...", None),
        ("a\0b", "a%00b", NameReason.FORBIDDEN),
        ("C:\\Windows", "C:\\Windows", None),
        ("CON", "CON", None),
        ("a\udcff", "a\udcff", None),
    ],
)
def test_names_on_linux(key: str, path: str, reason: NameReason | None) -> None:
    assert LocalNames(LINUX).file(key) == LocalName(path, reason)


@pytest.mark.parametrize(
    ("segment", "name", "reason"),
    [
        ("C:", "C%3A", NameReason.FORBIDDEN),
        ("a\\..\\b", "a%5C..%5Cb", NameReason.FORBIDDEN),
        ('<>:"|?*\n', "%3C%3E%3A%22%7C%3F%2A%0A", NameReason.FORBIDDEN),
        ("end.", "end%2E", NameReason.TRAILING),
        ("end ", "end%20", NameReason.TRAILING),
        ("con", "%63on", NameReason.RESERVED),
        ("NUL.txt", "%4EUL.txt", NameReason.RESERVED),
        ("com¹ .log", "%63om¹ .log", NameReason.RESERVED),
        ("console", "console", None),
        ("a\udcff", "a%FF", NameReason.NOT_TEXT),
        ("...", "%2E%2E%2E", NameReason.DOTS),
    ],
)
def test_names_on_windows(segment: str, name: str, reason: NameReason | None) -> None:
    assert safe_name(segment, WINDOWS) == (name, reason)


def test_a_file_and_a_folder_of_one_name() -> None:
    names = LocalNames(LINUX)
    assert names.file("a") == LocalName("a")
    assert names.file("a/b") == LocalName("a%2F/b", NameReason.TWIN)
    assert names.file("a/c").path == "a%2F/c"
    assert names.folder("a/").path == "a%2F"


def test_a_marker_and_the_objects_below_share_their_folder() -> None:
    names = LocalNames(LINUX)
    assert names.folder("a/b/") == LocalName("a/b")
    assert names.file("a/b/c") == LocalName("a/b/c")
    assert names.folder("a/b") == LocalName("a/b")


def test_twins_are_numbered_only_where_the_file_system_takes_them_for_one() -> None:
    keys = ["README.md", "readme.md", "caf\u00e9", "cafe\u0301"]
    linux, macos, windows = (LocalNames(rules) for rules in (LINUX, MACOS, WINDOWS))
    assert [linux.file(key).path for key in keys] == keys
    assert macos.file("README.md").reason is None
    assert macos.file("readme.md") == LocalName("readme (2).md", NameReason.TWIN)
    assert macos.file("caf\u00e9").reason is None
    assert macos.file("cafe\u0301").reason is NameReason.TWIN
    assert [windows.file(key).reason for key in keys[:2]] == [None, NameReason.TWIN]


def test_twins_of_folders() -> None:
    names = LocalNames(MACOS)
    assert names.file("Docs/a").path == "Docs/a"
    assert names.file("docs/a").path == "docs%2F/a"
    assert names.file("DOCS/a").path == "DOCS%2F (2)/a"


def test_a_literal_escape_is_not_taken_for_another_key() -> None:
    names = LocalNames(LINUX)
    assert names.file("..").path == "%2E%2E"
    assert names.file("%2E%2E") == LocalName("%2E%2E (2)", NameReason.TWIN)


def test_a_long_name_keeps_its_suffix_and_a_piece_of_its_hash() -> None:
    name, reason = safe_name("é" * 200 + ".jpeg", LINUX)
    assert reason is NameReason.TOO_LONG
    assert name.endswith(".jpeg")
    assert "~" in name
    assert 250 <= len(os.fsencode(name)) <= 255
    other, _ = safe_name("é" * 201 + ".jpeg", LINUX)
    assert name != other


def test_a_numbered_name_fits_too() -> None:
    assert numbered("photo.jpg", 2) == "photo (2).jpg"
    assert numbered(".profile", 2) == ".profile (2)"
    assert numbered("archive", 11) == "archive (11)"
    assert len(numbered("a" * 255, 2)) == 255


def test_a_key_of_a_thousand_slashes() -> None:
    assert LocalNames(LINUX).file("/" * 1024).path.count("/") == 1024


@given(st.lists(KEYS | LONG, max_size=8, unique=True), RULES)
@example(["a", "a/b", "a%2F/b", "a%2F"], LINUX)
@example(["a", "A", "a (2)", "A (2)"], WINDOWS)
def test_every_key_has_a_place_of_its_own_inside(keys: list[str], rules: NameRules) -> None:
    names = LocalNames(rules)
    paths = [names.file(key).path for key in keys]
    for path in paths:
        assert_inside(path, rules)
    folded = [rules.folded(path) for path in paths]
    assert len(set(folded)) == len(folded)
    for one in folded:
        # No file lies where another one needs a folder.
        assert not any(other.startswith(f"{one}/") for other in folded)


@given(KEYS | LONG, RULES)
def test_a_name_changes_only_for_a_reason(key: str, rules: NameRules) -> None:
    name = LocalNames(rules).file(key)
    assert (name.path != key) == (name.reason is not None)


@given(KEYS | LONG, RULES)
def test_a_safe_name_is_safe_again(segment: str, rules: NameRules) -> None:
    name, _ = safe_name(segment, rules)
    assert safe_name(name, rules) == (name, None)


def assert_inside(path: str, rules: NameRules) -> None:
    segments = path.split("/")
    for segment in segments:
        assert segment not in ("", ".", ".."), path
        assert "\0" not in segment
        assert rules.length(segment) <= rules.limit
        if rules.is_windows:
            assert not set('<>:"\\|?*') & set(segment)
            assert segment[-1] not in ". "
    pure = PureWindowsPath(path) if rules.is_windows else PurePosixPath(path)
    assert not pure.is_absolute()
    assert not pure.drive
    assert list(pure.parts) == segments
