"""Many links, as the lines of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.viewmodels.share_form import ListForm
from s4desk.viewmodels.spreadsheet import MARK, exact_cells, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import Location
    from s4desk.viewmodels.link_text import SignedLink

COLUMNS: Final = ("bucket", "key", "method", "url", "works_until", "names")
"""For programs, and therefore the same in every language."""


def head_of(form: ListForm) -> bytes:
    """What stands above all lines."""
    return MARK + rows_of([COLUMNS]) if form is ListForm.CSV else b""


def lines_of(form: ListForm, objects: Sequence[Location], links: Sequence[SignedLink]) -> bytes:
    """A line for each object and its link."""
    if form is ListForm.TEXT:
        return "".join(f"{link.url}\n" for link in links).encode()
    return rows_of([_row(*each) for each in zip(objects, links, strict=True)])


def _row(location: Location, link: SignedLink) -> list[str]:
    names, how = exact_cells([location.bucket, location.key])
    until = "" if link.is_uncertain else link.ends_at.isoformat(timespec="seconds")
    return [*names, link.method, link.url, until, how]
