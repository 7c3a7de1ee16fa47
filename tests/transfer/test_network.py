"""What happens to transfers when the network is gone, and when it is there again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import ConnectionLimits
from s4desk.core.domain.errors import (
    PermissionDeniedError,
    SignInNeededError,
    StoreError,
    UnauthenticatedError,
    UnavailableError,
    UnreachableError,
)
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.sign_in import SignInKind, SignInNeed
from s4desk.core.domain.transfer import TransferState
from s4desk.core.runtime.events import SignInWanted
from s4desk.core.transfer.admission import Limits
from s4desk.core.transfer.ledger import NETWORK, SIGN_IN
from s4desk.core.transfer.network import CAP_S, FIRST_S
from tests.transfer.queue_world import QueueWorld
from tests.transfer.settle import settle
from tests.transfer.world import PART, noise

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from s4desk.core.domain.transfer import TransferId, TransferSpec
    from s4desk.core.store.wrapper import Request

S = TransferState
GONE = UnreachableError("no route")
LARGE = noise(4 * PART + 500)


class Cable:
    """Between a queue and its store; while it is out, nothing is reached."""

    def __init__(self, world: QueueWorld) -> None:
        self.is_out = False
        self.tried = 0
        world.store.before = self._request

    def _request(self, _request: Request) -> None:
        if self.is_out:
            self.tried += 1
            raise GONE


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[QueueWorld]:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    world = QueueWorld(tmp_path)
    await world.queue.open()
    yield world
    world.store.open_gate()
    await world.queue.aclose()


@pytest.fixture
def cable(world: QueueWorld) -> Cable:
    return Cable(world)


def note(world: QueueWorld, id_: TransferId) -> str:
    progress = world.board.progress(id_)
    assert progress is not None
    return progress.note


async def idle(world: QueueWorld) -> None:
    await settle(lambda: not world.queue.is_busy)
    await settle()


async def reach(world: QueueWorld) -> None:
    await world.submit("first")
    await world.rest()


async def test_an_address_that_was_never_reached_fails_with_its_sentence(
    world: QueueWorld, cable: Cable
) -> None:
    cable.is_out = True
    ids = await world.submit("a", "b")
    await world.rest()
    assert world.states(ids) == ["failed"] * 2
    assert [each.error_kind for each in world.queue.transfers()] == ["UnreachableError"] * 2


async def test_transfers_wait_for_the_network_and_go_on_by_themselves(
    world: QueueWorld, cable: Cable
) -> None:
    await reach(world)
    cable.is_out = True
    ids = await world.submit(*(f"{number}" for number in range(20)))
    await idle(world)
    assert world.states(ids) == ["queued"] * 20
    # Four ran and met it; the others were not even begun.
    assert cable.tried == 4
    assert [note(world, id_) for id_ in ids] == [NETWORK] * 4 + [""] * 16
    assert world.queue.transfers()[1].error == "UnreachableError: no route"

    world.clock.advance(FIRST_S)
    await settle(lambda: cable.tried == 5)
    await idle(world)
    assert cable.tried == 5

    cable.is_out = False
    world.clock.advance(2 * FIRST_S)
    await world.rest()
    assert world.states(ids) == ["completed"] * 20
    assert {note(world, id_) for id_ in ids} == {""}
    assert len(world.stored()) == 21


async def test_it_is_tried_less_and_less_often_but_for_ever(
    world: QueueWorld, cable: Cable
) -> None:
    await reach(world)
    cable.is_out = True
    await world.submit("a", "b", "c", "d", "e")
    await idle(world)
    tried, began, pauses = cable.tried, world.clock.seconds, []
    for _ in range(160):
        world.clock.advance(1)
        await settle()
        await idle(world)
        if cable.tried > tried:
            assert cable.tried == tried + 1
            tried = cable.tried
            pauses.append(world.clock.seconds - began)
            began = world.clock.seconds
    assert pauses == [1, 2, 4, 8, 16, CAP_S, CAP_S, CAP_S, CAP_S]


async def test_only_one_tries_and_the_others_follow_it(world: QueueWorld, cable: Cable) -> None:
    await reach(world)
    cable.is_out = True
    ids = await world.submit("a", "b", "c")
    await idle(world)
    cable.is_out = False
    world.store.let_through(0)
    world.clock.advance(FIRST_S)
    await world.stuck()
    assert world.states(ids).count("running") == 1
    assert [note(world, id_) for id_ in ids].count(NETWORK) == 2
    world.store.open_gate()
    await world.rest()
    assert world.states(ids) == ["completed"] * 3


async def test_a_store_that_refuses_has_been_reached(world: QueueWorld, cable: Cable) -> None:
    world.store.fail("put", PermissionDeniedError("no", status=403))
    await reach(world)
    cable.is_out = True
    (id_,) = await world.submit("a")
    await idle(world)
    assert world.state(id_) is S.QUEUED


async def test_who_need_not_wait_for_the_network_any_more_does_not_say_so(
    world: QueueWorld, cable: Cable
) -> None:
    await reach(world)
    cable.is_out = True
    ids = await world.submit("a", "b", "c", content=LARGE)
    await idle(world)
    world.queue.set_concurrency(1)
    cable.is_out = False
    # The first one reaches the store, and then keeps the others waiting.
    world.store.let_through(0)
    world.clock.advance(FIRST_S)
    await world.stuck()
    assert world.states(ids) == ["running", "queued", "queued"]
    assert [note(world, id_) for id_ in ids] == [""] * 3


async def test_what_was_done_before_is_not_done_again(world: QueueWorld, cable: Cable) -> None:
    world.store.let_through(2)
    (id_,) = await world.submit("large", content=LARGE)
    await world.stuck()
    cable.is_out = True
    world.store.open_gate()
    await idle(world)
    assert world.state(id_) is S.QUEUED
    progress = world.board.progress(id_)
    assert progress is not None
    assert progress.done == 2 * PART
    cable.is_out = False
    world.store.calls.clear()
    world.clock.advance(FIRST_S)
    await world.rest()
    assert world.stored() == {"large": LARGE}
    assert [call.operation for call in world.store.calls].count("put_part") == 3


async def test_a_connection_that_broke_is_no_network_that_is_gone(world: QueueWorld) -> None:
    await reach(world)
    world.store.fail("put", UnavailableError("reset"))
    (id_,) = await world.submit("a")
    await world.rest()
    assert world.state(id_) is S.FAILED


async def test_who_waits_for_the_network_can_be_paused_and_cancelled(
    world: QueueWorld, cable: Cable
) -> None:
    await reach(world)
    cable.is_out = True
    ids = await world.submit("a", "b", "c", "d", "e")
    await idle(world)
    world.queue.pause(ids[:1])
    assert world.state(ids[0]) is S.PAUSED
    assert note(world, ids[0]) == ""
    world.queue.cancel([ids[4]])
    assert world.state(ids[4]) is S.CANCELLED
    cable.is_out = False
    world.queue.resume(ids[:1])
    world.clock.advance(FIRST_S)
    await world.rest()
    assert world.states(ids) == ["completed"] * 4 + ["cancelled"]


async def test_a_probe_that_finds_nothing_out_lets_another_one_try(
    world: QueueWorld, cable: Cable
) -> None:
    await reach(world)
    cable.is_out = True
    ids = await world.submit("a", "b")
    await idle(world)
    # The one whose turn it is has lost its file, and never asks the store.
    (world.folder / "a").unlink()
    cable.is_out = False
    world.clock.advance(FIRST_S)
    await world.rest()
    assert world.states(ids) == ["failed", "completed"]


async def test_the_system_may_say_that_there_is_a_network_again(
    world: QueueWorld, cable: Cable
) -> None:
    await reach(world)
    cable.is_out = True
    ids = await world.submit("a", "b")
    await idle(world)
    cable.is_out = False
    world.queue.network.try_now()
    await world.rest()
    assert world.states(ids) == ["completed"] * 2


async def test_a_timer_that_comes_too_early_is_set_again(
    world: QueueWorld, cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = world.clock.sleep
    monkeypatch.setattr(world.clock, "sleep", lambda seconds: sleep(0.95 * seconds))
    await reach(world)
    cable.is_out = True
    ids = await world.submit("a", "b")
    await idle(world)
    cable.is_out = False
    world.clock.advance(0.96 * FIRST_S)
    await idle(world)
    assert world.states(ids) == ["queued"] * 2
    world.clock.advance(0.04 * FIRST_S)
    await world.rest()
    assert world.states(ids) == ["completed"] * 2


async def test_resuming_what_waits_for_the_network_tries_it_now(
    world: QueueWorld, cable: Cable
) -> None:
    await reach(world)
    cable.is_out = True
    ids = await world.submit("a", "b")
    await idle(world)
    tried = cable.tried
    world.queue.resume(ids[1:])
    await idle(world)
    assert cable.tried == tried + 1
    cable.is_out = False
    world.queue.resume(ids[1:])
    await world.rest()
    assert world.states(ids) == ["completed"] * 2


async def test_an_answer_to_somebody_else_ends_the_wait(world: QueueWorld, cable: Cable) -> None:
    await reach(world)
    cable.is_out = True
    ids = await world.submit("a", "b")
    await idle(world)
    cable.is_out = False
    world.queue.network.reached(ConnectionId("there"))
    await idle(world)
    assert world.states(ids) == ["queued"] * 2
    world.queue.network.reached(ConnectionId("here"))
    await world.rest()
    assert world.states(ids) == ["completed"] * 2


async def test_a_start_without_a_network_waits_for_what_ran_before(
    world: QueueWorld, cable: Cable
) -> None:
    world.store.let_through(0)
    ids = await world.submit("a", "b", "c", "d", "e", "f")
    await world.stuck()
    cable.is_out = True
    await world.restart()
    world.store.open_gate()
    await idle(world)
    assert world.states(ids) == ["queued"] * 6
    cable.is_out = False
    world.clock.advance(FIRST_S)
    await world.rest()
    assert world.states(ids) == ["completed"] * 6


def elsewhere(spec: TransferSpec) -> TransferSpec:
    assert isinstance(spec.target, Address)
    name = spec.target.location.key
    return replace(spec, target=Address(ConnectionId("there"), Location("bucket", name)))


async def test_another_connection_goes_on_meanwhile(world: QueueWorld) -> None:
    await reach(world)
    world.connect_error = GONE
    here = await world.submit("a", "b", "c", "d", "e", "f")
    await idle(world)
    # Opening the store failed, and no request: it says nothing about the way.
    assert world.states(here) == ["failed"] * 6
    world.connect_error = None
    world.store.fail("put", *[GONE] * 4)
    world.queue.retry(here)
    await idle(world)
    assert world.states(here) == ["queued"] * 6
    there = await world.queue.submit([elsewhere(world.spec(f"there{n}")) for n in range(3)])
    await settle(lambda: world.states(there) == ["completed"] * 3)
    assert world.states(here) == ["queued"] * 6


# Limits of connections


async def test_a_connection_has_limits_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    own = {ConnectionId("here"): ConnectionLimits(transfers=1, parts=2)}
    limits = Limits(4, 2, 4, lambda id_: own.get(id_, ConnectionLimits()))
    world = QueueWorld(tmp_path, limits)
    await world.queue.open()
    world.store.let_through(0)
    here = await world.submit("a", "b", "c", content=LARGE)
    await world.stuck()
    assert (world.states(here).count("running"), world.store.in_flight) == (1, 2)
    there = await world.queue.submit([elsewhere(world.spec(f"there{n}")) for n in range(2)])
    await settle(lambda: world.states(there) == ["running"] * 2)
    own.clear()
    world.queue.renew_limits()
    await settle(lambda: world.states(here).count("running") == 2)
    world.store.open_gate()
    await world.rest()
    assert set(world.states()) == {"completed"}
    await world.queue.aclose()


# Keys that end


class Keys:
    """Of a store that wants them; when they have ended, a person has to get others."""

    def __init__(self, world: QueueWorld, error: StoreError | SignInNeededError) -> None:
        self.have_ended = False
        self.refused = 0
        self.error = error
        world.store.before = self._request

    def _request(self, _request: Request) -> None:
        if self.have_ended:
            self.refused += 1
            raise self.error


NEED = SignInNeededError("sign in", need=SignInNeed(SignInKind.PAGE, "Work", "work"))
EXPIRED = UnauthenticatedError("no longer", status=403, code="ExpiredToken")


@pytest.mark.parametrize("error", [NEED, EXPIRED])
async def test_transfers_wait_for_a_sign_in_and_go_on_after_it(
    world: QueueWorld, error: StoreError
) -> None:
    wanted: list[ConnectionId] = []
    world.events.subscribe(SignInWanted, lambda event: wanted.append(event.connection))
    keys = Keys(world, error)
    await reach(world)
    keys.have_ended = True
    ids = await world.submit(*(f"{number}" for number in range(20)))
    await idle(world)
    assert world.states(ids) == ["queued"] * 20
    assert keys.refused == 4
    assert [note(world, id_) for id_ in ids[:4]] == [SIGN_IN] * 4
    (connection,) = set(wanted)
    assert wanted == [connection]
    assert world.queue.network.shut_for(world.queue.transfers()[1]) == [connection]
    # Neither time nor a network brings keys.
    world.clock.advance(CAP_S)
    world.queue.network.try_now()
    world.queue.network.reached(connection)
    await idle(world)
    assert keys.refused == 4

    keys.have_ended = False
    world.queue.network.signed_in(connection)
    await world.rest()
    assert world.states(ids) == ["completed"] * 20
    assert {note(world, id_) for id_ in ids} == {""}


async def test_keys_that_end_in_the_middle_keep_what_has_arrived(world: QueueWorld) -> None:
    keys = Keys(world, EXPIRED)
    await reach(world)
    world.store.let_through(2)
    (id_,) = await world.submit("large", content=LARGE)
    await world.stuck()
    keys.have_ended = True
    world.store.open_gate()
    await idle(world)
    assert (world.state(id_), note(world, id_)) == (S.QUEUED, SIGN_IN)
    held = world.board.progress(id_)
    assert held is not None
    assert 0 < held.done < len(LARGE)
    keys.have_ended = False
    world.queue.network.signed_in(world.queue.transfers()[-1].spec.target.connection)
    await world.rest()
    assert world.state(id_) is S.COMPLETED
    assert world.queue.transfers()[-1].effort.sent == len(LARGE)


async def test_a_person_may_try_anyway(world: QueueWorld) -> None:
    keys = Keys(world, NEED)
    await reach(world)
    keys.have_ended = True
    ids = await world.submit("a", "b")
    await idle(world)
    tried = keys.refused
    world.queue.resume(ids)
    await idle(world)
    assert keys.refused == tried + 1
    assert {note(world, id_) for id_ in ids} == {SIGN_IN}
    keys.have_ended = False
    world.queue.resume(ids[:1])
    await world.rest()
    assert world.states(ids) == ["completed"] * 2


async def test_a_wrong_key_is_a_failure(world: QueueWorld) -> None:
    keys = Keys(world, UnauthenticatedError("no", status=403, code="InvalidAccessKeyId"))
    await reach(world)
    keys.have_ended = True
    ids = await world.submit("a")
    await world.rest()
    assert world.states(ids) == ["failed"]
