"""From a selection to copies, moves and renames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.domain.transfer import BatchId, Carried, ConflictPolicy, Direction
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.copy_planner import CopyTarget, plan_copies
from s4desk.core.transfer.names import NameReason
from s4desk.core.transfer.walk import PathReason
from tests.transfer.specs import BUCKET, ELSEWHERE, HERE

if TYPE_CHECKING:
    from s4desk.core.transfer.planner import Planned
    from s4desk.core.transfer.selection import Selected

KEYS = ("a.txt", "dir/", "dir/b.txt", "dir/sub/c.txt", "x/a.txt", "x/dir/d.txt", "dir2", "odd//e")
BATCH = BatchId("b")


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore([BUCKET, "other"])
    for key in KEYS:
        await store.put(Location(BUCKET, key), b"" if key.endswith("/") else b"x")
    return store


def key(name: str) -> Location:
    return Location(BUCKET, name)


def folder(name: str = "") -> Prefix:
    return Prefix(BUCKET, name)


async def plan(store: MemoryStore, *selection: Selected, **how: object) -> list[Planned]:
    where = {name: how.pop(name) for name in ("keep_name", "new_name") if name in how}
    target = CopyTarget(
        how.pop("connection", HERE),  # type: ignore[arg-type]
        how.pop("to", folder("to/")),  # type: ignore[arg-type]
        store=how.pop("there", None),  # type: ignore[arg-type]
        **where,  # type: ignore[arg-type]
    )
    plan = plan_copies(store, HERE, list(selection), target, BATCH, **how)  # type: ignore[arg-type]
    return [each async for each in plan]


async def pairs(store: MemoryStore, *selection: Selected, **how: object) -> dict[str, str]:
    specs = [spec for each in await plan(store, *selection, **how) for spec in each.specs]
    return {spec.source.location.key: spec.target.location.key for spec in specs}  # type: ignore[union-attr]


async def test_what_is_selected_keeps_its_name(store: MemoryStore) -> None:
    chosen = [key("a.txt"), await store.head(key("dir2")), folder("dir/")]
    assert await pairs(store, *chosen) == {
        "a.txt": "to/a.txt",
        "dir2": "to/dir2",
        "dir/": "to/dir/",
        "dir/b.txt": "to/dir/b.txt",
        "dir/sub/c.txt": "to/dir/sub/c.txt",
    }


async def test_only_what_lies_below(store: MemoryStore) -> None:
    assert await pairs(store, folder("dir/"), keep_name=False) == {
        "dir/": "to/",
        "dir/b.txt": "to/b.txt",
        "dir/sub/c.txt": "to/sub/c.txt",
    }
    top = Prefix("other")
    assert "dir/" not in await pairs(store, folder("dir/"), keep_name=False, to=top)


async def test_a_whole_bucket_is_a_folder_of_its_name(store: MemoryStore) -> None:
    found = await pairs(store, folder(), to=Prefix("other", "to/"))
    assert found == {each: f"to/{BUCKET}/{each}" for each in KEYS}


async def test_a_new_name_is_a_rename(store: MemoryStore) -> None:
    top = folder()
    assert await pairs(store, key("a.txt"), to=top, new_name="z") == {"a.txt": "z"}
    assert await pairs(store, folder("x/"), to=top, new_name="y") == {
        "x/a.txt": "y/a.txt",
        "x/dir/d.txt": "y/dir/d.txt",
    }
    with pytest.raises(ValidationError, match="one thing"):
        await plan(store, key("a.txt"), key("dir2"), new_name="z")


async def test_the_second_of_a_name_is_numbered(store: MemoryStore) -> None:
    chosen = [key("a.txt"), key("x/a.txt"), folder("dir/"), folder("x/dir/")]
    planned = await plan(store, *chosen)
    specs = [spec for each in planned for spec in each.specs]
    targets = {spec.target.location.key for spec in specs}  # type: ignore[union-attr]
    assert targets >= {"to/a.txt", "to/a (2).txt", "to/dir/b.txt", "to/dir (2)/d.txt"}
    assert len(targets) == len(specs)
    changes = [change for each in planned for change in each.changes]
    assert [(c.key, c.proposed, c.reason) for c in changes] == [
        ("x/a.txt", "to/a (2).txt", NameReason.TWIN),
        ("x/dir/", "to/dir (2)/", NameReason.TWIN),
    ]


@pytest.mark.parametrize(
    ("selected", "to", "said"),
    [
        (folder("dir/"), folder("dir/sub/"), "into itself"),
        (folder("dir/"), folder("dir/"), "into itself"),
        (folder("dir/"), folder(), "into itself"),
        (folder(), folder("x/"), "into itself"),
        (key("x/a.txt"), folder("x/"), "onto itself"),
    ],
)
@pytest.mark.parametrize("moves", [True, False])
async def test_nothing_goes_into_or_onto_itself(
    store: MemoryStore, selected: Selected, to: Prefix, said: str, moves: bool
) -> None:
    verb = "moved" if moves else "copied"
    with pytest.raises(ValidationError, match=f"{verb} {said}"):
        await plan(store, key("odd//e"), selected, to=to, removes_source=moves)
    assert await plan(store, selected, to=to, connection=ELSEWHERE)
    assert await plan(store, selected, to=Prefix("other", to.prefix))


async def test_a_folder_goes_into_itself_by_no_other_name(store: MemoryStore) -> None:
    alias = "point-abc-s3alias"
    store.buckets[alias] = store.buckets[BUCKET]
    with pytest.raises(ValidationError, match="access point"):
        await plan(store, folder("dir/"), to=Prefix(alias, "dir/sub/"))
    with pytest.raises(ValidationError, match="same place"):
        await plan(store, folder("dir/"), to=folder("dir/sub/"), connection=ELSEWHERE, there=store)
    # Beside it, or in a bucket that is another one.
    assert await plan(store, folder("dir/"), to=Prefix(alias, "x/"))
    other = MemoryStore([BUCKET, alias])
    to = Prefix(alias, "dir/sub/")
    assert await plan(store, folder("dir/"), to=to, connection=ELSEWHERE, there=other)


async def test_a_neighbour_of_the_same_beginning_is_not_inside(store: MemoryStore) -> None:
    assert await pairs(store, folder("dir/"), to=folder("dir2/"))


async def test_keys_that_cannot_be_written_are_left_out(store: MemoryStore) -> None:
    odd = "dir/\udcff"
    await store.put(key(odd), b"x")
    long = "dir/" + "k" * 1015
    await store.put(key(long), b"x")
    planned = await plan(store, folder("dir/"), to=folder("further/"))
    problems = {each.path: each.reason for some in planned for each in some.problems}
    assert problems == {key(odd): PathReason.NOT_TEXT, key(long): PathReason.TOO_LONG}
    assert all(len(each.specs) == len(each.modified) for each in planned)


async def test_all_that_was_asked_for_is_in_the_specs(store: MemoryStore) -> None:
    (planned,) = await plan(
        store,
        await store.head(key("a.txt")),
        connection=ELSEWHERE,
        on_conflict=ConflictPolicy.IF_DIFFERENT,
        removes_source=True,
        carries=Carried(tags=False),
    )
    (spec,) = planned.specs
    assert (spec.direction, spec.size, spec.batch) == (Direction.COPY, 1, BATCH)
    assert (spec.on_conflict, spec.removes_source, spec.carries) == (
        ConflictPolicy.IF_DIFFERENT,
        True,
        Carried(tags=False),
    )
    assert spec.target == Address(ELSEWHERE, key("to/a.txt"))
    assert planned.modified[0] > 0
