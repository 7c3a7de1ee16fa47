"""What is changed between two states of a configuration, line by line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from s4desk.core.runtime.i18n import tr

Value = Mapping[str, Any]
CONTEXT = 3


class Sign(StrEnum):
    """What became of a line, as unified diffs write it."""

    ADDED = "+"
    REMOVED = "-"
    SAME = " "
    GAP = "@"


@dataclass(frozen=True, slots=True)
class DiffLine:
    sign: Sign
    text: str


def as_text(value: Value | None) -> str:
    """A configuration as JSON that is read by people; empty when none is set."""
    return "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)


def unified(before: Value | None, after: Value | None) -> list[DiffLine]:
    """What is changed, with some lines around it; empty when nothing is."""
    return changed_lines(as_text(before).splitlines(), as_text(after).splitlines())


def changed_lines(before: Sequence[str], after: Sequence[str]) -> list[DiffLine]:
    """The same of any text."""
    lines = difflib.unified_diff(before, after, lineterm="", n=CONTEXT)
    return [_line(line) for line in list(lines)[2:]]


def tally(lines: Sequence[DiffLine]) -> str:
    """How much is changed, in a sentence."""
    added = sum(line.sign is Sign.ADDED for line in lines)
    removed = sum(line.sign is Sign.REMOVED for line in lines)
    if not added and not removed:
        return tr("Nothing is changed.")
    return tr("Lines added: {added}. Lines removed: {removed}.").format(
        added=added, removed=removed
    )


def _line(line: str) -> DiffLine:
    if line.startswith("@@"):
        return DiffLine(Sign.GAP, line)
    return DiffLine(Sign(line[0]), line[1:])
