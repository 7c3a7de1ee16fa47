"""Folders become specs and prefixes become files, with their structure."""

from __future__ import annotations

import math
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.transfer import BatchId, ConflictPolicy, Direction, TransferSpec
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.names import MACOS, NameChange, NameReason
from s4desk.core.transfer.planner import (
    Planned,
    content_type,
    plan_downloads,
    plan_past_downloads,
    plan_uploads,
)
from s4desk.core.transfer.selection import Selected, Tally, collapsed, tally
from s4desk.core.transfer.walk import PathReason
from tests.store.configs import put_config
from tests.transfer.fake_clock import FakeClock
from tests.transfer.specs import BUCKET, HERE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BATCH = BatchId("drop")


async def whole(plan: AsyncIterator[Planned]) -> Planned:
    specs, problems, changes, modified = [], [], [], []
    async for batch in plan:
        specs += batch.specs
        problems += batch.problems
        changes += batch.changes
        modified += batch.modified
    return Planned(specs, problems, changes, modified)


def keys(planned: Planned) -> list[str]:
    return [spec.target.location.key for spec in planned.specs]  # type: ignore[union-attr]


async def uploads(*paths: Path, prefix: str = "to/", keep_name: bool = True) -> Planned:
    return await whole(
        plan_uploads(paths, HERE, Prefix(BUCKET, prefix), BATCH, keep_name=keep_name)
    )


async def stored(*names: str) -> MemoryStore:
    store = MemoryStore([BUCKET])
    for name in names:
        await store.put(Location(BUCKET, name), b"" if name.endswith("/") else b"12345")
    return store


