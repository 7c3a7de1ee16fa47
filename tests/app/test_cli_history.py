"""`s4desk transfers list --finished` and `report`, and the sentences around runs."""

from __future__ import annotations

import csv
import io
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import ValidationError
from s4desk.viewmodels.moments import since_from
from tests.servers.client import s3_client
from tests.servers.faults import error_reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("a", "b", "c"):
        (tree / name).write_text(name * 3)
    return tree


def finished(terminal: Terminal, *words: str) -> list[dict[str, object]]:
    return terminal.ok("transfers", "list", "--finished", "--json", *words).records


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_what_was_moved_can_be_told_later(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tree: Path, tmp_path: Path
) -> None:
    assert "Nothing has ended." in terminal.ok("transfers", "list", "--finished").err
    terminal.add("T", ceph)
    terminal.ok("cp", "-r", str(tree), f"T:{ceph_bucket}/x")
    assert terminal.ok("transfers", "list").err == "Nothing is unfinished.\n"
    told = finished(terminal)
    assert {record["target"] for record in told} == {f"T:{ceph_bucket}/x/{n}" for n in "abc"}
    for record in told:
        assert (record["state"], record["bytes"], record["bytes_sent"]) == ("completed", 3, 3)
        assert record["verified"]
        assert record["checksum"]
    line = terminal.ok("transfers", "list", "--finished").lines[0].decode()
    assert " completed  3 B  " in line
    assert f" -> T:{ceph_bucket}/x/" in line

    terminal.ok("transfers", "report", str(tmp_path / "all.csv"))
    content = (tmp_path / "all.csv").read_bytes()
    assert len(table(content.decode("utf-8-sig"))) == 3
    piped = terminal.ok("transfers", "report", "--since", "1h", "-").out
    assert b"\xef\xbb\xbf" + piped == content
    assert terminal.ok("transfers", "report", "--since", "2999-01-01", "-").out.count(b"\n") == 1
    assert finished(terminal, "--since", "2999-01-01") == []


def test_a_run_with_failures_tells_what_is_left_and_goes_on_with_that_alone(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tree: Path, tmp_path: Path
) -> None:
    terminal.add("T", ceph)
    target = tmp_path / "back"
    terminal.ok("cp", "-r", str(tree), f"T:{ceph_bucket}/x")
    (target / "b").mkdir(parents=True)  # a file cannot take its place
    (target / "b" / "something").touch()
    assert terminal.run("cp", "-r", "--overwrite", f"T:{ceph_bucket}/x", str(target)).code == 1

    (run,) = terminal.ok("transfers", "list", "--json").records
    assert (run["unfinished"], run["undone"], run["completed"]) == (0, 1, 2)
    assert terminal.ok("transfers", "list").lines[0].endswith(b", 1 to be begun again")
    told = finished(terminal)
    (failed,) = [each for each in told if each["state"] == "failed"]
    assert (failed["target"], bool(failed["error"])) == (str(target / "b"), True)
    assert len(told) == 6

    (target / "b" / "something").unlink()
    (target / "b").rmdir()
    again = terminal.ok("transfers", "retry", run["id"])
    assert [line.decode().split(" -> ")[1] for line in again.lines] == [str(target / "b")]
    assert "2 were done by an earlier run." in again.err
    told = finished(terminal)
    assert [each["target"] for each in told].count(str(target / "b")) == 2  # two attempts
    assert len(told) == 7


