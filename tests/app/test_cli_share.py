"""`s4desk share`: links that real servers honour, and what is said of them."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from tests.servers.client import s3_client
from tests.servers.fault import Reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy


def fetch(url: str, method: str = "GET", body: bytes | None = None) -> tuple[bytes, dict[str, str]]:
    kind = {"Content-Type": "application/octet-stream"} if body is not None else {}
    with urlopen(Request(url, body, kind, method=method), timeout=20) as reply:
        return reply.read(), {name.lower(): value for name, value in reply.headers.items()}


def test_links_do_what_they_say(terminal: Terminal, endpoint: Endpoint, bucket: str) -> None:
    terminal.add("T", endpoint)
    with s3_client(endpoint) as client:
        client.put_object(Bucket=bucket, Key="a/größe +.txt", Body=b"content")
        client.put_object(Bucket=bucket, Key="a/b", Body=b"b")
    place = f"T:{bucket}/a/größe +.txt"
    (link,) = terminal.ok("share", place, "--expires", "30m", "--json").records
    assert fetch(link["url"])[0] == b"content"
    until = datetime.fromisoformat(link["works_until"])
    assert abs(until - datetime.now(UTC) - timedelta(minutes=30)) < timedelta(minutes=1)

    named = terminal.ok("share", place, "--download-as", "Größe.txt", "--content-type", "text/x-y")
    _, headers = fetch(named.out.decode().strip())
    assert headers["content-type"].startswith("text/x-y")
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt" in headers["content-disposition"]
    assert "can read the object until" in named.err

    (look,) = terminal.ok("share", place, "--method", "head", "--json").records
    assert fetch(look["url"], "HEAD")[1]["content-length"] == "7"
    (write,) = terminal.ok("share", f"T:{bucket}/new", "--method", "put", "--json").records
    fetch(write["url"], "PUT", b"written")
    with s3_client(endpoint) as client:
        assert client.get_object(Bucket=bucket, Key="new")["Body"].read() == b"written"

    many = terminal.ok("share", "-r", f"T:{bucket}/a", "--json").records
    assert {row["key"]: fetch(row["url"])[0] for row in many} == {
        "a/b": b"b",
        "a/größe +.txt": b"content",
    }


def test_a_link_ends_with_the_keys_of_the_environment(
    terminal: Terminal, moto: Endpoint, new_bucket: Callable[..., str]
) -> None:
    bucket = new_bucket(moto)
    with s3_client(moto) as client:
        client.put_object(Bucket=bucket, Key="a", Body=b"x")
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=15)
    terminal.environment |= {
        "AWS_ACCESS_KEY_ID": moto.access_key,
        "AWS_SECRET_ACCESS_KEY": moto.secret_key,
        "AWS_SESSION_TOKEN": "session",
        "AWS_CREDENTIAL_EXPIRATION": ends.isoformat(),
    }
    words = ("--endpoint", moto.url, "--addressing", "path", "--credentials", "env")
    terminal.ok("connections", "add", "E", *words)
    (link,) = terminal.ok("share", f"E:{bucket}/a", "--json").records
    assert datetime.fromisoformat(link["works_until"]) == ends
    assert "Then its key ends." in terminal.ok("share", f"E:{bucket}/a").err


def test_a_key_with_dots_between_slashes(
    terminal: Terminal, endpoint: Endpoint, bucket: str, tmp_path: Path
) -> None:
    """Its link works wherever it is not resolved, and it is said where it is."""
    terminal.add("T", endpoint)
    (tmp_path / "file").write_bytes(b"dots")
    place = f"T:{bucket}/a/../x"
    terminal.ok("cp", str(tmp_path / "file"), place)
    (link,) = terminal.ok("share", place, "--json").records
    assert link["needs_path_as_is"] is True
    fetched = subprocess.run(
        ["curl", "-s", "--fail", "--path-as-is", link["url"]], capture_output=True, check=True
    )
    assert (fetched.stdout, fetch(link["url"])[0]) == (b"dots", b"dots")
    assert "--path-as-is" in terminal.ok("share", place).err
    terminal.ok("cp", str(tmp_path / "file"), f"T:{bucket}/a/.b/c..")
    many = terminal.ok("share", "-r", f"T:{bucket}/a")
    assert "In 1 of these keys" in many.err
    told = terminal.ok("share", "-r", f"T:{bucket}/a", "--json").records
    assert [each["needs_path_as_is"] for each in told] == [True, False]


def test_what_is_not_there_is_not_shared(
    terminal: Terminal, ceph: Endpoint, ceph_bucket: str
) -> None:
    """But what shall be there one day is, for who says so."""
    terminal.add("T", ceph)
    with s3_client(ceph) as client:
        client.put_bucket_versioning(
            Bucket=ceph_bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        client.put_object(Bucket=ceph_bucket, Key="there", Body=b"x")
        client.put_object(Bucket=ceph_bucket, Key="hidden", Body=b"x")
        marker = client.delete_object(Bucket=ceph_bucket, Key="hidden")["VersionId"]
    for words in (
        [f"T:{ceph_bucket}/absent"],
        [f"T:{ceph_bucket}/absent", "--method", "head"],
        [f"T:{ceph_bucket}/there", "--version-id", "nonsense"],
        [f"T:{ceph_bucket}/hidden"],
        [f"T:{ceph_bucket}/hidden", "--version-id", marker],
        ["T:no-such-bucket-here/key"],
        ["T:no-such-bucket-here/key", "--method", "put"],
        ["-r", f"T:{ceph_bucket}/absent"],
    ):
        ended = terminal.run("share", *words)
        assert (ended.code, ended.out) == (1, b""), words
        assert "Something unexpected" not in ended.err
    assert "There is nothing to share in" in ended.err
    later = terminal.ok("share", f"T:{ceph_bucket}/absent", "--unchecked")
    assert "Nobody has asked whether it is there." in later.err
    (told,) = terminal.ok("share", f"T:{ceph_bucket}/absent", "--unchecked", "--json").records
    assert told["checked"] is False
    shown = terminal.ok(
        "share", f"T:{ceph_bucket}/there", "--response-content-disposition", "inline"
    )
    assert fetch(shown.out.decode().strip())[1]["content-disposition"] == "inline"


def test_who_cannot_look_is_told_how_to_sign_all_the_same(
    terminal: Terminal, ceph: Endpoint, fault_proxy: Callable[[Endpoint], FaultProxy]
) -> None:
    proxy = fault_proxy(ceph)
    terminal.add("T", proxy.endpoint)
    proxy.on(Reply(403), method="HEAD", times=None)
    ended = terminal.run("share", "T:bucket/key")
    assert (ended.code, ended.out, "--unchecked" in ended.err) == (1, b"", True)
    terminal.ok("share", "T:bucket/key", "--unchecked")
    terminal.ok("share", "T:bucket/key", "--method", "put")  # who may write need not look


def test_a_link_ends_with_the_keys_that_signed_it(
    terminal: Terminal, moto: Endpoint, moto_bucket: str
) -> None:
    terminal.add("T", moto)
    terminal.environment |= {
        "AWS_ACCESS_KEY_ID": "ASIA",
        "AWS_SECRET_ACCESS_KEY": "word",
        "AWS_SESSION_TOKEN": "session",
    }
    terminal.ok("connections", "edit", "T", "--credentials", "env")
    with s3_client(moto) as client:
        client.put_object(Bucket=moto_bucket, Key="key", Body=b"x")
    told = terminal.ok("share", f"T:{moto_bucket}/key", "--json").records[0]
    assert (told["works_until"], told["key_ends_first"]) == (None, False)
    assert "may end sooner" in terminal.ok("share", f"T:{moto_bucket}/key").err


def test_a_link_says_when_its_key_ends(
    terminal: Terminal, moto: Endpoint, moto_bucket: str, tmp_path: Path
) -> None:
    ends = (datetime.now(UTC) + timedelta(minutes=20)).replace(microsecond=0)
    keys = {"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}
    (tmp_path / "keys").write_text(json.dumps(keys | {"Expiration": ends.isoformat()}))
    (tmp_path / "config").write_text(f"[profile p]\ncredential_process = cat {tmp_path}/keys\n")
    terminal.environment["AWS_CONFIG_FILE"] = str(tmp_path / "config")
    terminal.add("T", moto)
    terminal.ok("connections", "edit", "T", "--credentials", "profile:p")
    with s3_client(moto) as client:
        client.put_object(Bucket=moto_bucket, Key="key", Body=b"x")
    words = ("share", f"T:{moto_bucket}/key", "--expires", "2h")
    (told,) = terminal.ok(*words, "--json").records
    assert (told["works_until"], told["key_ends_first"]) == (ends.isoformat(), True)
    assert "Then its key ends." in terminal.ok(*words).err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--expires", "8d"], "at most 7d"),
        (["--expires", "0m"], "at least a minute"),
        (["--expires", "soon"], "30m, 12h, 7d"),
        (["--method", "put", "--download-as", "x"], "links that read"),
        (["--method", "put", "--version-id", "x"], "links that read"),
        (["--download-as", "x", "--response-content-disposition", "y"], "already"),
        (["-r", "--method", "put"], "for reading what is there"),
    ],
)
def test_what_has_no_meaning_is_refused(
    terminal: Terminal, moto: Endpoint, options: list[str], said: str
) -> None:
    terminal.add("T", moto)
    ended = terminal.run("share", "T:bucket/key", *options)
    assert ended.code == 2
    assert said in ended.err
