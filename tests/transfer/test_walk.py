"""What a dropped folder holds, and what of it cannot be sent."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from s4desk.core.transfer.walk import Found, PathProblem, PathReason, in_batches, walk

if TYPE_CHECKING:
    from pathlib import Path


def names(top: Path) -> list[str]:
    """The names of what was found, folders with their slash."""
    return [
        f"{each.name}/" if each.is_folder else each.name
        for each in walk(top)
        if isinstance(each, Found)
    ]


def problems(top: Path) -> dict[str, PathReason]:
    return {each.path.name: each.reason for each in walk(top) if isinstance(each, PathProblem)}


def test_files_hidden_files_and_empty_folders(tmp_path: Path) -> None:
    (tmp_path / "b" / "empty").mkdir(parents=True)
    (tmp_path / "b" / "c.txt").write_text("12345")
    (tmp_path / ".hidden").write_text("")
    (tmp_path / ".git").mkdir()
    assert names(tmp_path) == [".git/", ".hidden", "b/c.txt", "b/empty/"]
    assert problems(tmp_path) == {}
    found = [each for each in walk(tmp_path) if isinstance(each, Found)]
    assert [each.size for each in found] == [0, 0, 5, 0]
    assert found[2].path == tmp_path / "b" / "c.txt"


def test_a_single_file_and_a_single_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("123")
    (tmp_path / "empty").mkdir()
    assert list(walk(tmp_path / "file")) == [Found(tmp_path / "file", "", 3)]
    assert list(walk(tmp_path / "empty")) == [Found(tmp_path / "empty", "", is_folder=True)]


def test_names_that_are_no_text_survive(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9\n\xff"
    with open(raw, "wb"):
        pass
    assert names(tmp_path) == ["caf\udce9\n\udcff"]


def test_links_inside_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real" / "below").mkdir(parents=True)
    (tmp_path / "real" / "file").write_text("1234")
    (tmp_path / "a-file").symlink_to("real/file")
    (tmp_path / "to-nothing").symlink_to(tmp_path / "absent")
    assert names(tmp_path) == ["a-file", "real/below/", "real/file"]
    assert problems(tmp_path) == {"to-nothing": PathReason.BROKEN_LINK}


@pytest.mark.parametrize("link", ["a-link", "z-link"])
@pytest.mark.parametrize("target", ["real", "real/below"])
def test_a_folder_is_sent_where_it_is_whatever_links_to_it(
    tmp_path: Path, link: str, target: str
) -> None:
    (tmp_path / "real" / "below").mkdir(parents=True)
    (tmp_path / "real" / "below" / "file").write_text("1234")
    (tmp_path / link).symlink_to(target)
    assert names(tmp_path) == ["real/below/file"]
    assert problems(tmp_path) == {link: PathReason.TWIN}
    assert all(each.is_harmless for each in walk(tmp_path) if isinstance(each, PathProblem))


def test_what_a_download_has_collected_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "only").mkdir()
    partials = [
        tmp_path / ".a.txt.f00d-1.s4part",
        tmp_path / "only" / ".x\ny.0123456789abcdef-ff.s4part",
    ]
    others = [".s4part", "a.s4part", ".a.s4part", "a.f00d-1.s4part"]
    for path in [*partials, *(tmp_path / name for name in others)]:
        path.write_text("")
    assert names(tmp_path) == sorted([*others, "only/"])
    assert problems(tmp_path) == {}
    for path in partials:
        assert list(walk(path)) == [PathProblem(path, PathReason.PARTIAL)]


def test_links_that_lead_out_are_said_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "top-secret").mkdir()
    (tmp_path / "top-secret" / "file").write_text("")
    top = tmp_path / "top"
    top.mkdir()
    (top / "to-file").symlink_to(tmp_path / "top-secret" / "file")
    (top / "to-folder").symlink_to(tmp_path / "top-secret")
    (top / "up").symlink_to("..")
    assert names(top) == ["/"]
    assert problems(top) == dict.fromkeys(("to-file", "to-folder", "up"), PathReason.OUTSIDE)


def test_a_link_that_was_named_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("1234")
    (tmp_path / "real" / "link").symlink_to("file")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "file").symlink_to(tmp_path / "real" / "file")
    (tmp_path / "links" / "folder").symlink_to(tmp_path / "real")
    assert names(tmp_path / "links" / "file") == [""]
    assert names(tmp_path / "links" / "folder") == ["file", "link"]


def test_links_among_few_folders_do_not_make_many_paths(tmp_path: Path) -> None:
    """Eight folders that all link to each other have 8! paths."""
    for one in "abcdefgh":
        (tmp_path / one).mkdir()
        (tmp_path / one / "file").write_text("")
        for other in "abcdefgh":
            (tmp_path / one / f"to-{other}").symlink_to(tmp_path / other)
    found = names(tmp_path)
    assert found == [f"{one}/file" for one in "abcdefgh"]


def test_a_link_that_leads_back_ends_and_is_said(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "back").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "b" / "file").write_text("")
    (tmp_path / "a" / "self").symlink_to("self")
    assert names(tmp_path) == ["a/b/file"]
    assert problems(tmp_path) == {"back": PathReason.LOOP, "self": PathReason.LOOP}


def test_one_folder_is_not_walked_again_for_a_link(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_text("")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert names(tmp_path) == ["a/file"]
    assert problems(tmp_path) == {"b": PathReason.TWIN}


def test_pipes_and_sockets_are_skipped_and_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket"))
        assert problems(tmp_path) == {"pipe": PathReason.SPECIAL, "socket": PathReason.SPECIAL}
    assert list(walk(tmp_path / "pipe")) == [PathProblem(tmp_path / "pipe", PathReason.SPECIAL)]
    # There is a folder, even if nothing in it can be sent.
    assert names(tmp_path) == ["/"]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    (problem,) = walk(tmp_path / "absent")
    assert isinstance(problem, PathProblem)
    assert problem.reason is PathReason.UNREADABLE


def test_what_may_not_be_read_is_said_and_the_rest_goes_on(open_folder: Path) -> None:
    """In a process of its own, because root may read everything."""
    (open_folder / "open").write_text("")
    (open_folder / "secret").write_text("")
    (open_folder / "closed").mkdir()
    (open_folder / "open").chmod(0o644)
    (open_folder / "secret").chmod(0)
    (open_folder / "closed").chmod(0)
    code = f"""
import os, pathlib, sys
from s4desk.core.transfer.walk import walk
if os.getuid() == 0:
    os.setuid(65534)
for each in walk(pathlib.Path({str(open_folder)!r})):
    print(each.path.name, getattr(each, "reason", "found"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["closed unreadable", "open found", "secret unreadable", ""]


def test_a_very_deep_tree(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(300):
        folder /= "d"
    folder.mkdir(parents=True)
    assert names(tmp_path) == ["/".join("d" * 300) + "/"]


@pytest.mark.parametrize("size", [1, 2, 3, 10])
async def test_batches_hold_everything_once(tmp_path: Path, size: int) -> None:
    for number in range(5):
        (tmp_path / str(number)).write_text("")
    batches = [batch async for batch in in_batches(walk(tmp_path), size)]
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    found = [each.name for batch in batches for each in batch if isinstance(each, Found)]
    assert found == ["0", "1", "2", "3", "4"]
