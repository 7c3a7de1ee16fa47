"""Text that is edited and goes back as it came: its encoding, its mark, the ends of its lines."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.parts import MIB
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_diff import changed_lines
from s4desk.viewmodels.rows import format_count, format_size
from s4desk.viewmodels.text_decoding import decode, encoding_label, is_binary, mark_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.viewmodels.config_diff import DiffLine

EDIT_LIMIT: Final = MIB
"""Larger objects are not edited here."""
MOST_COMPARED: Final = 3000
"""Lines between the first and the last difference: comparing more takes seconds."""
_LINE_END: Final = re.compile(r"(\r\n|\r|\n)")
_UNKEPT: Final = re.compile("[\0\u2029\ufdd0\ufdd1]")
"""What a text field takes for the end of a line, or of the text."""


@dataclass(frozen=True, slots=True)
class EditableText:
    """`lines` and `ends`, one more line than ends; `mark` is in front of all bytes."""

    lines: Sequence[str]
    ends: Sequence[str]
    encoding: str = "utf-8"
    mark: bytes = b""

    @property
    def text(self) -> str:
        """As it is edited: every line ends alike."""
        return "\n".join(self.lines)

    @property
    def usual_end(self) -> str:
        return Counter(self.ends).most_common(1)[0][0] if self.ends else "\n"

    def encoded(self, text: str) -> bytes:
        """`text` as bytes, each line that is as before with the end it had.

        Raises ValidationError when a character cannot be written in this encoding.
        """
        lines = text.split("\n")
        ends = self._ends_for(lines)
        whole = "".join(line + end for line, end in zip(lines, [*ends, ""], strict=True))
        try:
            return self.mark + whole.encode(self.encoding)
        except UnicodeEncodeError as error:
            said = tr("“{character}” in line {line} cannot be written in {encoding}.")
            raise ValidationError(
                said.format(
                    character=whole[error.start],
                    line=format_count(len(_LINE_END.findall(whole, 0, error.start)) + 1),
                    encoding=encoding_label(self.encoding),
                )
            ) from None

    def _ends_for(self, lines: Sequence[str]) -> list[str]:
        usual = self.usual_end
        ends = [usual] * (len(lines) - 1)
        if len(set(self.ends)) < 2:
            return ends
        for old, new, count in _kept(self.lines, lines):
            for at in range(count):
                if old + at < len(self.ends) and new + at < len(ends):
                    ends[new + at] = self.ends[old + at]
        return ends

    @property
    def facts(self) -> str:
        """For a line below the text."""
        kinds = set(self.ends)
        named = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
        ends = named[kinds.pop()] if len(kinds) == 1 else (tr("mixed line ends") if kinds else "")
        mark = tr("with a byte order mark") if self.mark else ""
        return ", ".join(filter(None, [encoding_label(self.encoding), mark, ends]))


def opened(data: bytes, encoding: str = "") -> EditableText:
    """The text that these bytes are. `encoding` is what a person chose.

    Raises ValidationError when they are none, or would not come back byte for byte.
    """
    if len(data) > EDIT_LIMIT:
        raise ValidationError(size_refusal(len(data)))
    if not encoding and is_binary(data):
        raise ValidationError(tr("It is no text."))
    mark, marked = mark_of(data)
    if encoding and encoding != marked:
        mark = b""
    encoding = encoding or decode(data).encoding
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        text = ""
    parts = _LINE_END.split(text)
    found = EditableText(parts[::2], parts[1::2], encoding, mark)
    if _UNKEPT.search(text) or found.encoded(found.text) != data:
        said = tr("Some of its bytes cannot be kept as {encoding}.")
        raise ValidationError(said.format(encoding=encoding_label(encoding)))
    return found


def size_refusal(size: int) -> str:
    """Why an object of so many bytes is not edited; empty when it is."""
    if size <= EDIT_LIMIT:
        return ""
    said = tr("It is too large to be edited here: {size}, and {limit} is the most.")
    return said.format(size=format_size(size), limit=format_size(EDIT_LIMIT))


def differences(theirs: str, mine: str) -> list[DiffLine] | None:
    """What is different in `mine`; None where that is too much to be compared."""
    before, after = theirs.split("\n"), mine.split("\n")
    first, last = _same_ends(before, after)
    if max(len(before), len(after)) - first - last > MOST_COMPARED:
        return None
    return changed_lines(before, after)


def _kept(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """Runs of lines that are in both: where in the old ones, where in the new ones, how many."""
    first, last = _same_ends(old, new)
    runs = [(0, 0, first), (len(old) - last, len(new) - last, last)]
    middle, other = old[first : len(old) - last], new[first : len(new) - last]
    if max(len(middle), len(other)) <= MOST_COMPARED:
        matcher = SequenceMatcher(None, middle, other, autojunk=False)
        runs += [(first + a, first + b, size) for a, b, size in matcher.get_matching_blocks()]
    return runs


def _same_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines are the same at the begin, and how many at the end."""
    shorter = min(len(old), len(new))
    first = 0
    while first < shorter and old[first] == new[first]:
        first += 1
    last = 0
    while last < shorter - first and old[-1 - last] == new[-1 - last]:
        last += 1
    return first, last
