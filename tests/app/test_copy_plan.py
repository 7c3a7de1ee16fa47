"""What `s4desk cp SRC DST` means, side by side with what stands there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s4desk.app.cli.copy_plan import CopyPlanner
from s4desk.app.cli.emptiness import EmptyPlaceError
from s4desk.app.cli.places import Remote, UsageError
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.transfer import BatchId, ConflictPolicy, Direction, TransferSpec
from s4desk.core.store.registry import GivenSecrets, StoreRegistry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

WORK = Connection(ConnectionId("1"), "Work", "memory:b")
HOME = Connection(ConnectionId("2"), "Home", "memory:b")


@pytest.fixture
async def stores() -> AsyncIterator[StoreRegistry]:
    stores = StoreRegistry({WORK.id: WORK, HOME.id: HOME}, GivenSecrets(None))
    store = await stores.get(WORK.id)
    for key in (
        "a.txt",
        "dir/",
        "dir/b.txt",
        "dir/sub/c.txt",
        "dir2/d.txt",
        "/odd//e",
        "dir",
        "hollow/",
    ):
        await store.put(Location("b", key), b"" if key.endswith("/") else b"x")
    yield stores
    await stores.aclose()


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with `top/f.txt`, `top/sub/g.txt`, `top/empty/` and `h.tar.gz`."""
    monkeypatch.chdir(tmp_path)
    for name in ("top/f.txt", "top/sub/g.txt", "h.tar.gz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "top" / "empty").mkdir()
    return tmp_path


def side(word: str) -> Remote | Path:
    name, colon, path = word.partition(":")
    if not colon:
        return Path(word)
    bucket, _, key = path.partition("/")
    return Remote({"W": WORK, "H": HOME}[name], bucket, key)


def shown(place: Path | Address, top: Path) -> str:
    if isinstance(place, Path):
        return str(place.relative_to(top))
    return f"{place.location.bucket}/{place.location.key}"


@pytest.fixture
def planned(stores: StoreRegistry, files: Path) -> Callable[..., object]:
    async def plan(
        source: str, target: str, *, recursive: bool = False, moves: bool = False
    ) -> list[TransferSpec]:
        planner = CopyPlanner(
            stores.get,
            BatchId("1"),
            ConflictPolicy.SKIP,
            recursive,
            into=target.endswith("/"),
            removes_source=moves,
        )
        found = planner.plan(side(source), side(target))
        return [spec async for some in found for spec in some.specs]

    return plan


@pytest.mark.parametrize(
    ("source", "target", "pairs"),
    [
        ("top/f.txt", "W:b", {"top/f.txt": "b/f.txt"}),
        ("top/f.txt", "W:b/", {"top/f.txt": "b/f.txt"}),
        ("top/f.txt", "W:b/dir/", {"top/f.txt": "b/dir/f.txt"}),
        ("top/f.txt", "W:b/dir", {"top/f.txt": "b/dir"}),
        ("top/f.txt", "W:b//x", {"top/f.txt": "b//x"}),
        ("W:b/a.txt", "top", {"b/a.txt": "top/a.txt"}),
        ("W:b/a.txt", "top/", {"b/a.txt": "top/a.txt"}),
        ("W:b/a.txt", "new/", {"b/a.txt": "new/a.txt"}),
        ("W:b/a.txt", "new", {"b/a.txt": "new"}),
        ("W:b/dir/b.txt", ".", {"b/dir/b.txt": "b.txt"}),
        ("W:b/dir", "new", {"b/dir": "new"}),
        ("W:b/a.txt", "W:b/z", {"b/a.txt": "b/z"}),
        ("W:b/dir/b.txt", "W:b", {"b/dir/b.txt": "b/b.txt"}),
        ("W:b/dir/b.txt", "W:b/z/", {"b/dir/b.txt": "b/z/b.txt"}),
    ],
)
async def test_a_single_file(planned, files, source, target, pairs):
    specs = await planned(source, target)
    assert {shown(s.source, files): shown(s.target, files) for s in specs} == pairs


@pytest.mark.parametrize(
    ("source", "target", "pairs"),
    [
        (
            "top",
            "W:b/new",
            {
                "top/f.txt": "b/new/f.txt",
                "top/sub/g.txt": "b/new/sub/g.txt",
                "top/empty": "b/new/empty/",
            },
        ),
        (
            "top/",
            "W:b",
            {"top/f.txt": "b/f.txt", "top/sub/g.txt": "b/sub/g.txt", "top/empty": "b/empty/"},
        ),
        ("h.tar.gz", "W:b/new", {"h.tar.gz": "b/new"}),
        (
            "W:b/dir",
            "new",
            {"b/dir/b.txt": "new/b.txt", "b/dir/sub/c.txt": "new/sub/c.txt"},
        ),
        (
            "W:b/dir/",
            "top",
            {"b/dir/b.txt": "top/b.txt", "b/dir/sub/c.txt": "top/sub/c.txt"},
        ),
        ("W:b/dir2", "W:b/new", {"b/dir2/d.txt": "b/new/d.txt"}),
        ("W:b/dir2/", "W:b/new/x/", {"b/dir2/d.txt": "b/new/x/d.txt"}),
        ("W:b//odd/", "W:b/new", {"b//odd//e": "b/new//e"}),
        ("top/empty", "W:b/new", {"top/empty": "b/new/"}),
        ("top/empty", "W:b", {}),
        ("W:b/hollow", "new", {"b/hollow/": "new"}),
        ("W:b/hollow", "W:b/new", {"b/hollow/": "b/new/"}),
        ("W:b/a.txt", "new", {"b/a.txt": "new"}),
        ("W:b/a.txt", "top", {"b/a.txt": "top/a.txt"}),
        ("W:b/a.txt", "h.tar.gz", {"b/a.txt": "h.tar.gz"}),
        ("W:b/a.txt", "W:b/z", {"b/a.txt": "b/z"}),
    ],
)
async def test_a_folder_with_all_in_it(planned, files, source, target, pairs):
    specs = await planned(source, target, recursive=True)
    assert {shown(s.source, files): shown(s.target, files) for s in specs} == pairs


@pytest.mark.parametrize(("source", "target"), [("top/empty", "W:b/n"), ("W:b/hollow", "n")])
async def test_an_empty_folder_is_made(planned, source, target):
    (spec,) = await planned(source, target, recursive=True)
    assert (spec.is_folder, spec.batch, spec.on_conflict) == (
        True,
        BatchId("1"),
        ConflictPolicy.SKIP,
    )


async def test_a_copy_inside_a_store_is_made_by_the_store(planned):
    (spec,) = await planned("W:b/a.txt", "W:b/z")
    assert (spec.direction, spec.size, spec.on_conflict, spec.batch) == (
        Direction.COPY,
        1,
        ConflictPolicy.SKIP,
        BatchId("1"),
    )


async def test_a_new_name_has_its_own_type(planned):
    (spec,) = await planned("top/f.txt", "W:b/page.html")
    assert spec.attributes.content_type == "text/html"


async def test_a_download_may_not_leave_its_folder(planned, files):
    (spec,) = await planned("W:b/a.txt", "new/")
    assert spec.root == files / "new"
    (spec,) = await planned("W:b/a.txt", "new")
    # All of the path was named by the person, who may mean a link that leads elsewhere.
    assert (spec.target, spec.root) == (files / "new", None)


@pytest.mark.parametrize(
    ("source", "target", "recursive", "said"),
    [
        ("top", "W:b", False, "add -r"),
        ("W:b", "new", False, "add -r"),
        ("W:b/", "W:b/x", False, "add -r"),
        ("W:b/dir", "h.tar.gz", True, "is a file"),
        ("W:", "new", True, "A bucket is needed"),
        ("top", "W:", True, "A bucket is needed"),
        ("top", "new", True, "Both sides are local"),
        ("W:b/a.txt", "W:b/a.txt", False, "onto itself"),
        ("W:b/a.txt", "W:b", False, "onto itself"),
        ("W:b/dir", "W:b/dir/sub", True, "into itself"),
        ("W:b", "W:b/x", True, "into itself"),
    ],
)
async def test_what_has_no_meaning_is_refused(planned, source, target, recursive, said):
    with pytest.raises(UsageError, match=said):
        await planned(source, target, recursive=recursive)


async def test_a_neighbour_of_the_same_beginning_is_not_inside(planned):
    assert len(await planned("W:b/dir", "W:b/dir3", recursive=True)) == 3


@pytest.mark.parametrize("target", ["new", "W:b/new"])
async def test_what_is_not_there_cannot_be_copied(planned, target):
    with pytest.raises(NotFoundError):
        await planned("W:b/nothing", target)
    with pytest.raises(EmptyPlaceError, match="nothing to copy in Work:b/nothing"):
        await planned("W:b/nothing", target, recursive=True)


async def test_between_two_connections(planned):
    (spec,) = await planned("W:b/a.txt", "H:b/a.txt")
    assert (spec.source, spec.target) == (
        Address(WORK.id, Location("b", "a.txt")),
        Address(HOME.id, Location("b", "a.txt")),
    )
    specs = await planned("W:b", "H:b", recursive=True)
    assert len(specs) == 8
    assert all(spec.source.location == spec.target.location for spec in specs)


@pytest.mark.parametrize(
    ("source", "target"),
    [("top", "W:b/new"), ("W:b/dir", "new"), ("W:b/dir", "W:b/new"), ("W:b/dir", "H:b/new")],
)
async def test_a_move_is_the_same_and_removes_its_sources(planned, files, source, target):
    copies = await planned(source, target, recursive=True)
    moves = await planned(source, target, recursive=True, moves=True)
    assert all(spec.removes_source for spec in moves)
    kept = [replace(spec, removes_source=False) for spec in moves]
    if source == "top":
        assert {spec.root for spec in moves} == {files / "top"}
        assert [replace(spec, root=None) for spec in kept] == copies
    elif target == "new":
        # The marker of the folder goes too.
        *kept, marker = kept
        assert (marker.source.location.key, marker.is_folder) == ("dir/", True)
        assert kept == copies
    else:
        assert kept == copies


@pytest.mark.parametrize(("source", "target"), [("h.tar.gz", "W:b"), ("W:b/a.txt", "new")])
async def test_a_single_move(planned, source, target):
    (spec,) = await planned(source, target, moves=True)
    assert (spec.removes_source, spec.is_folder) == (True, False)
