"""Secrets in a file: only its passphrase opens it, and nothing loses it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys

import pytest

from s4desk.core.domain.connection import Credentials, WaySecrets
from s4desk.core.domain.errors import CredentialsError, LocalFileError, MissingKeyError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.persist.secret_file import (
    DamagedFileError,
    LockedFileError,
    SecretFile,
    WrongPassphraseError,
)
from s4desk.core.persist.secrets import Keychain, no_keyring
from tests.persist.fakes import FakeKeyring

CHEAP = 2**10
WORD = "correct horse battery staple ü"
ID = ConnectionId("c1")
KEY = Credentials("AKIA", "a-very-secret-key", "a-token-of-trust")
WAY = WaySecrets("proxy-password-1", "key-passphrase-1")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "secrets.json"


def opened(path, word=WORD):
    file = SecretFile(path, cost=CHEAP)
    file.unlock(word)
    return file


@pytest.fixture
def file(path):
    made = SecretFile(path, cost=CHEAP)
    made.create(WORD)
    return made


# The file


def test_what_is_put_in_comes_out_with_the_passphrase(file, path):
    file.set_password("", "a", "sécret-1")
    file.set_password("", "b", "secret-2")
    file.delete_password("", "b")
    again = opened(path)
    assert again.get_password("", "a") == "sécret-1"
    assert again.get_password("", "b") is None
    assert (again.has("a"), again.has("b")) == (True, False)


def test_nobody_else_reads_it(file, path):
    file.set_password("", "a", "the-secret-text")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    raw = path.read_text()
    assert "the-secret-text" not in raw
    assert WORD not in raw
    assert json.loads(raw)["key"]["cost"] == CHEAP


def test_the_advised_cost_is_the_usual_one(path):
    SecretFile(path).create(WORD)
    assert json.loads(path.read_text())["key"]["cost"] == 2**17
    SecretFile(path).unlock(WORD)


def test_a_wrong_passphrase_is_told_and_changes_nothing(file, path):
    file.set_password("", "a", "secret")
    before = path.read_bytes()
    other = SecretFile(path, cost=CHEAP)
    with pytest.raises(WrongPassphraseError, match="not the passphrase"):
        other.unlock("wrong")
    assert other.is_locked
    with pytest.raises(LockedFileError):
        other.get_password("", "a")
    with pytest.raises(LockedFileError):
        other.set_password("", "a", "new")
    assert path.read_bytes() == before
    other.unlock(WORD)
    assert other.get_password("", "a") == "secret"


def test_one_that_is_there_is_not_made_again(file, path):
    file.set_password("", "a", "secret")
    with pytest.raises(LocalFileError, match="there already"):
        SecretFile(path, cost=CHEAP).create("another")
    assert opened(path).get_password("", "a") == "secret"


def test_two_who_change_it_lose_nothing(file, path):
    other = opened(path)
    file.set_password("", "a", "1")
    other.set_password("", "b", "2")
    file.set_password("", "c", "3")
    assert [opened(path).get_password("", name) for name in "abc"] == ["1", "2", "3"]


def test_one_that_was_made_anew_wants_its_own_passphrase(file, path):
    path.unlink()
    SecretFile(path, cost=CHEAP).create("another")
    assert file.is_locked
    file.unlock("another")
    assert not file.is_locked


DAMAGES = {
    "cut": lambda raw: raw[: len(raw) // 2],
    "empty": lambda _: b"",
    "a flipped bit": lambda raw: raw.replace(b'"proof": "g', b'"proof": "h'),
    "no object": lambda _: b"[]",
    "no sum": lambda raw: raw.replace(b'"sum"', b'"mus"'),
    "not text": lambda _: b"\xff\xfe\x00",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_set_aside(file, path, damage, expected_logs):
    file.set_password("", "a", "secret")
    raw = damage(path.read_bytes())
    path.write_bytes(raw)
    with pytest.raises(DamagedFileError, match=r"kept as .*damaged-1") as caught:
        SecretFile(path, cost=CHEAP).unlock(WORD)
    assert caught.value.aside.read_bytes() == raw
    assert not path.exists()
    assert len(expected_logs) == 1


def test_an_entry_under_another_name_is_none(file, path):
    file.set_password("", "mine", "secret")
    content = json.loads(path.read_text())
    content["secrets"]["yours"] = content["secrets"]["mine"]
    reseal(path, content)
    assert opened(path).get_password("", "yours") is None
    assert opened(path).get_password("", "mine") == "secret"


@pytest.mark.parametrize("cost", [1, 2**30])
def test_a_key_that_takes_forever_is_not_derived(file, path, cost, expected_logs):
    content = json.loads(path.read_text())
    content["key"]["cost"] = cost
    reseal(path, content)
    with pytest.raises(DamagedFileError):
        SecretFile(path).unlock(WORD)
    assert len(expected_logs) == 1


def test_a_file_of_a_newer_program_stays(file, path):
    content = json.loads(path.read_text())
    content["version"] = 2
    reseal(path, content)
    before = path.read_bytes()
    with pytest.raises(CredentialsError, match="newer version"):
        SecretFile(path).unlock(WORD)
    assert path.read_bytes() == before


def test_a_write_that_fails_leaves_the_old_one(file, path, monkeypatch):
    file.set_password("", "a", "secret")
    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(LocalFileError):
        file.set_password("", "b", "more")
    monkeypatch.undo()
    assert opened(path).get_password("", "a") == "secret"
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(".sec")] == []


def refuse(*_):
    raise OSError(28, "No space left on device")


def reseal(path, content):
    """Write what an attacker, or a newer program, could write."""
    from s4desk.core.persist import secret_file

    content.pop("sum", None)
    path.write_text(json.dumps({**content, "sum": secret_file._sum(content)}))


def test_no_cryptography_is_loaded_before_it_is_needed():
    code = (
        "import sys, s4desk.core.persist.secrets, s4desk.core.persist.secret_file;"
        "sys.exit('cryptography' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# The keychain with a file


class Person:
    """Answers when asked for the passphrase; `heard` are the reasons given."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.heard = []

    async def __call__(self, problem):
        self.heard.append(problem)
        return self.answers.pop(0)


