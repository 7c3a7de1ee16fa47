"""How far transfers are: written from any thread, read once per frame."""

from __future__ import annotations

import threading
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import (
    Progress,
    Transfer,
    TransferId,
    TransferState,
    Wait,
    WaitKind,
)
from s4desk.core.runtime.clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WINDOW_S = 5.0
SAMPLE_S = 0.1
STANDSTILL_S = 1.0
"""Without a byte for so long a transfer is said to wait."""

_UNDER_WAY = (TransferState.QUEUED, TransferState.RUNNING)
_COUNTED = (*_UNDER_WAY, TransferState.COMPLETED)


class Meter:
    """The speed of something that moves, over the last seconds."""

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        self._samples: deque[tuple[float, int]] = deque()

    def record(self, now: float, moved: int) -> None:
        """Note how many bytes have moved in all at `now` (monotonic seconds)."""
        since = now - self._samples[-1][0] if self._samples else 0.0
        if since > self._window_s:
            self._samples.clear()
        elif since < SAMPLE_S and len(self._samples) > 1:
            now = self._samples.pop()[0]
        self._samples.append((now, moved))
        while len(self._samples) > 2 and self._samples[1][0] <= now - self._window_s:
            self._samples.popleft()

    def speed(self, now: float) -> float:
        """Bytes per second; falls towards 0 while nothing is recorded."""
        if not self._samples:
            return 0.0
        (began, first), (_, last) = self._samples[0], self._samples[-1]
        passed = now - began
        return max(0.0, (last - first) / passed) if passed > 0 else 0.0

    def seconds_left(self, now: float, remaining: int) -> float | None:
        """Seconds until `remaining` bytes have moved at this speed, None when it stands still."""
        speed = self.speed(now)
        if remaining <= 0:
            return 0.0
        return remaining / speed if speed > 0 else None


@dataclass(frozen=True, slots=True)
class Totals:
    """How many transfers there are in each state, `skipped` of the completed ones; and the bytes
    of those since the queue last stood still, without what was skipped. `done` and `total` in
    bytes, `speed` in bytes per second; `seconds_left` is None while it cannot be told."""

    queued: int = 0
    running: int = 0
    paused: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    skipped: int = 0
    done: int = 0
    total: int = 0
    speed: float = 0.0
    seconds_left: float | None = None

    @property
    def under_way(self) -> int:
        return self.queued + self.running


@dataclass(slots=True)
class _Flow:
    """The bytes of one transfer: those not yet in its progress, and all that ever moved; when it
    last showed that it lives (monotonic seconds); and what its requests wait for until when."""

    unread: int = 0
    moved: int = 0
    since: float | None = None
    meter: Meter = field(default_factory=Meter)
    waits: list[Wait] = field(default_factory=list)


