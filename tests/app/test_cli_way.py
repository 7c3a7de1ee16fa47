"""The way to a store on the command line: proxies, certificates, and secrets without a keyring."""

from __future__ import annotations

import json
import os
import tomllib

import pytest

from tests.app.test_cli_connections import add, files_below
from tests.app.test_prompts import session
from tests.servers.authority import issue_client

PASSWORD = "the-password-of-the-proxy"
SECRET = "the-secret-of-this-test"
PASSPHRASE = "the passphrase of this test"
ENDPOINT = ("--endpoint", "https://s3.test")
NO_KEYRING = "keyring.backends.fail.Keyring"


def book(terminal):
    return tomllib.loads((terminal.home / "config" / "connections.toml").read_text())["connections"]


def assert_nowhere(terminal, *secrets):
    for file in files_below(terminal.home):
        for secret in secrets:
            assert secret.encode() not in file.read_bytes(), file


def test_a_proxy_is_kept_without_its_password(terminal):
    proxy = ("--proxy", "http://me@10.0.0.1:3128")
    key = ("--credentials", "keyring")
    ended = add(terminal, "Work", *ENDPOINT, *key, *proxy, typed=f"AK\n{SECRET}\n\n{PASSWORD}\n")
    assert ended.code == 0, ended.err
    assert book(terminal)[0]["proxy"] == "http://me@10.0.0.1:3128"
    assert_nowhere(terminal, PASSWORD, SECRET)
    kept = json.loads(terminal.keyring.read_text())
    assert sum(PASSWORD in each for each in kept.values()) == 1

    terminal.ok(
        *("connections", "edit", "Work", "--proxy", "socks5h://me@10.0.0.1"), typed=f"{PASSWORD}\n"
    )
    assert book(terminal)[0]["proxy"] == "socks5h://me@10.0.0.1:1080"
    terminal.ok("connections", "edit", "Work", "--proxy", "none")
    assert book(terminal)[0]["proxy"] == "none"
    assert PASSWORD not in terminal.keyring.read_text()
    terminal.ok("connections", "edit", "Work", "--proxy", "system")
    assert "proxy" not in book(terminal)[0]
    assert SECRET in terminal.keyring.read_text()


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("http://me:pw@10.0.0.1:3128", "does not belong on a command line"),
        ("socks4://10.0.0.1:1080", "--proxy is one of"),
        ("http://me@10.0.0.1:3128", "needs a password"),
    ],
)
def test_a_proxy_that_cannot_be_is_refused(terminal, proxy, said):
    ended = add(terminal, "Work", *ENDPOINT, "--credentials", "env", "--proxy", proxy)
    assert (ended.code, said in ended.err) == (2, True), ended.err
    assert terminal.ok("connections", "list").out == b""


def test_a_client_certificate_and_its_passphrase(terminal, tmp_path):
    files = issue_client(tmp_path, PASSPHRASE)
    certificate = ("--client-cert", str(files.encrypted))
    ended = add(
        *(terminal, "Work", *ENDPOINT, "--credentials", "env", *certificate), typed=PASSPHRASE
    )
    assert ended.code == 0, ended.err
    assert book(terminal)[0]["client_certificate"] == str(files.encrypted)
    assert PASSPHRASE in terminal.keyring.read_text()
    assert_nowhere(terminal, PASSPHRASE)
    other = ("--client-cert", str(files.certificate), "--client-key", str(files.key))
    terminal.ok("connections", "edit", "Work", *other)
    assert PASSPHRASE not in terminal.keyring.read_text()


def test_what_is_not_verified_or_encrypted_is_said(terminal):
    add(terminal, "Work", *ENDPOINT, "--credentials", "env", "--verify", "off")
    add(terminal, "Plain", "--endpoint", "http://10.0.0.7:9000", "--credentials", "env")
    add(terminal, "Here", "--endpoint", "http://127.0.0.1:9000", "--credentials", "env")
    lines = terminal.ok("connections", "list").out.decode().splitlines()
    assert [line.split("\t")[3:] for line in lines] == [["Not verified"], ["Not encrypted"], []]
    work = terminal.ok("connections", "list", "--json").records[0]
    assert (work["verify"], work["exposure"]) == (False, "unverified")
    terminal.ok("connections", "edit", "Work", "--verify", "on")
    assert "verify" not in book(terminal)[0]


@pytest.fixture
def locked(terminal, tmp_path):
    """A terminal without a keyring, and a passphrase in a file."""
    word = tmp_path / "passphrase"
    word.write_text(f"{PASSPHRASE}\n")
    word.chmod(0o600)
    terminal.environment["PYTHON_KEYRING_BACKEND"] = NO_KEYRING
    terminal.environment["S4DESK_PASSPHRASE_FILE"] = str(word)
    return terminal


