from __future__ import annotations

from pathlib import Path

import pytest

from s4desk.app.cli.places import (
    Remote,
    UsageError,
    connection_at,
    parse_bucket,
    parse_object,
    parse_remote,
    parse_side,
)
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.persist.connections import ConnectionBook
from s4desk.core.persist.secrets import Keychain, no_keyring
from s4desk.core.runtime.events import EventBus

WORK = Connection(ConnectionId("1"), "Work")


@pytest.fixture
async def book(tmp_path: Path) -> ConnectionBook:
    book = ConnectionBook(tmp_path / "c.toml", EventBus(), Keychain(no_keyring("none")))
    await book.add(WORK)
    return book


@pytest.mark.parametrize(
    ("word", "bucket", "key"),
    [
        ("Work:", "", ""),
        ("work:b", "b", ""),
        ("Work:b/", "b", ""),
        ("Work:b//a/../c ", "b", "/a/../c "),
        ("Work:b/a:b%2F\n\udcff", "b", "a:b%2F\n\udcff"),
    ],
)
def test_a_key_is_taken_byte_for_byte(book, word, bucket, key):
    assert parse_remote(word, book) == Remote(WORK, bucket, key)


@pytest.mark.parametrize("word", ["file", "./a:b", "/x/a:b", "dir/Work:b", "C:\\x", "c:/x"])
def test_a_local_path_is_what_no_connection_can_be(book, word):
    assert parse_side(word, book) == Path(word)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("Home:b/k", "There are: Work"),
        ("s3://b/k", "NAME:BUCKET"),
        ("-", "Standard input"),
        ("", "empty"),
    ],
)
def test_what_has_no_meaning_is_refused_with_advice(book, word, said):
    with pytest.raises(UsageError, match=said):
        parse_side(word, book)


def test_a_connection_without_its_colon_is_told(book):
    with pytest.raises(UsageError, match="“work” is a connection: write “work:”"):
        parse_remote("work", book)
    assert parse_side("work", book) == Path("work")


def test_an_object_has_a_key_and_a_bucket_has_none(book):
    assert parse_object("Work:b/k", book).location == Location("b", "k")
    assert parse_bucket("Work:b/", book).bucket == "b"
    for word in ("Work:", "Work:b", "Work:b/"):
        with pytest.raises(UsageError):
            parse_object(word, book)
    for word in ("Work:", "Work:b/k", "b"):
        with pytest.raises(UsageError):
            parse_bucket(word, book)


@pytest.mark.parametrize(("key", "folder"), [("", ""), ("a", "a/"), ("a/", "a/"), ("a//", "a//")])
def test_a_folder_ends_with_a_slash(key, folder):
    assert Remote(WORK, "b", key).folder == Prefix("b", folder)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["Work:b/k", "file", None, False], WORK),
        (["Work:b", "work:b/x"], WORK),
        (["Work:other/k"], None),
        (["Work:b", "Home:b"], None),
        ([], None),
    ],
)
async def test_the_connection_of_an_object_is_that_of_the_word(book, words, found):
    await book.add(Connection(ConnectionId("2"), "Home"))
    assert connection_at(words, book, Location("b", "k")) == found
    assert connection_at(words, book, None) is None
