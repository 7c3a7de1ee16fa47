import pytest

from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.palette import Entry, ranked, score_of

UPLOAD = Entry(Act.UPLOAD_FILES, "Upload Files…", "File", "Ctrl+U")
FOLDER = Entry(Act.UPLOAD_FOLDER, "Upload Folder…", "File")
FILTER = Entry(Act.FILTER, "Filter", "Edit")
DELETE = Entry(Act.DELETE, "Delete…", "Edit", obstacle="Select something first.")
ALL = [FOLDER, UPLOAD, FILTER, DELETE]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", [FOLDER, UPLOAD, FILTER, DELETE]),
        ("fil", [FILTER, UPLOAD, FOLDER]),
        ("uf", [UPLOAD, FOLDER]),
        ("up fo", [FOLDER]),
        ("filt", [FILTER]),
        ("DEL", [DELETE]),
        ("zzz", []),
    ],
)
def test_the_best_fitting_command_comes_first(typed, found):
    assert list(ranked(ALL, typed)) == found


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("top", "To the Top"),
        ("TOP", "To the Top"),
        ("top the", "To the Top"),
        ("order top", "To the Top"),
        ("go to", "Go to Place…"),
        ("gtp", "Go to Place…"),
        ("tran", "Show Transfers"),
    ],
)
def test_whole_words_come_before_scattered_letters(typed, first):
    entries = [
        Entry(Act.GO_TO, "Go to Place…", "Go"),
        Entry(Act.PAUSE, "To the Top", "Transfers › Order"),
        Entry(Act.SHOW_TRANSFERS, "Show Transfers", "View"),
    ]
    assert ranked(entries, typed)[0].words == first


def test_what_cannot_be_given_comes_last():
    assert ranked(ALL, "e")[-1] is DELETE


def test_letters_at_the_beginning_of_words_count_most():
    assert score_of("edit: delete", "ed") > score_of("edit: undeleted", "nd")
    assert score_of("go to place", "gtp") > score_of("gothtaps", "gtp")
    assert score_of("abc", "acb") is None
