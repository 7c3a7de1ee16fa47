"""Secrets: in the keyring of the operating system, or in a file that a passphrase opens."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeVar

from s4desk.core.domain.connection import Credentials, WaySecrets
from s4desk.core.domain.errors import CredentialsError, MissingKeyError, S4DeskError
from s4desk.core.persist.private_file import exposure_notice
from s4desk.core.persist.secret_file import WrongPassphraseError
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.logs import redact

if TYPE_CHECKING:
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.persist.secret_file import SecretFile

log = logging.getLogger(__name__)
T = TypeVar("T")

SERVICE = "s4desk"
_PROBE = "is the keyring there?"


class Keyring(Protocol):
    """What is used of `keyring.backend.KeyringBackend`."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


AskPassphrase = Callable[[str], Awaitable[str | None]]
"""Asks a person for the passphrase of the file, saying why the last one would not do; None when
they do not want to give one."""


@dataclass(frozen=True, slots=True)
class KeyringState:
    """Whether secrets outlive this session; if the keyring is not usable, `reason` says why in a
    sentence. `in_file` when they are kept in the file in its place."""

    usable: bool
    reason: str = ""
    in_file: bool = False


class _KeyringError(Exception):
    """Whatever a backend raised, as one thing."""


class Keychain:
    """The secrets of connections. What the keyring refuses goes into the file, if there is one,
    and is kept for this session only if there is none.

    A keyring may ask the person to unlock it and block for as long as that takes, so it is called
    on threads that do not keep the program alive, one call at a time. The passphrase of the file
    is asked for once, when it is needed first.
    """

    def __init__(
        self, keyring: Callable[[], Keyring] | None = None, file: SecretFile | None = None
    ) -> None:
        self._open = keyring or _system_keyring
        self._file = file
        self._session: dict[str, str] = {}
        self._one_at_a_time = threading.Lock()
        self._unlocking = asyncio.Lock()
        self._ask: AskPassphrase | None = None
        self._is_declined = False
        self._unlocked: Callable[[], None] = lambda: None

    def let_ask(self, ask: AskPassphrase) -> None:
        """Who asks the person for the passphrase of the file."""
        self._ask = ask

    def let_follow(self, unlocked: Callable[[], None]) -> None:
        """What is to be done when the file has been opened."""
        self._unlocked = unlocked

    def ask_again(self) -> None:
        """Ask for the passphrase even if the person did not want to give it before."""
        self._is_declined = False

    async def state(self) -> KeyringState:
        """Ask the keyring for something that is not there; that needs all it takes to read."""
        try:
            await self._call(lambda keyring: keyring.get_password(SERVICE, _PROBE))
        except _KeyringError as failure:
            in_file = self._file is not None and self._file.exists
            return KeyringState(usable=in_file, reason=str(failure), in_file=in_file)
        return KeyringState(usable=True)

    async def make_file(self, passphrase: str) -> None:
        """Begin to keep secrets in a file, those of this session first. Raises S4DeskError."""
        if self._file is None:
            raise CredentialsError(tr("There is no place for a file with secrets."))
        await _on_daemon_thread(lambda: self._in_file.create(passphrase))
        for name, content in list(self._session.items()):
            await self._put_in_file(name, content)
            del self._session[name]

    @property
    def has_file(self) -> bool:
        """Whether there is a file with secrets."""
        return self._file is not None and self._file.exists

    @property
    def notice(self) -> str:
        """A sentence when others may read the file with secrets; empty when all is well."""
        return exposure_notice(self._file.path) if self._file is not None else ""

    async def change_passphrase(self, old: str, new: str) -> None:
        """Let another passphrase open the file. Raises S4DeskError when `old` does not, or when
        there is no file."""
        if not self.has_file:
            raise CredentialsError(tr("There is no file with secrets: no passphrase is needed."))
        await _on_daemon_thread(lambda: self._in_file.change_passphrase(old, new))

    async def credentials(self, connection: ConnectionId) -> Credentials | None:
        """What is kept for a connection. Raises CredentialsError when that cannot be told."""
        kept = await self._read(connection)
        return None if kept is None else _hidden(_decode(kept))

    async def wants_passphrase(self, connection: ConnectionId) -> bool:
        """Whether a person would be asked for the passphrase to read what is kept for it."""
        names = [connection, _way_name(connection)]
        for name in names:
            if name not in self._session and await self._has_in_file(name):
                return await _on_daemon_thread(lambda: self._in_file.is_locked)
        return False

    async def way_secrets(self, connection: ConnectionId) -> WaySecrets:
        """What is kept for the way to a store. Raises CredentialsError as `credentials` does."""
        kept = await self._read(_way_name(connection))
        return WaySecrets() if kept is None else _decode_way(kept)

    async def keep(self, connection: ConnectionId, credentials: Credentials) -> KeyringState:
        """Keep credentials, and say whether they will be there after this session."""
        _hidden(credentials)
        return await self._keep(connection, _encode(credentials))

    async def keep_way(self, connection: ConnectionId, secrets: WaySecrets) -> KeyringState:
        """Keep what the way to a store needs; nothing is forgotten instead."""
        if not secrets:
            await self._forget(_way_name(connection))
            return KeyringState(usable=True)
        for secret in filter(None, (secrets.proxy_password, secrets.key_passphrase)):
            redact(secret)
        content = {
            "proxy_password": secrets.proxy_password,
            "key_passphrase": secrets.key_passphrase,
        }
        return await self._keep(_way_name(connection), json.dumps(content))

    async def forget(self, connection: ConnectionId) -> None:
        """Forget all that is kept for a connection, as far as it can be reached."""
        await self.forget_key(connection)
        await self._forget(_way_name(connection))

    async def forget_key(self, connection: ConnectionId) -> None:
        """Forget the credentials alone: the way to the store may still need its secrets."""
        await self._forget(connection)

    async def _read(self, name: str) -> str | None:
        if name in self._session:
            return self._session[name]
        failure: _KeyringError | None = None
        try:
            kept = await self._call(lambda keyring: keyring.get_password(SERVICE, name))
        except _KeyringError as error:
            kept, failure = None, error
        if kept is None and await self._has_in_file(name):
            await self._unlock()
            return await _on_daemon_thread(lambda: self._in_file.get_password(SERVICE, name))
        if failure is not None:
            advice = tr("Unlock or start it, or enter the key again for this session.")
            raise MissingKeyError(f"{failure} {advice}") from failure
        return kept

    async def _keep(self, name: str, content: str) -> KeyringState:
        try:
            await self._call(lambda keyring: keyring.set_password(SERVICE, name, content))
        except _KeyringError as failure:
            return await self._keep_elsewhere(name, content, str(failure))
        self._session.pop(name, None)
        return KeyringState(usable=True)

    async def _keep_elsewhere(self, name: str, content: str, reason: str) -> KeyringState:
        self._session[name] = content
        if self._file is None or not self._file.exists:
            return KeyringState(usable=False, reason=reason)
        self.ask_again()
        try:
            await self._unlock()
            await self._put_in_file(name, content)
        except S4DeskError as error:
            return KeyringState(usable=False, reason=f"{reason} {error}")
        del self._session[name]
        return KeyringState(usable=True, reason=reason, in_file=True)

    async def _forget(self, name: str) -> None:
        self._session.pop(name, None)

        def delete(keyring: Keyring) -> None:
            if keyring.get_password(SERVICE, name) is not None:
                keyring.delete_password(SERVICE, name)

        try:
            if await self._has_in_file(name):
                await _on_daemon_thread(lambda: self._in_file.delete_password(SERVICE, name))
            await self._call(delete)
        except (_KeyringError, S4DeskError) as failure:
            log.warning("a secret may be left in the keyring: %s", failure)

    # The file

    @property
    def _in_file(self) -> SecretFile:
        if self._file is None:
            raise AssertionError("nobody looks into a file that cannot be")
        return self._file

    async def _has_in_file(self, name: str) -> bool:
        if self._file is None or not self._file.exists:
            return False
        return await _on_daemon_thread(lambda: self._in_file.has(name))

    async def _put_in_file(self, name: str, content: str) -> None:
        await _on_daemon_thread(lambda: self._in_file.set_password(SERVICE, name, content))

    async def _unlock(self) -> None:
        """Ask for the passphrase until it is right. Raises MissingKeyError when it is not given."""
        async with self._unlocking:
            problem, is_asked = "", False
            while await _on_daemon_thread(lambda: self._in_file.is_locked):
                given, is_asked = await self._asked(problem), True
                problem = await _on_daemon_thread(partial(self._tried, given))
        if is_asked:
            self._unlocked()

    def _tried(self, passphrase: str) -> str:
        """Try to open the file; why it stays shut, empty when it is open."""
        try:
            self._in_file.unlock(passphrase)
        except WrongPassphraseError as error:
            return str(error)
        return ""

    async def _asked(self, problem: str) -> str:
        if self._ask is not None and not self._is_declined:
            given = await self._ask(problem)
            if given is not None:
                redact(given)
                return given
            self._is_declined = True
        raise MissingKeyError(
            tr(
                "The file with the secrets is locked. Try again to be asked for its passphrase,"
                " or set S4DESK_PASSPHRASE_FILE for a verb."
            )
        )

    async def _call(self, work: Callable[[Keyring], T]) -> T:
        def locked() -> T:
            with self._one_at_a_time:
                try:
                    return work(self._open())
                except _KeyringError:
                    raise
                except Exception as error:  # backends raise what their D-Bus library does
                    raise _KeyringError(_reason(error)) from error

        return await _on_daemon_thread(locked)