def test_without_a_keyring_a_passphrase_makes_a_file(locked, moto, tmp_path):
    keys = f"{moto.access_key}\n{SECRET}\n"
    ended = add(locked, "Moto", "--endpoint", moto.url, "--credentials", "keyring", typed=keys)
    assert ended.code == 0, ended.err
    assert (locked.home / "config" / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert_nowhere(locked, SECRET, PASSPHRASE)
    assert locked.run("ls", "Moto:").code == 0

    (tmp_path / "passphrase").write_text("wrong")
    ended = locked.run("ls", "Moto:")
    assert (ended.code, "does not open the file with the secrets" in ended.err) == (1, True)
    del locked.environment["S4DESK_PASSPHRASE_FILE"]
    ended = locked.run("ls", "Moto:")
    assert (ended.code, "S4DESK_PASSPHRASE_FILE" in ended.err) == (1, True)
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    locked.environment["S4DESK_PASSPHRASE_FILE"] = str(tmp_path / "passphrase")
    assert locked.run("ls", "Moto:").code == 0


@pytest.mark.skipif(os.name != "posix", reason="there are no modes")
def test_files_of_secrets_that_others_may_read_are_told_once(locked, moto, tmp_path):
    keys = f"{moto.access_key}\n{SECRET}\n"
    add(locked, "Moto", "--endpoint", moto.url, "--credentials", "keyring", typed=keys)
    assert locked.run("ls", "Moto:").err == ""
    word, file = tmp_path / "passphrase", locked.home / "config" / "secrets.json"
    for path in (word, file):
        path.chmod(0o644)
        ended = locked.run("ls", "Moto:")
        said = [line for line in ended.err.splitlines() if "open to others" in line]
        assert (ended.code, len(said)) == (0, 1)
        assert said[0].endswith(f"chmod 600 {path}")
        path.chmod(0o600)


def test_the_passphrase_of_the_file_is_changed(locked, moto, tmp_path):
    keys = f"{moto.access_key}\n{SECRET}\n"
    add(locked, "Moto", "--endpoint", moto.url, "--credentials", "keyring", typed=keys)
    new = tmp_path / "new"
    new.write_text("another passphrase")
    assert locked.run("connections", "passphrase").code == 2
    locked.ok("connections", "passphrase", "--new-file", str(new))
    assert locked.run("ls", "Moto:").code == 1
    assert locked.run("connections", "passphrase", "--new-file", str(new)).code == 1
    locked.environment["S4DESK_PASSPHRASE_FILE"] = str(new)
    assert locked.run("ls", "Moto:").code == 0
    assert_nowhere(locked, SECRET, PASSPHRASE, "another passphrase")


def test_a_damaged_file_is_set_aside_and_told(locked, moto):
    keys = f"{moto.access_key}\n{SECRET}\n"
    add(locked, "Moto", "--endpoint", moto.url, "--credentials", "keyring", typed=keys)
    file = locked.home / "config" / "secrets.json"
    file.write_bytes(file.read_bytes()[:100])
    ended = locked.run("ls", "Moto:")
    assert (ended.code, "damaged-1" in ended.err) == (1, True)
    assert file.with_name("secrets.json.damaged-1").stat().st_size == 100


def test_a_passphrase_file_that_is_not_there_is_named(locked, tmp_path):
    locked.environment["S4DESK_PASSPHRASE_FILE"] = str(tmp_path / "none")
    typed = f"AK\n{SECRET}\n"
    ended = add(locked, "Work", *ENDPOINT, "--credentials", "keyring", typed=typed)
    assert (ended.code, str(tmp_path / "none") in ended.err) == (1, True)
    assert locked.ok("connections", "list").out == b""


def test_at_a_terminal_the_passphrase_is_chosen_and_asked_for(terminal, moto):
    terminal.environment["PYTHON_KEYRING_BACKEND"] = NO_KEYRING
    options = ("--endpoint", moto.url, "--credentials", "keyring")
    with session(terminal, "connections", "add", "Moto", *options) as verb:
        for question, typed in (
            (b"Key id: ", moto.access_key),
            (b"Secret key: ", SECRET),
            (b"token[^:]*: ", ""),
            (b"keeps secrets[^:]*: ", PASSPHRASE),
            (b"Once more: ", PASSPHRASE),
        ):
            verb.until(question)
            verb.type(f"{typed}\n".encode())
        assert verb.end() == 0
        assert PASSPHRASE.encode() not in verb.seen
    assert_nowhere(terminal, SECRET, PASSPHRASE)

    with session(terminal, "ls", "Moto:") as verb:
        verb.until(b"Passphrase of the file[^:]*: ")
        verb.type(b"wrong\n")
        verb.until(b"That is not the passphrase[^:]*: ")
        verb.type(f"{PASSPHRASE}\n".encode())
        assert verb.end() == 0
    with session(terminal, "ls", "Moto:") as verb:
        verb.until(b"Passphrase of the file[^:]*: ")
        verb.type(b"\n")
        assert verb.end() == 1
        assert b"locked" in verb.seen


def test_a_passphrase_that_is_mistyped_keeps_nothing(terminal):
    terminal.environment["PYTHON_KEYRING_BACKEND"] = NO_KEYRING
    with session(
        terminal, "connections", "add", "Work", *ENDPOINT, "--credentials", "keyring"
    ) as v:
        for question, typed in (
            (b"Key id: ", b"AK\n"),
            (b"Secret key: ", b"the-secret-1\n"),
            (b"token[^:]*: ", b"\n"),
            (b"keeps secrets[^:]*: ", b"one\n"),
            (b"Once more: ", b"two\n"),
        ):
            v.until(question)
            v.type(typed)
        assert v.end() == 2
    assert terminal.ok("connections", "list").out == b""
    assert not (terminal.home / "config" / "secrets.json").exists()
