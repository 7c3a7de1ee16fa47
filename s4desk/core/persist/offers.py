"""Connections that another program, or computer, has: looked at before any is taken over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s4desk.core.domain.connection import CredentialKind
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.persist.profile_remarks import profile_demand, profile_fault
from s4desk.core.store.profile_endpoints import profile_endpoint, profile_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from s4desk.core.domain.connection import Connection, Credentials
    from s4desk.core.persist.connections import ConnectionBook
    from s4desk.core.persist.secrets import Keychain


class UnusableSourceError(S4DeskError):
    """A file cannot be imported from; the message says why."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A connection that could be taken over; `source` is its name where it comes from.

    Without a `connection` it cannot be, and `problem` says why. `left_out` are the things that
    s4desk does not take along. `known` is the name of the connection that is here for it already,
    `leads_to` the endpoint that its AWS profile names. `fault` says why it would not work as it
    is, and `remark` what else is to be known of its keys.
    """

    source: str
    connection: Connection | None = None
    credentials: Credentials | None = None
    left_out: tuple[str, ...] = ()
    problem: str = ""
    known: str = ""
    leads_to: str = ""
    fault: str = ""
    remark: str = ""

    @property
    def reached(self) -> Connection | None:
        """The connection with the endpoint that it leads to."""
        if self.connection is None or not self.leads_to:
            return self.connection
        return replace(self.connection, endpoint=self.connection.endpoint or self.leads_to)


def fitted(offers: Iterable[Offer], present: Collection[Connection]) -> list[Offer]:
    """The offers, each under a name that nobody has, and with what is here for it already."""
    taken = {connection.name.casefold() for connection in present}
    known = {_identity(connection): connection.name for connection in present}
    fitting = []
    for offer in offers:
        connection = offer.connection
        if connection is None:
            fitting.append(offer)
            continue
        name = _free_name(connection.name, taken)
        taken.add(name.casefold())
        fitting.append(
            replace(
                offer,
                connection=replace(connection, name=name),
                known=known.get(_identity(connection), ""),
            )
        )
    return fitting


def looked_up(offers: Iterable[Offer]) -> list[Offer]:
    """The offers, with where they lead that leave that to an AWS profile, and what it asks for or
    lacks. It blocks."""
    return [_looked_up(offer) for offer in offers]


def _looked_up(offer: Offer) -> Offer:
    profile = profile_of(offer.connection) if offer.connection is not None else ""
    if not profile:
        return offer
    fault = profile_fault(profile)
    remark = "" if fault else profile_demand(profile)
    return replace(offer, leads_to=profile_endpoint(profile), fault=fault, remark=remark)


async def take_over(offers: Sequence[Offer], book: ConnectionBook, secrets: Keychain) -> bool:
    """Add the connections of these; whether all their secrets will be there after this session.

    All or none: raises UnusableSourceError, ValidationError when a name was taken meanwhile,
    LocalFileError.
    """
    for offer in offers:
        if offer.connection is None:
            raise UnusableSourceError(f"{offer.source}: {offer.problem}")
    await book.add_all([each.connection for each in offers if each.connection is not None])
    is_kept = True
    for offer in offers:
        if offer.connection is not None and offer.credentials is not None:
            is_kept &= (await secrets.keep(offer.connection.id, offer.credentials)).usable
    return is_kept


def importable_name(name: str) -> str:
    """The name of a connection made of any other name."""
    return " ".join(name.replace(":", "-").replace("/", "-").split()) or "?"


def _identity(connection: Connection) -> tuple[str, ...]:
    """What makes two connections the same for somebody who imports twice."""
    reference = connection.credentials
    key = connection.key_id if reference.kind is CredentialKind.KEYRING else ""
    return (connection.endpoint, str(reference), key, connection.start_bucket)


def _free_name(name: str, taken: Collection[str]) -> str:
    wanted, number = importable_name(name), 2
    free = wanted
    while free.casefold() in taken:
        free = f"{wanted} ({number})"
        number += 1
    return free