def _way_name(connection: ConnectionId) -> str:
    return f"{connection}.way"


async def _on_daemon_thread(work: Callable[[], T]) -> T:
    """Await `work` on a thread of its own that the interpreter does not wait for at its end."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def deliver(result: T | None, failure: Exception | None) -> None:
        if answer.cancelled():
            return
        if failure is not None:
            answer.set_exception(failure)
        else:
            answer.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        failure: Exception | None = None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - handed over, not swallowed
            failure = error
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
    content = {
        "key_id": credentials.key_id,
        "secret": credentials.secret,
        "token": credentials.token,
    }
    if credentials.ends_at is not None:
        content["ends"] = credentials.ends_at.isoformat()
    return json.dumps(content)


def _decode(kept: str) -> Credentials:
    try:
        content = json.loads(kept)
        ends = content.get("ends")
        ends_at = None if ends is None else datetime.fromisoformat(ends)
        return Credentials(content["key_id"], content["secret"], content.get("token", ""), ends_at)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CredentialsError(
            tr("The keyring's entry for this connection cannot be read; enter the key again.")
        ) from error


def _decode_way(kept: str) -> WaySecrets:
    try:
        content = json.loads(kept)
        found = WaySecrets(content["proxy_password"], content["key_passphrase"])
    except (ValueError, KeyError, TypeError) as error:
        raise CredentialsError(
            tr("What is kept for the way to this store cannot be read; enter it again.")
        ) from error
    for secret in filter(None, (found.proxy_password, found.key_passphrase)):
        redact(secret)
    return found
