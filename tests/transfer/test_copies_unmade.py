"""What is at the target when a copy does not come to its end, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import (
    InvalidRequestError,
    NotSupportedError,
    PermissionDeniedError,
    SourceChangedError,
    UnavailableError,
)
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.transfer import ConflictPolicy, Direction, TransferSpec, TransferState
from s4desk.core.runtime.repeats import note_repeat
from s4desk.viewmodels.error_text import describe
from tests.transfer.specs import BUCKET, at, elsewhere
from tests.transfer.world import PART, noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import PutReply
    from s4desk.core.store.wrapper import Request
    from tests.transfer.scripted_store import ScriptedStore
    from tests.transfer.world import World

NEW = TransferSpec(Direction.COPY, elsewhere("from"), at("to"), on_conflict=ConflictPolicy.SKIP)
WITHIN = replace(NEW, source=at("from"))
REPLACING = ConflictPolicy.OVERWRITE
COMPLETED, FAILED = TransferState.COMPLETED, TransferState.FAILED
SMALL, LARGE = b"hello", noise(5 * PART + 7)
EITHER = pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "in_parts"])


def origin(world: World, spec: TransferSpec) -> ScriptedStore:
    return world.other if spec.source == elsewhere("from") else world.store


async def begin(
    world: World, spec: TransferSpec = NEW, content: bytes = SMALL, **kept: object
) -> None:
    attributes = Attributes(**kept)  # type: ignore[arg-type]
    await origin(world, spec).memory.put(at("from").location, content, attributes=attributes)


async def tried(world: World, spec: TransferSpec = NEW) -> Transfer:
    return await world.run(await world.add(spec))


def forget_tags(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store drops tags that come with the object, as some do."""
    memory = world.store.memory
    put, create = memory.put, memory.create_multipart

    def without(attributes: Attributes) -> Attributes:
        return replace(attributes, tags={})

    async def forgetful_put(
        location: Location, body: object, *, attributes: Attributes, **how: object
    ) -> PutReply:
        return await put(location, body, attributes=without(attributes), **how)  # type: ignore[arg-type]

    async def forgetful_create(location: Location, *, attributes: Attributes) -> object:
        return await create(location, attributes=without(attributes))

    monkeypatch.setattr(memory, "put", forgetful_put)
    monkeypatch.setattr(memory, "create_multipart", forgetful_create)


# Tags


@EITHER
@pytest.mark.parametrize("error", [PermissionDeniedError("403"), NotSupportedError("501")])
async def test_a_store_without_tags_gets_the_rest_and_it_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch, content: bytes, error: Exception
) -> None:
    await begin(world, content=content, tags={"t": "1"})
    forget_tags(world, monkeypatch)
    world.store.fail("put_tags", error)
    done = await tried(world)
    assert (done.state, world.stored("to")) == (COMPLETED, content)
    assert done.error == "LeftBehindError: tags"


@pytest.mark.parametrize("error", [PermissionDeniedError("403"), NotSupportedError("501")])
async def test_so_it_is_when_they_must_not_come_with_the_object(
    world: World, error: Exception
) -> None:
    await begin(world, tags={"t": "1"})
    world.store.fail("put", error)
    done = await tried(world, replace(NEW, on_conflict=REPLACING))
    assert (done.state, world.stored("to")) == (COMPLETED, SMALL)
    assert done.error == "LeftBehindError: tags"


async def test_tags_that_may_not_be_read_are_missed(world: World) -> None:
    await begin(world, tags={"t": "1"})
    world.other.fail("get_tags", PermissionDeniedError("403"))
    assert (await tried(world)).error == "LeftBehindError: tags"


@pytest.mark.parametrize("is_at_source", [True, False])
async def test_it_is_said_whether_the_source_or_the_target_is_why(
    world: World, monkeypatch: pytest.MonkeyPatch, is_at_source: bool
) -> None:
    await begin(world, tags={"t": "1"})
    if is_at_source:
        world.other.fail("get_tags", PermissionDeniedError("403"))
    else:
        world.store.fail("put", PermissionDeniedError("403"))
    in_words = replace(world.context(), describe=describe)
    monkeypatch.setattr(world, "context", lambda: in_words)
    said = (await tried(world)).error
    assert ("The source did not tell: tags." in said) is is_at_source
    assert ("The store did not take or keep that" in said) is not is_at_source


