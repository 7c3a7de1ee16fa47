"""Verbs speak the language of the terminal, and to programs always the same one."""

from __future__ import annotations

import json

import pytest

from s4desk.app.main import main


@pytest.fixture
def german(speak):
    speak("de")


@pytest.mark.usefixtures("german")
def test_help_and_errors_are_in_the_language_of_the_terminal(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert "eine Verbindung" in said
    assert "Aufruf: s4desk" in said
    with pytest.raises(SystemExit):
        main(["cp", "a"])
    assert "diese Argumente fehlen: DST" in capsys.readouterr().err
    assert main(["ls", "nowhere:"]) == 2
    assert "Es gibt noch keine Verbindung" in capsys.readouterr().err


@pytest.mark.usefixtures("german")
def test_what_programs_read_is_english(capsys):
    assert main(["ls", "nowhere:", "--json"]) == 2
    said = capsys.readouterr()
    assert "There is no connection yet" in said.err
    assert "Verbindung" not in said.out + said.err


@pytest.mark.usefixtures("german")
def test_states_are_words_of_the_program_in_any_language(capsys, tmp_path):
    words = ["connections", "add", "home", "--endpoint", "http://127.0.0.1:9", "--json"]
    main([*words, "--credentials", "anonymous"])
    capsys.readouterr()
    assert main(["connections", "list", "--json"]) == 0
    for line in capsys.readouterr().out.splitlines():
        assert json.loads(line)["name"] == "home"
