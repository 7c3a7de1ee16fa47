"""`s4desk connections test` on real servers: the sentence, the fix, and what needs a person."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint


def add(terminal: Terminal, server: Endpoint, *options: str, secret: str = "") -> None:
    terminal.ok(
        *("connections", "add", "Work", "--credentials", "keyring", *options),
        typed=f"{server.access_key}\n{secret or server.secret_key}\n",
    )


def kept(terminal: Terminal) -> dict[str, object]:
    file = terminal.home / "config" / "connections.toml"
    (entry,) = tomllib.loads(file.read_text())["connections"]
    return entry


def test_what_works_is_told(terminal, ceph):
    add(terminal, ceph, "--endpoint", ceph.url)
    (record,) = terminal.ok("connections", "test", "Work", "--json").records
    assert (record["type"], record["connection"]) == ("test", "Work")
    assert terminal.ok("connections", "test", "Work", "--fix").out.startswith(b"Work: The connec")


def test_a_certificate_is_trusted_by_its_fingerprint_alone(terminal, ceph, tls_front):
    front = tls_front(ceph)
    add(terminal, ceph, "--endpoint", front.url)

    asked = terminal.run("connections", "test", "Work", "--json", "--fix")
    assert asked.code == 1
    (record,) = asked.records
    assert (record["type"], record["problem"]) == ("diagnosis", "untrusted-certificate")
    assert (record["fix"], record["is_fixed"]) == ("Trust this certificate", False)
    fingerprint = record["certificate"]["sha256"]
    assert "localhost" in record["certificate"]["names"]
    assert f"--fix --trust {fingerprint}" in asked.err
    for wrong in ((), ("--fix",), ("--trust", fingerprint), ("--fix", "--trust", "00:11")):
        assert terminal.run("connections", "test", "Work", *wrong).code == 1
        assert "ca_file" not in kept(terminal)

    trusted = terminal.ok("connections", "test", "Work", "--fix", "--trust", fingerprint.lower())
    assert "The connection works" in trusted.out.decode()
    assert "Mended: Trust this certificate." in trusted.err
    assert fingerprint.replace(":", "").lower() in kept(terminal)["ca_file"]
    assert terminal.ok("connections", "test", "Work").err == ""


def test_one_fix_leads_to_the_next(terminal, ceph, tls_front, ceph_bucket):
    """Plain http, a bucket as host name, and the certificate's own name, one behind the other."""
    front = tls_front(ceph, names=("localhost",))
    url = front.url.replace("https://localhost", "http://127.0.0.1")
    add(terminal, ceph, "--endpoint", url, "--ca", str(front.ca), "--region", "us-east-1")
    assert terminal.run("connections", "test", "Work").code == 1
    assert kept(terminal)["endpoint"] == url

    mended = terminal.ok("connections", "test", "Work", "--fix", "--json")
    assert [each["type"] for each in mended.records] == ["diagnosis", "diagnosis", "test"]
    assert [each["problem"] for each in mended.records[:2]] == [
        "needs-tls",
        "certificate-for-another-name",
    ]
    assert mended.records[1]["changes"] == {"endpoint": front.url}
    assert kept(terminal)["endpoint"] == front.url


def test_a_wrong_secret_is_named_and_nothing_is_changed(terminal, ceph):
    add(terminal, ceph, "--endpoint", ceph.url, secret="not-the-secret")
    before = kept(terminal)
    ended = terminal.run("connections", "test", "Work", "--fix", "--json")
    (record,) = ended.records
    assert (ended.code, record["problem"], record["fix"]) == (1, "secret", "")
    assert "not-the-secret" not in ended.out.decode() + ended.err
    assert kept(terminal) == before


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            ("--provider", "b2", "--region", "eu-central-003"),
            {"endpoint": "https://s3.eu-central-003.backblazeb2.com", "addressing": "path"},
        ),
        (
            ("--provider", "r2", "--account", "abc"),
            {"endpoint": "https://abc.r2.cloudflarestorage.com", "region": "auto"},
        ),
        (
            ("--provider", "minio", "--endpoint", "s3.test:9000"),
            {"endpoint": "https://s3.test:9000"},
        ),
        (("--provider", "aws", "--region", "eu-west-1"), {"endpoint": "", "region": "eu-west-1"}),
        (("--endpoint", "https://s3.eu-west-2.wasabisys.com"), {"provider": "wasabi"}),
        (("--endpoint", ""), {"provider": "aws"}),
    ],
)
def test_a_provider_says_the_rest(terminal, options, expected):
    added = terminal.ok("connections", "add", "Work", "--credentials", "env", *options, "--json")
    (record,) = added.records
    assert {name: record[name] for name in expected} == expected
    if "--provider" in options:
        assert record["provider"] == options[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--endpoint URL or --provider P"),
        (("--provider", "other"), "--endpoint URL or --provider P"),
        (("--provider", "r2"), "--account ID"),
        (("--provider", "nobody"), "invalid choice"),
    ],
)
def test_a_provider_that_says_too_little(terminal, options, said):
    ended = terminal.run("connections", "add", "Work", "--credentials", "env", *options)
    assert (ended.code, said in ended.err) == (2, True)
