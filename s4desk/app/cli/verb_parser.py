"""Parsers of verbs, which get their arguments when they are asked for: most verbs are not."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    Fill = Callable[["VerbParser"], None]
    Verbs = argparse._SubParsersAction["VerbParser"]  # noqa: SLF001 - it has no other name


class VerbParser(argparse.ArgumentParser):
    """Has `fill` add what it takes, the first time that it reads a command line."""

    def __init__(self, *words: Any, fill: Fill | None = None, **names: Any) -> None:
        super().__init__(*words, **names)
        self._fill = fill

    def parse_known_args(self, *words: Any, **names: Any) -> Any:
        fill, self._fill = self._fill, None
        if fill is not None:
            fill(self)
        return super().parse_known_args(*words, **names)


def with_json(verbs: Verbs, name: str, text: str, fill: Fill | None = None) -> VerbParser:
    """A verb that can tell what it has to tell as JSON."""
    parser: VerbParser = verbs.add_parser(name, help=text, description=text, fill=fill)
    parser.add_argument(
        "--json", action="store_true", help=tr("one JSON object per line on standard output")
    )
    return parser