def keychain(path, person=None, keyring=None):
    made = Keychain(
        (lambda: keyring) if keyring is not None else no_keyring("No keyring."),
        SecretFile(path, cost=CHEAP),
    )
    if person is not None:
        made.let_ask(person)
    return made


async def test_without_a_file_secrets_last_for_the_session(path):
    secrets = keychain(path)
    assert not (await secrets.keep(ID, KEY)).usable
    assert not (await secrets.state()).usable
    assert await secrets.credentials(ID) == KEY
    assert not path.exists()


async def test_a_new_file_takes_over_what_the_session_has(path):
    secrets = keychain(path)
    await secrets.keep(ID, KEY)
    await secrets.keep_way(ID, WAY)
    await secrets.make_file(WORD)
    state = await secrets.state()
    assert (state.usable, state.in_file, state.reason) == (True, True, "No keyring.")

    person = Person(WORD)
    later = keychain(path, person)
    assert await later.credentials(ID) == KEY
    assert await later.way_secrets(ID) == WAY
    assert person.heard == [""]


async def test_a_wrong_passphrase_is_asked_for_again(path):
    secrets = keychain(path)
    await secrets.make_file(WORD)
    await secrets.keep(ID, KEY)
    person = Person("wrong", WORD)
    assert await keychain(path, person).credentials(ID) == KEY
    assert "not the passphrase" in person.heard[1]


async def test_who_does_not_want_to_tell_is_asked_once(path):
    secrets = keychain(path)
    await secrets.make_file(WORD)
    await secrets.keep(ID, KEY)
    person = Person(None, WORD)
    later = keychain(path, person)
    for _ in range(2):
        with pytest.raises(MissingKeyError, match="locked"):
            await later.credentials(ID)
    assert len(person.heard) == 1
    later.ask_again()
    assert await later.credentials(ID) == KEY


async def test_what_is_not_in_the_file_needs_no_passphrase(path):
    secrets = keychain(path)
    await secrets.make_file(WORD)
    await secrets.keep(ID, KEY)
    person = Person()
    later = keychain(path, person, FakeKeyring())
    assert await later.credentials(ConnectionId("other")) is None
    await later.forget(ID)
    assert await later.credentials(ID) is None
    assert person.heard == []


async def test_a_keyring_that_works_is_used_and_the_file_still_read(path):
    secrets = keychain(path)
    await secrets.make_file(WORD)
    await secrets.keep(ID, KEY)
    keyring = FakeKeyring()
    later = keychain(path, Person(WORD), keyring)
    assert await later.credentials(ID) == KEY
    state = await later.keep(ConnectionId("new"), KEY)
    assert (state.usable, state.in_file) == (True, False)
    assert len(keyring.entries) == 1


async def test_a_damaged_file_costs_no_new_secret(path, expected_logs):
    secrets = keychain(path)
    await secrets.make_file(WORD)
    path.write_text("{")
    state = await secrets.keep(ID, KEY)
    assert not state.usable
    assert "damaged" in state.reason
    assert await secrets.credentials(ID) == KEY
    assert len(expected_logs) == 1


async def test_secrets_of_the_way_are_apart_from_the_key(path):
    keyring = FakeKeyring()
    secrets = keychain(path, keyring=keyring)
    await secrets.keep(ID, KEY)
    await secrets.keep_way(ID, WAY)
    await secrets.forget_key(ID)
    assert await secrets.way_secrets(ID) == WAY
    await secrets.keep_way(ID, WaySecrets())
    assert keyring.entries == {}
    assert await secrets.way_secrets(ID) == WaySecrets()
    await secrets.keep_way(ID, WAY)
    await secrets.forget(ID)
    assert keyring.entries == {}
    assert "proxy-password-1" not in repr(WAY)


def test_another_passphrase_opens_what_was_sealed_before(file, path):
    file.set_password("s4desk", "a", "one")
    file.set_password("s4desk", "b", "two")
    before = path.read_bytes()
    with pytest.raises(WrongPassphraseError):
        file.change_passphrase("wrong", "another")
    assert path.read_bytes() == before
    file.change_passphrase(WORD, "another")
    assert file.get_password("s4desk", "a") == "one"
    with pytest.raises(WrongPassphraseError):
        opened(path)
    later = opened(path, "another")
    assert [later.get_password("s4desk", name) for name in "ab"] == ["one", "two"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_who_had_it_open_is_asked_for_the_new_passphrase(file, path):
    file.set_password("s4desk", "a", "one")
    other = opened(path)
    file.change_passphrase(WORD, "another")
    assert other.is_locked
    with pytest.raises(LockedFileError):
        other.get_password("s4desk", "a")
    other.unlock("another")
    assert other.get_password("s4desk", "a") == "one"


async def test_without_a_file_there_is_no_passphrase_to_change(path):
    with pytest.raises(CredentialsError, match="no passphrase is needed"):
        await keychain(path).change_passphrase(WORD, "another")
