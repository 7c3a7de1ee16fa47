"""Any commands in any order: the queue, its journal and the store agree, and nothing is lost."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from s4desk.core.domain.errors import PermissionDeniedError, UnavailableError
from s4desk.core.domain.transfer import TransferId, TransferState
from tests.transfer.queue_world import QueueWorld
from tests.transfer.settle import settle
from tests.transfer.world import PART, noise

if TYPE_CHECKING:
    import pytest

S = TransferState
OPERATIONS = ("put", "put_part", "create_multipart", "complete_multipart", "abort_multipart")
SMALL, LARGE = b"small", noise(3 * PART + 1)


class QueueMachine(RuleBasedStateMachine):
    """Commands come while requests wait at the store's gate, fail, or lose their replies."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="s4desk-queue-"))
        self.content: dict[str, bytes] = {}
        self.key_of: dict[TransferId, str] = {}

    @initialize()
    def begin(self) -> None:
        self.world = QueueWorld(self.folder)
        self._run(self.world.queue.open())

    def _run(self, work: Any) -> Any:
        result = self.loop.run_until_complete(work)
        self.loop.run_until_complete(settle(self._is_quiet))
        return result

    async def _call(self, command: Any, *args: Any) -> None:
        command(*args)

    def _is_quiet(self) -> bool:
        return not self.world.queue.is_busy or self.world.store.is_stuck()

    def _some(self, data: st.DataObject) -> list[TransferId]:
        ids = [each.id for each in self.world.queue.transfers()]
        return data.draw(st.lists(st.sampled_from(ids), max_size=4)) if ids else []

    @rule(large=st.booleans(), count=st.integers(1, 3))
    def submit(self, large: bool, count: int) -> None:
        content = LARGE if large else SMALL
        names = [f"key{len(self.content) + number}" for number in range(count)]
        self.content.update(dict.fromkeys(names, content))
        ids = self._run(self.world.submit(*names, content=content))
        self.key_of.update(zip(ids, names, strict=True))

    @rule(count=st.integers(0, 3))
    def close_the_gate(self, count: int) -> None:
        self.world.store.let_through(count)

    @rule()
    def open_the_gate(self) -> None:
        async def open_gate() -> None:
            self.world.store.open_gate()

        self._run(open_gate())

    @rule(operation=st.sampled_from(OPERATIONS), is_refused=st.booleans())
    def fail(self, operation: str, is_refused: bool) -> None:
        error = PermissionDeniedError("no") if is_refused else UnavailableError("cable")
        self.world.store.fail(operation, error)

    @rule(operation=st.sampled_from(("put", "put_part", "complete_multipart")))
    def lose_a_reply(self, operation: str) -> None:
        self.world.store.lose_reply(operation, UnavailableError("reset"))

    @rule(data=st.data(), name=st.sampled_from(("pause", "resume", "retry", "cancel")))
    def command(self, data: st.DataObject, name: str) -> None:
        ids = self._some(data)
        self._run(self._call(getattr(self.world.queue, name), ids))

    @rule(data=st.data())
    def two_commands_at_once(self, data: st.DataObject) -> None:
        async def both() -> None:
            for name in data.draw(
                st.permutations(("pause", "resume", "retry", "cancel")).map(lambda p: p[:2])
            ):
                getattr(self.world.queue, name)(ids)

        ids = self._some(data)
        self._run(both())

    @rule(jobs=st.integers(1, 5))
    def set_concurrency(self, jobs: int) -> None:
        self._run(self._call(self.world.queue.set_concurrency, jobs))

    @rule()
    def clear_finished(self) -> None:
        self._run(self._call(self.world.queue.clear_finished))

    @rule(auto_resume=st.booleans())
    def restart(self, auto_resume: bool) -> None:
        self._run(self.world.restart(auto_resume=auto_resume))

    @precondition(lambda self: hasattr(self, "world"))
    @invariant()
    def everybody_agrees(self) -> None:
        world = self.world
        queue = {each.id: each for each in world.queue.transfers()}
        journal = world.journal.transfers  # type: ignore[attr-defined]
        assert queue == {id_: each for id_, each in journal.items() if id_ in queue}
        for id_, transfer in queue.items():
            shown = world.board.progress(id_)
            assert shown is not None
            assert shown.transfer == transfer
        assert list(queue) == sorted(queue)
        totals = world.board.totals()
        assert totals.running == world.moving()

    @precondition(lambda self: hasattr(self, "world"))
    @invariant()
    def no_upload_is_orphaned(self) -> None:
        uploads = self.world.journal.uploads  # type: ignore[attr-defined]
        known = {checkpoint.upload for checkpoint in uploads.values()}
        assert set(self.world.store.memory.uploads) <= known

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self._come_to_an_end()
        finally:
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()
            shutil.rmtree(self.folder)

    def _come_to_an_end(self) -> None:
        """With a store that works again everything that was not cancelled completes."""
        self.open_the_gate()
        self.world.store.forget_script()
        for _ in range(2):
            ids = [each.id for each in self.world.queue.transfers()]
            self._run(self._call(self.world.queue.retry, ids))
            self._run(self._call(self.world.queue.resume, ids))
        assert set(self.world.states()) <= {"completed", "cancelled"}
        for transfer in self.world.queue.transfers():
            key = self.key_of[transfer.id]
            if transfer.state is S.COMPLETED:
                assert self.world.stored()[key] == self.content[key]
        assert self.world.store.memory.uploads == {}
        self.loop.run_until_complete(self.world.queue.aclose())


def test_any_commands_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    monkeypatch.setattr("s4desk.core.transfer.waiting_line.LARGE", 2 * PART)
    run_state_machine_as_test(
        QueueMachine,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
