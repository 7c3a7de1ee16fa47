from __future__ import annotations

import pytest

from s4desk.core.domain.connection import Addressing
from s4desk.core.domain.errors import ValidationError
from s4desk.viewmodels.forms import Field, Form, choice


def parse_number(text: str) -> int:
    if not text.isdigit():
        raise ValidationError("Enter a number.")
    return int(text)


class RangeForm(Form):
    """Two numbers, of which the first is the smaller; `low` only counts when it is shown."""

    def __init__(self) -> None:
        self.low = Field("From", "1", parse_number)
        self.high = Field("To", "9", parse_number)
        self.hides_low = False
        super().__init__("Range", low=self.low, high=self.high)

    def is_shown(self, name: str) -> bool:
        return not (name == "low" and self.hides_low)

    def _errors_between_fields(self) -> dict[str, str]:
        if not self.low.error and not self.high.error and self.low.value > self.high.value:
            return {"high": "Enter a number that is not below the first."}
        return {}


def test_text_goes_in_and_a_value_comes_out():
    form = RangeForm()
    form.edit("high", "12")
    assert (form.high.value, form.errors) == (12, {})


def test_an_error_is_a_sentence_and_no_value():
    form = RangeForm()
    form.edit("low", "x")
    assert form.errors == {"low": "Enter a number."}
    with pytest.raises(ValidationError):
        _ = form.low.value


def test_fields_may_contradict_each_other():
    form = RangeForm()
    form.edit("low", "10")
    assert form.errors.keys() == {"high"}
    form.edit("high", "x")
    assert form.errors == {"high": "Enter a number."}


def test_what_is_hidden_is_not_wrong():
    form = RangeForm()
    form.edit("low", "x")
    form.hides_low = True
    assert form.errors == {}


def test_a_text_is_parsed_once():
    parsed: list[str] = []

    def parse(text: str) -> str:
        parsed.append(text)
        return text

    field = Field("Name", "a", parse)
    _ = field.value, field.error, field.value
    field.text = "b"
    _ = field.value, field.error
    assert parsed == ["a", "b"]


def test_a_choice_is_a_value_of_its_enumeration():
    assert Field("Addressing", "path", choice(Addressing)).value is Addressing.PATH


def test_a_form_shows_all_its_fields_unless_it_says_otherwise():
    form = Form("Plain", name=Field("Name", "x", str))
    assert form.is_shown("name")
    assert not form.is_shown("other")
