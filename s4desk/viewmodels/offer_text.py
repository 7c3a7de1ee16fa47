"""Connections that could be taken over, in words for a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.connection import CredentialKind
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.exposure_text import exposure_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.persist.offers import Offer
    from s4desk.core.persist.secrets import KeyringState


MANY = 50
"""More than so many connections nobody wants at once, unless they say so."""


def wanted(offers: Sequence[Offer]) -> list[bool]:
    """Which are ticked as long as nobody has said otherwise: what is new and works, if it is not a
    crowd."""
    found = [
        offer.connection is not None and not offer.known and not offer.fault for offer in offers
    ]
    return found if sum(found) <= MANY else [False] * len(found)


def address_text(offer: Offer) -> str:
    """Where the store is."""
    connection = offer.reached
    if connection is None:
        return ""
    if connection.endpoint:
        return connection.endpoint
    if connection.credentials.kind is CredentialKind.PROFILE:
        return tr("as the profile says")
    return f"AWS {connection.region}".strip()


def keys_text(offer: Offer, keyring: KeyringState | None = None) -> str:
    """Where its keys will be, where the keyring is in this state."""
    connection = offer.connection
    if connection is None:
        return ""
    match connection.credentials.kind:
        case CredentialKind.KEYRING:
            return _kept_text(keyring) if offer.credentials else tr("to be entered")
        case CredentialKind.PROFILE:
            return tr("AWS profile {profile}").format(profile=connection.credentials.profile)
        case CredentialKind.ENVIRONMENT:
            return tr("environment")
    return tr("anonymous")


def needs_keyring(offers: Sequence[Offer]) -> bool:
    """Whether any of these brings keys along."""
    return any(offer.credentials is not None for offer in offers)


def _kept_text(keyring: KeyringState | None) -> str:
    if keyring is not None and keyring.in_file:
        return tr("to the encrypted file")
    if keyring is not None and not keyring.usable:
        return tr("for this session only")
    return tr("to the keyring")


def remark_text(offer: Offer) -> str:
    """Why it cannot be taken over, or what does not come along."""
    reached = offer.reached
    if offer.connection is None or reached is None:
        return offer.problem
    told = [each for each in (offer.fault, offer.remark) if each]
    if offer.known:
        told.append(tr("It is here already, as “{name}”.").format(name=offer.known))
    if offer.left_out:
        told.append(tr("Left out: {options}.").format(options=", ".join(offer.left_out)))
    if offer.connection.name != offer.source:
        told.append(tr("Its name becomes “{name}”.").format(name=offer.connection.name))
    if words := exposure_words(reached):
        told.append(f"{words}.")
    return " ".join(told)


def taken_over_text(count: int) -> str:
    return tr_n("{count} connection imported.", "{count} connections imported.", count).format(
        count=count
    )
