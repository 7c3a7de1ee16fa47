"""Parsers of verbs, which get their arguments when they are asked for: most verbs are not."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Fill = Callable[["VerbParser"], None]
    Verbs = argparse._SubParsersAction["VerbParser"]  # noqa: SLF001 - it has no other name

_OF_STORES: Final = ("--version-id", "--upload")
"""Options that name what a store has named."""


class VerbParser(argparse.ArgumentParser):
    """Has `fill` add what it takes, the first time that it reads a command line."""

    def __init__(self, *words: Any, fill: Fill | None = None, **names: Any) -> None:
        super().__init__(*words, **names)
        self._fill = fill

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        fill, self._fill = self._fill, None
        if fill is not None:
            fill(self)
        words = sys.argv[1:] if args is None else args
        return super().parse_known_args(self._with_ids(words), namespace)

    def _with_ids(self, words: Sequence[str]) -> list[str]:
        """An id that a store made up may begin with a dash: argparse takes that behind "=" only."""
        joined: list[str] = []
        options = self._option_string_actions
        for at, word in enumerate(words):
            if word == "--":
                return [*joined, *words[at:]]
            is_named = bool(joined) and joined[-1] in _OF_STORES and joined[-1] in options
            if is_named and word.startswith("-") and word not in options:
                joined[-1] += f"={word}"
            else:
                joined.append(word)
        return joined


def with_json(verbs: Verbs, name: str, text: str, fill: Fill | None = None) -> VerbParser:
    """A verb that can tell what it has to tell as JSON."""
    parser: VerbParser = verbs.add_parser(name, help=text, description=text, fill=fill)
    parser.add_argument(
        "--json", action="store_true", help=tr("one JSON object per line on standard output")
    )
    return parser
