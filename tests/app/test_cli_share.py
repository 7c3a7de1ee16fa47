"""`s4desk share`: links that real servers honour, and what is said of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from tests.servers.client import s3_client

if TYPE_CHECKING:
    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint


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
    told = terminal.ok("share", f"T:{moto_bucket}/key", "--json").records[0]
    assert (told["works_until"], told["key_ends_first"]) == (None, False)
    assert "may end sooner" in terminal.ok("share", f"T:{moto_bucket}/key").err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--expires", "8d"], "at most 7d"),
        (["--expires", "0m"], "at least a minute"),
        (["--expires", "soon"], "30m, 12h, 7d"),
        (["--method", "put", "--download-as", "x"], "links that read"),
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
