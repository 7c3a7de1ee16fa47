"""The log read back: whole records, over rotations, and no more than is kept."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.runtime import log_file
from s4desk.core.runtime.log_file import LogFile, LogRecord, parsed
from s4desk.core.runtime.logs import FILE_NAME, configure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger("s4desk.test")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    undo = configure(tmp_path, stderr_level=logging.CRITICAL)
    yield tmp_path
    undo()


def words(records: list[LogRecord]) -> list[str]:
    return [each.text.partition("s4desk.test: ")[2] for each in records]


def rotate(folder: Path) -> None:
    """What the handler does when the file is full."""
    for handler in logging.getLogger().handlers:
        if getattr(handler, "baseFilename", "") == str(folder / FILE_NAME):
            handler.doRollover()  # type: ignore[attr-defined]


def test_a_record_has_its_level_and_its_traceback(folder: Path) -> None:
    log.info("one")
    try:
        raise ZeroDivisionError("never")
    except ZeroDivisionError as error:
        log.info("two", exc_info=error)
    one, two = LogFile(folder).read()
    assert (one.level, two.level) == (logging.INFO, logging.INFO)
    assert two.text.endswith("ZeroDivisionError: never")
    assert len(two.text.splitlines()) > 3


def test_only_what_is_new_is_read(folder: Path) -> None:
    file = LogFile(folder)
    assert file.read() == []
    log.info("one")
    assert words(file.read()) == ["one"]
    log.info("two")
    assert words(file.read()) == ["two"]
    assert file.read() == []


def test_a_line_is_told_when_it_is_whole(folder: Path) -> None:
    path, file = folder / FILE_NAME, LogFile(folder)
    line = b"2026-11-20 22:00:00.123 WARNING MainThread s4desk.test: \xe2\x80\x9chalf"
    path.write_bytes(line[:58])
    assert file.read() == []
    with path.open("ab") as opened:
        opened.write(line[58:] + b"\n")
    (told,) = file.read()
    assert told.text.endswith("“half")
    assert told.level == logging.WARNING


def test_nothing_is_lost_or_told_twice_when_the_file_is_rotated(folder: Path) -> None:
    file = LogFile(folder)
    log.info("one")
    assert words(file.read()) == ["one"]
    log.info("two")
    rotate(folder)
    log.info("three")
    assert words(file.read()) == ["two", "three"]
    assert words(LogFile(folder).read()) == ["one", "two", "three"]


def test_the_newest_are_kept(folder: Path) -> None:
    for at in range(5):
        log.info("%d", at)
        rotate(folder)
    log.info("last")
    assert words(LogFile(folder, most=2).read()) == ["4", "last"]


def test_there_need_not_be_a_log(tmp_path: Path) -> None:
    assert LogFile(tmp_path / "nowhere").read() == []


def test_a_log_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(LocalFileError):
        LogFile(tmp_path).read()


def test_one_record_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LONGEST", 10)
    head = "2026-11-20 22:00:00.123 INFO MainThread a: b"
    assert [len(each.text) for each in parsed([head, "x" * 50, head])] == [10, 10]
