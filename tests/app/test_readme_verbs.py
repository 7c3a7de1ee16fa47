"""The list of verbs in the README is whole: whatever can be typed is there."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli.arguments import build_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parents[2] / "README.md"


def verbs(parser: argparse.ArgumentParser, before: tuple[str, ...] = ()) -> Iterator[str]:
    inner = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    if not inner:
        yield " ".join(before)
    for action in inner:
        for name, each in action.choices.items():
            yield from verbs(each, (*before, name))


def said() -> set[str]:
    """`s4desk cp | mv SRC` says cp and mv; `s4desk x list | resume [ID]` says x list, x resume."""
    found = set()
    for line in re.findall(r"(?m)^    s4desk (.*(?:\n {10,}.*)*)", README.read_text("utf-8")):
        head, *others = re.split(r" \| ", " ".join(line.split()))
        words = head.split()
        found |= {words[0], " ".join(words[:2])}
        for other in others:
            found |= {other.split()[0], f"{words[0]} {other.split()[0]}"}
    return found


def test_every_verb_is_in_the_readme():
    missing = set(verbs(build_parser())) - said()
    assert not missing
