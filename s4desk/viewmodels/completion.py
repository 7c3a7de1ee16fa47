"""What a place that is being typed may go on to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.identity import Prefix

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST: Final = 200
"""More than anybody reads; who wants another one types on."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The beginning of a place: `lead` stays, `name` is what is still being typed.

    `connection` is a name, empty for the present one. `folder` is where names are looked for:
    None for the list of buckets.
    """

    lead: str
    name: str
    connection: str
    folder: Prefix | None

    @property
    def may_be_connection(self) -> bool:
        return not self.lead

    @property
    def wanted(self) -> Prefix | None:
        """What to list: the folders that begin with what was typed. None: the buckets."""
        if self.folder is None:
            return None
        return Prefix(self.folder.bucket, self.folder.prefix + self.name)


def beginning_of(text: str) -> Beginning:
    """Take apart `s3://bucket/fol`, `NAME:bucket/fol` or `bucket/fol`."""
    connection, lead, path = "", "", text
    if text.startswith("s3://"):
        lead, path = "s3://", text.removeprefix("s3://")
    elif ":" in text.partition("/")[0]:
        connection, _, path = text.partition(":")
        lead = f"{connection}:"
    bucket, slash, key = path.partition("/")
    if not slash:
        return Beginning(lead, bucket, connection.strip(), None)
    folder, cut, name = key.rpartition("/")
    above = f"{folder}{cut}"
    return Beginning(f"{lead}{bucket}/{above}", name, connection.strip(), Prefix(bucket, above))


def completions(beginning: Beginning, names: Iterable[str]) -> list[str]:
    """Whole texts for the names that go on so. What no line of text can hold is left out."""
    fold = beginning.name.casefold() if beginning.folder is None else beginning.name
    found = []
    for name in names:
        start = name.casefold() if beginning.folder is None else name
        if start.startswith(fold) and name != beginning.name and name.isprintable():
            found.append(f"{beginning.lead}{name}")
            if len(found) == MOST:
                break
    return found
