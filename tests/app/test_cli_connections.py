"""`s4desk connections …` in processes of its own; no server is needed."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.terminal import Terminal

SECRET = "the-secret-of-this-test"


def add(terminal: Terminal, name: str, *options: str, typed: str | None = None):
    return terminal.run("connections", "add", name, *options, typed=typed)


def files_below(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_a_connection_is_added_listed_and_removed(terminal):
    options = (
        *("--endpoint", "s3.test:9000/", "--region", "eu-west-1", "--addressing", "virtual"),
        *("--credentials", "profile:work", "--start", "photos/2024"),
    )
    assert add(terminal, "Work", *options).code == 0
    (record,) = terminal.ok("connections", "list", "--json").records
    assert record.pop("id")
    assert record == {
        "type": "connection",
        "name": "Work",
        "provider": "",
        "endpoint": "https://s3.test:9000",
        "region": "eu-west-1",
        "addressing": "virtual",
        "credentials": "profile:work",
        "ca_file": "",
        "start_bucket": "photos",
        "start_prefix": "2024/",
        "proxy": "system",
        "client_certificate": "",
        "client_key": "",
        "verify": True,
        "leads_to": "https://s3.test:9000",
        "exposure": "",
    }
    assert b"Work" in terminal.ok("connections", "list").out
    terminal.ok("connections", "remove", "work")
    assert terminal.ok("connections", "list").out == b""


def test_a_secret_is_only_in_the_keyring_and_leaves_with_its_connection(terminal):
    ended = add(
        terminal,
        *("Work", "--endpoint", "https://s3.test", "--credentials", "keyring"),
        typed=f"AKIAEXAMPLE\n{SECRET}\nsome-token-123\n",
    )
    assert ended.code == 0
    (kept,) = json.loads(terminal.keyring.read_text()).values()
    assert json.loads(kept) == {
        "key_id": "AKIAEXAMPLE",
        "secret": SECRET,
        "token": "some-token-123",
    }
    again = f"AKIAEXAMPLE\n{SECRET}\nsome-token-123\n2126-01-01T00:00:00Z\n"
    terminal.ok("connections", "edit", "Work", "--credentials", "keyring", typed=again)
    (kept,) = json.loads(terminal.keyring.read_text()).values()
    assert json.loads(kept)["ends"] == "2126-01-01T00:00:00+00:00"
    late = again.replace("2126", "2020")
    words = ("connections", "edit", "Work", "--credentials", "keyring")
    refused = terminal.run(*words, typed=late)
    assert refused.code != 0
    assert "over already" in refused.err
    assert files_below(terminal.home)
    for file in files_below(terminal.home):
        assert SECRET.encode() not in file.read_bytes()
        assert b"some-token-123" not in file.read_bytes()
    assert SECRET not in terminal.run("connections", "list", "--json").out.decode()

    terminal.ok("connections", "remove", "Work")
    assert json.loads(terminal.keyring.read_text()) == {}


def test_a_connection_is_edited_and_the_rest_stays(terminal):
    options = ("--endpoint", "https://s3.test", "--region", "eu-west-1", "--start", "photos/a/")
    typed = f"AKIAEXAMPLE\n{SECRET}\n"
    add(terminal, "Work", *options, "--credentials", "keyring", typed=typed)
    add(terminal, "Other", "--endpoint", "", "--credentials", "anonymous")
    (before, _) = terminal.ok("connections", "list", "--json").records

    changed = (
        *("--name", "Office", "--endpoint", "https://other.test", "--addressing", "path"),
        *("--start", "photos/b"),
    )
    (after,) = terminal.ok("connections", "edit", "work", *changed, "--json").records
    expected = {"name": "Office", "leads_to": "https://other.test", "addressing": "path"}
    expected["endpoint"] = expected["leads_to"]
    assert after == {**before, **expected, "start_prefix": "b/"}
    assert terminal.ok("connections", "list", "--json").records[0] == after
    assert len(json.loads(terminal.keyring.read_text())) == 1

    renewed = terminal.ok("connections", "edit", "Office", "--credentials", "keyring", typed="A\nB")
    assert renewed.out == b"Changed Office.\n"
    (kept,) = json.loads(terminal.keyring.read_text()).values()
    assert (json.loads(kept)["key_id"], json.loads(kept)["secret"]) == ("A", "B")
    terminal.ok("connections", "edit", "Office", "--region", "", "--credentials", "env")
    assert json.loads(terminal.keyring.read_text()) == {}
    assert terminal.ok("connections", "list", "--json").records[0]["region"] == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "Nothing is to be changed"),
        (("--region", "eu-west-1"), "Nothing is to be changed"),
        (("--name", "OTHER"), "named “Other” already"),
        (("--endpoint", "http://u:p@s3.test"), "do not belong into the address"),
        (("--credentials", "password"), "--credentials is one of"),
    ],
)
def test_an_edit_without_meaning_changes_nothing(terminal, options, said):
    work = ("--endpoint", "https://s3.test", "--region", "eu-west-1", "--credentials", "env")
    add(terminal, "Work", *work)
    add(terminal, "Other", "--endpoint", "", "--credentials", "anonymous")
    before = terminal.ok("connections", "list").out
    ended = terminal.run("connections", "edit", "Work", *options)
    assert (ended.code, said in ended.err) == (2, True)
    assert "below" not in ended.err
    assert terminal.ok("connections", "list").out == before
    assert terminal.run("connections", "edit", "Nobody", "--region", "x").code == 2


def test_without_a_keyring_no_secret_is_taken_and_nothing_is_added(terminal):
    terminal.environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    ended = add(
        terminal,
        *("Work", "--endpoint", "https://s3.test", "--credentials", "keyring"),
        typed=f"AKIAEXAMPLE\n{SECRET}\n",
    )
    assert ended.code == 1
    assert "No keyring is running" in ended.err
    assert "--credentials env" in ended.err
    assert terminal.ok("connections", "list").out == b""
    assert all(SECRET.encode() not in file.read_bytes() for file in files_below(terminal.home))


@pytest.mark.parametrize("typed", ["", "AKIA\n", "\nsecret\n"])
def test_half_a_key_is_none(terminal, typed):
    ended = add(
        terminal,
        *("Work", "--endpoint", "https://s3.test", "--credentials", "keyring"),
        typed=typed,
    )
    assert (ended.code, "two lines" in ended.err) == (2, True)
    assert not terminal.keyring.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--endpoint", "ftp://s3.test", "--credentials", "env"), "endpoint looks like"),
        (("--endpoint", "https://k:s@s3.test", "--credentials", "env"), "Keys do not belong"),
        (("--endpoint", "", "--credentials", "password"), "profile:NAME"),
        (("--endpoint", "", "--credentials", "env", "--region", "a b"), "region looks like"),
        (("--endpoint", "", "--credentials", "env", "--ca", "/none.pem"), "no such file"),
        (("--endpoint", "", "--credentials", "env", "--addressing", "x"), "invalid choice"),
        (("--endpoint", ""), "--credentials"),
    ],
)
def test_what_cannot_be_is_a_matter_of_usage(terminal, options, said):
    ended = add(terminal, "Work", *options)
    assert ended.code == 2
    assert said in ended.err
    assert terminal.ok("connections", "list").out == b""


def test_a_name_is_there_once(terminal):
    options = ("--endpoint", "https://s3.test", "--credentials", "anonymous")
    add(terminal, "Work", *options)
    ended = add(terminal, "WORK", *options)
    assert (ended.code, "already" in ended.err) == (2, True)
    assert add(terminal, "a:b", *options).code == 2


@pytest.mark.parametrize("action", ["test", "remove"])
def test_an_unknown_name_is_a_matter_of_usage(terminal, action):
    ended = terminal.run("connections", action, "Nobody")
    assert (ended.code, "no connection yet" in ended.err) == (2, True)


def test_a_dead_endpoint_is_told_in_a_sentence(terminal, unused_tcp_port):
    endpoint = f"http://127.0.0.1:{unused_tcp_port}"
    add(terminal, "Dead", "--endpoint", endpoint, "--credentials", "anonymous")
    ended = terminal.run("connections", "test", "Dead")
    assert ended.code == 1
    assert f"Nothing listens on port {unused_tcp_port} of 127.0.0.1." in ended.err
    assert "Traceback" not in ended.err
    assert ended.err.count("\n") == 1


def test_a_name_that_does_not_resolve_is_told_in_a_sentence(terminal):
    add(terminal, "Dead", "--endpoint", "http://s3.invalid", "--credentials", "anonymous")
    ended = terminal.run("connections", "test", "Dead")
    assert (ended.code, "There is no host named s3.invalid." in ended.err) == (1, True)


def test_keys_missing_in_the_environment_are_told(terminal):
    add(terminal, "Env", "--endpoint", "http://127.0.0.1:1", "--credentials", "env")
    ended = terminal.run("connections", "test", "Env")
    assert (ended.code, "AWS_ACCESS_KEY_ID" in ended.err) == (1, True)


def test_a_damaged_file_is_told_and_kept(terminal):
    add(terminal, "Work", "--endpoint", "", "--credentials", "env")
    file = terminal.home / "config" / "connections.toml"
    assert tomllib.loads(file.read_text())["version"] == 1
    file.write_text("[[connections")
    ended = terminal.run("connections", "list")
    assert (ended.code, "damaged" in ended.err) == (0, True)
    assert file.with_name("connections.toml.damaged-1").read_text() == "[[connections"


def test_a_home_that_cannot_be_made_is_told(terminal, tmp_path):
    (tmp_path / "file").write_text("")
    terminal.home = tmp_path / "file" / "home"
    ended = terminal.run("connections", "list")
    assert ended.code == 1
    assert "inside a file" in ended.err
    assert "Traceback" not in ended.err


def test_a_profile_that_names_its_store_is_enough(terminal, tmp_path):
    config = tmp_path / "config"
    config.write_text("[profile work]\nendpoint_url = https://s3.test:9000\n[profile bare]\n")
    terminal.environment["AWS_CONFIG_FILE"] = str(config)
    assert add(terminal, "Work", "--credentials", "profile:work").code == 0
    (record,) = terminal.ok("connections", "list", "--json").records
    assert (record["endpoint"], record["leads_to"]) == ("", "https://s3.test:9000")
    ended = add(terminal, "Bare", "--credentials", "profile:bare")
    assert (ended.code, "Name the store" in ended.err) == (2, True)
