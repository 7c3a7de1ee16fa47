"""`s4desk share` of what a group has: whose the link is, and whether that answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from tests.app.mapped_shop import DOWN

if TYPE_CHECKING:
    from tests.app.mapped_shop import MappedShop

KEY, NEW = "G:photos/key", "G:photos/new"


def shared(shop: MappedShop, *words: str) -> dict[str, Any]:
    (link,) = shop.terminal.ok("share", *words, "--json").records
    return link


def whose(link: dict[str, Any]) -> tuple[object, ...]:
    return link["backend"], link["answers"]


def test_a_link_leads_to_the_first_backend(mapped_shop: MappedShop) -> None:
    mapped_shop.open("A")
    link = shared(mapped_shop, KEY)
    assert whose(link) == ("A", True)
    assert f"/{mapped_shop.buckets[0]}/key?" in link["url"]
    assert link["bucket"] == "photos"
    assert urlopen(link["url"], timeout=20).read() == b"x"
    assert whose(shared(mapped_shop, NEW, "--method", "put")) == ("A", True)
    assert whose(shared(mapped_shop, NEW, "--unchecked")) == ("A", None)
    ended = mapped_shop.terminal.ok("share", "-r", "G:photos")
    assert "It leads to A." in ended.err
    assert "read from" not in ended.err


def test_what_is_read_leads_to_whoever_told_of_it(mapped_shop: MappedShop) -> None:
    mapped_shop.open(DOWN)
    link = shared(mapped_shop, KEY)
    assert whose(link) == ("B", True)
    assert urlopen(link["url"], timeout=20).read() == b"x"
    many = mapped_shop.terminal.ok("share", "-r", "G:photos", "--json").records
    assert {whose(each) for each in many} == {("B", True)}
    said = "It leads to B, which may have something older than Down."
    assert said in mapped_shop.terminal.ok("share", KEY).err


def test_what_is_written_leads_to_the_first_alone(mapped_shop: MappedShop) -> None:
    mapped_shop.open(DOWN)
    assert mapped_shop.said("share", NEW, "--method", "put").startswith("No link was made.")
    link = shared(mapped_shop, NEW, "--method", "put", "--unchecked")
    assert whose(link) == ("Down", None)
    assert link["url"].startswith("http://127.0.0.1:1/")


def test_what_another_backend_alone_has_is_had_there(mapped_shop: MappedShop) -> None:
    mapped_shop.open("A")
    assert whose(shared(mapped_shop, "G:photos/there")) == ("B", True)


def test_a_link_ends_with_the_keys_of_its_backend(mapped_shop: MappedShop) -> None:
    terminal = mapped_shop.terminal
    mapped_shop.open("A")
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=30)
    terminal.environment |= {
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "session",
        "AWS_CREDENTIAL_EXPIRATION": ends.isoformat(),
    }
    terminal.ok("connections", "edit", "A", "--credentials", "env")
    link = shared(mapped_shop, KEY, "--unchecked")
    assert (datetime.fromisoformat(link["works_until"]), link["key_ends_first"]) == (ends, True)


def test_whose_keys_are_missing_is_said(mapped_shop: MappedShop) -> None:
    mapped_shop.open("A")
    mapped_shop.terminal.ok("connections", "edit", "A", "--credentials", "anonymous")
    said = mapped_shop.said("share", KEY, "--unchecked")
    assert said.startswith("A: Without keys no link can be signed.")


def test_a_link_of_a_plain_connection_says_nothing_of_it(mapped_shop: MappedShop) -> None:
    place = f"A:{mapped_shop.buckets[0]}/key"
    assert "backend" not in shared(mapped_shop, place)
    assert "It leads to" not in mapped_shop.terminal.ok("share", place).err
