"""Every catalogue says all that the code says, and nothing that breaks when it is formatted."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

import pytest

from tests.catalogues import load_maker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog, Message

MAKER = load_maker()
ENOUGH = 0.9
"""The share of messages that has to be translated: a new sentence does not wait for translators."""


@pytest.fixture(scope="module")
def messages() -> Catalog:
    return MAKER.extract()


@pytest.fixture(scope="module", params=MAKER.LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return MAKER.read(request.param)


def sentences(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def translations(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def translated(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """Each sentence beside each form of its translation."""
    for message in catalogue:
        if message.id and all(translations(message)):
            for form in translations(message):
                yield sentences(message)[-1], form


def placeholders(text: str) -> set[str]:
    return {
        f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(text) if name is not None
    }


def test_what_is_said_amid_other_text_is_a_message(tmp_path):
    (tmp_path / "s4desk").mkdir()
    (tmp_path / "s4desk" / "a.py").write_text("""f"{x} {tr('One')} {tr_n('a', 'b', 3)} {x}" """)
    assert [each.id for each in MAKER.extract(tmp_path) if each.id] == ["One", ("a", "b")]


def test_what_the_code_says_is_translated(messages: Catalog, catalogue: Catalog):
    missing = [
        sentences(message)[0]
        for message in messages
        if message.id
        and not ((found := catalogue.get(sentences(message)[0])) and all(translations(found)))
    ]
    share = 1 - len(missing) / len(messages)
    assert share >= ENOUGH, f"{catalogue.locale}: {len(missing)} to translate, first {missing[:9]}"


def test_nothing_is_a_guess(catalogue: Catalog):
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_placeholders_are_those_of_the_message(catalogue: Catalog):
    wrong = []
    for message in catalogue:
        if not message.id or not all(translations(message)):
            continue
        wanted = set.union(*(placeholders(sentence) for sentence in sentences(message)))
        for form in translations(message):
            # One thing may be told without its number.
            missing = wanted - placeholders(form)
            if placeholders(form) - wanted or (missing and not message.pluralizable):
                wrong.append(form)
    assert wrong == []


def test_what_argparse_puts_in_stays(catalogue: Catalog):
    def fields(text: str) -> list[str]:
        return sorted(re.findall(r"%(?:\(\w+\))?[sr](?!\w)", text))

    assert [pair for pair in translated(catalogue) if fields(pair[0]) != fields(pair[1])] == []


def test_every_plural_has_the_forms_of_its_language(catalogue: Catalog):
    wrong = [
        message.id
        for message in catalogue
        if message.pluralizable and any(translations(message))
        if len(translations(message)) != catalogue.num_plurals or not all(translations(message))
    ]
    assert wrong == []


def test_the_last_form_of_a_plural_tells_the_number(catalogue: Catalog):
    wrong = [
        message.id
        for message in catalogue
        if message.pluralizable and all(translations(message))
        if placeholders(sentences(message)[1]) != placeholders(translations(message)[-1])
    ]
    assert wrong == []


def test_ends_agree(catalogue: Catalog):
    def ends(text: str) -> tuple[object, ...]:
        return (text[:1] == " ", text[-1:] == " ", text[-1:] == "…", text.count("\n"))

    assert [pair for pair in translated(catalogue) if ends(pair[0]) != ends(pair[1])] == []


def test_a_command_keeps_one_letter_to_press(catalogue: Catalog):
    def letters(text: str) -> int:
        return len(re.findall(r"&[^&\s]", text.replace("&&", "")))

    assert [pair for pair in translated(catalogue) if letters(pair[0]) != letters(pair[1])] == []


def test_options_and_variables_are_not_translated(catalogue: Catalog):
    def fixed(text: str) -> set[str]:
        return set(re.findall(r"--[a-z][a-z0-9-]+|\bS4DESK_[A-Z_]+|\bAWS_[A-Z_]+", text, re.ASCII))

    assert [pair for pair in translated(catalogue) if fixed(pair[0]) != fixed(pair[1])] == []
