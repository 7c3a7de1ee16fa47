"""The commands that fit what somebody types, the best one first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.viewmodels.acts import Act
    from s4desk.viewmodels.places import Place

_WORD_START: Final = 3
_NEXT: Final = 2
_ELSEWHERE: Final = 1
_ALL_WORDS: Final = 200
_ALL_BEGIN: Final = 100
_OTHER_PHRASE: Final = 190
_OTHER_WORDS: Final = 150
_OTHER_BEGIN: Final = 80
_WORDS: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: its words with the menu they are in, its keys, and why it cannot be given.

    Or a `place` to go to, without an act. `also` are other words that it is found by, phrases
    between commas.
    """

    act: Act | None
    words: str
    menu: str
    keys: str = ""
    obstacle: str = ""
    also: str = ""
    place: Place | None = None

    @property
    def text(self) -> str:
        return f"{self.menu}: {self.words}" if self.menu else self.words


def ranked(entries: Iterable[Entry], typed: str) -> Sequence[Entry]:
    """What has all letters of `typed` in their order, or is called so by others.

    Whole words count most, in any order, and their beginnings next; what has neither comes behind,
    and of either kind what cannot be given comes last. Letters that begin words, or
    follow one another, count more than others, as do the command's own words beside those of its
    menu. Of two alike the shorter wins. Without letters they are in the order of the menus.
    """
    wanted = typed.casefold().split()
    if not wanted:
        return sorted(entries, key=lambda entry: bool(entry.obstacle))
    scored = [(_score(entry, wanted), entry) for entry in entries]
    fitting = [(score, entry) for score, entry in scored if score is not None]
    fitting.sort(key=lambda each: _order(each[1], each[0], wanted))
    return [entry for _, entry in fitting]


def _order(entry: Entry, score: int, wanted: Sequence[str]) -> tuple[bool, bool, int, int]:
    """Who types the word of a command means it, also where it cannot be given: it says why."""
    is_named = bool(_bonus(entry.words.casefold(), wanted) or _other_bonus(entry.also, wanted))
    return not is_named, bool(entry.obstacle), -score, len(entry.text)


def _score(entry: Entry, wanted: Sequence[str]) -> int | None:
    words, text, letters = entry.words.casefold(), entry.text.casefold(), "".join(wanted)
    bonus = max(_bonus(words, wanted), _bonus(text, wanted) // 2, _other_bonus(entry.also, wanted))
    own = score_of(words, letters)
    if own is not None:
        return own + _WORD_START + bonus
    whole = score_of(text, letters)
    return (bonus or None) if whole is None else whole + bonus


def _bonus(text: str, wanted: Sequence[str]) -> int:
    """What it counts that all that is wanted are words of a text, or begin some."""
    words = _WORDS.findall(text)
    if all(each in words for each in wanted):
        return _ALL_WORDS
    return _ALL_BEGIN if all(any(w.startswith(each) for w in words) for each in wanted) else 0


def _other_bonus(also: str, wanted: Sequence[str]) -> int:
    """What it counts that others call it so: by a whole phrase, by its words, by beginnings."""
    found = 0
    for phrase in also.casefold().split(","):
        words = phrase.split()
        if words == list(wanted):
            return _OTHER_PHRASE
        bonus = _bonus(phrase, wanted)
        found = max(found, {_ALL_WORDS: _OTHER_WORDS, _ALL_BEGIN: _OTHER_BEGIN}.get(bonus, 0))
    return found


def score_of(text: str, letters: str) -> int | None:
    """How well letters fit a text, None where one of them is not in its turn.

    The words of a command are few: of the ways to place the letters each beginning is tried.
    """
    scores = [
        _score_from(text, letters, start) for start, one in enumerate(text) if one == letters[0]
    ]
    return max((score for score in scores if score is not None), default=None)


def _score_from(text: str, letters: str, start: int) -> int | None:
    score, at = 0, start
    for number, letter in enumerate(letters):
        found = text.find(letter, at)
        if found < 0:
            return None
        if found == 0 or not text[found - 1].isalnum():
            score += _WORD_START
        elif number and found == at:
            score += _NEXT
        else:
            score += _ELSEWHERE
        at = found + 1
    return score
