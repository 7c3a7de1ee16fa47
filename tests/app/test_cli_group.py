"""`s4desk group`, and the verbs that read from one, on real servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.terminal import Ended, Terminal
    from tests.servers.endpoint import Endpoint

NOBODY = "http://127.0.0.1:1"


class Shop:
    """A group G of two backends, A and B, which call its bucket otherwise."""

    def __init__(self, terminal: Terminal, here: Endpoint, there: Endpoint, *buckets: str) -> None:
        self.terminal = terminal
        self.here, self.there = here, there
        self.bucket, self.other = buckets

    @property
    def place(self) -> str:
        return f"G:{self.bucket}"

    def put(self, key: str, body: bytes) -> None:
        """At both, as replication would have it."""
        for endpoint, bucket in ((self.here, self.bucket), (self.there, self.other)):
            self.put_at(endpoint, bucket, key, body)

    def put_at(self, endpoint: Endpoint, bucket: str, key: str, body: bytes) -> None:
        with s3_client(endpoint) as client:
            client.put_object(Bucket=bucket, Key=key, Body=body)

    def lose_home(self) -> None:
        self.terminal.ok("connections", "edit", "A", "--endpoint", NOBODY)

    def served(self, *words: str) -> tuple[object, object, object]:
        """Who served a verb that tells one record."""
        return _served(self.terminal.ok(*words, "--json"))


def _served(ended: Ended) -> tuple[object, object, object]:
    record = ended.records[-1]
    return record["backend"], record["failover"], record["degraded"]


@pytest.fixture
def shop(terminal: Terminal, ceph: Endpoint, moto: Endpoint) -> Iterator[Shop]:
    terminal.add("A", ceph)
    terminal.add("B", moto)
    with temporary_bucket(ceph) as bucket, temporary_bucket(moto) as other:
        backends = ("--backend", f"A:{bucket}", "--backend", f"B:{other}")
        terminal.ok("group", "add", "G", *backends, "--timeout", "20")
        yield Shop(terminal, ceph, moto, bucket, other)


def test_a_group_is_read_at_its_first_backend(shop: Shop, tmp_path: Path) -> None:
    shop.put("folder/key", b"content")
    assert shop.served("stat", f"{shop.place}/folder/key") == ("A", False, False)
    assert shop.served("ls", f"{shop.place}/folder/") == ("A", False, False)
    assert shop.served("ls", shop.place) == ("A", False, False)
    assert shop.served("ls", "G:") == ("A", False, False)
    target = tmp_path / "down"
    assert shop.served("cp", f"{shop.place}/folder/key", str(target)) == ("A", False, False)
    assert target.read_bytes() == b"content"


def test_a_plain_connection_has_no_backend(shop: Shop) -> None:
    shop.put("key", b"content")
    assert "backend" not in shop.terminal.ok("ls", f"A:{shop.bucket}", "--json").records[0]


def test_it_is_read_on_when_that_is_down(shop: Shop, tmp_path: Path) -> None:
    for number in range(20):
        shop.put(f"small/{number}", b"%d" % number)
    shop.put("large", large := bytes(range(256)) * 80_000)
    shop.lose_home()
    ended = shop.terminal.ok("stat", f"{shop.place}/large", "--json")
    assert _served(ended) == ("B", True, False)
    assert "read from B" in ended.err
    assert len(shop.terminal.ok("ls", f"{shop.place}/small/", "--json").records) == 20
    ended = shop.terminal.ok("cp", "-r", f"{shop.place}/", f"{tmp_path}/down/", "--json")
    assert {each["backend"] for each in ended.records} == {"B"}
    assert "was read from B" in ended.err
    assert (tmp_path / "down" / "large").read_bytes() == large
    for number in range(20):
        assert (tmp_path / "down" / "small" / str(number)).read_bytes() == b"%d" % number


def test_writes_never_go_to_another_backend(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "up").write_bytes(b"new")
    shop.put("key", b"old")
    shop.terminal.ok("cp", str(tmp_path / "up"), f"{shop.place}/up")
    with s3_client(shop.there) as client:
        assert client.list_objects_v2(Bucket=shop.other)["KeyCount"] == 1
    shop.lose_home()
    for words in (
        ("cp", str(tmp_path / "up"), f"{shop.place}/again"),
        ("rm", f"{shop.place}/key"),
        ("mb", "G:another-bucket"),
    ):
        ended = shop.terminal.run(*words)
        assert ended.code == 1
        assert "A" in ended.err
        assert "Traceback" not in ended.err
    with s3_client(shop.there) as client:
        assert client.list_objects_v2(Bucket=shop.other)["KeyCount"] == 1
        assert client.get_object(Bucket=shop.other, Key="key")["Body"].read() == b"old"


def test_what_a_replica_lacks_is_not_deleted_here(shop: Shop, tmp_path: Path) -> None:
    shop.put("both", b"x")
    shop.put_at(shop.here, shop.bucket, "not-replicated-yet", b"x")
    local = tmp_path / "down"
    shop.terminal.ok("sync", f"{shop.place}/", f"{local}/")
    shop.lose_home()
    ended = shop.terminal.run("sync", f"{shop.place}/", f"{local}/", "--delete", "--yes")
    assert ended.code == 1
    assert "Nothing is deleted" in ended.err
    assert sorted(each.name for each in local.iterdir()) == ["both", "not-replicated-yet"]


def test_what_a_stand_in_has_is_no_reason_to_write_or_to_delete(shop: Shop, tmp_path: Path) -> None:
    """The first has something newer, and is left out for its limit; deletions are not limited."""
    shop.put("x", b"old")
    shop.put_at(shop.here, shop.bucket, "x", b"newer")
    rules = tmp_path / "rules.json"
    rules.write_text(
        '{"Rules": [{"ID": "small", "Status": "Enabled", "Expiration": {"Days": 1},'
        ' "Filter": {"ObjectSizeLessThan": 4}}]}'
    )
    shop.terminal.ok("stat", f"{shop.place}/x")
    shop.terminal.ok("group", "limits", "G", "A", "--api", "1")
    assert shop.served("stat", f"{shop.place}/x")[0] == "B"
    later = ("--now", "2036-01-01T00:00:00Z", "--yes")
    for words in (
        ("mv", f"{shop.place}/x", str(tmp_path / "moved")),
        ("set", f"{shop.place}/x", "--meta", "a=b", "--yes"),
        ("lifecycle", "apply", shop.place, "--rules", str(rules), *later),
        ("lock", "show", f"{shop.place}/x"),
    ):
        assert shop.terminal.run(*words).code == 1, words
    with s3_client(shop.here) as client:
        found = client.get_object(Bucket=shop.bucket, Key="x")
        assert (found["Body"].read(), found["Metadata"]) == (b"newer", {})


def test_who_is_used_up_deletes_what_is_named(shop: Shop) -> None:
    """Deletions are not limited; the look before them is."""
    shop.put("x", b"content")
    shop.terminal.ok("group", "limits", "G", "A", "--api", "1")
    assert shop.served("stat", f"{shop.place}/x")[0] == "A"
    shop.terminal.ok("rm", f"{shop.place}/x")
    with s3_client(shop.here) as client:
        assert not client.list_objects_v2(Bucket=shop.bucket).get("Contents")


def test_the_first_is_not_covered_by_what_a_stand_in_has(shop: Shop) -> None:
    """Its own connection, and another group, lead to it too."""
    shop.put("d/x", b"old")
    shop.put_at(shop.here, shop.bucket, "d/x", b"newer")
    members = ("--backend", f"A:data={shop.bucket}", "--backend", f"B:data={shop.other}")
    shop.terminal.ok("group", "add", "H", *members)
    shop.terminal.ok("group", "limits", "G", "A", "--api", "1")
    assert shop.served("ls", f"{shop.place}/d/")[0] == "A"
    folder, own = f"{shop.place}/d", f"A:{shop.bucket}/d"
    for words in (
        ("cp", "--overwrite", f"{folder}/x", f"{own}/x"),
        ("cp", "-r", "--if-different", folder, own),
        ("cp", "-r", "--overwrite", folder, "H:data/d"),
        ("sync", "--compare", "checksum", folder, own),
        ("sync", "--compare", "etag", folder, "H:data/d"),
    ):
        assert shop.terminal.run(*words).code != 0, words
    with s3_client(shop.here) as client:
        assert client.get_object(Bucket=shop.bucket, Key="d/x")["Body"].read() == b"newer"


def test_nobody_says_that_there_is_nothing_while_the_first_is_down(shop: Shop) -> None:
    shop.put_at(shop.here, shop.bucket, "not-replicated-yet", b"x")
    shop.lose_home()
    ended = shop.terminal.run("stat", f"{shop.place}/not-replicated-yet")
    assert ended.code == 1
    assert "not known" in ended.err


def test_usage_is_counted_and_limited(shop: Shop, tmp_path: Path) -> None:
    shop.put("key", b"x" * 10_000)
    shop.terminal.ok("cp", f"{shop.place}/key", str(tmp_path / "one"))
    _, first, second = shop.terminal.ok("group", "status", "G", "--json").records
    assert (first["egress"], second["egress"]) == (10_000, 0)
    assert first["requests"] >= 2
    told = shop.terminal.ok("group", "limits", "G", "A", "--api", "1", "--egress", "50MB").out
    assert told.decode() == "A: 1 request, 50 MB out, any amount in, a month\n"
    told = shop.terminal.run("group", "status", "G").out.decode()
    assert " of 1 request, 10.0 kB of 50 MB out, " in told
    shop.terminal.ok("group", "limits", "G", "A", "--api", "0")
    shop.terminal.ok("group", "limits", "G", "A", "--egress", "10KB")
    assert shop.served("cp", f"{shop.place}/key", str(tmp_path / "two"))[0] == "B"
    shop.terminal.ok("group", "limits", "G", "B", "--egress", "5000")
    ended = shop.terminal.run("cp", f"{shop.place}/key", str(tmp_path / "three"))
    assert ended.code == 1
    assert "limit" in ended.err


def test_the_status_says_who_answers(shop: Shop) -> None:
    group, first, second = shop.terminal.ok("group", "status", "G", "--json").records
    assert (group["degraded"], first["answers"], second["answers"]) == (False, True, True)
    assert (first["writes"], second["writes"]) == (True, False)
    assert second["buckets"] == {shop.bucket: shop.other}
    shop.lose_home()
    ended = shop.terminal.run("group", "status", "G", "--json")
    _, first, second = ended.records
    assert (ended.code, first["answers"], second["answers"]) == (1, False, True)
    assert "1 of 2" in shop.terminal.run("group", "status", "G").out.decode()


def test_what_backends_hold_is_compared(shop: Shop) -> None:
    shop.put("same", b"x")
    shop.put_at(shop.here, shop.bucket, "first-only", b"x")
    shop.put_at(shop.here, shop.bucket, "other", b"one")
    shop.put_at(shop.there, shop.other, "other", b"two")
    ended = shop.terminal.run("group", "compare", shop.place, "--json")
    assert ended.code == 1
    *rows, summary = ended.records
    told = {row["key"]: [each["standing"] for each in row["backends"].values()] for row in rows}
    assert told == {"first-only": ["same", "missing"], "other": ["same", "other"]}
    assert (summary["keys"], summary["same"]) == (3, 1)


def test_a_group_is_changed(shop: Shop) -> None:
    shop.terminal.ok("group", "limits", "G", "B", "--api", "7")
    edited = shop.terminal.ok(
        *("group", "edit", "G", "--name", "H", "--backend", "B", "--backend", "A"),
        *("--degraded-reads", "off", "--parallel", "2", "--timeout", "3", "--json"),
    )
    record = edited.records[0]
    assert [each["backend"] for each in record["backends"]] == ["B", "A"]
    assert (record["degraded_reads"], record["parallel"], record["timeout_s"]) == (False, 2, 3.0)
    _, first, _ = shop.terminal.ok("group", "status", "H", "--json").records
    assert (first["backend"], first["limits"]["requests"]) == ("B", 7)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("group", "add", "X", "--backend", "nobody"), "no connection named"),
        (("group", "add", "X", "--backend", "A", "--backend", "A"), "named twice"),
        (("group", "add", "X", "--backend", "G"), "is a group itself"),
        (("group", "add", "X", "--backend", "A:a=b,a=c"), "names each bucket once"),
        (("group", "add", "X", "--backend", "A:a="), "HERE=THERE"),
        (("group", "add", "G", "--backend", "A"), "already"),
        (("group", "add", "X", "--backend", "A", "--parallel", "0"), "--parallel"),
        (("group", "add", "X", "--backend", "A", "--timeout", "-1"), "--timeout"),
        (("group", "edit", "G"), "Nothing is to be changed"),
        (("group", "edit", "A", "--parallel", "2"), "is no group"),
        (("group", "status", "A"), "is no group"),
        (("group", "limits", "G", "A", "--api", "many"), "--api"),
        (("group", "compare", "A:bucket"), "is no group"),
        (("connections", "edit", "G", "--region", "x"), "group edit"),
        (("connections", "remove", "A"), "is a backend of the group"),
    ],
)
def test_what_has_no_meaning_is_refused(shop: Shop, words: tuple[str, ...], said: str) -> None:
    ended = shop.terminal.run(*words)
    assert ended.code == 2
    assert said in ended.err


def test_it_is_listed_and_removed(shop: Shop) -> None:
    listed = shop.terminal.ok("connections", "list").out.decode()
    assert "G\tgroup of A, B" in listed
    shop.terminal.ok("connections", "remove", "G")
    shop.terminal.ok("connections", "remove", "A")
