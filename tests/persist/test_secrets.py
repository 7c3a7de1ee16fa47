from __future__ import annotations

import asyncio
import threading
import types
from contextlib import suppress
from datetime import UTC, datetime

import keyring
import pytest

from s4desk.core.domain.connection import Credentials
from s4desk.core.domain.errors import CredentialsError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.persist.secrets import SERVICE, Keychain, KeyringState
from s4desk.core.runtime.logs import redacted
from tests.persist.fakes import FakeKeyring

ID = ConnectionId("c1")
KEY = Credentials("AKIA", "a-very-secret-key", "a-token-of-trust")


@pytest.fixture
def system() -> FakeKeyring:
    return FakeKeyring()


@pytest.fixture
def secrets(system: FakeKeyring) -> Keychain:
    return Keychain(lambda: system)


async def test_what_is_kept_is_in_the_keyring_and_comes_back(system, secrets):
    assert await secrets.keep(ID, KEY) == KeyringState(usable=True)
    assert system.entries.keys() == {(SERVICE, ID)}
    assert await Keychain(lambda: system).credentials(ID) == KEY


async def test_what_was_never_kept_is_absent(secrets):
    assert await secrets.credentials(ID) is None


async def test_forgetting_removes_it(system, secrets):
    await secrets.keep(ID, KEY)
    await secrets.forget(ID)
    await secrets.forget(ID)
    assert system.entries == {}
    assert await secrets.credentials(ID) is None


async def test_a_locked_keyring_costs_only_the_memory_of_it(system, secrets):
    system.lock()
    state = await secrets.keep(ID, KEY)
    assert (state.usable, state.reason) == (False, "The keyring is locked.")
    assert await secrets.credentials(ID) == KEY
    system.fault = None
    assert system.entries == {}
    assert await Keychain(lambda: system).credentials(ID) is None


async def test_a_key_kept_for_the_session_moves_to_the_keyring_when_it_can(system, secrets):
    system.lock()
    await secrets.keep(ID, KEY)
    system.fault = None
    await secrets.keep(ID, KEY)
    system.entries.clear()
    assert await secrets.credentials(ID) is None


async def test_a_session_key_is_forgotten_even_if_the_keyring_is_locked(
    system, secrets, expected_logs
):
    system.lock()
    await secrets.keep(ID, KEY)
    await secrets.forget(ID)
    system.fault = None
    assert await secrets.credentials(ID) is None
    assert len(expected_logs) == 2  # the key, and what the way needs


async def test_a_locked_keyring_is_not_an_absent_secret(system, secrets):
    await secrets.keep(ID, KEY)
    system.lock()
    with pytest.raises(CredentialsError, match="locked"):
        await secrets.credentials(ID)


async def test_any_fault_of_a_backend_is_told_in_a_sentence(system, secrets):
    class DBusReplyError(Exception):
        """What a backend's own library raises; no base class of ours."""

    system.fault = DBusReplyError("org.freedesktop.DBus.Error.NoReply")
    state = await secrets.state()
    assert not state.usable
    assert "NoReply" in state.reason
    assert state.reason.endswith(".")
    system.fault = None
    assert await secrets.state() == KeyringState(usable=True)


@pytest.mark.parametrize("kept", ["no json", "[]", '{"key_id": "AKIA"}', "7"])
async def test_a_strange_entry_is_told(system, secrets, kept):
    system.entries[SERVICE, ID] = kept
    with pytest.raises(CredentialsError, match="enter the key again"):
        await secrets.credentials(ID)


async def test_the_end_of_a_key_is_kept_with_it(system, secrets):
    ends = datetime(2126, 1, 1, tzinfo=UTC)
    key = Credentials("AKIA", "kept-secret", "kept-token", ends)
    await secrets.keep(ID, key)
    assert await Keychain(lambda: system).credentials(ID) == key
    system.entries[SERVICE, ID] = '{"key_id": "k", "secret": "s", "ends": "soon"}'
    with pytest.raises(CredentialsError, match="enter the key again"):
        await Keychain(lambda: system).credentials(ID)


async def test_secrets_are_redacted_from_then_on(system, secrets):
    await secrets.keep(ID, Credentials("AKIA", "kept-secret-0815", "kept-token-0815"))
    assert "0815" not in redacted("kept-secret-0815 kept-token-0815")

    other = FakeKeyring()
    other.entries[SERVICE, ID] = '{"key_id": "k", "secret": "read-secret-0816", "token": ""}'
    await Keychain(lambda: other).credentials(ID)
    assert "0816" not in redacted("read-secret-0816")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("keyring.backends.fail", "No keyring is running"),
        ("keyring.backends.null", "No keyring is running"),
        ("keyrings.alt.file", "plain file"),
    ],
)
async def test_a_keyring_that_keeps_nothing_or_keeps_it_plain_is_none(monkeypatch, kind, reason):
    backend = type("Keyring", (FakeKeyring,), {"__module__": kind})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    secrets = Keychain()
    assert reason in (await secrets.state()).reason
    assert not (await secrets.keep(ID, KEY)).usable
    assert backend.entries == {}
    assert await secrets.credentials(ID) == KEY


async def test_a_keyring_that_waits_for_a_person_blocks_neither_loop_nor_exit(system, secrets):
    entered, gate = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def wait_for_person(_self: FakeKeyring, _service: str, _username: str) -> None:
        threads.append(threading.current_thread())
        entered.set()
        gate.wait()

    system.get_password = types.MethodType(wait_for_person, system)  # type: ignore[method-assign]
    asking = asyncio.create_task(secrets.credentials(ID))
    try:
        await asyncio.to_thread(entered.wait, 5)
        assert threads[0].daemon
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
    finally:
        gate.set()


def test_no_repr_shows_a_secret():
    assert KEY.secret not in repr(KEY)
