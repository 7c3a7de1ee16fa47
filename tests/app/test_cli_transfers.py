"""What a killed run leaves: seen, continued and undone by `s4desk transfers`, or by `cp` itself."""

from __future__ import annotations

import random
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.persist.database import Database
from s4desk.core.persist.journal import SqliteJournal
from tests.servers.client import s3_client
from tests.servers.fault import FaultProxy, Stall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import RecordedRequest

MIB = 1024**2
PART = 5 * MIB
SIZE = 4 * PART
EXISTS = "It exists already: add --overwrite, --skip or --if-different."
CONTENT = random.Random(1).randbytes(SIZE)


@pytest.fixture
def proxy(
    terminal: Terminal, ceph: Endpoint, fault_proxy: Callable[[Endpoint], FaultProxy]
) -> FaultProxy:
    """Ceph behind a proxy, as connection T; small parts, one after the other."""
    proxy = fault_proxy(ceph)
    terminal.add("T", proxy.endpoint)
    (terminal.home / "config" / "settings.toml").write_text(
        f"part_limit = 1\npart_size = {PART}\nmultipart_from = {PART}\n"
    )
    return proxy


@pytest.fixture
def big(tmp_path: Path) -> Path:
    (tmp_path / "big").write_bytes(CONTENT)
    return tmp_path / "big"


