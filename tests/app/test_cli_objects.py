"""The headless verbs against real servers, each in a process of its own."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from s4desk.app.demo.seed import ODD_KEYS
from tests.app.terminal import Ended
from tests.servers.client import new_bucket_name, s3_client
from tests.servers.fault import FaultProxy, Latency, Reply, Stall, error_reply, html_reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

MIB = 1024**2
WORST_KEYS = [
    "a b+c%20d/é 😀.txt",
    "/leading//double/../up",
    "trailing /",
    "line\nbreak\r\ttab\x01",
    "back\\slash'\"<&>;?#=",
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    top = tmp_path / "top"
    for name, content in {
        "a.txt": b"one",
        "sub/.hidden": b"two",
        "sub/deep/é 😀.bin": bytes(range(256)) * 500,
        "zero": b"",
    }.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content)
    (top / "empty").mkdir()
    return top


def contents(top: Path) -> dict[str, bytes | None]:
    """What is below a folder: the bytes of files, None for folders."""
    return {
        str(path.relative_to(top)): None if path.is_dir() else path.read_bytes()
        for path in top.rglob("*")
    }


def test_a_day_with_all_verbs(terminal: Terminal, endpoint: Endpoint, tree: Path, tmp_path: Path):
    terminal.add("T", endpoint)
    (tested,) = terminal.ok("connections", "test", "T", "--json").records
    assert (tested["type"], tested["connection"]) == ("test", "T")
    bucket = new_bucket_name()
    assert terminal.ok("mb", f"T:{bucket}", "--json").records == [
        {"type": "created", "bucket": bucket}
    ]
    assert bucket in {record["name"] for record in terminal.ok("ls", "T:", "--json").records}

    moved = terminal.ok("cp", "-r", str(tree), f"T:{bucket}/p", "--json").records
    assert {(r["type"], r["direction"], r["state"]) for r in moved} == {
        ("transfer", "upload", "completed")
    }
    assert all(r["bytes"] == r["size"] == r["bytes_sent"] for r in moved)
    assert {(r["event"], r["bytes_reused"], r["retries"]) for r in moved} == {("done", 0, 0)}
    assert {r["parts"] for r in moved if r["size"]} == {1}
    assert all(r["seconds"] > 0 for r in moved)
    assert {r["target"] for r in moved} == {
        f"T:{bucket}/p/{name}"
        for name in ("a.txt", "sub/.hidden", "sub/deep/é 😀.bin", "zero", "empty/")
    }
    assert {r["size"] for r in moved} == {0, 3, 128000}

    level = terminal.ok("ls", f"T:{bucket}/p/", "--json").records
    assert [(r["type"], r["key"]) for r in level if r["type"] == "folder"] == [
        ("folder", "p/empty/"),
        ("folder", "p/sub/"),
    ]
    assert {r["key"]: r["size"] for r in level if r["type"] == "object"} == {
        "p/a.txt": 3,
        "p/zero": 0,
    }
    assert len(terminal.ok("ls", "-r", f"T:{bucket}").lines) == 5

    (stat,) = terminal.ok("stat", f"T:{bucket}/p/a.txt", "--json").records
    assert (stat["key"], stat["size"], stat["content_type"]) == ("p/a.txt", 3, "text/plain")
    assert stat["etag"] == "f97c5d29941bfb1b2fdab0874906ab82"
    assert stat["modified"].endswith("+00:00")

    terminal.ok("cp", "-r", f"T:{bucket}/p", f"T:{bucket}/q")
    terminal.ok("cp", "-r", f"T:{bucket}/q", str(tmp_path / "back"))
    assert contents(tmp_path / "back") == contents(tree)

    assert terminal.run("rb", f"T:{bucket}").code == 1
    terminal.ok("rm", f"T:{bucket}/p/a.txt")
    terminal.ok("rm", "-r", f"T:{bucket}/p", "--yes")
    assert {r["key"][0] for r in terminal.ok("ls", "-r", f"T:{bucket}", "--json").records} == {"q"}
    (told,) = terminal.ok("rm", "-r", f"T:{bucket}/q/zero", "--yes").lines
    assert told.decode() == f"T:{bucket}/q/zero: 1 object deleted"
    removed = terminal.ok("rm", "-r", f"T:{bucket}/", "--yes", "--json").records
    assert removed == [{"type": "deleted", "bucket": bucket, "key": "", "count": 4}]
    terminal.ok("rb", f"T:{bucket}")
    assert bucket not in {record["name"] for record in terminal.ok("ls", "T:", "--json").records}
    assert_secret_is_nowhere(terminal, endpoint)


def assert_secret_is_nowhere(terminal: Terminal, endpoint: Endpoint) -> None:
    files = [path for path in terminal.home.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in files)
    for file in files:
        # The history has names of files, and “test” is a secret and part of theirs.
        content = file.read_bytes().replace(str(terminal.home.parent).encode(), b"")
        # The id of the key is kept, and of some servers it is the secret, too.
        content = content.replace(f'key_id = "{endpoint.access_key}"'.encode(), b"")
        assert endpoint.secret_key.encode() not in content, file


def test_a_folder_is_deleted_without_its_neighbours(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str
):
    terminal.add("T", ceph)
    with s3_client(ceph) as client:
        for key in ("p", "p/", "p/1", "p/2/3", "p2/4", "p.txt"):
            client.put_object(Bucket=ceph_bucket, Key=key, Body=b"")
    asked = terminal.run("rm", "-r", f"T:{ceph_bucket}/p")
    assert (asked.code, "add --yes" in asked.err) == (2, True)
    assert len(terminal.ok("ls", "-r", f"T:{ceph_bucket}").lines) == 6
    terminal.ok("rm", "-r", f"T:{ceph_bucket}/p", "--yes")
    left = terminal.ok("ls", "-r", f"T:{ceph_bucket}", "--json").records
    assert [record["key"] for record in left] == ["p.txt", "p2/4"]


@pytest.mark.parametrize(("answer", "code", "left"), [("yes", 0, 0), ("y", 1, 1), ("", 1, 1)])
def test_a_folder_is_deleted_after_a_typed_yes(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, answer: str, code: int, left: int
):
    terminal.add("T", ceph)
    with s3_client(ceph) as client:
        client.put_object(Bucket=ceph_bucket, Key="p/1", Body=b"12345")
    leader, follower = os.openpty()
    with open(leader, "wb", buffering=0) as keyboard, open(follower, "rb") as stdin:
        keyboard.write(f"{answer}\n".encode())
        ended = subprocess.run(
            terminal.command("rm", "-r", f"T:{ceph_bucket}/p"),
            stdin=stdin,
            capture_output=True,
            env=terminal.variables,
            timeout=60,
            check=False,
        )
    assert ended.returncode == code
    assert "Delete 1 object (5 B)" in ended.stderr.decode()
    assert "cannot be undone" in ended.stderr.decode()
    assert len(terminal.ok("ls", "-r", f"T:{ceph_bucket}").lines) == left


@pytest.mark.parametrize("key", WORST_KEYS, ids=ascii)
def test_an_odd_key_is_sent_shown_fetched_and_deleted(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tmp_path: Path, key: str
):
    terminal.add("T", ceph)
    place = f"T:{ceph_bucket}/{key}"
    (tmp_path / "file").write_bytes(b"odd")
    (tmp_path / "neighbour").write_bytes(b"not odd")
    terminal.ok("cp", str(tmp_path / "neighbour"), f"T:{ceph_bucket}/neighbour")
    if key.endswith("/"):
        # `cp` would take it for a folder.
        with s3_client(ceph) as client:
            client.put_object(Bucket=ceph_bucket, Key=key, Body=b"odd")
    else:
        terminal.ok("cp", str(tmp_path / "file"), place)

    (stat,) = terminal.ok("stat", place, "--json").records
    assert (stat["key"], stat["size"]) == (key, 3)
    listed = terminal.ok("ls", "-r", f"T:{ceph_bucket}", "--json").records
    assert {record["key"] for record in listed} == {key, "neighbour"}
    assert len(terminal.ok("ls", "-r", f"T:{ceph_bucket}").lines) == 2
    terminal.ok("cp", place, str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == b"odd"
    terminal.ok("rm", place)
    left = terminal.ok("ls", "-r", f"T:{ceph_bucket}", "--json").records
    assert [record["key"] for record in left] == ["neighbour"]


def test_every_odd_key_is_listed_and_comes_down_as_a_file_of_its_own(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tmp_path: Path
):
    terminal.add("T", ceph)
    with s3_client(ceph) as client:
        for key in ODD_KEYS:
            client.put_object(Bucket=ceph_bucket, Key=key, Body=key.encode())
    listed = terminal.ok("ls", "-r", f"T:{ceph_bucket}", "--json").records
    assert [record["key"] for record in listed] == sorted(ODD_KEYS, key=str.encode)
    assert len(terminal.ok("ls", "-r", f"T:{ceph_bucket}").lines) == len(ODD_KEYS)

    ended = terminal.run("cp", "-r", f"T:{ceph_bucket}", str(tmp_path / "in" / "back"))
    assert ended.code == 0, ended.err
    found = sorted(content for content in contents(tmp_path / "in").values() if content)
    assert found == sorted(key.encode() for key in ODD_KEYS)
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["back"]


def test_what_exists_is_only_replaced_when_asked(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tmp_path: Path
):
    terminal.add("T", ceph)
    file, place = tmp_path / "f", f"T:{ceph_bucket}/f"

    def stored() -> bytes:
        with s3_client(ceph) as client:
            return client.get_object(Bucket=ceph_bucket, Key="f")["Body"].read()

    def fate(ended: Ended) -> tuple[str, int, int]:
        (record,) = ended.records
        return record["state"], record["size"], record["bytes"]

    file.write_bytes(b"one")
    assert fate(terminal.ok("cp", str(file), place, "--json")) == ("completed", 3, 3)
    file.write_bytes(b"two!")
    refused = terminal.run("cp", str(file), place, "--json")
    assert (refused.code, fate(refused), stored()) == (1, ("failed", 4, 0), b"one")
    assert "--overwrite" in refused.err
    assert "--overwrite" in refused.records[0]["error"]
    skipped = terminal.ok("cp", str(file), place, "--skip", "--json")
    assert (fate(skipped), stored()) == (("skipped", 4, 0), b"one")
    terminal.ok("cp", str(file), place, "--if-different")
    assert stored() == b"two!"
    again = terminal.ok("cp", str(file), place, "--if-different", "--json")
    assert fate(again) == ("skipped", 4, 0)
    file.write_bytes(b"four")
    terminal.ok("cp", str(file), place, "--overwrite")
    assert stored() == b"four"

    file.write_bytes(b"local")
    refused = terminal.run("cp", place, str(file))
    assert (refused.code, file.read_bytes()) == (1, b"local")
    file.chmod(0o444)
    refused = terminal.run("cp", place, str(file), "--overwrite")
    assert (refused.code, file.read_bytes()) == (1, b"local")
    assert "is read-only, so it was not replaced" in refused.err
    file.chmod(0o644)
    terminal.ok("cp", place, str(file), "--overwrite")
    assert file.read_bytes() == b"four"
    assert terminal.run("cp", str(file), place, "--skip", "--overwrite").code == 2


def test_of_several_who_upload_at_once_each_key_has_one_winner(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tmp_path: Path
):
    """The store is one of which nothing is known beforehand."""
    terminal.add("T", ceph)
    writers, names = range(4), [f"{number:03}" for number in range(100)]
    for writer in writers:
        (tmp_path / f"w{writer}").mkdir()
        for name in names:
            (tmp_path / f"w{writer}" / name).write_bytes(b"writer %d" % writer)
    place = f"T:{ceph_bucket}/r/"
    running = [
        subprocess.Popen(
            terminal.command("cp", "-r", "--json", f"{tmp_path / f'w{writer}'}/", place),
            env=terminal.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for writer in writers
    ]
    outs = [process.communicate(timeout=60)[0] for process in running]
    winner: dict[str, list[int]] = {name: [] for name in names}
    for writer, out in enumerate(outs):
        records = [json.loads(line) for line in out.splitlines()]
        assert len(records) == len(names)
        for record in records:
            if record["state"] == "completed":
                winner[record["target"][-3:]].append(writer)
            else:
                assert (record["state"], "exists" in record["error"]) == ("failed", True)
    assert {name: len(won) for name, won in winner.items()} == dict.fromkeys(names, 1)
    with s3_client(ceph) as client:
        for name, (writer,) in winner.items():
            there = client.get_object(Bucket=ceph_bucket, Key=f"r/{name}")["Body"].read()
            assert there == b"writer %d" % writer


def test_one_failure_does_not_stop_the_others_and_is_listed(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tree: Path
):
    terminal.add("T", ceph)
    (tree / "nowhere").symlink_to("does-not-exist")
    (tree / "outside").symlink_to("/etc/hostname")
    ended = terminal.run("cp", "-r", str(tree), f"T:{ceph_bucket}")
    assert ended.code == 1
    assert [line for line in ended.err.splitlines() if "outside" in line]
    assert ended.err.splitlines()[2:] == [
        "4 files transferred (125 KiB), 1 folder made, 2 left out."
    ]
    assert len(terminal.ok("ls", "-r", f"T:{ceph_bucket}").lines) == 5


@pytest.mark.parametrize("verb", [("cp", "-r"), ("mv", "-r"), ("sync",)])
@pytest.mark.parametrize("what", ["broken-link", "special", "loop"])
def test_what_is_left_out_is_counted_and_no_success(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    tmp_path: Path,
    verb: tuple[str, ...],
    what: str,
):
    terminal.add("T", ceph)
    source = tmp_path / "source"
    source.mkdir()
    (source / "a").write_bytes(b"1234")
    odd = source / "odd"
    if what == "special":
        os.mkfifo(odd)
    else:
        odd.symlink_to("odd" if what == "loop" else "nowhere")
    ended = terminal.run(*verb, str(source), f"T:{ceph_bucket}/one")
    told = "1 file transferred (4 B), 1 left out.\n"
    assert (ended.code, ended.err.endswith(told), str(odd) in ended.err) == (1, True, True)
    (source / "a").write_bytes(b"12345")

    ended = terminal.run(*verb, str(source), f"T:{ceph_bucket}/two", "--json")
    left_out, transfer, end = sorted(ended.records, key=lambda each: each["event"] == "done")
    assert (ended.code, transfer["state"]) == (1, "completed")
    assert (left_out["event"], left_out["path"], left_out["reason"]) == ("left-out", str(odd), what)
    assert (end["event"], end["left_out"], end["completed"]) == ("done", 1, 1)


def test_an_empty_bucket_is_not_a_missing_one(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tmp_path: Path
):
    terminal.add("T", ceph)
    place = f"T:{ceph_bucket}"
    verbs = {
        "delete": ("rm", "-r", "--yes", place),
        "copy": ("cp", "-r", place, str(tmp_path / "back")),
    }
    for deed, verb in verbs.items():
        ended = terminal.run(*verb)
        assert (ended.code, ended.err) == (1, f"s4desk: There is nothing to {deed} in {place}/.\n")
    copied = terminal.run("cp", "-r", f"{place}/a/", f"{place}/b/")
    assert copied.err == f"s4desk: There is nothing to copy in {place}/a/.\n"
    with s3_client(ceph) as client:
        client.put_bucket_versioning(
            Bucket=ceph_bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        client.put_object(Bucket=ceph_bucket, Key="k", Body=b"1")
    terminal.ok("rm", "-r", "--yes", place)
    for verb in verbs.values():
        ended = terminal.run(*verb)
        assert ended.code == 1
        assert "old versions and delete markers are there" in ended.err
    gone = terminal.run("rm", "-r", "--yes", f"{place}-not/x")
    assert "no bucket" in gone.err


def test_a_link_to_what_is_sent_anyway_is_no_failure(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tree: Path
):
    terminal.add("T", ceph)
    (tree / "a-link").symlink_to("sub")
    ended = terminal.ok("cp", "-r", str(tree), f"T:{ceph_bucket}")
    assert "a-link: The link leads to a folder that is sent anyway" in ended.err
    listed = terminal.ok("ls", "-r", f"T:{ceph_bucket}", "--json").records
    assert not [each for each in listed if "a-link" in each["key"]]


@pytest.mark.skipif(not os.path.exists("/proc/cpuinfo"), reason="no such file system here")
def test_a_file_of_unknown_length_is_not_stored_empty(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str
):
    terminal.add("T", ceph)
    ended = terminal.run("cp", "/proc/cpuinfo", f"T:{ceph_bucket}/k")
    assert (ended.code, "changed while it was read" in ended.err) == (1, True)
    assert terminal.ok("ls", "-r", f"T:{ceph_bucket}").lines == []


def test_versions_and_markers_are_listed(terminal: Terminal, ceph: Endpoint, ceph_bucket: str):
    terminal.add("T", ceph)
    with s3_client(ceph) as client:
        client.put_bucket_versioning(
            Bucket=ceph_bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        first = client.put_object(Bucket=ceph_bucket, Key="k", Body=b"1")["VersionId"]
        second = client.put_object(Bucket=ceph_bucket, Key="k", Body=b"22")["VersionId"]
    terminal.ok("rm", f"T:{ceph_bucket}/k")
    assert terminal.ok("ls", "-r", f"T:{ceph_bucket}").out == b""
    marker, *versions = terminal.ok("ls", "--versions", f"T:{ceph_bucket}", "--json").records
    assert (marker["type"], marker["is_latest"]) == ("delete_marker", True)
    assert [(r["version"], r["size"], r["is_latest"]) for r in versions] == [
        (second, 2, False),
        (first, 1, False),
    ]
    assert len(terminal.ok("ls", "--versions", f"T:{ceph_bucket}").lines) == 3


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (("stat", "T:{bucket}/none"), "does not exist"),
        (("ls", "T:{bucket}/none"), "does not exist"),
        (("ls", "T:no-such-bucket-here"), "no bucket “no-such-bucket-here”"),
        (("cp", "T:{bucket}/none", "/tmp/x"), "does not exist"),
        (("rm", "T:{bucket}/none"), "does not exist"),
        (("rm", "-r", "T:{bucket}/none", "--yes"), "nothing to delete"),
        (("rm", "-r", "T:no-such-bucket-here", "--yes"), "no bucket “no-such-bucket-here”"),
        (("rb", "T:no-such-bucket-here"), "no bucket “no-such-bucket-here”"),
        (("mb", "T:{bucket}"), "already have a bucket"),
    ],
)
def test_what_is_not_there_is_told(terminal, ceph, ceph_bucket, verb, said):
    terminal.add("T", ceph)
    ended = terminal.run(*(word.format(bucket=ceph_bucket) for word in verb))
    assert ended.code == 1
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_wrong_secret_and_an_unknown_key_are_told_apart(terminal: Terminal, ceph: Endpoint):
    options = ("--endpoint", ceph.url, "--credentials", "keyring", "--addressing", "path")
    terminal.ok("connections", "add", "A", *options, typed=f"{ceph.access_key}\nwrong-secret\n")
    terminal.ok("connections", "add", "B", *options, typed="NOBODY0123456789\nwrong-secret\n")
    wrong, unknown = (terminal.run("connections", "test", name) for name in "AB")
    assert (wrong.code, unknown.code) == (1, 1)
    assert "The secret key is wrong." in wrong.err
    assert "does not know this key id" in unknown.err

    terminal.environment |= {"AWS_ACCESS_KEY_ID": ceph.access_key, "AWS_SECRET_ACCESS_KEY": "wrong"}
    terminal.ok("connections", "edit", "A", "--credentials", "env")
    for place in ("A:", "A:some-bucket"):
        from_env = terminal.run("ls", place)
        assert "The secret key is wrong. The keys come from the environment" in from_env.err


def test_what_is_not_there_is_named_as_it_was_typed(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str
):
    terminal.add("T", ceph)
    ended = terminal.run("stat", f"T:{ceph_bucket}/a/b")
    assert f"“T:{ceph_bucket}/a/b” does not exist" in ended.err


def test_an_unknown_authority_is_told_and_trusted_when_its_file_is_given(
    terminal: Terminal, ceph: Endpoint, tls_front: Callable[..., Endpoint]
):
    secure = tls_front(ceph)
    options = ("--endpoint", secure.url, "--credentials", "keyring", "--addressing", "path")
    typed = f"{ceph.access_key}\n{ceph.secret_key}\n"
    terminal.ok("connections", "add", "T", *options, typed=typed)
    listed = terminal.run("ls", "T:some-bucket")
    assert (listed.code, "add its CA file" in listed.err, "localhost" in listed.err) == (1, 1, 1)
    tried = terminal.run("connections", "test", "T")
    assert (tried.code, "has signed the certificate of localhost" in tried.err) == (1, True)
    assert "--fix --trust" in tried.err
    terminal.ok("connections", "remove", "T")
    terminal.add("T", secure)
    terminal.ok("connections", "test", "T")


def test_a_port_without_tls_is_told(terminal: Terminal, ceph: Endpoint):
    secure = ceph.url.replace("http://", "https://")
    terminal.ok("connections", "add", "T", "--endpoint", secure, "--credentials", "anonymous")
    for verb in (("ls", "T:"), ("ls", "T:some-bucket")):
        ended = terminal.run(*verb)
        assert ended.code == 1
        assert "does not speak TLS" in ended.err
        assert "http://" in ended.err
    tried = terminal.run("connections", "test", "T")
    assert (tried.code, "plain http, not https" in tried.err) == (1, True)
    assert f"Use {ceph.url}" in tried.err


def test_a_web_page_is_no_store(
    terminal: Terminal, ceph: Endpoint, fault_proxy: Callable[[Endpoint], FaultProxy]
):
    proxy = fault_proxy(ceph)
    proxy.on(html_reply(), times=None)
    terminal.add("T", proxy.endpoint)
    ended = terminal.run("ls", "T:some-bucket")
    assert (ended.code, "not as an S3 server does" in ended.err) == (1, True)
    tried = terminal.run("connections", "test", "T")
    assert (tried.code, "has a web page, not S3" in tried.err) == (1, True)


def test_a_page_of_a_proxy_is_no_object(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    tmp_path: Path,
):
    with s3_client(ceph) as client:
        client.put_object(Bucket=ceph_bucket, Key="k", Body=b"1")
    proxy = fault_proxy(ceph)
    proxy.on(html_reply(), method="GET", times=None)
    proxy.on(html_reply(), method="PUT", times=None)
    terminal.add("T", proxy.endpoint)
    (tmp_path / "file").write_bytes(b"1")
    for verb in (
        ("cp", f"T:{ceph_bucket}/k", str(tmp_path / "back")),
        ("cp", str(tmp_path / "file"), f"T:{ceph_bucket}/new"),
    ):
        ended = terminal.run(*verb)
        assert ended.code == 1
        assert "not as an S3 server does" in ended.err
        assert "proxy" in ended.err
    assert [path.name for path in tmp_path.iterdir() if path.name == "back"] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_upload_keeps_its_parts_and_goes_on(
    number: int,
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    tmp_path: Path,
):
    proxy = fault_proxy(ceph)
    stall = Stall(after=MIB, direction="request")
    proxy.on(stall, method="PUT", path_re="partNumber=3", times=None)
    terminal.add("T", proxy.endpoint)
    one_at_a_time(terminal)
    content = noise_file(tmp_path / "big", 80 * MIB)
    words = ("cp", str(tmp_path / "big"), f"T:{ceph_bucket}/big")
    ended = interrupted(
        terminal,
        words,
        lambda: proxy.wait_until(lambda seen: any("partNumber=3" in r.target for r in seen), 30),
        number,
    )
    assert ended.code == 130, ended.err
    assert "Traceback" not in ended.err
    assert "1 transfer is unfinished" in ended.err
    assert "s4desk transfers cancel" in ended.err
    with s3_client(ceph) as client:
        assert len(client.list_multipart_uploads(Bucket=ceph_bucket)["Uploads"]) == 1
        assert "Contents" not in client.list_objects_v2(Bucket=ceph_bucket)

    proxy.clear()
    (record,) = terminal.ok(*words, "--json").records
    assert (record["state"], record["bytes"]) == ("completed", 80 * MIB)
    assert (record["bytes_reused"], record["bytes_sent"]) == (32 * MIB, 48 * MIB)
    assert record["parts"] == 3
    with s3_client(ceph) as client:
        assert "Uploads" not in client.list_multipart_uploads(Bucket=ceph_bucket)
        assert client.get_object(Bucket=ceph_bucket, Key="big")["Body"].read() == content
    assert run_files(terminal) == []


def test_an_upload_interrupted_before_its_first_part_leaves_nothing(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    tmp_path: Path,
):
    proxy = fault_proxy(ceph)
    proxy.on(Stall(after=MIB, direction="request"), method="PUT", times=None)
    terminal.add("T", proxy.endpoint)
    noise_file(tmp_path / "big", 80 * MIB)
    ended = interrupted(
        terminal,
        ("cp", str(tmp_path / "big"), f"T:{ceph_bucket}/big"),
        lambda: proxy.wait_until(lambda seen: any(r.body_bytes >= MIB for r in seen), 30),
    )
    assert (ended.code, ended.err.strip()) == (130, "Interrupted.")
    with s3_client(ceph) as client:
        assert "Uploads" not in client.list_multipart_uploads(Bucket=ceph_bucket)
    assert run_files(terminal) == []


def test_an_interrupted_download_keeps_its_ranges_and_goes_on(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    tmp_path: Path,
):
    content = random.Random(1).randbytes(40 * MIB)
    with s3_client(ceph) as client:
        client.put_object(Bucket=ceph_bucket, Key="big", Body=content)
    proxy = fault_proxy(ceph)
    proxy.on(Stall(after=MIB), method="GET", path_re="/big", skip=2, times=1)
    terminal.add("T", proxy.endpoint)
    one_at_a_time(terminal)
    (tmp_path / "in").mkdir()
    words = ("cp", f"T:{ceph_bucket}/big", str(tmp_path / "in"))
    ended = interrupted(
        terminal,
        words,
        lambda: proxy.wait_until(lambda seen: sum(r.method == "GET" for r in seen) == 3, 30),
    )
    assert ended.code == 130, ended.err
    (partial,) = (tmp_path / "in").iterdir()
    assert partial.name.endswith(".s4part")
    (record,) = terminal.ok(*words, "--json").records
    assert (record["state"], record["bytes_reused"]) == ("completed", 32 * MIB)
    assert (record["bytes_sent"], record["parts"]) == (8 * MIB, 1)
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["big"]
    assert (tmp_path / "in" / "big").read_bytes() == content
    assert run_files(terminal) == []


def one_at_a_time(terminal: Terminal) -> None:
    """Parts follow each other: whoever sees one begin knows that the one before has arrived."""
    (terminal.home / "config" / "settings.toml").write_text("part_limit = 1\n")


def noise_file(path: Path, size: int) -> bytes:
    content = random.Random(size).randbytes(size)
    path.write_bytes(content)
    return content


def run_files(terminal: Terminal) -> list[str]:
    """What headless runs have left in the data folder."""
    return sorted(path.name for path in (terminal.home / "data" / "runs").glob("*"))


def interrupted(
    terminal: Terminal,
    words: tuple[str, ...],
    wait: Callable[[], None],
    number: int = signal.SIGINT,
) -> Ended:
    """How a verb ends that gets a signal once `wait` returns."""
    process = subprocess.Popen(
        terminal.command(*words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=terminal.variables,
    )
    try:
        wait()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    return Ended(process.returncode, out, err.decode())


def test_an_interrupted_deletion_counts_what_was_on_its_way(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
):
    proxy = fault_proxy(ceph)
    proxy.on(Latency(1.0), method="POST", times=None)
    terminal.add("T", proxy.endpoint)
    with s3_client(ceph) as client:
        for number in range(5):
            client.put_object(Bucket=ceph_bucket, Key=f"p/{number}", Body=b"")
        ended = interrupted(
            terminal,
            ("rm", "-r", "--yes", f"T:{ceph_bucket}/p", "--json"),
            lambda: proxy.wait_until(lambda seen: any(r.method == "POST" for r in seen), 30),
        )
        assert "Contents" not in client.list_objects_v2(Bucket=ceph_bucket)
    assert (ended.code, [record["count"] for record in ended.records]) == (130, [5]), ended.err


def test_a_failed_upload_keeps_its_parts_and_goes_on(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    tmp_path: Path,
):
    proxy = fault_proxy(ceph)
    refused = error_reply(403, "AccessDenied")
    proxy.on(refused, method="PUT", path_re="partNumber=5", times=None)
    terminal.add("T", proxy.endpoint)
    noise_file(tmp_path / "big", 80 * MIB)
    one_at_a_time(terminal)
    words = ("cp", str(tmp_path / "big"), f"T:{ceph_bucket}/big", "--json")
    ended = terminal.run(*words)
    assert (ended.code, ended.records[0]["state"]) == (1, "failed")
    assert "Run the same command again" in ended.err
    proxy.clear()
    (record,) = terminal.ok(*words).records
    assert (record["state"], record["bytes_sent"]) == ("completed", 16 * MIB)
    with s3_client(ceph) as client:
        assert "Uploads" not in client.list_multipart_uploads(Bucket=ceph_bucket)
    assert run_files(terminal) == []


def test_a_failed_upload_without_parts_leaves_nothing(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    tmp_path: Path,
):
    proxy = fault_proxy(ceph)
    proxy.on(error_reply(403, "AccessDenied"), method="PUT", times=None)
    terminal.add("T", proxy.endpoint)
    noise_file(tmp_path / "big", 80 * MIB)
    ended = terminal.run("cp", str(tmp_path / "big"), f"T:{ceph_bucket}/big", "--json")
    assert (ended.code, ended.records[0]["state"]) == (1, "failed")
    with s3_client(ceph) as client:
        assert "Uploads" not in client.list_multipart_uploads(Bucket=ceph_bucket)
    assert run_files(terminal) == []


def test_a_reader_that_has_enough_is_no_error(terminal: Terminal, null: Endpoint):
    terminal.add("T", null)
    process = subprocess.Popen(
        terminal.command("ls", "-r", "T:b"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=terminal.variables,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().endswith(b"\n")
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, err) == (1, b"")


def test_a_copy_goes_on_when_nobody_reads_its_lines(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tree: Path
):
    terminal.add("T", ceph)
    process = subprocess.Popen(
        terminal.command("cp", "-r", str(tree), f"T:{ceph_bucket}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**terminal.variables, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, b"4 files transferred" in err) == (0, True)
    assert len(terminal.ok("ls", "-r", f"T:{ceph_bucket}").lines) == 5


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_results_that_cannot_be_written_are_a_failure(terminal: Terminal):
    terminal.ok(
        "connections", "add", "A", "--endpoint", "http://127.0.0.1:1", "--credentials", "env"
    )
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            terminal.command("connections", "list"),
            stdout=full,
            stderr=subprocess.PIPE,
            env=terminal.variables,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 1
    said = b"Not all could be written to standard output: No space left on device."
    assert said in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_an_empty_folder_is_copied_both_ways(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str, tmp_path: Path
):
    terminal.add("T", ceph)
    (tmp_path / "empty").mkdir()
    nothing = terminal.ok("cp", "-r", str(tmp_path / "empty"), f"T:{ceph_bucket}")
    assert (nothing.out, nothing.err) == (b"", "There is nothing to copy.\n")
    made = terminal.ok("cp", "-r", str(tmp_path / "empty"), f"T:{ceph_bucket}/e", "--json").records
    assert [(r["state"], r["target"]) for r in made] == [("completed", f"T:{ceph_bucket}/e/")]
    (listed,) = terminal.ok("ls", "-r", f"T:{ceph_bucket}", "--json").records
    assert (listed["key"], listed["size"]) == ("e/", 0)
    terminal.ok("cp", "-r", f"T:{ceph_bucket}/e", str(tmp_path / "back"))
    assert list((tmp_path / "back").iterdir()) == []
    for source, target in (("empty", f"T:{ceph_bucket}/e"), (f"T:{ceph_bucket}/e", "back")):
        words = [str(tmp_path / each) if ":" not in each else each for each in (source, target)]
        (again,) = terminal.ok("cp", "-r", *words, "--json").records
        assert again["state"] == "skipped"  # it is there, and was not made now


def test_a_store_that_lies_about_a_deletion_is_not_taken_for_a_broken_way(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
):
    proxy = fault_proxy(ceph)
    terminal.add("P", proxy.endpoint)
    with s3_client(ceph) as client:
        client.put_object(Bucket=ceph_bucket, Key="d/k", Body=b"1")
    lie = b"<DeleteResult><Deleted><Key>d/k</Key></Deleted></DeleteResult>"
    proxy.on(Reply(200, lie), method="POST")
    ended = terminal.run("rm", "-r", "--yes", f"P:{ceph_bucket}/d/")
    told = f"“P:{ceph_bucket}/d/k” was not deleted: the store did not refuse, but it is still"
    assert (ended.code, told in ended.err, "network" in ended.err) == (1, True, False)

    proxy.on(Reply(403), method="POST")
    ended = terminal.run("rm", "-r", "--yes", f"P:{ceph_bucket}/d/")
    assert (ended.code, f"may not delete “P:{ceph_bucket}/d/”" in ended.err) == (1, True)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(120):
        (folder / f"{number:03}").write_bytes(b"x" * 1000)
    return folder


def test_a_bucket_that_is_missing_is_told_once_and_nothing_is_sent(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    many: Path,
):
    proxy = fault_proxy(ceph)
    terminal.add("T", proxy.endpoint)
    ended = terminal.run("cp", "-r", str(many), f"T:{new_bucket_name()}/x")
    assert (ended.code, len(ended.err.splitlines())) == (1, 1)
    assert "no bucket" in ended.err
    assert not [each for each in proxy.requests if each.method == "PUT"]
    assert not list((terminal.home / "data" / "runs").glob("*"))

    # Who may not list finds it out with the first ones.
    proxy.on(error_reply(403, "AccessDenied"), method="GET")
    ended = terminal.run("cp", "-r", str(many), f"T:{new_bucket_name()}/x")
    told = [line for line in ended.err.splitlines() if "no bucket" in line]
    assert (ended.code, len(told), "more failed for the same reason" in ended.err) == (1, 1, True)


def test_keys_that_may_do_nothing_are_told_once(
    terminal: Terminal,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    many: Path,
):
    proxy = fault_proxy(ceph)
    terminal.add("T", proxy.endpoint)
    proxy.on(error_reply(403, "AccessDenied"), times=1000)
    ended = terminal.run("cp", "-r", str(many), f"T:{ceph_bucket}/x")
    told = [line for line in ended.err.splitlines() if "may not" in line]
    assert (ended.code, len(told)) == (1, 1)
    assert "119 more failed for the same reason." in ended.err
    proxy.clear()
    proxy.on(error_reply(403, "AccessDenied"), method="PUT", path_re="/00[0-4]", times=1000)
    ended = terminal.run("cp", "-r", str(many), f"T:{ceph_bucket}/y")
    told = [line for line in ended.err.splitlines() if "may not" in line]
    assert (ended.code, len(told)) == (1, 5)  # not the same for all: each is named
