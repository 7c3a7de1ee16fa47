"""`s4desk du` on real servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.client import s3_client

if TYPE_CHECKING:
    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint


def test_what_lies_where_is_counted(terminal: Terminal, endpoint: Endpoint, bucket: str) -> None:
    terminal.add("T", endpoint)
    with s3_client(endpoint) as client:
        for key, size in {"a/x": 10, "a/b/y": 20, "c/z": 5, "top": 1}.items():
            client.put_object(Bucket=bucket, Key=key, Body=b"x" * size)
    told = terminal.ok("du", f"T:{bucket}", "--json").records
    amounts = [(row["type"], row.get("key"), row["objects"], row["bytes"]) for row in told]
    assert amounts == [
        ("folder", "a/", 2, 30),
        ("folder", "c/", 1, 5),
        ("class", None, 4, 36),
        ("age", None, 4, 36),
        ("total", "", 4, 36),
    ]
    deep = terminal.ok("du", f"T:{bucket}/a/", "--depth", "0", "--json").records
    assert [row["type"] for row in deep] == ["class", "age", "total"]
    text = terminal.ok("du", f"T:{bucket}").out.decode()
    assert "2 objects" in text.splitlines()[0]
    assert text.splitlines()[0].endswith("  a/")
    assert terminal.run("du", f"T:{bucket}/nothing").code == 1
    assert terminal.run("du", f"T:{bucket}", "--depth", "-1").code == 2


def test_old_versions_count_when_asked(
    terminal: Terminal, moto: Endpoint, moto_bucket: str
) -> None:
    terminal.add("T", moto)
    with s3_client(moto) as client:
        client.put_bucket_versioning(
            Bucket=moto_bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        for body in (b"12345", b"1"):
            client.put_object(Bucket=moto_bucket, Key="key", Body=body)
        client.delete_object(Bucket=moto_bucket, Key="key")
    words = ("du", f"T:{moto_bucket}", "--json")
    assert terminal.ok(*words).records[-1]["bytes"] == 0
    total = terminal.ok(*words, "--versions").records[-1]
    assert (total["objects"], total["bytes"], total["delete_markers"]) == (2, 6, 1)
