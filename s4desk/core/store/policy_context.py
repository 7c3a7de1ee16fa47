"""What stands around a bucket policy: who writes it, and whether public access is blocked."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import StoreError
from s4desk.core.domain.lock_out import Author
from s4desk.core.domain.public_access import is_blocked
from s4desk.core.store.configuration import read_config

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.store.protocol import ConfigStore


@dataclass(frozen=True, slots=True)
class PolicyContext:
    """`is_blocked`: what lets everybody in is refused when it is saved, or of no use."""

    author: Author
    is_blocked: bool = False


async def policy_context(
    store: ConfigStore, connection: Connection | None, bucket: str
) -> PolicyContext:
    """As far as it may be known; what may not be read is left out."""
    endpoint = connection.endpoint if connection is not None else ""
    name = ""
    with contextlib.suppress(StoreError):
        owner = (await read_config(store, bucket, ConfigKind.ACL)).get("Owner") or {}
        name = str(owner.get("ID") or "")
    block = None
    with contextlib.suppress(StoreError):
        block = await store.get_document(bucket, ConfigKind.PUBLIC_ACCESS_BLOCK)
    author = Author(bucket, not endpoint.lower().startswith("http://"), name)
    return PolicyContext(author, is_blocked(block))
