import pytest

from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.persist.bookmarks import BookmarkFile

HOME = ConnectionId("home")
MARKS = [
    (HOME, None),
    (HOME, Prefix("b")),
    (HOME, Prefix("b", 'odd \udc80\n"/\x01/é/')),
]


async def test_bookmarks_of_any_bytes_are_there_at_the_next_start(tmp_path):
    path = tmp_path / "bookmarks.toml"
    first = BookmarkFile(path)
    assert await first.all() == []
    for mark in MARKS:
        await first.add(mark)
    assert await first.all() == await BookmarkFile(path).all() == MARKS
    await first.remove(MARKS[1])
    assert await BookmarkFile(path).all() == [MARKS[0], MARKS[2]]


async def test_two_programs_take_nothing_from_one_another(tmp_path):
    path = tmp_path / "bookmarks.toml"
    one, other = BookmarkFile(path), BookmarkFile(path)
    assert await one.all() == await other.all() == []
    await one.add(MARKS[0])
    await other.add(MARKS[1])
    assert await other.all() == MARKS[:2]


async def test_what_cannot_be_read_stays_in_the_file_and_hurts_nobody(tmp_path, expected_logs):
    path = tmp_path / "bookmarks.toml"
    path.write_text('version = 1\nbookmarks = ["what?", \'["home"]\', 7]\n')
    file = BookmarkFile(path)
    assert await file.all() == MARKS[:1]
    await file.add(MARKS[1])
    assert "what?" in path.read_text()


@pytest.mark.parametrize("damage", [b"\xff", b"[[["])
async def test_a_damaged_file_is_set_aside(tmp_path, damage, expected_logs):
    path = tmp_path / "bookmarks.toml"
    path.write_bytes(damage)
    file = BookmarkFile(path)
    assert await file.all() == []
    assert file.notice
    assert [each.read_bytes() for each in tmp_path.iterdir() if each != path] == [damage]
