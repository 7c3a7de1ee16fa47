"""The local side: steady sources, partial files, links that lead out, probing of names."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import (
    IntegrityError,
    LocalFileError,
    NoRoomError,
    ReadOnlyFileError,
    SourceChangedError,
    UnsafeNameError,
)
from s4desk.core.domain.parts import Fingerprint, Span
from s4desk.core.transfer import files, folders
from s4desk.core.transfer.names import LINUX
from s4desk.core.wire.checksums import checksum, running_sum

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"0123456789")
    os.utime(path, ns=(10**18, 10**18))
    return path


def opened(path: Path) -> files.SteadySource:
    steady = files.SteadySource(path)
    steady.open()
    return steady


def read(source: files.SteadySource, offset: int, size: int) -> bytes:
    buffer = bytearray(size)
    source.read_into(memoryview(buffer), offset)
    return bytes(buffer)


def test_a_steady_file_is_read_anywhere(source: Path) -> None:
    steady = opened(source)
    assert steady.fingerprint == files.fingerprint(source)
    assert (read(steady, 0, 4), read(steady, 6, 4)) == (b"0123", b"6789")
    steady.close()


@pytest.mark.parametrize("change", ["touched", "grown", "cut", "replaced", "gone", "kept its time"])
def test_a_change_is_found_with_the_last_byte(source: Path, change: str) -> None:
    steady = opened(source)
    if change == "touched":
        os.utime(source)
    elif change == "grown":
        with source.open("ab") as file:
            file.write(b"x")
        os.utime(source, ns=(10**18, 10**18))
    elif change == "cut":
        os.truncate(source, 5)
    elif change == "kept its time":
        if os.name == "nt":
            pytest.skip("here files do not know when they were changed")
        before = source.stat()
        # The clock of file systems ticks some hundred times a second.
        while source.stat().st_ctime_ns == before.st_ctime_ns:
            source.write_bytes(b"012345678x")
            os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "replaced":
        other = source.with_name("other")
        other.write_bytes(b"0123456789")
        os.utime(other, ns=(10**18, 10**18))
        other.replace(source)
    else:
        source.unlink()
    assert read(steady, 0, 3) == b"012"
    with pytest.raises(SourceChangedError):
        read(steady, 3, 7)
    with pytest.raises(SourceChangedError):
        steady.check()
    steady.close()


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "absent"):
        with pytest.raises(LocalFileError) as caught:
            opened(path)
        assert caught.value.path == path
        assert caught.value.cause.errno in (errno.ENXIO, errno.ENOENT)


def test_sums_are_added_up_run_by_run(source: Path) -> None:
    steady, total = opened(source), running_sum("sha256")
    for offset in (0, 5):
        files.add_to_sum(total, steady, Span(offset, 5))
    assert total.value == checksum("sha256", b"0123456789")
    steady.close()


def test_a_partial_file_lies_hidden_beside_its_target(tmp_path: Path) -> None:
    assert files.partial_path(tmp_path / "a.txt", "f00d-1") == tmp_path / ".a.txt.f00d-1.s4part"


@pytest.mark.parametrize("char", ["a", "é", "😀", "\udcff"])
def test_the_partial_name_of_a_long_name_can_be_made(tmp_path: Path, char: str) -> None:
    width = len(os.fsencode(char))
    target = tmp_path / (char * (255 // width))
    partial = files.partial_path(target, "f00d-1")
    partial.touch()
    assert 250 <= len(os.fsencode(partial.name)) <= 255


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="no such file system here")
def test_a_file_that_only_says_it_is_empty_is_not_taken_for_one() -> None:
    assert Path("/proc/cpuinfo").stat().st_size == 0
    steady = files.SteadySource(Path("/proc/cpuinfo"))
    try:
        with pytest.raises(SourceChangedError):
            steady.open()
    finally:
        steady.close()


def test_a_file_that_holds_more_than_it_says_is_found_with_the_last_byte(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system may tell an old length, and goes on telling it."""
    monkeypatch.setattr(files, "_fingerprint", lambda _found: Fingerprint(5, 1, 1))
    steady = opened(source)
    try:
        assert read(steady, 0, 4) == b"0123"
        with pytest.raises(SourceChangedError):
            read(steady, 0, 5)
    finally:
        steady.close()


def test_a_source_that_is_not_open_says_so(source: Path) -> None:
    steady = files.SteadySource(source)
    with pytest.raises(ValueError, match="not open"):
        read(steady, 0, 1)
    steady.close()


@pytest.fixture
def partial(tmp_path: Path) -> Iterator[files.PartialFile]:
    partial = files.PartialFile(tmp_path / "target", "f00d-1")
    yield partial
    partial.close()


def test_finishing_puts_the_bytes_in_place_at_once(partial: files.PartialFile) -> None:
    partial.target.write_text("old")
    partial.open(None, 3)
    partial.sink.write(memoryview(b"new"), 0)
    assert partial.target.read_text() == "old"
    partial.finish(3, datetime(2020, 1, 2, tzinfo=UTC))
    assert (partial.target.read_text(), partial.path.exists()) == ("new", False)
    modified = partial.target.stat().st_mtime
    assert int(modified) == datetime(2020, 1, 2, tzinfo=UTC).timestamp()
    assert files.may_be_older(modified)