@contextmanager
def under_way(
    terminal: Terminal, proxy: FaultProxy, words: tuple[str, ...], stalled: str, method: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A verb whose first request for `stalled` hangs; killed in the end."""
    rule = proxy.on(Stall(after=0, direction="request"), method=method, path_re=stalled, times=1)
    process = subprocess.Popen(
        terminal.command(*words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=terminal.variables,
    )
    try:
        proxy.wait_until(lambda _: rule.hits > 0, 30)
        yield process
    finally:
        process.kill()
        process.communicate()
        proxy.cut_connections()
        proxy.clear()


def killed(
    terminal: Terminal,
    proxy: FaultProxy,
    words: tuple[str, ...],
    stalled: str = "partNumber=3",
    method: str = "PUT",
) -> None:
    with under_way(terminal, proxy, words, stalled, method):
        pass


def uploads(endpoint: Endpoint, bucket: str) -> list[dict[str, Any]]:
    with s3_client(endpoint) as client:
        found: list[dict[str, Any]] = client.list_multipart_uploads(Bucket=bucket).get(
            "Uploads", []
        )
        return found


def stored(endpoint: Endpoint, bucket: str, key: str) -> bytes:
    with s3_client(endpoint) as client:
        content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content


def runs(terminal: Terminal) -> list[str]:
    return [path.name for path in (terminal.home / "data" / "runs").glob("*")]


def sent_parts(requests: list[RecordedRequest]) -> list[str]:
    return [each.target for each in requests if "partNumber" in each.target]


def test_nothing_is_unfinished(terminal: Terminal) -> None:
    ended = terminal.ok("transfers", "list")
    assert (ended.out, ended.err) == (b"", "Nothing is unfinished.\n")
    assert terminal.ok("transfers", "resume").err == "There is nothing to go on with.\n"
    assert terminal.ok("transfers", "cancel", "--all").err == "There is nothing to cancel.\n"
    assert terminal.run("transfers", "cancel").code == 2
    assert "nothing unfinished" in terminal.run("transfers", "resume", "abc").err


def test_a_killed_upload_is_listed_and_resumed(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, big: Path
) -> None:
    target = f"T:{ceph_bucket}/big"
    killed(terminal, proxy, ("cp", str(big), target))
    run, transfer = terminal.ok("transfers", "list", "--json").records
    assert (run["type"], run["running"], run["unfinished"]) == ("run", False, 1)
    assert (run["verb"], run["source"], run["target"]) == ("cp", str(big), target)
    assert (transfer["id"], transfer["state"]) == (f"{run['id']}.1", "interrupted")
    (upload,) = uploads(proxy.endpoint, ceph_bucket)
    assert transfer["upload"] == upload["UploadId"]
    assert str(big) in terminal.ok("transfers", "list").out.decode()

    before = len(proxy.requests)
    (record,) = terminal.ok("transfers", "resume", run["id"], "--json").records
    assert (record["state"], record["bytes"]) == ("completed", SIZE)
    assert record["bytes_reused"] + record["bytes_sent"] == SIZE
    assert len(sent_parts(proxy.requests[before:])) <= 3  # the one in flight, the rest, one unnoted
    assert stored(proxy.endpoint, ceph_bucket, "big") == CONTENT
    assert (uploads(proxy.endpoint, ceph_bucket), runs(terminal)) == ([], [])


def test_a_killed_upload_is_undone(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, big: Path
) -> None:
    killed(terminal, proxy, ("cp", str(big), f"T:{ceph_bucket}/big"))
    assert len(uploads(proxy.endpoint, ceph_bucket)) == 1
    (record,) = terminal.ok("transfers", "cancel", "--all", "--json").records
    assert (record["state"], record["target"]) == ("cancelled", f"T:{ceph_bucket}/big")
    assert (uploads(proxy.endpoint, ceph_bucket), runs(terminal)) == ([], [])


def test_a_killed_download_is_undone_or_goes_on(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, tmp_path: Path
) -> None:
    with s3_client(proxy.endpoint) as client:
        client.put_object(Bucket=ceph_bucket, Key="big", Body=CONTENT * 2)
    words = ("cp", f"T:{ceph_bucket}/big", str(tmp_path / "in" / "back"))
    rule = proxy.on(Stall(after=0), method="GET", path_re="/big", skip=3, times=1)
    process = subprocess.Popen(terminal.command(*words), env=terminal.variables)
    proxy.wait_until(lambda _: rule.hits > 0, 30)
    process.kill()
    process.wait()
    proxy.cut_connections()
    (partial,) = (tmp_path / "in").iterdir()
    assert partial.name.endswith(".s4part")
    _, transfer = terminal.ok("transfers", "list", "--json").records
    terminal.ok("transfers", "cancel", transfer["id"])
    assert (list((tmp_path / "in").iterdir()), runs(terminal)) == ([], [])
    terminal.ok(*words)
    assert (tmp_path / "in" / "back").read_bytes() == CONTENT * 2


def test_what_another_process_carries_out_is_said_and_left_to_it(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, big: Path
) -> None:
    words = ("cp", str(big), f"T:{ceph_bucket}/big")
    with under_way(terminal, proxy, words, "partNumber=3", "PUT"):
        run, transfer = terminal.ok("transfers", "list", "--json").records
        assert (run["running"], transfer["state"]) == (True, "running")
        for verb in ("resume", "cancel"):
            ended = terminal.run("transfers", verb, run["id"])
            assert (ended.code, "another process" in ended.err) == (1, True)
        told = terminal.ok("transfers", "resume").err
        assert told == "Another process carries out all that is unfinished.\n"
        ended = terminal.run("transfers", "cancel", "--all")
        assert (ended.code, f"{run['id']}: not cancelled" in ended.err) == (1, True)
    assert len(uploads(proxy.endpoint, ceph_bucket)) == 1


def test_a_folder_goes_on_with_what_was_not_done(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, tmp_path: Path
) -> None:
    (tmp_path / "top" / "empty").mkdir(parents=True)
    (tmp_path / "top" / "z-big").write_bytes(CONTENT)
    for number in range(5):
        (tmp_path / "top" / f"{number}").write_bytes(b"small %d" % number)
    words = ("cp", "-r", str(tmp_path / "top"), f"T:{ceph_bucket}/p")
    killed(terminal, proxy, words)
    (tmp_path / "top" / "new").write_bytes(b"came later")
    (tmp_path / "top" / "3").write_bytes(b"changed since")

    before = len(proxy.requests)
    ended = terminal.run(*words, "--json")
    states = {record["target"].rsplit("/p/")[1]: record for record in ended.records}
    assert states.keys() == {"0", "1", "2", "3", "4", "new", "z-big", "empty/"}
    # What changed meanwhile is no longer what was sent, and what is there is not replaced.
    assert {name for name, record in states.items() if record["state"] == "failed"} == {"3"}
    assert (ended.code, "It exists already" in ended.err) == (1, True)
    puts = [each for each in proxy.requests[before:] if each.method == "PUT"]
    small = {each.target.rsplit("/", 1)[1] for each in puts if "partNumber" not in each.target}
    assert small <= {"new", ""}
    assert states["0"]["bytes_reused"] == len(b"small 0")
    assert states["0"]["verified"]
    assert stored(proxy.endpoint, ceph_bucket, "p/z-big") == CONTENT
    assert (uploads(proxy.endpoint, ceph_bucket), runs(terminal)) == ([], [])


def test_what_two_killed_lives_left_unsaid_is_found_by_the_third(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, tmp_path: Path
) -> None:
    """The first had sent a file, the second had found it there or was interrupted before it looked:
    neither could say that it is ours. What the second had refused stays refused, and is in the
    history as what has failed."""
    for name in ("ours", "theirs", "cut off", "z-big"):
        (tmp_path / "top" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "top" / name).write_bytes(CONTENT if name == "z-big" else name.encode())
    words = ("cp", "-r", str(tmp_path / "top"), f"T:{ceph_bucket}/p")
    killed(terminal, proxy, words)
    (journal,) = (terminal.home / "data" / "runs").glob("*.sqlite")
    with closing(sqlite3.connect(journal)) as life, life:
        small = life.execute("UPDATE transfer SET skipped = 1 WHERE size < 7").rowcount
        refused = life.execute("UPDATE transfer SET error = x'2e' WHERE size = 6").rowcount
        unbegun = "UPDATE transfer SET state = 'cancelled', attempts = 0 WHERE size = 7"
        cut_off = life.execute(unbegun).rowcount
    assert (small, refused, cut_off) == (2, 1, 1)

    ended = terminal.run(*words, "--json")
    states = {each["target"].rsplit("/", 1)[1]: each["state"] for each in ended.records}
    done = ("ours", "cut off", "z-big")
    assert states == {"theirs": "failed", **dict.fromkeys(done, "completed")}
    past = terminal.ok("transfers", "list", "--finished", "--json").records
    told = {(each["target"].rsplit("/", 1)[1], each["state"], each["error"]) for each in past}
    assert ("theirs", "failed", EXISTS) in told
    assert ("ours", "completed", "") in told


def test_another_policy_is_another_command(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, big: Path
) -> None:
    words = ("cp", str(big), f"T:{ceph_bucket}/big")
    killed(terminal, proxy, words)
    terminal.ok(*words, "--overwrite")
    (run, _) = terminal.ok("transfers", "list", "--json").records
    terminal.ok("transfers", "cancel", run["id"])
    assert stored(proxy.endpoint, ceph_bucket, "big") == CONTENT
    assert (uploads(proxy.endpoint, ceph_bucket), runs(terminal)) == ([], [])


def test_a_damaged_journal_is_set_aside_and_the_copy_is_made(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, big: Path
) -> None:
    words = ("cp", str(big), f"T:{ceph_bucket}/big")
    killed(terminal, proxy, words)
    for name in runs(terminal):
        # What is not in the main file yet would heal it.
        if name.endswith(("-wal", "-shm")):
            (terminal.home / "data" / "runs" / name).unlink()
    (journal,) = (terminal.home / "data" / "runs").glob("*.sqlite")
    journal.write_bytes(b"damage" * 1000)
    ended = terminal.ok(*words)
    assert "set aside" in ended.err
    assert "Traceback" not in ended.err
    assert stored(proxy.endpoint, ceph_bucket, "big") == CONTENT


async def test_the_windows_queue_is_seen_and_carried_out_when_no_window_has_it(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, big: Path
) -> None:
    (connection,) = terminal.ok("connections", "list", "--json").records
    database = Database(terminal.home / "data" / "s4desk.sqlite")
    await database.open()
    journal = SqliteJournal(database)
    await journal.open()
    target = Address(ConnectionId(connection["id"]), Location(ceph_bucket, "big"))
    await journal.add([TransferSpec(Direction.UPLOAD, big, target, SIZE)])
    run, transfer = terminal.ok("transfers", "list", "--json").records
    assert (run["id"], run["running"], transfer["id"]) == ("window", True, "window.1")
    for verb in ("resume", "cancel"):
        ended = terminal.run("transfers", verb, "window")
        assert (ended.code, "another process" in ended.err) == (1, True)
    await journal.aclose()
    await database.aclose()

    (record,) = terminal.ok("transfers", "resume", "window.1", "--json").records
    assert (record["state"], record["bytes_sent"]) == ("completed", SIZE)
    assert terminal.ok("transfers", "list").err == "Nothing is unfinished.\n"


async def test_only_what_has_failed_is_tried_again(
    terminal: Terminal, proxy: FaultProxy, ceph_bucket: str, big: Path
) -> None:
    (connection,) = terminal.ok("connections", "list", "--json").records
    database = Database(terminal.home / "data" / "s4desk.sqlite")
    await database.open()
    journal = SqliteJournal(database)
    await journal.open()
    targets = [
        Address(ConnectionId(connection["id"]), Location(ceph_bucket, key))
        for key in ("one", "two")
    ]
    added = await journal.add([TransferSpec(Direction.UPLOAD, big, to, SIZE) for to in targets])
    journal.record(replace(added[0], state=TransferState.FAILED, error="cable", attempts=1))
    await journal.aclose()
    await database.aclose()

    (record,) = terminal.ok("transfers", "retry", "--json").records
    assert (record["target"], record["state"]) == (f"T:{ceph_bucket}/one", "completed")
    _, left = terminal.ok("transfers", "list", "--json").records
    assert (left["target"], left["state"]) == (f"T:{ceph_bucket}/two", "interrupted")
    assert "Nothing has failed" in terminal.ok("transfers", "retry").err
    ended = terminal.run("transfers", "retry", "window")
    assert (ended.code, "nothing of it has failed" in ended.err) == (1, True)
