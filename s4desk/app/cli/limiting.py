"""How fast one run may move things: what its command line says in place of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli.places import UsageError
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.parts import MIN_PART_SIZE
from s4desk.core.persist.settings import (
    LARGEST_PART,
    LEAST_RATE,
    MOST_PARTS,
    MOST_TRANSFERS,
)
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.quantities import count_between, rate_from, size_between

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

NO_LIMIT = "off"


def limits_of(arguments: Namespace) -> dict[str, int]:
    """The settings that a command line names, with what they are for this run.

    Raises UsageError.
    """
    limits = {}
    for name, option, parse in (
        ("transfer_limit", "jobs", count_between(1, MOST_TRANSFERS)),
        ("part_limit", "parts", count_between(1, MOST_PARTS)),
        ("part_size", "part_size", size_between(MIN_PART_SIZE, LARGEST_PART)),
    ):
        if (word := getattr(arguments, option, None)) is not None:
            limits[name] = _parsed(option, word, parse)
    if (rates := getattr(arguments, "limit_rate", None)) is not None:
        up, colon, down = rates.partition(":")
        limits["upload_rate"] = _parsed("limit_rate", up, _rate)
        limits["download_rate"] = _parsed("limit_rate", down if colon else up, _rate)
    return limits


def _rate(word: str) -> int:
    if not word.strip():
        raise ValidationError(tr("Enter a speed with its unit, such as 2.5MB/s, or “off”."))
    return 0 if word.strip() == NO_LIMIT else rate_from(LEAST_RATE)(word)


def _parsed(option: str, word: str, parse: Callable[[str], int]) -> int:
    try:
        return parse(word)
    except ValidationError as error:
        name = option.replace("_", "-")
        raise UsageError(f"--{name}: {error}") from error