class ProgressBoard:
    """Where jobs write how far they are, and the window reads it.

    Jobs write as often as they like, bytes from worker threads too: a write is one dict entry.
    The reader drains once per frame and sees each transfer once, as it is now; what happened in
    between is not history anybody needs.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._latest: dict[TransferId, Progress] = {}
        self._flows: dict[TransferId, _Flow] = {}
        self._dirty: set[TransferId] = set()
        self._removed: set[TransferId] = set()
        self._states: Counter[TransferState] = Counter()
        self._skipped = 0
        self._session: set[TransferId] = set()
        self._session_done = 0
        self._session_total = 0
        self._moved = 0
        self._meter = Meter()

    def post(
        self,
        transfer: Transfer,
        *,
        done: int | None = None,
        total: int | None = None,
        note: str = "",
    ) -> None:
        """Show `transfer` as it is now; what is left out stays as it was (bytes)."""
        with self._lock:
            known = self._fold(transfer.id)
            if known is None:
                known = Progress(transfer, 0, transfer.spec.size)
            is_carried = transfer.state is TransferState.COMPLETED and not transfer.skipped
            if done is not None and is_carried:
                # Of a copy at the store, or a small file, nothing is told before its end.
                self._moved += max(0, done - known.done)
            self._set(
                Progress(
                    transfer,
                    known.done if done is None else done,
                    known.total if total is None else total,
                    note,
                )
            )

    def moved(self, transfer: TransferId, count: int) -> None:
        """Count bytes that just moved, negative when a request starts over. From any thread."""
        with self._lock:
            flow = self._flows.get(transfer)
            if flow is None:
                flow = self._flows[transfer] = _Flow()
            flow.unread += count
            flow.moved += count
            self._moved += count
            self._dirty.add(transfer)

    def forget(self, transfers: Iterable[TransferId]) -> None:
        """Show these no more; `drain_removed` tells the reader."""
        with self._lock:
            for transfer in transfers:
                self._fold(transfer)
                known = self._latest.pop(transfer, None)
                if known is not None:
                    self._count(known, -1)
                    self._removed.add(transfer)
                self._session.discard(transfer)
                self._flows.pop(transfer, None)
                self._dirty.discard(transfer)

    def drain(self) -> dict[TransferId, Progress]:
        """What changed since the last drain, each transfer once."""
        now = self._clock.monotonic()
        with self._lock:
            dirty = list(self._dirty)
            drained = {id_: folded for id_ in dirty if (folded := self._fold(id_)) is not None}
            self._dirty.clear()
            for id_, progress in drained.items():
                self._measure(id_, progress, now)
            self._meter.record(now, self._moved)
            return drained

    def drain_removed(self) -> set[TransferId]:
        """Which transfers were forgotten since the last call."""
        with self._lock:
            removed, self._removed = self._removed, set()
            return removed

    def progress(self, transfer: TransferId) -> Progress | None:
        """One transfer as it is now."""
        with self._lock:
            return self._fold(transfer)

    def noted(self, note: str) -> list[tuple[TransferId, Progress]]:
        """Those that show this note now."""
        with self._lock:
            return [(id_, each) for id_, each in self._latest.items() if each.note == note]

    def speed(self, transfer: TransferId) -> float:
        """Bytes per second of a running transfer, measured from drain to drain."""
        now = self._clock.monotonic()
        with self._lock:
            flow = self._flows.get(transfer)
            return flow.meter.speed(now) if flow else 0.0

    def seconds_left(self, transfer: TransferId) -> float | None:
        """How long a running transfer still takes at its speed, None while unknown."""
        now = self._clock.monotonic()
        with self._lock:
            flow, known = self._flows.get(transfer), self._fold(transfer)
            if flow is None or known is None:
                return None
            return flow.meter.seconds_left(now, known.total - known.done)

    def quiet_for(self, transfer: TransferId) -> float:
        """Seconds since a running transfer last moved a byte, said what it does or waited."""
        now = self._clock.monotonic()
        with self._lock:
            flow = self._flows.get(transfer)
            return 0.0 if flow is None or flow.waits else _quiet(flow, now)

    @contextmanager
    def waiting(self, transfer: TransferId, kind: WaitKind, seconds: float = 0.0) -> Iterator[None]:
        """While a request of the transfer waits; `seconds` is for how long if that is known."""
        wait = Wait(kind, self._clock.monotonic() + seconds)
        with self._lock:
            flow = self._flows.setdefault(transfer, _Flow())
            flow.waits.append(wait)
        try:
            yield
        finally:
            with self._lock:
                flow.waits.remove(wait)
                flow.since = self._clock.monotonic()

    def wait(self, transfer: TransferId) -> Wait | None:
        """What a running transfer waits for.

        A store that asks for patience is always told; anything else only when no other request of
        the transfer moves a byte meanwhile.
        """
        now = self._clock.monotonic()
        with self._lock:
            flow = self._flows.get(transfer)
            if flow is None or not flow.waits:
                return None
            for kind in (WaitKind.THROTTLED, WaitKind.RETRY, WaitKind.SLOT):
                ends = [wait.seconds for wait in flow.waits if wait.kind is kind]
                if ends and (kind is WaitKind.THROTTLED or _quiet(flow, now) >= STANDSTILL_S):
                    return Wait(kind, max(0.0, min(ends) - now))
            return None

    def totals(self) -> Totals:
        """All transfers together, for the status bar."""
        now = self._clock.monotonic()
        with self._lock:
            remaining = self._session_total - self._session_done
            counts = {state.value: self._states[state] for state in TransferState}
            return Totals(
                **counts,
                skipped=self._skipped,
                done=self._session_done,
                total=self._session_total,
                speed=self._meter.speed(now),
                seconds_left=self._meter.seconds_left(now, remaining),
            )

    def _fold(self, transfer: TransferId) -> Progress | None:
        """Take the bytes that moved since into the transfer's progress. Under the lock."""
        known, flow = self._latest.get(transfer), self._flows.get(transfer)
        if known is not None and flow is not None and flow.unread:
            done = max(0, min(known.done + flow.unread, known.total))
            known = Progress(known.transfer, done, known.total, known.note)
            flow.unread = 0
            self._set(known)
        return known

    def _set(self, progress: Progress) -> None:
        id_, state = progress.transfer.id, progress.transfer.state
        is_under_way = state in _UNDER_WAY
        is_first = is_under_way and not any(map(self._states.__getitem__, _UNDER_WAY))
        if (known := self._latest.get(id_)) is not None:
            self._count(known, -1)
        if is_first:
            self._session.clear()
            self._session_done = self._session_total = 0
        if is_under_way:
            self._session.add(id_)
        if state is TransferState.RUNNING:
            self._flows.setdefault(id_, _Flow()).since = self._clock.monotonic()
        self._latest[id_] = progress
        self._dirty.add(id_)
        self._removed.discard(id_)
        self._count(progress, +1)

    def _count(self, progress: Progress, sign: int) -> None:
        transfer = progress.transfer
        self._states[transfer.state] += sign
        if transfer.skipped:
            self._skipped += sign
            return
        if transfer.state in _COUNTED and transfer.id in self._session:
            self._session_done += sign * progress.done
            self._session_total += sign * progress.total

    def _measure(self, transfer: TransferId, progress: Progress, now: float) -> None:
        if progress.transfer.state is not TransferState.RUNNING:
            self._flows.pop(transfer, None)
        elif (flow := self._flows.get(transfer)) is not None:
            flow.meter.record(now, flow.moved)


def _quiet(flow: _Flow, now: float) -> float:
    return 0.0 if flow.since is None else now - flow.since
