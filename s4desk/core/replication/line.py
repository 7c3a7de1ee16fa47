"""Which write is carried next: of one key one at a time, in the order in which they were seen."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.identity import Generation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from s4desk.core.domain.identity import VersionId
    from s4desk.core.replication.table import Source, Task

    _Key = tuple[Source, str]
    _Id = tuple[Source, str, VersionId | None]

NONE: Final = Generation(0)


class Line:
    """What waits in memory, and what runs.

    A write of which a newer one was seen never starts, and the newer one starts when the older has
    come to its end, whatever that was: so the destination ends with the newest.
    """

    def __init__(self) -> None:
        self._ready: deque[Task] = deque()
        self._held: dict[_Key, deque[Task]] = {}
        self._running: dict[_Key, Task] = {}
        self._here: dict[_Id, Generation] = {}
        self._newest: dict[_Id, Generation] = {}

    def __len__(self) -> int:
        """How many may start, or have to wait for another one of their key."""
        return len(self._ready) + sum(map(len, self._held.values()))

    @property
    def running(self) -> int:
        return len(self._running)

    def add(self, tasks: Iterable[Task]) -> None:
        """Let them wait; those that are here already do not come twice."""
        for task in tasks:
            id_ = _id(task)
            if task.generation > self._here.get(id_, NONE):
                self._here[id_] = task.generation
                self._newest[id_] = max(task.generation, self._newest.get(id_, NONE))
                self._ready.append(task)

    def seen(self, tasks: Iterable[Task]) -> bool:
        """These writes were seen: what is here of the same objects is out of date. Whether there
        was any."""
        is_any = False
        for task in tasks:
            id_ = _id(task)
            if id_ in self._newest:
                self._newest[id_] = max(task.generation, self._newest[id_])
                is_any = True
        return is_any

    def is_current(self, task: Task) -> bool:
        """Whether no newer write was seen."""
        return self._newest.get(_id(task)) == task.generation

    def start(self, may_start: Callable[[Task], bool] = lambda _: True) -> Task | None:
        """The next one that may, which runs from now on."""
        aside: list[Task] = []
        try:
            while self._ready:
                task = self._ready.popleft()
                key = _key(task)
                if not self.is_current(task):
                    self._leave(task)
                elif key in self._running:
                    self._held.setdefault(key, deque()).append(task)
                elif not may_start(task):
                    aside.append(task)
                else:
                    self._running[key] = task
                    return task
            return None
        finally:
            self._ready.extendleft(reversed(aside))

    def end(self, task: Task) -> None:
        """It runs no more, however it ended."""
        key = _key(task)
        del self._running[key]
        self._leave(task)
        self._ready.extendleft(reversed(self._held.pop(key, ())))

    def _leave(self, task: Task) -> None:
        id_ = _id(task)
        if self._here.get(id_) == task.generation:
            del self._here[id_], self._newest[id_]


def _key(task: Task) -> _Key:
    return task.source, task.write.key


def _id(task: Task) -> _Id:
    return task.source, task.write.key, task.write.version