async def downloads(
    store: MemoryStore, folder: Path, *selection: Selected, **options: object
) -> dict[str, TransferSpec]:
    """The specs by the path they go to, relative to the folder, folders with their slash."""
    planned = await whole(
        plan_downloads(store, HERE, selection, folder, BATCH, **options)  # type: ignore[arg-type]
    )
    return {
        f"{spec.target.relative_to(folder)}{'/' if spec.is_folder else ''}": spec  # type: ignore[union-attr]
        for spec in planned.specs
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "photos"
    (top / "2024" / "empty").mkdir(parents=True)
    (top / "2024" / "a.jpg").write_bytes(b"123")
    (top / ".hidden").write_bytes(b"")
    return top


async def test_a_dropped_folder_keeps_its_name_and_structure(folder: Path) -> None:
    planned = await uploads(folder)
    assert keys(planned) == [
        "to/photos/.hidden",
        "to/photos/2024/a.jpg",
        "to/photos/2024/empty/",
    ]
    assert [spec.size for spec in planned.specs] == [0, 3, 0]
    assert [spec.is_folder for spec in planned.specs] == [False, False, True]
    photo = planned.specs[1]
    assert (photo.direction, photo.source, photo.batch) == (
        Direction.UPLOAD,
        folder / "2024" / "a.jpg",
        BATCH,
    )
    assert photo.attributes.content_type == "image/jpeg"


async def test_only_what_a_folder_holds(folder: Path) -> None:
    assert keys(await uploads(folder, keep_name=False)) == [
        "to/.hidden",
        "to/2024/a.jpg",
        "to/2024/empty/",
    ]
    assert keys(await uploads(folder / "2024" / "empty", keep_name=False)) == []
    assert keys(await uploads(folder / ".hidden", prefix="", keep_name=False)) == [".hidden"]


async def test_a_relative_path_means_where_we_are(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "2024")
    (spec, *_) = (await uploads(Path("a.jpg"))).specs
    assert spec.source == folder / "2024" / "a.jpg"


async def test_two_paths_of_one_name(tmp_path: Path) -> None:
    for parent in ("x", "y"):
        (tmp_path / parent).mkdir()
        (tmp_path / parent / "same.txt").write_text(parent)
    planned = await uploads(tmp_path / "x" / "same.txt", tmp_path / "y" / "same.txt")
    assert keys(planned) == ["to/same.txt", "to/same (2).txt"]
    assert planned.changes == [
        NameChange("to/same.txt", "to/same (2).txt", NameReason.TWIN),
    ]


async def test_what_cannot_be_sent_is_told_beside(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    deep = folder / ("d" * 200)
    for _ in range(5):
        deep /= "e" * 200
    deep.mkdir(parents=True)
    (deep / "file").write_text("")
    (folder / "fine").write_text("")
    planned = await uploads(folder)
    assert keys(planned) == ["to/f/fine"]
    assert {problem.reason for problem in planned.problems} == {
        PathReason.TOO_LONG,
        PathReason.SPECIAL,
    }


async def test_names_that_are_no_text_are_told_and_not_sent(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    for name in ("caf\udce9", "caf\udcff", "café"):
        (folder / name).touch()
    planned = await uploads(folder)
    assert keys(planned) == ["to/f/café"]
    assert [problem.reason for problem in planned.problems] == [PathReason.NOT_TEXT] * 2


async def test_many_files_come_in_batches(tmp_path: Path) -> None:
    for number in range(2500):
        (tmp_path / f"{number}").touch()
    sizes = [
        len(planned.specs)
        async for planned in plan_uploads([tmp_path], HERE, Prefix(BUCKET), BATCH)
    ]
    assert sizes == [1000, 1000, 500]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a/b.html", "text/html"),
        ("x.tar.gz", "application/gzip"),
        ("x.svg.bz2", "application/x-bzip2"),
        ("noidea", ""),
        ("a.d/noidea", ""),
    ],
)
def test_content_types(name: str, kind: str) -> None:
    assert content_type(name) == kind


async def test_a_prefix_is_downloaded_with_its_name(tmp_path: Path) -> None:
    store = await stored("p/q/", "p/q/a", "p/q/deep/b", "p/q/empty/", "p/other")
    found = await downloads(store, tmp_path, Prefix(BUCKET, "p/q/"))
    assert sorted(found) == ["q/", "q/a", "q/deep/b", "q/empty/"]
    spec = found["q/deep/b"]
    assert (spec.direction, spec.size, spec.root) == (Direction.DOWNLOAD, 5, tmp_path)
    assert spec.source.location.key == "p/q/deep/b"  # type: ignore[union-attr]


async def test_a_plan_tells_when_each_object_was_changed(tmp_path: Path) -> None:
    store = await stored("p/a", "p/b", "c", "d")
    meta = await store.head(Location(BUCKET, "c"))
    picked = [Prefix(BUCKET, "p/"), meta, Location(BUCKET, "d")]
    planned = await whole(plan_downloads(store, HERE, picked, tmp_path, BATCH))
    when = {
        spec.source.location.key: seconds  # type: ignore[union-attr]
        for spec, seconds in zip(planned.specs, planned.modified, strict=True)
    }
    for key in ("p/a", "p/b", "c"):
        there = (await store.head(Location(BUCKET, key))).modified
        assert there is not None
        assert when[key] == there.timestamp()
    assert math.isnan(when["d"])


async def test_only_what_lies_below_a_prefix(tmp_path: Path) -> None:
    store = await stored("p/q/", "p/q/a", "p/q/deep/b")
    found = await downloads(store, tmp_path, Prefix(BUCKET, "p/q/"), keep_name=False)
    assert sorted(found) == ["a", "deep/b"]


async def test_a_whole_bucket_is_a_folder_of_its_name(tmp_path: Path) -> None:
    store = await stored("a", "b/c")
    assert sorted(await downloads(store, tmp_path, Prefix(BUCKET))) == ["bucket/a", "bucket/b/c"]


async def test_single_objects_go_by_their_names(tmp_path: Path) -> None:
    store = await stored("p/a", "q/a", "p/m/")
    meta = await store.head(Location(BUCKET, "p/a"))
    found = await downloads(
        store, tmp_path, meta, Location(BUCKET, "q/a"), Location(BUCKET, "p/m/")
    )
    assert sorted(found) == ["a", "a (2)", "m/"]
    assert (found["a"].size, found["a (2)"].size) == (5, 0)


async def test_what_lies_below_a_selected_prefix_is_fetched_once(tmp_path: Path) -> None:
    store = await stored("p/a", "p/q/b")
    picked = [Prefix(BUCKET, "p/"), Location(BUCKET, "p/a"), Prefix(BUCKET, "p/q/")]
    assert sorted(await downloads(store, tmp_path, *picked, *picked)) == ["p/a", "p/q/b"]
    assert collapsed([Prefix("other", "p/"), Location(BUCKET, "p/a")]) == [
        Prefix("other", "p/"),
        Location(BUCKET, "p/a"),
    ]


async def test_odd_keys_stay_inside_and_are_told_before(tmp_path: Path) -> None:
    odd = ["../../evil", "/abs", "a//b", "a/./b", "x", "x/y", "Case", "case"]
    store = await stored(*odd)
    planned = await whole(
        plan_downloads(store, HERE, [Prefix(BUCKET)], tmp_path, BATCH, rules=MACOS)
    )
    assert len(planned.specs) == len(odd)
    assert len({str(spec.target).casefold() for spec in planned.specs}) == len(odd)
    assert {change.key: change.reason for change in planned.changes} == {
        "../../evil": NameReason.DOTS,
        "/abs": NameReason.EMPTY,
        "a//b": NameReason.EMPTY,
        "a/./b": NameReason.DOTS,
        "x/y": NameReason.TWIN,
        "case": NameReason.TWIN,
    }
    for spec in planned.specs:
        assert Path(os.path.normpath(spec.target)).is_relative_to(tmp_path)  # type: ignore[arg-type]


async def test_a_folder_marker_with_content_is_a_file(tmp_path: Path) -> None:
    store = MemoryStore([BUCKET])
    await store.put(Location(BUCKET, "p/m/"), b"content")
    found = await downloads(store, tmp_path, Prefix(BUCKET, "p/"))
    assert list(found) == ["p/m/%2F"]


async def test_many_objects_come_page_by_page(tmp_path: Path) -> None:
    store = await stored(*(f"{number:04}" for number in range(1500)))
    sizes = [
        len(planned.specs)
        async for planned in plan_downloads(store, HERE, [Prefix(BUCKET)], tmp_path, BATCH)
    ]
    assert sizes == [1000, 500]


async def test_the_policy_is_passed_on(tmp_path: Path, folder: Path) -> None:
    store = await stored("a")
    policy = ConflictPolicy.SKIP
    down = plan_downloads(store, HERE, [Location(BUCKET, "a")], tmp_path, BATCH, on_conflict=policy)
    up = plan_uploads([folder], HERE, Prefix(BUCKET), BATCH, on_conflict=policy)
    for plan in (await whole(down), await whole(up)):
        assert {spec.on_conflict for spec in plan.specs} == {policy}


async def test_a_tally_runs_along(tmp_path: Path) -> None:
    store = await stored(*(f"p/{number:04}" for number in range(1500)), "p/", "q")
    counts = [count async for count in tally(store, [Location(BUCKET, "q"), Prefix(BUCKET, "p/")])]
    assert counts == [Tally(1, 0), Tally(1001, 4995), Tally(1502, 7500)]
    meta = await store.head(Location(BUCKET, "q"))
    assert [count async for count in tally(store, [meta])] == [Tally(1, 5)]


async def test_a_tally_of_versions_counts_markers_too(tmp_path: Path) -> None:
    store = MemoryStore([BUCKET])
    await put_config(store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    for key in ("k", "k", "k2"):
        await store.put(Location(BUCKET, key), b"12")
    await store.delete(Location(BUCKET, "k"))
    one = [count async for count in tally(store, [Location(BUCKET, "k")], versions=True)]
    everything = [count async for count in tally(store, [Prefix(BUCKET)], versions=True)]
    assert (one[-1], everything[-1]) == (Tally(3, 4), Tally(4, 6))


async def test_versions_are_planned_with_what_lay_below_folders_then(tmp_path: Path) -> None:
    clock = FakeClock()
    store = MemoryStore([BUCKET], clock=clock)
    await put_config(store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    for content in (b"1", b"22"):
        clock.advance(60)
        await store.put(Location(BUCKET, "top"), content)
        await store.put(Location(BUCKET, "dir/in"), content)
        await store.put(Location(BUCKET, f"dir/{content.decode()}"), content)
    rows = (await store.list_versions(Prefix(BUCKET, "dir/in"))).versions
    top = (await store.list_versions(Prefix(BUCKET, "top"))).versions
    moment = clock.now() - timedelta(seconds=30)
    chosen = [top[1], Prefix(BUCKET, "dir/")]
    plan = await whole(plan_past_downloads(store, HERE, chosen, tmp_path, BATCH, moment))
    assert [(spec.target, spec.version, spec.size) for spec in plan.specs[::2]] == [
        (tmp_path / "top", top[1].version, 1),
        (tmp_path / "dir" / "in", rows[1].version, 1),
    ]
    assert plan.specs[1].target == tmp_path / "dir" / "1"
    now = await whole(plan_past_downloads(store, HERE, chosen, tmp_path, BATCH, None))
    assert [spec.version for spec in now.specs] == [top[1].version, None, None, None]
