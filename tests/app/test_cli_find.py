"""`s4desk find` against a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

KEYS = {"a/one.txt": b"1", "a/b/Two.TXT": b"22" * 4096, "c/three.log": b"3", "é [x].txt": b""}


@pytest.fixture
def bucket(endpoint: Endpoint) -> Iterator[str]:
    with temporary_bucket(endpoint) as name, s3_client(endpoint) as client:
        for key, content in KEYS.items():
            client.put_object(Bucket=name, Key=key, Body=content)
        yield name


def test_keys_are_found_by_name_size_age_and_class(
    terminal: Terminal, endpoint: Endpoint, bucket: str
):
    terminal.add("T", endpoint)

    def found(place: str, *options: str) -> list[str]:
        ended = terminal.ok("find", place, *options, "--json")
        return [record["key"] for record in ended.records if record["bucket"] == bucket]

    assert found(f"T:{bucket}") == sorted(KEYS, key=str.encode)
    assert found(f"T:{bucket}", "--name", "*.txt") == ["a/b/Two.TXT", "a/one.txt", "é [x].txt"]
    assert found(f"T:{bucket}", "--name", "*.txt", "--match-case") == ["a/one.txt", "é [x].txt"]
    assert found(f"T:{bucket}/a/", "--glob", "b/*") == ["a/b/Two.TXT"]
    assert found(f"T:{bucket}", "--regex", "^tw.*o") == ["a/b/Two.TXT"]
    assert found(f"T:{bucket}", "--larger", "8 KiB") == ["a/b/Two.TXT"]
    assert found(f"T:{bucket}", "--smaller", "0 B") == ["é [x].txt"]
    assert found(f"T:{bucket}", "--newer", "1h", "--name", "three") == ["c/three.log"]
    assert found(f"T:{bucket}", "--older", "1h") == []
    assert found(f"T:{bucket}", "--class", "glacier") == []
    assert found("T:", "--name", "three") == ["c/three.log"]


def test_a_line_says_which_bucket_it_is_of(terminal: Terminal, endpoint: Endpoint, bucket: str):
    terminal.add("T", endpoint)
    everywhere = terminal.ok("find", "T:", "--name", "three").out.decode()
    assert f" {bucket}/c/three.log\n" in everywhere
    assert terminal.ok("find", f"T:{bucket}", "--name", "three").out.endswith(b" c/three.log\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--regex", "("], "cannot be read"),
        (["--larger", "much"], "16 MiB"),
        (["--newer", "soon"], "is no moment"),
        (["--name", "a", "--glob", "b"], "not allowed with"),
    ],
)
def test_what_has_no_meaning_is_refused(
    terminal: Terminal, endpoint: Endpoint, bucket: str, options: list[str], said: str
):
    terminal.add("T", endpoint)
    ended = terminal.run("find", f"T:{bucket}", *options)
    assert ended.code == 2
    assert said in ended.err
