"""The commands that fit what somebody types, the best one first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.viewmodels.acts import Act

_WORD_START: Final = 3
_NEXT: Final = 2
_ELSEWHERE: Final = 1
_ALL_WORDS: Final = 200
_ALL_BEGIN: Final = 100
_WORDS: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: its words with the menu they are in, its keys, and why it cannot be given."""

    act: Act
    words: str
    menu: str
    keys: str = ""
    obstacle: str = ""

    @property
    def text(self) -> str:
        return f"{self.menu}: {self.words}" if self.menu else self.words


def ranked(entries: Iterable[Entry], typed: str) -> Sequence[Entry]:
    """What has all letters of `typed` in their order; what cannot be given comes last.

    Whole words count most, in any order, and their beginnings next. Letters that begin words, or
    follow one another, count more than others, as do the command's own words beside those of its
    menu. Of two alike the shorter wins. Without letters they are in the order of the menus.
    """
    wanted = typed.casefold().split()
    if not wanted:
        return sorted(entries, key=lambda entry: bool(entry.obstacle))
    scored = [(_score(entry, wanted), entry) for entry in entries]
    fitting = [(score, entry) for score, entry in scored if score is not None]
    fitting.sort(key=lambda each: (bool(each[1].obstacle), -each[0], len(each[1].text)))
    return [entry for _, entry in fitting]


def _score(entry: Entry, wanted: Sequence[str]) -> int | None:
    words, text, letters = entry.words.casefold(), entry.text.casefold(), "".join(wanted)
    bonus = _bonus(words, wanted) or _bonus(text, wanted) // 2
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