@pytest.mark.parametrize("nearly", [0.0, 0.1234, 0.12346, 0.1234573])
def test_a_time_that_nobody_made_says_nothing(nearly: float) -> None:
    assert not files.may_be_older(1_795_000_000 + nearly)


def test_where_less_is_kept_of_a_second_a_file_is_as_old_as_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path := tmp_path / "file").write_bytes(b"x")
    utime = os.utime

    def coarse(path: Path, times: tuple[int, int] | None = None, **named: tuple[int, int]) -> None:
        utime(path, times or tuple(each // 10**9 for each in named["ns"]))

    monkeypatch.setattr(os, "utime", coarse)
    files.date_older(path, datetime(2020, 1, 2, tzinfo=UTC))
    assert path.stat().st_mtime == 0


def test_a_file_of_the_wrong_length_is_not_put_in_place(partial: files.PartialFile) -> None:
    partial.target.write_text("old")
    partial.open(None, 3)
    partial.sink.write(memoryview(b"ne"), 0)
    with pytest.raises(IntegrityError):
        partial.finish(3)
    assert partial.target.read_text() == "old"


def test_a_link_in_the_targets_place_stays_and_its_file_is_replaced(
    tmp_path: Path, partial: files.PartialFile
) -> None:
    (tmp_path / "below").mkdir()
    real = tmp_path / "below" / "real"
    real.write_text("old")
    partial.target.symlink_to(real)
    for root in (tmp_path, None):
        partial.open(root, 3)
        assert partial.path.parent == real.parent
        partial.sink.write(memoryview(b"new"), 0)
        assert partial.finish(3)
        assert (partial.target.is_symlink(), real.read_text()) == (True, "new")


def test_a_link_in_the_targets_place_may_not_lead_out_or_nowhere(
    tmp_path: Path, source: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(source)
    with pytest.raises(UnsafeNameError):
        files.prepare_target(root / "out", root)
    files.prepare_target(root / "out", None)
    for name, leads_to in (("nowhere", "absent"), ("loop", "loop"), ("up", tmp_path)):
        (root / name).symlink_to(leads_to)
        with pytest.raises(LocalFileError):
            files.prepare_target(root / name, None)
        with pytest.raises((LocalFileError, UnsafeNameError)):
            files.prepare_target(root / name, root)


def test_devices_pipes_and_sockets_are_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket"))
        places = [*(tmp_path / name for name in ("pipe", "socket", "link")), Path("/dev/null")]
        for place in places:
            with pytest.raises(LocalFileError, match="regular"):
                files.prepare_target(place, None)


def test_a_pipe_that_comes_meanwhile_is_not_replaced(partial: files.PartialFile) -> None:
    partial.open(None, 0)
    os.mkfifo(partial.target)
    with pytest.raises(LocalFileError, match="regular"):
        partial.finish(0)
    assert partial.target.is_fifo()


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o7777


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o200])
def test_who_may_read_the_file_is_left_as_it_was(partial: files.PartialFile, mode: int) -> None:
    partial.target.write_text("old")
    partial.target.chmod(mode)
    partial.open(None, 0)
    assert mode_of(partial.path) == 0o600
    partial.finish(0)
    assert mode_of(partial.target) == mode


@pytest.mark.parametrize("mode", [0o444, 0o400, 0])
@pytest.mark.parametrize("is_late", [True, False])
def test_a_file_that_its_owner_made_read_only_stays(
    partial: files.PartialFile, mode: int, is_late: bool
) -> None:
    partial.target.write_text("old")
    if is_late:
        partial.open(None, 3)
        partial.sink.write(memoryview(b"new"), 0)
    partial.target.chmod(mode)
    replace = partial.finish if is_late else partial.open
    with pytest.raises(ReadOnlyFileError):
        replace(*((3,) if is_late else (None, 3)))
    partial.target.chmod(0o600)
    assert partial.target.read_text() == "old"


@pytest.mark.parametrize("may_replace", [True, False])
def test_a_new_file_has_the_permissions_of_any_other(
    partial: files.PartialFile, source: Path, may_replace: bool
) -> None:
    partial.open(None, 0)
    assert mode_of(partial.path) == 0o600
    assert partial.finish(0, may_replace=may_replace)
    assert mode_of(partial.target) == mode_of(source)


@pytest.mark.parametrize("can_link", [True, False])
@pytest.mark.parametrize("there", ["nothing", "file", "folder", "link"])
def test_what_is_there_stays_when_it_may_not_be_replaced(
    partial: files.PartialFile, monkeypatch: pytest.MonkeyPatch, can_link: bool, there: str
) -> None:
    if not can_link:

        def refuse(*_: object) -> None:
            raise PermissionError(errno.EPERM, "no links on this disk")

        monkeypatch.setattr(os, "link", refuse)
    partial.open(None, 3)
    partial.sink.write(memoryview(b"new"), 0)
    if there == "file":
        partial.target.write_text("old")
    elif there == "link":
        partial.target.symlink_to("absent")
    elif there == "folder":
        partial.target.mkdir()
    assert partial.finish(3, may_replace=False) is (there == "nothing")
    assert partial.path.exists() is (there != "nothing")
    if there != "link":
        assert partial.target.is_dir() is (there == "folder")
    if partial.target.is_file():
        assert partial.target.read_text() == ("new" if there == "nothing" else "old")


def test_what_comes_in_the_last_moment_stays_too(
    partial: files.PartialFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    partial.open(None, 3)
    partial.sink.write(memoryview(b"new"), 0)
    partial.target.write_text("old")
    monkeypatch.setattr(os.path, "lexists", lambda _: False)
    assert not partial.finish(3, may_replace=False)
    assert partial.target.read_text() == "old"


def test_a_link_in_the_partials_place_is_not_written_through(
    partial: files.PartialFile, source: Path
) -> None:
    partial.path.symlink_to(source)
    with pytest.raises(LocalFileError):
        partial.open(None, 3)
    assert source.read_bytes() == b"0123456789"


def test_a_partial_file_is_gone_on_with_or_begun_anew(partial: files.PartialFile) -> None:
    partial.open(None, 6)
    partial.sink.write(memoryview(b"abc"), 0)
    partial.close()
    partial.open(None, 6, keep=True)
    partial.sink.write(memoryview(b"def"), 3)
    assert partial.holds(Span(0, 6), running_sum("md5"), checksum("md5", b"abcdef"))
    assert not partial.holds(Span(0, 7), running_sum("md5"), checksum("md5", b"abcdef"))
    assert not partial.holds(Span(0, 6), running_sum("md5"), checksum("md5", b"abcdeg"))
    partial.close()
    partial.open(None, 6)
    assert partial.path.stat().st_size == 0
    partial.remove()
    assert not partial.holds(Span(0, 6), running_sum("md5"), checksum("md5", b"abcdef"))


def test_folders_are_made_inside_the_root(tmp_path: Path) -> None:
    root = tmp_path / "not" / "yet"
    files.prepare_target(root / "a" / "b" / "file", root)
    assert (root / "a" / "b").is_dir()
    folders.make_folder(root, root)
    files.prepare_target(tmp_path / "free" / "file", None)
    assert (tmp_path / "free").is_dir()


def test_a_link_inside_may_not_lead_out(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "root-outside"
    root.mkdir()
    outside.mkdir()
    (root / "out").symlink_to(outside)
    (root / "up").symlink_to("..")
    (root / "dangling").symlink_to(tmp_path / "absent")
    (root / "loop").symlink_to("loop")
    (root / "a").mkdir()
    (root / "in").symlink_to("a")
    for name in ("out/x", "out/new/x", "up/x", "dangling/x"):
        with pytest.raises(UnsafeNameError):
            files.prepare_target(root / name, root)
    with pytest.raises((UnsafeNameError, LocalFileError)):
        files.prepare_target(root / "loop" / "x", root)
    files.prepare_target(root / "in" / "x", root)
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a/../b/x"])
def test_a_target_that_is_not_below_the_root_is_refused(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    with pytest.raises(UnsafeNameError):
        files.prepare_target(Path(f"{root}/{name}"), root)
    assert not (tmp_path / "x").exists()


def test_a_root_that_is_a_link_is_what_was_chosen(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    files.prepare_target(tmp_path / "link" / "a" / "x", tmp_path / "link")
    assert (tmp_path / "real" / "a").is_dir()


def test_a_folder_in_the_targets_place_and_a_file_in_the_folders(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalFileError) as caught:
        files.prepare_target(tmp_path / "folder", tmp_path)
    assert caught.value.cause.errno == errno.EISDIR
    for name in ("file/x", "file/a/x"):
        with pytest.raises(LocalFileError):
            files.prepare_target(tmp_path / name, tmp_path)


def test_space_is_checked(tmp_path: Path) -> None:
    folders.check_space(tmp_path, 1)
    with pytest.raises(NoRoomError) as caught:
        folders.check_space(tmp_path, 2**62)
    assert caught.value.cause.errno == errno.ENOSPC
    assert 0 < caught.value.free < caught.value.needed == 2**62


def test_what_names_the_disk_takes_is_found_out(tmp_path: Path) -> None:
    assert folders.rules_of(tmp_path / "not" / "yet") == LINUX
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_the_platform_decides() -> None:
    assert folders.rules_of(Path("/proc")) == LINUX


def test_removing_what_is_not_there_is_no_error(partial: files.PartialFile) -> None:
    partial.remove()
    partial.path.mkdir()
    with pytest.raises(LocalFileError):
        partial.remove()


def test_a_file_system_that_reports_no_size_may_have_room(tmp_path, monkeypatch):
    usage = type(shutil.disk_usage(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 0))
    folders.check_space(tmp_path, 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 10, 0))
    with pytest.raises(LocalFileError):
        folders.check_space(tmp_path, 1)
