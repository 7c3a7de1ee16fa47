"""Which backend of a failover group has served what a verb asked for."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from s4desk.core.runtime.answers import listen_to_answers
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.group_limits_text import limits_text

if TYPE_CHECKING:
    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.store.protocol import Store


class Served:
    """Listens to the requests of the present task, and of those it starts, in place of whoever
    listened before; `whole` hears of them too."""

    def __init__(self, desk: Desk, whole: Served | None = None) -> None:
        self._desk = desk
        self._whole = whole
        self.answer: Answer | None = None
        listen_to_answers(self._heard)

    def _heard(self, answer: Answer) -> None:
        self.answer = answer.after(self.answer)
        if self._whole is not None:
            self._whole._heard(answer)  # noqa: SLF001 - another one of this class

    @property
    def record(self) -> dict[str, object]:
        """What a record says of it; nothing of what no group has served."""
        return served_record(self._desk, self.answer)

    def tell(self, console: Console) -> None:
        """Say for a person that it was another backend than it should have been."""
        answer = self.answer
        if answer is None or not (answer.is_failover or answer.is_degraded):
            return
        name = backend_name(self._desk, answer)
        if answer.limit is not None:
            said = tr(
                "s4desk: read from {backend}: the first backend may be used for {limit}; see"
                " “s4desk group limits”."
            )
        elif answer.is_failover:
            said = tr("s4desk: read from {backend}: a backend before it could not give it.")
        else:
            said = tr("s4desk: read from {backend}: the location index cannot be read now.")
        console.say(said.format(backend=name, limit=_limit_of(answer)))
        if answer.may_be_old:
            console.say(tr("s4desk: warning: it may be older than what the first backend has."))

    def tell_of_plan(self, console: Console) -> None:
        """The same of what is only looked at before it is transferred: each transfer tells of its
        bytes."""
        answer = self.answer
        if answer is None or not answer.is_failover:
            self.tell(console)
            return
        said = tr("s4desk: what there is was asked of {backend}: a backend before it did not tell.")
        if answer.limit is not None:
            said = tr(
                "s4desk: what there is was asked of {backend}: the first backend may be used for"
                " {limit}; see “s4desk group limits”."
            )
        backend = backend_name(self._desk, answer)
        console.say(said.format(backend=backend, limit=_limit_of(answer)))
        if answer.may_be_old:
            console.say(tr("s4desk: warning: the first backend may have something newer."))


_present: ContextVar[Served] = ContextVar("served")


class ServedEach:
    """The same of many objects that are read side by side, and of `whole` that they are.

    Whoever begins with an object asks for its store, in the task that has it read: what comes from
    there on is of that object, until the task begins with another one.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.whole = Served(desk)

    async def store_of(self, connection: ConnectionId) -> Store:
        _present.set(Served(self._desk, self.whole))
        return await self._desk.stores.to_read(connection)

    @property
    def record(self) -> dict[str, object]:
        """Of the object that the present task is at."""
        return _present.get().record


def _limit_of(answer: Answer) -> str:
    return "" if answer.limit is None else limits_text(answer.limit)


def served_record(desk: Desk, answer: Answer | None) -> dict[str, object]:
    if answer is None:
        return {}
    return {
        "backend": backend_name(desk, answer),
        "degraded": answer.is_degraded,
        "failover": answer.is_failover,
        "may_be_old": answer.may_be_old,
    }


def backend_name(desk: Desk, answer: Answer) -> str:
    return desk.connections.name_of(answer.backend) or answer.backend
