"""Transfers that have ended, made again: the same ends, as they are now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.transfer import BatchId, ConflictPolicy, Direction, TransferSpec
from s4desk.core.transfer.again import plan_again
from s4desk.core.transfer.walk import PathProblem, PathReason
from tests.transfer.specs import at, download_spec, elsewhere, upload_spec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NEW = BatchId("new")


async def planned(*specs: TransferSpec) -> tuple[Sequence[TransferSpec], Sequence[PathProblem]]:
    (one,) = [each async for each in plan_again(specs, NEW)]
    return one.specs, one.problems


async def test_a_file_goes_as_it_is_now_and_each_wish_once(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"longer")
    old = replace(upload_spec(path, "k/a.txt", size=3), on_conflict=ConflictPolicy.SKIP)
    specs, problems = await planned(old, replace(old, batch=BatchId("other")))
    attributes = Attributes(content_type="text/plain")
    assert specs == [
        replace(
            old,
            size=6,
            batch=NEW,
            attributes=attributes,
            on_conflict=ConflictPolicy.OVERWRITE,
        )
    ]
    assert problems == []


async def test_what_is_not_there_or_something_else_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    marker = replace(upload_spec(tmp_path / "file", "file/"), is_folder=True)
    specs, problems = await planned(
        upload_spec(tmp_path / "gone", "gone"), upload_spec(tmp_path / "folder", "f"), marker
    )
    assert specs == []
    assert [(each.path.name, each.reason) for each in problems] == [  # type: ignore[union-attr]
        ("gone", PathReason.UNREADABLE),
        ("folder", PathReason.UNREADABLE),
        ("file", PathReason.UNREADABLE),
    ]
    assert not any(each.is_harmless for each in problems)


async def test_objects_are_left_to_their_transfers(tmp_path: Path) -> None:
    down = download_spec("key", tmp_path / "key", size=9)
    empty = replace(download_spec("dir/", tmp_path / "dir"), is_folder=True)
    move = TransferSpec(Direction.COPY, elsewhere("a"), at("b"), 4, removes_source=True)
    specs, problems = await planned(down, empty, move)
    assert specs == [
        replace(down, batch=NEW, root=None),
        replace(empty, batch=NEW, root=tmp_path),
        replace(move, batch=NEW),
    ]
    assert problems == []
