"""`s4desk connections import|export` in processes of their own."""

from __future__ import annotations

import json
import tomllib

from tests.app.test_cli_connections import add
from tests.app.test_cli_way import NO_KEYRING, assert_nowhere
from tests.persist.test_offers import RCLONE

PROFILES = "[default]\nregion = eu-west-1\n[profile work]\nregion = us-east-1\n"


def names(terminal):
    return [each["name"] for each in terminal.ok("connections", "list", "--json").records]


def test_profiles_become_connections_once(terminal, tmp_path):
    (tmp_path / "config").write_text(PROFILES)
    terminal.environment["AWS_CONFIG_FILE"] = str(tmp_path / "config")
    first = terminal.ok("connections", "import", "--aws", "--json").records
    assert [each["credentials"] for each in first] == ["profile:default", "profile:work"]
    assert terminal.ok("connections", "import", "--aws").out == b""
    assert names(terminal) == ["default", "work"]


def test_remotes_of_rclone_are_chosen_by_name(terminal, tmp_path):
    file = tmp_path / "rclone.conf"
    file.write_text(RCLONE)
    listed = terminal.ok("connections", "import", "--rclone", str(file), "--dry-run", "--json")
    assert len(listed.records) == 7
    assert names(terminal) == []
    ended = terminal.run("connections", "import", "--rclone", str(file), "minio", "drive")
    assert (ended.code, "It is no S3 store" in ended.err) == (1, True)
    assert b"Left out: acl, sse_customer_key." in ended.out
    assert names(terminal) == ["minio"]
    assert_nowhere(terminal, "s3cr3t%of=minio#1")
    assert "s3cr3t%of=minio#1" in json.dumps(json.loads(terminal.keyring.read_text()))
    assert terminal.run("connections", "import", "--rclone", str(file), "nobody").code == 2
    assert terminal.run("connections", "import").code == 2


def test_without_a_keyring_what_has_a_key_is_left_out(terminal, tmp_path):
    terminal.environment["PYTHON_KEYRING_BACKEND"] = NO_KEYRING
    file = tmp_path / "rclone.conf"
    file.write_text(RCLONE)
    ended = terminal.run("connections", "import", "--rclone", str(file), "minio", "aws")
    assert (ended.code, "its key would be lost" in ended.err) == (1, True)
    assert names(terminal) == ["aws"]


def test_profiles_that_cannot_work_come_only_by_name(terminal, tmp_path):
    file = tmp_path / "config"
    file.write_text(
        "[profile good]\nregion = eu-central-1\n"
        "[profile loop]\nrole_arn = arn:x\nsource_profile = back\n"
        "[profile back]\nrole_arn = arn:x\nsource_profile = loop\n"
    )
    terminal.environment |= {
        "AWS_CONFIG_FILE": str(file),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }
    words = ("connections", "import", "--aws")
    dry = terminal.ok(*words, "--dry-run")
    assert [line.split(b"\t")[0] for line in dry.lines] == [b"good"]
    first = terminal.ok(*words)
    assert names(terminal) == ["good"]
    assert "loop: Not usable: its source_profile leads back" in first.err
    assert "1 connection imported." in first.err
    told = terminal.ok(*words, "--json").records
    assert [(each["source"], each["imported"], bool(each["fault"])) for each in told] == [
        ("loop", False, True),
        ("back", False, True),
    ]
    (taken,) = terminal.ok(*words, "loop", "--json").records
    assert (taken["imported"], taken["fault"][:12]) == (True, "Not usable: ")
    assert names(terminal) == ["good", "loop"]


def test_an_export_has_no_secret_and_is_imported_elsewhere(terminal, tmp_path):
    secret = "the-secret-of-this-export"
    options = ("--endpoint", "https://s3.test", "--credentials", "keyring", "--start", "b/f/")
    add(terminal, "Work", *options, typed=f"AKIA\n{secret}\n")
    add(terminal, "Other", "--endpoint", "https://o.test", "--credentials", "env")
    file = tmp_path / "connections.toml"
    terminal.ok("connections", "export", str(file), "work")
    assert secret not in file.read_text()
    written = terminal.ok("connections", "export", "-").out
    exported = tomllib.loads(written.decode())["connections"]
    assert [each["name"] for each in exported] == ["Work", "Other"]

    before = terminal.ok("connections", "list", "--json").records[0]
    terminal.ok("connections", "remove", "Work")
    terminal.ok("connections", "import", "--file", str(file))
    after = terminal.ok("connections", "list", "--json").records[1]
    assert {**after, "id": ""} == {**before, "id": ""}
    ended = terminal.run("connections", "test", "Work")
    assert (ended.code, "no keys for “Work”" in ended.err) == (1, True)


def test_groups_are_left_out_of_an_export_with_a_word(terminal, tmp_path):
    add(terminal, "Home", "--endpoint", "https://h.test", "--credentials", "env")
    terminal.ok("group", "add", "Both", "--backend", "Home")
    file = tmp_path / "connections.toml"
    told = terminal.ok("connections", "export", str(file))
    assert "Failover groups stay here" in told.err
    exported = tomllib.loads(file.read_text())["connections"]
    assert [each["name"] for each in exported] == ["Home"]
