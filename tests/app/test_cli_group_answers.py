"""Verbs that read from a group say which backend has served, each record by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.mapped_shop import DOWN
from tests.servers.fault import FaultProxy, error_reply

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.mapped_shop import MappedShop
    from tests.app.terminal import Ended
    from tests.servers.endpoint import Endpoint

WHO = ("backend", "failover", "degraded", "may_be_old")


def served(ended: Ended) -> set[tuple[object, ...]]:
    assert ended.records
    return {tuple(record[name] for name in WHO) for record in ended.records}


@pytest.mark.parametrize(
    "words",
    [
        ("find", "G:", "--glob", "*key*"),
        ("find", "G:photos", "--glob", "*key*"),
        ("verify", "G:photos/key"),
        ("verify", "-r", "G:photos"),
        ("du", "G:photos"),
    ],
)
def test_who_has_served_is_in_each_record(mapped_shop: MappedShop, words: tuple[str, ...]) -> None:
    """The first may have something newer than another gives, though it had the same before."""
    mapped_shop.open("A")
    terminal = mapped_shop.terminal
    assert served(terminal.ok(*words, "--json")) == {("A", False, False, False)}
    terminal.ok("connections", "edit", "A", "--endpoint", "http://127.0.0.1:1")
    # Of an empty bucket of somebody else nobody knows that it is so.
    ended = terminal.run(*words, "--json")
    assert served(ended) == {("B", True, False, True)}
    assert ended.err.count("read from B: a backend before it could not give it.") == 1


def test_each_object_is_verified_where_it_was_read(mapped_shop: MappedShop) -> None:
    """One of them is at the second backend alone, and is asked for by its name."""
    mapped_shop.open("A")
    names = [f"G:photos/{key}" for key in ("key", "there")]
    told = [mapped_shop.terminal.ok("verify", name, "--json").records[0] for name in names]
    assert [each["backend"] for each in told] == ["A", "B"]


def test_versions_are_those_of_the_first_backend(mapped_shop: MappedShop) -> None:
    mapped_shop.open("A")
    told = mapped_shop.terminal.ok("versions", "G:photos/key", "--json")
    assert served(told) == {("A", False, False, False)}


def test_nobody_stands_in_where_a_profile_leads_to_the_same_place(
    mapped_shop: MappedShop, ceph: Endpoint, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"[profile work]\nendpoint_url = {ceph.url}\nregion = {ceph.region}\n"
        f"aws_access_key_id = {ceph.access_key}\naws_secret_access_key = {ceph.secret_key}\n"
    )
    terminal, (here, there) = mapped_shop.terminal, mapped_shop.buckets
    terminal.environment["AWS_CONFIG_FILE"] = str(config)
    terminal.ok("connections", "add", "P", "--credentials", "profile:work", "--addressing", "path")
    mapped_shop.open(DOWN)
    terminal.ok("cp", "G:photos/there", f"P:{here}/elsewhere")
    assert "Down: Nothing answers" in mapped_shop.said("cp", "G:photos/there", f"P:{there}/same")


def test_a_plain_connection_has_no_backend(mapped_shop: MappedShop) -> None:
    place = f"A:{mapped_shop.buckets[0]}"
    for words in (("find", place), ("verify", "-r", place), ("du", place)):
        assert not any(
            "backend" in each for each in mapped_shop.terminal.ok(*words, "--json").records
        )


@pytest.mark.parametrize("flags", [(), ("-r",)])
def test_what_is_said_of_a_copy_is_about_its_bytes(
    mapped_shop: MappedShop, ceph: Endpoint, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    """Who may not look at an object may get it: the look before says nothing of the bytes."""
    terminal, down = mapped_shop.terminal, tmp_path / "down"
    with FaultProxy(ceph) as proxy:
        terminal.ok("connections", "edit", "A", "--endpoint", proxy.endpoint.url)
        mapped_shop.open("A")
        proxy.on(error_reply(403, "AccessDenied"), method="HEAD", times=None)
        ended = terminal.ok("cp", *flags, "G:photos/key", str(down), "--json")
        assert served(ended) == {("A", False, False, False)}
        assert "B" not in ended.err
        terminal.ok("connections", "edit", "A", "--endpoint", "http://127.0.0.1:1")
        ended = terminal.ok("cp", "G:photos/there", str(tmp_path / "there"), "--json")
        assert served(ended) == {("B", True, False, True)}
        assert "G:photos/there was read from B" in ended.err
        assert "s4desk: read from" not in ended.err


def test_a_rehearsal_says_that_nothing_would_be_replaced(
    mapped_shop: MappedShop, tmp_path: Path
) -> None:
    terminal, here = mapped_shop.terminal, tmp_path / "here"
    here.mkdir()
    (here / "key").write_bytes(b"mine")
    mapped_shop.open("A")
    said = "What has changed would not be replaced"
    words = ("sync", "G:photos/", str(here), "--dry-run")
    assert said not in terminal.ok(*words).err
    terminal.ok("connections", "edit", "A", "--endpoint", "http://127.0.0.1:1")
    ended = terminal.ok(*words)
    assert "1 new, 1 changed" in ended.err
    assert said in ended.err


def test_who_listed_what_is_copied_is_not_said_to_have_given_it(
    mapped_shop: MappedShop, ceph: Endpoint, tmp_path: Path
) -> None:
    terminal = mapped_shop.terminal
    with FaultProxy(ceph) as proxy:
        terminal.ok("connections", "edit", "A", "--endpoint", proxy.endpoint.url)
        mapped_shop.open("A")
        proxy.on(error_reply(403, "AccessDenied"), path_re="list-type", times=None)
        ended = terminal.ok("cp", "-r", "G:photos/", str(tmp_path / "down"), "--json")
        assert ("A", False, False, False) in served(ended)
        assert "what there is was asked of B: a backend before it did not tell." in ended.err
        assert "warning: the first backend may have something newer." in ended.err
        assert "s4desk: read from" not in ended.err


def test_a_limit_is_named_where_another_stood_in_for_it(
    mapped_shop: MappedShop, tmp_path: Path
) -> None:
    mapped_shop.open("A")
    terminal = mapped_shop.terminal
    terminal.ok("du", "G:photos")
    terminal.ok("group", "limits", "G", "A", "--api", "1")
    beyond = "the first backend may be used for at most 1 request a month; see “s4desk group"
    for words in (("du", "G:photos"), ("stat", "G:photos/key"), ("verify", "G:photos/key")):
        ended = terminal.ok(*words)
        assert f"s4desk: read from B: {beyond} limits”." in ended.err
        assert "could not give it" not in ended.err
        assert "it may be older than what the first backend has" in ended.err
    ended = terminal.ok("cp", "-r", "G:photos/", str(tmp_path / "down"))
    assert f"what there is was asked of B: {beyond}" in ended.err
