"""A sync that is killed before its deletions are done, and what `s4desk` says of it then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.test_cli_moves import keys
from tests.app.test_cli_sync import write
from tests.app.test_cli_transfers import killed, runs, under_way
from tests.servers.fault import error_reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy

DELETING = r"\?delete"


@pytest.fixture
def proxy(
    terminal: Terminal, ceph: Endpoint, fault_proxy: Callable[[Endpoint], FaultProxy]
) -> FaultProxy:
    proxy = fault_proxy(ceph)
    terminal.add("T", proxy.endpoint)
    return proxy


@pytest.fixture
def here(terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, tmp_path: Path) -> Path:
    """A folder that was synced once, and of which one file is gone since."""
    here = tmp_path / "he re"
    write(here, a=b"one", b=b"two", c=b"three")
    terminal.ok("sync", str(here), f"T:{ceph_bucket}")
    (here / "b").unlink()
    return here


def test_killed_while_it_deletes_it_is_listed_until_it_was_run_again(
    terminal: Terminal, proxy: FaultProxy, ceph: Endpoint, ceph_bucket: str, here: Path
) -> None:
    words = ("sync", str(here), f"T:{ceph_bucket}/", "--delete")
    (here / "d").write_bytes(b"new")
    killed(terminal, proxy, words, DELETING, "POST")
    assert set(keys(ceph, ceph_bucket)) == {"a", "b", "c", "d"}

    (told,) = terminal.ok("transfers", "list", "--json").records
    again = f"s4desk sync '{here}' T:{ceph_bucket}/ --delete"
    assert (told["unfinished"], told["planned"], told["again"]) == (0, True, again)
    assert f"it deletes only when it is run again: {again}" in (
        terminal.ok("transfers", "list").out.decode()
    )
    resumed = terminal.ok("transfers", "resume")
    assert "Going on deletes nothing." in resumed.err
    assert again in resumed.err
    assert len(terminal.ok("transfers", "list", "--json").records) == 1

    # What was gone is there again, and something else is gone now.
    write(here, b=b"two")
    (here / "c").unlink()
    ended = terminal.ok(*words)
    assert "both sides are compared anew" in ended.err
    assert set(keys(ceph, ceph_bucket)) == {"a", "b", "d"}
    assert (terminal.ok("transfers", "list", "--json").records, runs(terminal)) == ([], [])


def test_killed_while_it_moves_going_on_moves_the_rest_and_says_what_is_left(
    terminal: Terminal, proxy: FaultProxy, ceph: Endpoint, ceph_bucket: str, here: Path
) -> None:
    (here / "new").write_bytes(b"x" * 100)
    killed(terminal, proxy, ("sync", str(here), f"T:{ceph_bucket}", "--delete"), "/new", "PUT")
    told = terminal.ok("transfers", "list", "--json").records
    assert [each["type"] for each in told] == ["run", "transfer"]
    resumed = terminal.ok("transfers", "resume", str(told[0]["id"]))
    assert f"{told[0]['id']}: Going on deletes nothing." in resumed.err
    assert set(keys(ceph, ceph_bucket)) == {"a", "b", "c", "new"}
    (left,) = terminal.ok("transfers", "list", "--json").records
    assert (left["id"], left["unfinished"]) == (told[0]["id"], 0)

    forgotten = terminal.ok("transfers", "cancel", str(left["id"]), "--json")
    assert [each["event"] for each in forgotten.records] == ["forgotten"]
    assert (runs(terminal), len(keys(ceph, ceph_bucket))) == ([], 4)


def test_interrupted_while_it_deletes_it_says_how_it_goes_on(
    terminal: Terminal, proxy: FaultProxy, ceph: Endpoint, ceph_bucket: str, here: Path
) -> None:
    words = ("sync", str(here), f"T:{ceph_bucket}", "--delete")
    with under_way(terminal, proxy, words, DELETING, "POST") as process:
        process.terminate()
        proxy.cut_connections()
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Run the same command again to go on" in told
    assert len(terminal.ok("transfers", "list", "--json").records) == 1
    terminal.ok(*words)
    assert (set(keys(ceph, ceph_bucket)), runs(terminal)) == ({"a", "c"}, [])


def test_whoever_was_told_why_nothing_is_deleted_finds_nothing_unfinished(
    terminal: Terminal, proxy: FaultProxy, ceph: Endpoint, ceph_bucket: str, here: Path
) -> None:
    words = ("sync", str(here), f"T:{ceph_bucket}", "--delete")
    write(here, new=b"content")
    proxy.on(error_reply(403, "AccessDenied"), method="PUT", path_re="/new")
    prevented = terminal.run(*words)
    assert (prevented.code, "Nothing is deleted" in prevented.err) == (1, True)
    assert runs(terminal) == []

    proxy.on(error_reply(403, "AccessDenied"), method="POST", path_re=DELETING, times=None)
    refused = terminal.run(*words)
    assert (refused.code, runs(terminal)) == (1, [])
    proxy.clear()
    terminal.ok(*words)
    assert set(keys(ceph, ceph_bucket)) == {"a", "c", "new"}
