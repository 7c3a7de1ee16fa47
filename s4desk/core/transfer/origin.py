"""What a transfer reads, as it was looked at, and whether it may be older than it should be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import OlderSourceError
from s4desk.core.failover.errors import OutOfReachError
from s4desk.core.runtime.answers import hearing_answers
from s4desk.core.transfer.job import remote

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.errors import PreconditionFailedError
    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.transfer import TransferSpec

    ConnectionOf = Callable[[ConnectionId], Connection | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """An object, and which backend of a group told of it, None where there is no group."""

    meta: ObjectMeta
    answer: Answer | None = None

    @property
    def may_be_old(self) -> bool:
        """Whether another may be newer than this one, which then replaces nothing."""
        return self.answer is not None and self.answer.may_be_old

    @property
    def dated(self) -> datetime | None:
        """How to date a file that holds it, None for now. A sync by times replaces what may be old
        by whatever turns out to be newer."""
        return self.meta.modified if self.may_be_old else None


async def seen(look: Awaitable[ObjectMeta]) -> Seen:
    """What a look shows."""
    with hearing_answers() as answers:
        meta = await look
    return Seen(meta, answers[-1] if answers else None)


def seen_instead(error: PreconditionFailedError) -> Seen | None:
    """What is read from here on instead of an object that nobody gives any more; None where that is
    not known."""
    if not isinstance(error, OutOfReachError) or error.other is None:
        return None
    error.turn()
    return Seen(error.other, error.answer)


def older_source(source: Seen, spec: TransferSpec, connection_of: ConnectionOf) -> OlderSourceError:
    """Why a source that may be old does not replace what is at the target."""

    def name(id_: ConnectionId | None) -> str:
        found = None if id_ is None else connection_of(id_)
        return str(id_ or "") if found is None else found.name

    address = remote(spec.source)
    connection = connection_of(address.connection)
    group = None if connection is None else connection.group
    error = OlderSourceError(
        address.location,
        member=name(None if source.answer is None else source.answer.backend),
        home=name(None if group is None else group.home.connection),
        is_to_file=isinstance(spec.target, Path),
        limit=None if source.answer is None else source.answer.limit,
    )
    error.connection = connection
    return error