async def test_of_all_that_came_along_nothing_is_said(world: World) -> None:
    await begin(world, tags={"t": "1"}, metadata={"a": "b"}, cache_control="no-cache")
    assert (await tried(world)).error == ""


@EITHER
@pytest.mark.parametrize("removes_source", [False, True])
@pytest.mark.parametrize("error", [InvalidRequestError("InvalidTag"), UnavailableError("503")])
async def test_a_copy_whose_tags_are_refused_is_unmade(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    error: Exception,
    removes_source: bool,
) -> None:
    await begin(world, content=content, tags={"t": "1"})
    forget_tags(world, monkeypatch)
    world.store.fail("put_tags", error)
    spec = replace(NEW, removes_source=removes_source)
    failed = await tried(world, spec)
    assert (failed.state, world.stored("to")) == (FAILED, None)
    is_refused = isinstance(error, InvalidRequestError)
    assert failed.error_kind == ("NotKeptError" if is_refused else "UnavailableError")
    assert world.held(elsewhere("from")) == content
    again = await tried(world, spec)
    assert (again.state, again.skipped, world.stored("to")) == (COMPLETED, False, content)
    assert dict(await world.store.get_tags(at("to").location)) == {"t": "1"}


@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, REPLACING])
async def test_a_store_that_refuses_and_has_written_all_the_same(
    world: World, policy: ConflictPolicy
) -> None:
    await begin(world, tags={"t": "1"})
    world.store.lose_reply("put", InvalidRequestError("InvalidTag", status=400))
    failed = await tried(world, replace(NEW, on_conflict=policy))
    # What was replaced may have been the same, tags and all.
    is_new = policy is ConflictPolicy.SKIP
    told = "NotKeptError" if is_new else "InvalidRequestError"
    assert (failed.state, failed.error_kind) == (FAILED, told)
    assert world.stored("to") == (None if is_new else SMALL)


@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, REPLACING])
@pytest.mark.parametrize("is_versioned", [False, True])
async def test_a_refusal_removes_nothing_that_was_there(
    world: World, policy: ConflictPolicy, is_versioned: bool
) -> None:
    """Not even the very same bytes."""
    world.store.memory.buckets[BUCKET].is_versioned = is_versioned
    await begin(world, tags={"t": "1"})
    await world.object("to", SMALL)
    world.store.fail("put", InvalidRequestError("InvalidTag", status=400))
    await tried(world, replace(NEW, on_conflict=policy))
    assert world.stored("to") == SMALL


async def test_a_refusal_that_left_nothing_is_told_as_it_is(world: World) -> None:
    await begin(world, tags={"t": "1"})
    world.store.fail("put", InvalidRequestError("InvalidTag", status=400))
    failed = await tried(world)
    assert (failed.error_kind, world.stored("to")) == ("InvalidRequestError", None)


@pytest.mark.parametrize("is_versioned", [False, True])
async def test_what_it_replaced_would_not_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch, is_versioned: bool
) -> None:
    """Unless it is a version."""
    if is_versioned:
        world.store.memory.buckets[BUCKET].is_versioned = True
    await world.object("to", b"older")
    await begin(world, tags={"t": "1"})
    forget_tags(world, monkeypatch)
    world.store.fail("put_tags", InvalidRequestError("InvalidTag"))
    told: list[bool] = []
    monkeypatch.setattr(
        "s4desk.core.domain.errors.NotKeptError.is_undone",
        property(lambda _: False, lambda _, value: told.append(value)),
    )
    failed = await tried(world, replace(NEW, on_conflict=REPLACING))
    assert (failed.state, failed.error_kind) == (FAILED, "NotKeptError")
    assert world.stored("to") == (b"older" if is_versioned else SMALL)
    assert told == [is_versioned]


