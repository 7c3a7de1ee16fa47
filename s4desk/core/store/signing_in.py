"""Signing in for a connection, as a window or a verb does it.

Importing this imports no S3 library: that is done in a thread when somebody signs in.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

from s4desk.core.domain.connection import CredentialKind
from s4desk.core.domain.errors import SignInNeededError
from s4desk.core.domain.sign_in import SignInKind
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.way import find_way

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.sign_in import DeviceCode, KeyLife, SignInNeed
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.secrets import SecretReader

_PROFILES: Final = "s4desk.core.store.profile_credentials"


class Person(Protocol):
    """Who signs in, by a window or a terminal. False when they do not want to."""

    async def on_page(self, connection: Connection, need: SignInNeed) -> bool: ...

    async def by_code(self, connection: Connection, need: SignInNeed) -> bool: ...


async def sign_in(
    connection: Connection, person: Person, need: SignInNeed, secrets: SecretReader
) -> bool:
    """Go through all that it takes to get keys; False when the person gives up. `secrets` are for
    the way to who gives them.

    Raises CredentialsError when it comes to nothing.
    """
    while True:
        step = person.on_page if need.kind is SignInKind.PAGE else person.by_code
        if not await step(connection, need):
            return False
        try:
            # What the page gave is only proved by keys that were not there before.
            await key_life(connection, secrets, is_fresh=need.kind is SignInKind.PAGE)
        except SignInNeededError as error:
            if error.need == need:
                raise
            need = error.need
        else:
            return True


async def sign_in_need(connection: Connection) -> SignInNeed | None:
    """What signing in takes next; None where nobody has to. Raises CredentialsError."""
    if connection.credentials.kind is not CredentialKind.PROFILE:
        return None
    need: SignInNeed | None = await in_thread(_call, "sign_in_need", connection)
    return need


async def sign_in_with_code(connection: Connection, code: str, secrets: SecretReader) -> KeyLife:
    """Get the keys of a role for a one-time code.

    Raises ValidationError for one that is wrong, CredentialsError.
    """
    life: KeyLife = await in_thread(
        _call, "sign_in_with_code", connection, code, await find_way(connection, secrets)
    )
    return life


async def key_life(
    connection: Connection, secrets: SecretReader, *, is_fresh: bool = False
) -> KeyLife | None:
    """How long the keys of a profile last that there are now, with `is_fresh` new ones.

    Raises CredentialsError, SignInNeededError when there are none yet.
    """

    way = await find_way(connection, secrets)

    def look() -> KeyLife | None:
        life: KeyLife | None = _call("key_life", connection, way, is_fresh=is_fresh)
        return life

    return await in_thread(look)


class PageSignIn:
    """Signing in on the page of a portal. Whoever stops waiting has not signed in."""

    def __init__(
        self, connection: Connection, secrets: SecretReader, clock: Clock | None = None
    ) -> None:
        self._connection = connection
        self._secrets = secrets
        self._clock = clock or SystemClock()
        self._attempt: Any = None

    async def begin(self) -> DeviceCode:
        """Ask for a code, which a person has to confirm. Raises CredentialsError."""
        self._attempt = await in_thread(
            _call,
            "device_sign_in",
            self._connection,
            await find_way(self._connection, self._secrets),
        )
        code: DeviceCode = await in_thread(self._attempt.begin)
        return code

    async def confirmed(self) -> None:
        """Wait until the code was confirmed. Raises CredentialsError when it comes to nothing."""
        while True:
            await self._clock.sleep(self._attempt.pause_s)
            if await in_thread(self._attempt.poll):
                return


def _call(name: str, *arguments: object, **named: object) -> Any:
    """Only who signs in needs botocore, which takes a while to load."""
    return getattr(import_module(_PROFILES), name)(*arguments, **named)