def test_killed_in_the_middle_and_begun_again_all_is_told_once(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tmp_path: Path
) -> None:
    terminal.add("T", ceph)
    names = [f"{number:03}" for number in range(300)]
    (tmp_path / "many").mkdir()
    for name in names:
        (tmp_path / "many" / name).write_text(name)
    words = ("cp", "-r", str(tmp_path / "many"), f"T:{ceph_bucket}")
    process = subprocess.Popen(
        terminal.command(*words),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**terminal.variables, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    before = len(finished(terminal))
    assert before < len(names)
    assert terminal.run(*words).code in (0, 1)  # what arrived unheard is found in its place
    told = [each for each in finished(terminal) if each["state"] == "completed"]
    targets = [str(each["target"]).rpartition("/")[2] for each in told]
    assert len(targets) == len(set(targets)) >= before
    assert sorted(set(targets)) == names


def test_all_that_exist_are_summed_up(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tree: Path
) -> None:
    terminal.add("T", ceph)
    first = terminal.ok("cp", "-r", str(tree), f"T:{ceph_bucket}")
    assert first.err == "3 files transferred (9 B).\n"
    again = terminal.ok("cp", "-r", "--skip", str(tree), f"T:{ceph_bucket}")
    assert again.err == "Nothing was transferred: 3 skipped.\n"
    refused = terminal.run("cp", "-r", str(tree), f"T:{ceph_bucket}")
    assert refused.err.endswith("Nothing was transferred: 3 failed.\n")
    assert terminal.ok("cp", str(tree / "a"), f"T:{ceph_bucket}/single").err == ""
    ends = Counter(each["state"] for each in finished(terminal))
    assert ends == {"completed": 4, "failed": 3, "skipped": 3}


def test_who_wants_no_history_has_none(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tree: Path
) -> None:
    terminal.add("T", ceph)
    (terminal.home / "config" / "settings.toml").write_text("history_days = 0\n")
    terminal.ok("cp", "-r", str(tree), f"T:{ceph_bucket}")
    asked = terminal.ok("transfers", "list", "--finished")
    assert (asked.out, "the settings say so" in asked.err) == (b"", True)
    assert not (terminal.home / "data" / "history.sqlite").exists()


def test_a_moment_is_a_date_or_an_age() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert since_from("") == 0
    assert since_from("12h", now) == (now - timedelta(hours=12)).timestamp()
    assert since_from("2026-11-20T22:00:00+02:00") == 1_795_204_800
    assert since_from("2026-11-20") == datetime(2026, 11, 20).astimezone().timestamp()
    for word in ("yesterday", "7", "2026-13-01", "-"):
        with pytest.raises(ValidationError):
            since_from(word)


def test_since_goes_with_finished(terminal: Terminal) -> None:
    assert terminal.run("transfers", "list", "--since", "1h").code == 2
    assert terminal.run("transfers", "list", "--finished", "--since", "soon").code == 2


def test_a_report_replaces_no_file_and_names_a_missing_folder(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "all.csv"
    file.write_text("mine")
    refused = terminal.run("transfers", "report", str(file))
    assert (refused.code, "--overwrite" in refused.err, file.read_text()) == (2, True, "mine")
    terminal.ok("transfers", "report", "--overwrite", str(file))
    assert file.read_text() != "mine"
    missing = terminal.run("transfers", "report", str(tmp_path / "nowhere" / "all.csv"))
    assert missing.code == 2
    assert f"There is no folder {tmp_path / 'nowhere'}." in missing.err
    assert terminal.run("transfers", "report", str(tmp_path), "--overwrite").code == 2


@pytest.mark.parametrize("words", [("retry",), ("retry", "ID"), ("resume", "ID.BIG", "retry")])
def test_what_failed_beside_what_is_kept_is_not_forgotten(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    tmp_path: Path,
    words: tuple[str, ...],
) -> None:
    """One failure has parts that are worth keeping, the others are undone, to be begun again."""
    proxy = fault_proxy(ceph)
    terminal.add("T", proxy.endpoint)
    folder = tmp_path / "d"
    folder.mkdir()
    for number in range(4):
        (folder / str(number)).write_bytes(b"small")
    with (folder / "big").open("wb") as big:
        big.truncate(70 * 1024**2)
    denied = error_reply(403, "AccessDenied")
    proxy.on(denied, method="PUT", path_re="rt/[12]", times=None)
    proxy.on(denied, method="POST", path_re="rt/big.*uploadId=", times=None)
    assert terminal.run("mv", "-r", str(folder), f"T:{ceph_bucket}/rt").code == 1
    run, left = terminal.ok("transfers", "list", "--each", "--json").records
    assert (run["unfinished"], run["undone"]) == (1, 2)

    proxy.clear()
    known = {"ID": run["id"], "ID.BIG": left["id"]}
    given = [known.get(word, word) for word in words]
    if given[0] == "resume":
        terminal.ok("transfers", *given[:2])
        given = given[2:]
    terminal.ok("transfers", *given)
    assert not folder.exists() or not any(folder.iterdir())
    assert "Nothing is unfinished." in terminal.ok("transfers", "list").err
    with s3_client(ceph) as client:
        found = client.list_objects_v2(Bucket=ceph_bucket, Prefix="rt/")["Contents"]
    assert [each["Key"] for each in found] == ["rt/0", "rt/1", "rt/2", "rt/3", "rt/big"]


def test_what_was_done_to_objects_is_told_later(
    terminal: Terminal, ceph: Endpoint, new_bucket: Callable[..., str], tree: Path
) -> None:
    bucket = new_bucket(ceph)
    terminal.add("T", ceph)
    words = ("transfers", "list", "--changes")
    assert "Nothing was deleted" in terminal.ok(*words).err
    terminal.ok("cp", "-r", str(tree), f"T:{bucket}/x")
    versioning = '{"Status": "Enabled"}'
    terminal.ok("config", "put", f"T:{bucket}", "versioning", typed=versioning)
    terminal.ok("set", f"T:{bucket}/x/a", "--tag", "k=v")
    terminal.ok("set", f"T:{bucket}/x/a", "--tag", "k=v", "--dry-run")
    terminal.ok("set", "-r", f"T:{bucket}/x", "--tag", "k=v")
    terminal.ok("rm", f"T:{bucket}/x/b")
    (marker,) = [
        each
        for each in terminal.ok("versions", f"T:{bucket}/x/b", "--json").records
        if each["type"] == "delete_marker"
    ]
    terminal.ok("rm", f"T:{bucket}/x/b", "--version-id", str(marker["version"]))
    terminal.ok("rm", "-r", f"T:{bucket}/x", "--yes")

    told = terminal.ok(*words, "--json").records
    assert [(each["kind"], each["place"], each["done"], each["failed"]) for each in told] == [
        ("deleted", f"T:{bucket}/x", 3, 0),
        ("versions_deleted", f"T:{bucket}/x/b", 1, 0),
        ("deleted", f"T:{bucket}/x/b", 1, 0),
        ("properties", f"T:{bucket}/x/", 2, 0),
        ("properties", f"T:{bucket}/x/a", 1, 0),
    ]
    assert {each["type"] for each in told} == {"change"}
    line = terminal.ok(*words).lines[0].decode()
    assert line.endswith(f"  T:{bucket}/x  3 objects deleted")
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds")
    assert terminal.ok(*words, "--since", later).lines == []
    assert len(finished(terminal)) == 3
