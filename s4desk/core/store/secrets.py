"""Reading the keys that a connection refers to; `core/persist/secrets` keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from s4desk.core.domain.connection import WaySecrets

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Credentials
    from s4desk.core.domain.identity import ConnectionId


class SecretReader(Protocol):
    async def credentials(self, connection: ConnectionId) -> Credentials | None:
        """What the keyring holds for a connection. Raises CredentialsError."""

    async def way_secrets(self, connection: ConnectionId) -> WaySecrets:
        """What is kept for the way to it, empty for nothing. Raises CredentialsError."""


class GivenSecrets:
    """Credentials that a person has just typed: for trying a connection before it is kept."""

    def __init__(self, credentials: Credentials | None, way: WaySecrets | None = None) -> None:
        self._credentials = credentials
        self._way = way or WaySecrets()

    async def credentials(self, connection: ConnectionId) -> Credentials | None:
        return self._credentials

    async def way_secrets(self, connection: ConnectionId) -> WaySecrets:
        return self._way


class TypedSecrets:
    """What a person has just typed, and what is kept where they left it alone."""

    def __init__(
        self, kept: SecretReader, credentials: Credentials | None, way: WaySecrets | None
    ) -> None:
        self._kept = kept
        self._credentials = credentials
        self._way = way

    async def credentials(self, connection: ConnectionId) -> Credentials | None:
        return self._credentials or await self._kept.credentials(connection)

    async def way_secrets(self, connection: ConnectionId) -> WaySecrets:
        return await self._kept.way_secrets(connection) if self._way is None else self._way
