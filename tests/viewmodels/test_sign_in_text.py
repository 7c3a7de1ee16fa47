from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.sign_in import KeyLife
from s4desk.viewmodels.sign_in_text import (
    CodeForm,
    life_text,
    parse_code,
    time_left_text,
    warning_text,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def clock_time(time: datetime) -> str:
    return time.astimezone().strftime("%H:%M")


@pytest.mark.parametrize("text", ["123456", " 123 456\n"])
def test_a_code_is_six_digits_however_they_are_grouped(text: str):
    assert parse_code(text) == "123456"


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "１２３４５６"])
def test_what_is_no_code_is_refused(text: str):
    with pytest.raises(ValidationError, match="six digits"):
        parse_code(text)


def test_a_form_without_a_code_cannot_be_sent():
    form = CodeForm()
    assert list(form.errors) == ["code"]
    form.edit("code", "123 456")
    assert (form.errors, form.result()) == ({}, "123456")


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(minutes=25), "(in 25 min)"),
        (timedelta(seconds=20), "(in one minute)"),
        (timedelta(hours=7, minutes=50), "(in 8 hours)"),
    ],
)
def test_it_is_said_when_keys_end(left: timedelta, said: str):
    text = life_text(KeyLife(NOON + left), NOON)
    assert text == f"The keys end at {clock_time(NOON + left)} {said}."


def test_it_is_said_when_nobody_knows_and_when_it_is_over():
    assert "not known" in life_text(KeyLife(), NOON)
    text = life_text(KeyLife(NOON), NOON + timedelta(minutes=1))
    assert text == f"The keys have ended at {clock_time(NOON)}."


def test_only_what_takes_a_person_is_warned_of():
    home = Connection(ConnectionId("h"), "Home")
    assert warning_text(home, KeyLife(NOON), NOON) == ""
    text = warning_text(home, KeyLife(NOON + timedelta(minutes=9), wants_person=True), NOON)
    assert text.startswith("“Home”: The keys end at")
    assert "(in 9 min). Sign in" in text
    text = warning_text(home, KeyLife(NOON, wants_person=True), NOON)
    assert text.endswith(
        "have ended at " + clock_time(NOON) + ". Choose “Sign In…” in its menu to go on."
    )


def test_the_time_for_a_code_runs_out():
    assert time_left_text(NOON + timedelta(seconds=605), NOON).endswith("10:05 left.")
    assert time_left_text(NOON, NOON) == ""
