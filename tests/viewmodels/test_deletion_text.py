"""What is said about what will be deleted."""

from __future__ import annotations

from s4desk.core.domain.identity import Location, Prefix
from s4desk.viewmodels.deletion_text import doomed_names, objects_question

FOLDER = Prefix("b", "x/emoji/")


def test_a_folder_is_called_a_folder() -> None:
    assert objects_question([FOLDER]) == "Delete the folder “emoji” and everything in it?"
    assert objects_question([Location("b", "x/emoji")]) == "Delete “emoji”?"
    assert objects_question([FOLDER, FOLDER]) == "Delete these 2 items?"


def test_names_say_which_are_folders_and_none_is_blank() -> None:
    places = [FOLDER, Prefix("b", "x//"), Prefix("b", "../"), Location("b", "x/a b")]
    assert doomed_names(places) == ["emoji/", "(empty name)/", "../", "a b"]
