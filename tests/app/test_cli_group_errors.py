"""What verbs say of a group whose backends call its bucket otherwise, and of which one fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.app.mapped_shop import DOWN, STRANGER, WRONG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.mapped_shop import MappedShop


def test_what_is_at_no_backend_is_missing_in_the_group(
    mapped_shop: MappedShop, tmp_path: Path
) -> None:
    mapped_shop.open("A")
    nowhere = "No member of the group “G” has a bucket that it calls “nosuch”."
    assert mapped_shop.said("ls", "G:nosuch").startswith(nowhere)
    assert mapped_shop.said("du", "G:nosuch/x").startswith(nowhere)
    missing = "“G:photos/nosuch” does not exist."
    assert mapped_shop.said("stat", "G:photos/nosuch").startswith(missing)
    assert mapped_shop.said("cp", "G:photos/nosuch", str(tmp_path / "down")).startswith(missing)
    assert mapped_shop.said("ls", "G:photos/nosuch").startswith(missing)


def test_what_is_not_at_home_is_missing_there(mapped_shop: MappedShop) -> None:
    mapped_shop.open("A")
    said = mapped_shop.said("rb", "G:nosuch")
    assert said.startswith("A: There is no bucket there that the group “G” calls “nosuch”.")
    assert mapped_shop.said("rb", "G:photos").startswith("A: The bucket “photos” is not empty.")


def test_wrong_keys_are_those_of_a_backend(mapped_shop: MappedShop) -> None:
    mapped_shop.open(WRONG)
    mapped_shop.terminal.ok("stat", "G:photos/key")
    refused = "Wrong: The secret key is wrong. Enter it again in the connection"
    assert mapped_shop.said("ls", "G:nosuch").startswith(refused)
    assert mapped_shop.said("rm", "G:photos/key").startswith(
        "Wrong: The secret key is wrong. Wrong is the first member of the group: no other stands in"
    )
    said = mapped_shop.said("ls", "G:photos/nosuch/")
    assert said.startswith("Whether “G:photos/nosuch/” exists is not known: it is not at B, and")
    assert "Wrong: The secret key is wrong. Wrong: Enter it again in the connection" in said


def test_what_may_not_be_done_is_said_of_a_backend(mapped_shop: MappedShop) -> None:
    mapped_shop.open(STRANGER)
    mapped_shop.terminal.ok("stat", "G:photos/key")
    refused = "Stranger: This key may not {deed} “G:photos{rest}”. Ask the owner of the bucket"
    said = mapped_shop.said("stat", "G:photos/nosuch")
    assert said.startswith(refused.format(deed="look at", rest="/nosuch"))
    said = mapped_shop.said("rm", "G:photos/key")
    assert said.startswith(refused.format(deed="delete", rest="/key"))


def test_what_nobody_knows_while_home_is_down_has_a_name(mapped_shop: MappedShop) -> None:
    mapped_shop.open(DOWN)
    unknown = (
        "Whether “G:{path}” exists is not known: it is not at B, and not every member could say."
        " Down: Nothing answers at the store's address"
    )
    assert mapped_shop.said("ls", "G:nosuch").startswith(unknown.format(path="nosuch"))
    assert mapped_shop.said("ls", "G:nosuch/x").startswith(unknown.format(path="nosuch"))
    assert mapped_shop.said("stat", "G:nosuch/x").startswith(unknown.format(path="nosuch/x"))
    said = mapped_shop.said("stat", "G:photos/nosuch")
    assert said.startswith(unknown.format(path="photos/nosuch"))
    assert "Try again when all members of the group answer." in said
    assert mapped_shop.said("rm", "G:photos/key").startswith("Down: Nothing answers")
