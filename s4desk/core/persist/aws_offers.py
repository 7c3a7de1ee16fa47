"""Connections that refer to the profiles of the AWS configuration; no key is copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
from s4desk.core.persist.connections import new_connection_id
from s4desk.core.persist.offers import Offer, UnusableSourceError, importable_name
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence


def aws_offers(profiles: Sequence[str]) -> list[Offer]:
    """One for each profile, which is resolved when it is opened.

    Raises UnusableSourceError when there is none.
    """
    if not profiles:
        raise UnusableSourceError(
            tr("There is no profile in ~/.aws/config and ~/.aws/credentials, or none to read.")
        )
    return [Offer(profile, _connection(profile)) for profile in profiles]


def _connection(profile: str) -> Connection:
    reference = CredentialReference(CredentialKind.PROFILE, profile)
    return Connection(new_connection_id(), importable_name(profile), credentials=reference)
