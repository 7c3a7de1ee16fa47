"""What is searched, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.query import NamePattern
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.bounded_search import BoundedSearch
from s4desk.viewmodels.quantities import size_words
from s4desk.viewmodels.rows import display_name, format_time

if TYPE_CHECKING:
    from s4desk.core.domain.query import Query, Spelling


def pattern_of(text: str, spelling: Spelling, *, match_case: bool = False) -> NamePattern:
    """What was typed as a test of names. Raises ValidationError, as a sentence."""
    try:
        return NamePattern(text, spelling, match_case=match_case, compiled=BoundedSearch)
    except ValidationError as error:
        said = tr("This pattern cannot be read: {reason}.")
        raise ValidationError(said.format(reason=error)) from error


def query_words(query: Query) -> str:
    """Such as “*.jpg, from 1 MiB, GLACIER”."""
    words = [display_name(query.name.text)] if query.name else []
    if query.least_size is not None:
        words.append(tr("from {size}").format(size=size_words(query.least_size)))
    if query.most_size is not None:
        words.append(tr("up to {size}").format(size=size_words(query.most_size)))
    if query.after is not None:
        words.append(tr("since {time}").format(time=format_time(query.after)))
    if query.before is not None:
        words.append(tr("until {time}").format(time=format_time(query.before)))
    words += sorted(query.classes)
    return ", ".join(words) or tr("everything")
