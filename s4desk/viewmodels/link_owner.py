"""Whose a link is: of a failover group it leads to one backend, whoever has looked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotFoundError, S4DeskError
from s4desk.core.domain.identity import Location
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.error_text import fault_of
from s4desk.viewmodels.link_text import SignedLink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.failover.service import Groups
    from s4desk.core.store.registry import StoreRegistry
    from s4desk.viewmodels.share_form import LinkDraft


@dataclass(frozen=True, slots=True)
class LinkOwner:
    """The connection that signs a link to something in `bucket`, as that is called there.

    Of a group: `backend` is its name, `error` what it failed with last, if it was asked, and
    `is_seen` says that it has told of what the link is for. `home` is the name of the first one, if
    that is another, and may have something newer.
    """

    connection: ConnectionId
    bucket: str
    backend: str = ""
    error: S4DeskError | None = None
    is_seen: bool = False
    home: str = ""

    @property
    def record(self) -> dict[str, object]:
        """What a record says of it; nothing of a link that is no group's. It `answers` None where
        that is not known."""
        if not self.backend:
            return {}
        answers = False if self.error is not None else None
        return {
            "backend": self.backend,
            "answers": True if self.is_seen else answers,
            "failover": bool(self.home),
            "may_be_old": bool(self.home),
        }

    @property
    def text(self) -> str:
        """The same for a person, empty for what is no group's."""
        if not self.backend:
            return ""
        if self.error is not None and not self.is_seen:
            said = tr("It leads to {backend}, which does not answer now as it should. {reason}")
            return said.format(backend=self.backend, reason=fault_of(self.error))
        if self.home:
            said = tr("It leads to {backend}, which may have something older than {home}.")
            return said.format(backend=self.backend, home=self.home)
        return tr("It leads to {backend}.").format(backend=self.backend)


def owner_of(
    groups: Groups, connection: ConnectionId, bucket: str, draft: LinkDraft, answer: Answer | None
) -> LinkOwner:
    """For whom a link to something of a bucket is signed: for whoever told of it, by `answer`,
    unless it is the first backend's alone.

    Raises NotFoundError where a bucket of this name is not the group's.
    """
    behind, status = groups.behind(connection, bucket, draft.is_of_home), groups.status(connection)
    if behind is None or status is None:
        return LinkOwner(connection, bucket)
    is_seen = answer is not None and (not draft.is_of_home or answer.backend == behind[0])
    leads_to = answer.backend if answer is not None and is_seen else behind[0]
    found = next(each for each in status.backends if each.backend.connection == leads_to)
    if found.backend.hides(bucket):
        said = f"what is called {bucket} there is another bucket of the group"
        raise NotFoundError(said, code="NoSuchBucket", location=Location(bucket, ""))
    there = found.backend.there(bucket)
    first = status.backends[0]
    home = "" if found is first else first.name
    return LinkOwner(leads_to, there, found.name, found.health.error, is_seen, home)


async def signed_by(
    owner: LinkOwner,
    stores: StoreRegistry,
    keys: Sequence[str],
    draft: LinkDraft,
    now: datetime,
) -> list[SignedLink]:
    """A link to each of these. Raises as `StoreRegistry.links`."""
    locations = [Location(owner.bucket, key) for key in keys]
    try:
        urls = await stores.links(
            owner.connection, locations, draft.expires_s, method=draft.method, query=draft.query
        )
    except S4DeskError as error:
        error.backend = owner.backend
        raise
    until, life = now + timedelta(seconds=draft.expires_s), stores.key_life(owner.connection)
    return [SignedLink(url, until, life, draft.method, owner.text) for url in urls]
