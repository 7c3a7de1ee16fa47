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
    return link["backend"], link["answers"], link["seen_at"]


def test_a_link_leads_to_the_first_backend(mapped_shop: MappedShop) -> None:
    mapped_shop.open("A")
    link = shared(mapped_shop, KEY)
    assert whose(link) == ("A", True, "A")
    assert f"/{mapped_shop.buckets[0]}/key?" in link["url"]
    assert link["bucket"] == "photos"
    assert urlopen(link["url"], timeout=20).read() == b"x"
    assert whose(shared(mapped_shop, NEW, "--method", "put")) == ("A", True, "A")
    assert whose(shared(mapped_shop, NEW, "--unchecked")) == ("A", None, None)
    ended = mapped_shop.terminal.ok("share", "-r", "G:photos")
    assert "It leads to A." in ended.err
    assert "read from" not in ended.err


def test_one_to_a_store_that_is_down_says_so(mapped_shop: MappedShop) -> None:
    mapped_shop.open(DOWN)
    for words in ((KEY,), (NEW, "--method", "put")):
        link = shared(mapped_shop, *words)
        assert whose(link) == ("Down", False, "B")
        assert link["url"].startswith("http://127.0.0.1:1/")
    ended = mapped_shop.terminal.ok("share", KEY)
    assert "It leads to Down, which does not answer now as it should. Nothing answers" in ended.err
    assert "read from" not in ended.err
    many = mapped_shop.terminal.ok("share", "-r", "G:photos", "--json").records
    assert {whose(each) for each in many} == {("Down", False, "B")}


def test_one_to_what_another_backend_alone_has_says_so(mapped_shop: MappedShop) -> None:
    mapped_shop.open("A")
    assert whose(shared(mapped_shop, "G:photos/there")) == ("A", None, "B")
    said = mapped_shop.terminal.ok("share", "G:photos/there").err
    assert "It leads to A, and only B has said that it is there." in said


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
    said = mapped_shop.said("share", KEY)
    assert said.startswith("A: Without keys no link can be signed.")


def test_a_link_of_a_plain_connection_says_nothing_of_it(mapped_shop: MappedShop) -> None:
    place = f"A:{mapped_shop.buckets[0]}/key"
    assert "backend" not in shared(mapped_shop, place)
    assert "It leads to" not in mapped_shop.terminal.ok("share", place).err
