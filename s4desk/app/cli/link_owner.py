"""Whose a link is: of a failover group it leads to one backend, whoever has looked for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Location
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.error_text import explain

if TYPE_CHECKING:
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import ConnectionId


@dataclass(frozen=True, slots=True)
class LinkOwner:
    """The connection that signs a link to something in `bucket`, as that is called there.

    Of a group: `backend` is its name and `error` what it failed with last, if it was asked. Another
    one may have said that the object is there, and `seen_at` is its name; empty if nobody has.
    """

    connection: ConnectionId
    bucket: str
    backend: str = ""
    error: S4DeskError | None = None
    seen_at: str = ""

    def location(self, key: str) -> Location:
        return Location(self.bucket, key)

    @property
    def record(self) -> dict[str, object]:
        """What a record says of it; nothing of a link that is no group's. It `answers` None where
        that is not known."""
        if not self.backend:
            return {}
        answers = False if self.error is not None else None
        return {
            "backend": self.backend,
            "answers": True if self.seen_at == self.backend else answers,
            "seen_at": self.seen_at or None,
        }

    @property
    def text(self) -> str:
        """The same for a person, empty for what is no group's."""
        if not self.backend:
            return ""
        if self.error is not None:
            said = tr("It leads to {backend}, which does not answer now as it should. {reason}")
            return said.format(backend=self.backend, reason=explain(self.error).problem)
        if self.seen_at in ("", self.backend):
            return tr("It leads to {backend}.").format(backend=self.backend)
        said = tr("It leads to {backend}, and only {other} has said that it is there.")
        return said.format(backend=self.backend, other=self.seen_at)


def owner_of(desk: Desk, remote: Remote, answer: Answer | None, *, at_home: bool) -> LinkOwner:
    """For whom a link to something of a bucket is signed. `answer` says who has looked for it.

    What is written, and what is one version, is of the first backend alone.
    """
    group = remote.connection.id
    behind, status = desk.groups.behind(group, remote.bucket, at_home), desk.groups.status(group)
    if behind is None or status is None:
        return LinkOwner(group, remote.bucket)
    names = {each.backend.connection: each.name for each in status.backends}
    errors = {each.backend.connection: each.health.error for each in status.backends}
    connection, bucket = behind
    seen_at = names.get(answer.backend, "") if answer is not None else ""
    return LinkOwner(connection, bucket, names[connection], errors[connection], seen_at)
