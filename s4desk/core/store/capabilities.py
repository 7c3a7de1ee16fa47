"""What a store can be trusted with: known, learned from its replies, or probed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.capability import Capability
from s4desk.core.domain.providers import OTHER, PROVIDERS

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection


class IfMatch(StrEnum):
    """How a PUT's If-Match has to be written. Ceph 16 compares it without removing the quotes."""

    QUOTED = "quoted"
    BARE = "bare"
    UNSUPPORTED = "unsupported"


@dataclass(slots=True)
class Capabilities:
    """What is known of one store; None is not known (yet).

    Shared by the requests of a connection: a worker thread that learns something assigns one
    field, which is atomic. What is not known is not relied on: a condition on a write
    is then no more than a safeguard, and Content-MD5 is sent where checksums may not be kept.
    """

    conditional_put: bool | None = None
    conditional_complete: bool | None = None
    conditional_copy: bool | None = None
    conditional_delete: bool | None = None
    conditional_batch: bool | None = None
    if_match: IfMatch | None = None
    if_match_seems: IfMatch | None = None
    """What nobody has proved, and safeguards go by."""
    keeps_checksums: bool | None = None
    batch_delete: bool | None = None
    tagging: bool | None = None
    tells_parts: bool | None = None


def known(connection: Connection) -> Capabilities:
    """What is certain before the first request: all of it for AWS, what its vendor says of others.

    A condition that a vendor describes is still not relied on before it was seen to hold.
    """
    if not connection.is_aws:
        provider = PROVIDERS.get(connection.provider, OTHER)
        return Capabilities(
            # Where they may be kept, the first upload tells.
            keeps_checksums=provider.supports(Capability.CRC64NVME) and None,
            batch_delete=provider.supports(Capability.BATCH_DELETE),
            tagging=provider.supports(Capability.OBJECT_TAGGING),
        )
    return Capabilities(
        conditional_put=True,
        conditional_complete=True,
        conditional_copy=True,
        conditional_delete=True,
        conditional_batch=True,
        if_match=IfMatch.QUOTED,
        keeps_checksums=True,
        batch_delete=True,
        tagging=True,
    )
