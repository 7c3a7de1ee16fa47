"""Which language is spoken, and what is written in it."""

from __future__ import annotations

import pytest

from s4desk.core.runtime import i18n
from s4desk.viewmodels.rows import format_size


@pytest.fixture(autouse=True)
def english_again(monkeypatch):
    yield
    monkeypatch.setenv("LANGUAGE", "C")
    i18n.choose()


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_AT@euro"}, "de"),
        ({"LC_ALL": "ja_JP.UTF-8", "LANG": "de_DE.UTF-8"}, "ja"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "de_DE.UTF-8"}, "zh_CN"),
        ({"LANGUAGE": "de", "LC_ALL": "ja_JP.UTF-8"}, "de"),
        ({"LANGUAGE": "fr:ja:de"}, "ja"),
        ({"LANGUAGE": "en_GB:de"}, "en"),
        ({"LANGUAGE": "C", "LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "zh_SG.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_TW.UTF-8"}, "en"),
        ({"LANG": "zh-Hant-HK"}, "en"),
    ],
)
def test_the_environment_is_heard(monkeypatch, variables, spoken):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    i18n.choose()
    assert i18n.language() == spoken


def test_the_system_is_asked_where_the_environment_is_silent(monkeypatch):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    i18n.choose(system=["fr-FR", "zh-Hans-CN", "de-DE"])
    assert i18n.language() == "zh_CN"
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    i18n.choose(system=["de-DE"])
    assert i18n.language() == "ja"


def test_what_was_chosen_comes_first(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "ja")
    i18n.choose("de")
    assert i18n.language() == "de"


def test_sentences_and_plurals_are_translated(speak):
    speak("de")
    assert i18n.tr("This folder is empty") == "Dieser Ordner ist leer"
    assert i18n.tr_n("{count} day", "{count} days", 1) == "{count} Tag"
    assert i18n.tr_n("{count} day", "{count} days", 2) == "{count} Tage"
    assert i18n.tr("what nobody ever said") == "what nobody ever said"


def test_a_size_has_the_decimal_mark_of_the_language(speak):
    assert format_size(1536) == "1.5 KiB"
    speak("de")
    assert format_size(1536) == "1,5 KiB"
    assert format_size(200 * 1024) == "200 KiB"
    speak("ja")
    assert format_size(1536) == "1.5 KiB"


def test_a_catalogue_that_is_not_there_is_english(monkeypatch, tmp_path):
    monkeypatch.setattr(i18n, "resource", lambda *_names: tmp_path)
    i18n.choose("de")
    assert i18n.tr("This folder is empty") == "This folder is empty"


def test_a_part_can_be_said_in_the_words_of_the_code():
    i18n.choose("de")
    try:
        assert i18n.tr("Cancel") != "Cancel"
        assert i18n.in_english(lambda: i18n.tr("Cancel")) == "Cancel"
        assert i18n.tr("Cancel") != "Cancel"
    finally:
        i18n.choose("en")
