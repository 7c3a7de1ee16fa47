"""`s4desk diagnostics` in a process of its own."""

from __future__ import annotations

from tests.app.test_cli_connections import add

SECRET = "never-in-a-report"


def test_it_tells_of_connections_without_hosts_and_secrets(terminal):
    options = ("--endpoint", "https://work.test", "--credentials", "keyring", "--start", "plans")
    add(terminal, "Work", *options, typed=f"AKIA\n{SECRET}\n")
    (record,) = terminal.ok("diagnostics", "--json").records
    assert record["connections"][0]["credentials"] == "keyring"
    assert record["versions"]["s4desk"]
    for args in ((), ("--json",)):
        out = terminal.ok("diagnostics", *args).out.decode()
        assert [each for each in ("Work", "work.test", "plans", SECRET) if each in out] == []
    named = terminal.ok("diagnostics", "--names").out.decode()
    assert "https://work.test" in named
    assert SECRET not in named


def test_failures_of_before_are_told(terminal):
    add(terminal, "Nowhere", "--endpoint", "http://127.0.0.1:1", "--credentials", "anonymous")
    assert terminal.run("ls", "Nowhere:bucket").code == 1
    (record,) = terminal.ok("diagnostics", "--json").records
    assert "UnreachableError" in record["errors"][-1]
    assert "127.0.0.1" not in record["errors"][-1]
