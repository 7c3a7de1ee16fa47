"""Secrets, in the keyring of the operating system and nowhere else."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeVar

from s4desk.core.domain.connection import Credentials
from s4desk.core.domain.errors import CredentialsError, MissingKeyError
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.logs import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.identity import ConnectionId

log = logging.getLogger(__name__)
T = TypeVar("T")

SERVICE = "s4desk"
_PROBE = "is the keyring there?"


class Keyring(Protocol):
    """What is used of `keyring.backend.KeyringBackend`."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


@dataclass(frozen=True, slots=True)
class KeyringState:
    """Whether secrets outlive this session; if not, `reason` says why in a sentence."""

    usable: bool
    reason: str = ""


class _KeyringError(Exception):
    """Whatever a backend raised, as one thing."""


class Keychain:
    """The secrets of connections. What the keyring refuses is kept for this session only.

    A keyring may ask the person to unlock it and block for as long as that takes, so it is called
    on threads that do not keep the program alive, one call at a time.
    """

    def __init__(self, keyring: Callable[[], Keyring] | None = None) -> None:
        self._open = keyring or _system_keyring
        self._session: dict[ConnectionId, Credentials] = {}
        self._one_at_a_time = threading.Lock()

    async def state(self) -> KeyringState:
        """Ask the keyring for something that is not there; that needs all it takes to read."""
        try:
            await self._call(lambda keyring: keyring.get_password(SERVICE, _PROBE))
        except _KeyringError as failure:
            return KeyringState(usable=False, reason=str(failure))
        return KeyringState(usable=True)

    async def credentials(self, connection: ConnectionId) -> Credentials | None:
        """What is kept for a connection. Raises CredentialsError when the keyring cannot tell."""
        if connection in self._session:
            return self._session[connection]
        try:
            kept = await self._call(lambda keyring: keyring.get_password(SERVICE, connection))
        except _KeyringError as failure:
            advice = tr("Unlock or start it, or enter the key again for this session.")
            raise MissingKeyError(f"{failure} {advice}") from failure
        return None if kept is None else _hidden(_decode(kept))

    async def keep(self, connection: ConnectionId, credentials: Credentials) -> KeyringState:
        """Keep credentials, and say whether they will be there after this session."""
        _hidden(credentials)
        content = _encode(credentials)
        try:
            await self._call(lambda keyring: keyring.set_password(SERVICE, connection, content))
        except _KeyringError as failure:
            self._session[connection] = credentials
            return KeyringState(usable=False, reason=str(failure))
        self._session.pop(connection, None)
        return KeyringState(usable=True)

    async def forget(self, connection: ConnectionId) -> None:
        """Forget what is kept for a connection, if there is anything and the keyring is usable."""
        self._session.pop(connection, None)

        def delete(keyring: Keyring) -> None:
            if keyring.get_password(SERVICE, connection) is not None:
                keyring.delete_password(SERVICE, connection)

        try:
            await self._call(delete)
        except _KeyringError as failure:
            log.warning("a secret may be left in the keyring: %s", failure)

    async def _call(self, work: Callable[[Keyring], T]) -> T:
        def locked() -> T:
            with self._one_at_a_time:
                return work(self._open())

        return await _on_daemon_thread(locked)


async def _on_daemon_thread(work: Callable[[], T]) -> T:
    """Await `work` on a thread of its own that the interpreter does not wait for at its end."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def deliver(result: T | None, failure: _KeyringError | None) -> None:
        if answer.cancelled():
            return
        if failure is not None:
            answer.set_exception(failure)
        else:
            answer.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except _KeyringError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - backends raise what their D-Bus library does
            failure = _KeyringError(_reason(error))
        with suppress(RuntimeError):  # the loop has closed meanwhile; nobody waits
            loop.call_soon_threadsafe(deliver, result, failure)

    threading.Thread(target=run, name="s4desk-keyring", daemon=True).start()
    return await answer


def _system_keyring() -> Keyring:
    """The keyring of this desktop; refuses the ones that keep nothing or keep it in plain text."""
    module = import_module("keyring")  # after the first paint, and never on the loop's thread
    backend = module.get_keyring()
    kind = type(backend).__module__
    if kind.startswith(("keyring.backends.fail", "keyring.backends.null")):
        raise _KeyringError(tr("No keyring is running (for example GNOME Keyring or KWallet)."))
    if kind.startswith("keyrings.alt"):
        raise _KeyringError(
            tr(
                "The keyring that is set up here ({name}) is a plain file; s4desk does not use it."
            ).format(name=type(backend).__name__)
        )
    return backend  # type: ignore[no-any-return]


def no_keyring(reason: str) -> Callable[[], Keyring]:
    """For a Keychain that keeps everything for its session only, and says why."""

    def refuse() -> Keyring:
        raise _KeyringError(reason)

    return refuse


def _reason(error: Exception) -> str:
    if type(error).__name__ == "KeyringLocked":
        return tr("The keyring is locked.")
    said = str(error).strip().rstrip(".") or type(error).__name__
    return tr("The keyring does not answer: {error}.").format(error=said)


def _hidden(credentials: Credentials) -> Credentials:
    """The same credentials, after their secrets can no longer get into a log."""
    for secret in (credentials.secret, credentials.token):
        if secret:
            redact(secret)
    return credentials


def _encode(credentials: Credentials) -> str:
    return json.dumps(
        {"key_id": credentials.key_id, "secret": credentials.secret, "token": credentials.token}
    )


def _decode(kept: str) -> Credentials:
    try:
        content = json.loads(kept)
        return Credentials(content["key_id"], content["secret"], content.get("token", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CredentialsError(
            tr("The keyring's entry for this connection cannot be read; enter the key again.")
        ) from error
