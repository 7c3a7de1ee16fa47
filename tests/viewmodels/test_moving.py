"""What may be put where, names that can be given, and what is said about it."""

from __future__ import annotations

from array import array

import pytest

from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.transfer import CARRIED, Carried
from s4desk.core.transfer.selection import Tally
from s4desk.viewmodels.clip import Clip, Deed, bytes_of, clip_of, deed_at, obstacle, usual_deed
from s4desk.viewmodels.moving_forms import CarriedForm, ClassChoice, RenameForm
from s4desk.viewmodels.moving_text import clip_name, destination_text, rename_tally
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.selection import Selection

HOME, AWAY = ConnectionId("home"), ConnectionId("away")


def clip(*keys: str) -> Clip:
    """What ends with a slash is a folder."""
    folders = [Prefix("b", key) for key in keys if key.endswith("/")]
    objects = [Location("b", key) for key in keys if not key.endswith("/")]
    sizes, times = array("q", [1] * len(objects)), array("d", [2.0] * len(objects))
    return Clip(HOME, Selection(Prefix("b", "d/"), folders, objects, sizes, times))


def at(prefix: str, bucket: str = "b", connection: ConnectionId = HOME) -> Place:
    return Place(connection, Prefix(bucket, prefix))


class TestClip:
    def test_a_bucket_is_like_a_disk(self):
        held = clip("d/x")
        assert usual_deed(held, at("e/")) is Deed.MOVE
        assert usual_deed(held, at("", "c")) is Deed.COPY
        assert usual_deed(held, at("e/", connection=AWAY)) is Deed.COPY

    def test_a_key_decides_otherwise(self):
        assert deed_at(clip("d/x"), at("e/"), Deed.COPY) is Deed.COPY
        assert deed_at(clip("d/x"), at("", "c"), Deed.MOVE) is Deed.MOVE

    @pytest.mark.parametrize("inside", ["d/f/", "d/f/g/"])
    def test_a_folder_goes_nowhere_inside_itself(self, inside):
        held = clip("d/f/")
        assert "moved into itself" in obstacle(held, at(inside), Deed.MOVE)
        assert "copied into itself" in obstacle(held, at(inside), Deed.COPY)
        assert not obstacle(held, at(inside, connection=AWAY), Deed.MOVE)
        assert not obstacle(held, at("d/ff/"), Deed.MOVE)

    def test_what_is_there_already_is_not_moved_but_can_be_copied(self):
        held = clip("d/x", "d/f/")
        assert "already" in obstacle(held, at("d/"), Deed.MOVE)
        assert not obstacle(held, at("d/"), Deed.COPY)
        assert deed_at(held, at("d/"), None) is None
        assert deed_at(clip("d/x", "d/s/y"), at("d/"), None) is Deed.MOVE

    def test_a_connection_is_no_place(self):
        assert obstacle(clip("d/x"), Place(HOME), Deed.COPY)
        assert obstacle(clip("d/x"), None, Deed.COPY)

    def test_it_survives_as_bytes(self):
        held = clip("d/x\udcff", "d/f/")
        assert clip_of(bytes_of(held)) == held

    @pytest.mark.parametrize(
        "spoil", [(b'"b"', b"1"), (b"[1]", b"[]"), (b"[1]", b'["x"]'), (b"[1]", b"[%d]" % 2**70)]
    )
    def test_what_was_spoilt_is_none(self, spoil):
        assert clip_of(bytes_of(clip("d/x")).replace(*spoil)) is None


class TestRename:
    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("", "is needed"),
            ("a/b", "has no “/”"),
            (".", "mean other folders"),
            ("..", "mean other folders"),
            ("x", "already"),
            ("ü" * 512, "1024 bytes"),
        ],
    )
    def test_every_name_that_cannot_be_has_a_sentence(self, name, words):
        form = RenameForm(Location("b", "d/x"))
        form.edit("name", name)
        assert words in form.errors["name"]

    def test_a_name_keeps_its_folder(self):
        form = RenameForm(Location("b", "d/x"), "y")
        assert (form.target, form.errors) == (Location("b", "d/y"), {})
        form = RenameForm(Prefix("b", "d/f/"), "g")
        assert form.target == Location("b", "d/g/")

    def test_a_folder_leaves_room_for_its_slash(self):
        assert RenameForm(Prefix("b", "f/"), "x" * 1024).errors
        assert not RenameForm(Prefix("b", "f/"), "x" * 1023).errors
        assert not RenameForm(Location("b", "f"), "x" * 1024).errors

    def test_case_alone_is_allowed_and_told(self):
        assert "two names" in RenameForm(Location("b", "Report"), "report").remark
        assert RenameForm(Location("b", "Report"), "other").remark == ""


class TestCarried:
    def test_as_it_comes_it_is_what_the_engine_does(self):
        assert CarriedForm(Deed.COPY).result() == CarriedForm(Deed.MOVE).result() == CARRIED

    def test_what_is_chosen_goes_along(self):
        form = CarriedForm(Deed.COPY)
        form.edit("tags", "")
        form.edit("lock", "yes")
        form.edit("storage_class", ClassChoice.SAME)
        assert form.result() == Carried(tags=False, storage_class=True, lock=True)
        form.edit("storage_class", ClassChoice.DEFAULT)
        assert form.result().storage_class is False

    def test_of_a_move_no_lock_is_asked(self):
        assert not CarriedForm(Deed.MOVE).is_shown("lock")


def test_sentences_name_one_and_count_many():
    assert clip_name(clip("d/x")) == "“x”"
    assert clip_name(clip("d/f/")) == "“f”"
    assert destination_text(clip("d/x", "d/y"), Deed.MOVE) == "Move 2 items to:"
    assert rename_tally(Tally(2, 5), is_complete=False) == "Counting: 2 objects, 5 B so far…"
    assert "deleted" in rename_tally(Tally(2, 5), is_complete=True)