async def test_what_another_wrote_meanwhile_is_not_unmade(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(world, tags={"t": "1"})
    forget_tags(world, monkeypatch)
    world.store.fail("put_tags", InvalidRequestError("InvalidTag"))
    world.store.before = once("put_tags", lambda: overwrite(world.store, "to", b"another's"))
    assert (await tried(world)).state is FAILED
    assert world.stored("to") == b"another's"


async def test_nor_is_what_came_before_we_looked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(world, tags={"t": "1"})
    make_unprovable(world.other)
    world.store.after = once("put", lambda: overwrite(world.store, "to", b"other"))
    world.store.fail("put_tags", InvalidRequestError("InvalidTag"))
    forget_tags(world, monkeypatch)
    assert (await tried(world)).state is FAILED
    assert world.stored("to") == b"other"


# The source


def once(operation: str, deed: Callable[[], None]) -> Callable[[Request], None]:
    done: list[Request] = []

    def act(request: Request) -> None:
        if request.operation == operation and not done:
            done.append(request)
            deed()

    return act


def overwrite(store: ScriptedStore, key: str, content: bytes) -> None:
    objects = store.memory.buckets[BUCKET].objects
    objects[key] = [replace(objects[key][-1], data=content, etag=f"of-{content!r}")]


def make_unprovable(store: ScriptedStore) -> None:
    """Its ETag is none of its bytes, as that of an encrypted object."""
    objects = store.memory.buckets[BUCKET].objects
    objects["from"] = [replace(each, etag="opaque") for each in objects["from"]]


@EITHER
@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, REPLACING])
async def test_a_source_that_changes_after_it_came_is_no_failure(
    world: World, content: bytes, policy: ConflictPolicy
) -> None:
    """What was read is of one object, whatever is there now."""
    await begin(world, content=content)
    make_unprovable(world.other)
    ended = "put" if content == SMALL else "complete_multipart"
    world.store.after = once(ended, lambda: overwrite(world.other, "from", b"newer"))
    done = await tried(world, replace(NEW, on_conflict=policy))
    assert (done.state, world.stored("to")) == (COMPLETED, content)


@EITHER
async def test_one_that_changes_while_it_comes_leaves_nothing(world: World, content: bytes) -> None:
    await begin(world, content=content)
    make_unprovable(world.other)
    world.other.after = once("get", lambda: overwrite(world.other, "from", b"newer"))
    failed = await tried(world)
    assert (failed.state, failed.error_kind) == (FAILED, "SourceChangedError")
    assert world.stored("to") is None
    assert not await world.store.list_uploads(Prefix(BUCKET))
    assert (await tried(world)).state is COMPLETED
    assert world.stored("to") == b"newer"


@pytest.mark.parametrize("is_sent_before", [False, True])
@pytest.mark.parametrize("has_arrived", [False, True])
async def test_a_file_that_changes_before_it_is_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch, is_sent_before: bool, has_arrived: bool
) -> None:
    """What was sent at first may have arrived although nobody answered."""
    told, put = doubts(world, monkeypatch), world.store.memory.put

    async def put_twice(location: Location, _body: object, **_: object) -> PutReply:
        if has_arrived:
            await put(location, SMALL)
        if is_sent_before:
            note_repeat()
        raise SourceChangedError("file")

    monkeypatch.setattr(world.store.memory, "put", put_twice)
    failed = await world.run(await world.upload(SMALL, "to"))
    assert failed.state is FAILED
    assert told == [is_sent_before and has_arrived]


def doubts(world: World, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each error that was described whether the target may have been written."""
    told: list[bool] = []

    def describe(error: BaseException) -> str:
        told.append(getattr(error, "may_be_there", False))
        return type(error).__name__

    context = world.context
    monkeypatch.setattr(world, "context", lambda: replace(context(), describe=describe))
    return told


@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, REPLACING])
async def test_a_store_that_copies_something_else_is_not_believed(
    world: World, monkeypatch: pytest.MonkeyPatch, policy: ConflictPolicy
) -> None:
    """It does not look at If-Match; nobody knows which of the two it copied."""
    await begin(world, WITHIN)
    make_unprovable(world.store)
    world.store.after = once("copy", lambda: overwrite(world.store, "from", b"newer"))
    told = doubts(world, monkeypatch)
    failed = await tried(world, replace(WITHIN, on_conflict=policy))
    assert (failed.state, failed.error) == (FAILED, "SourceChangedError")
    is_new = policy is ConflictPolicy.SKIP
    assert world.stored("to") == (None if is_new else SMALL)
    assert told == [not is_new]
