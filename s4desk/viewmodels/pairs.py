"""Names with values that a person edits: metadata, tags. Rows in, a mapping or an error out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from s4desk.core.domain.properties import (
    MAX_METADATA_BYTES,
    MAX_TAG_NAME,
    MAX_TAG_VALUE,
    MAX_TAGS,
    Flaw,
    metadata_bytes,
    metadata_flaw,
    tag_flaw,
)
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Mapping


class PairRows:
    """What is edited; a row without any text is none. Subclasses know what a store takes."""

    def __init__(self, pairs: Mapping[str, str]) -> None:
        self.rows = [[name, value] for name, value in pairs.items()]

    @property
    def pairs(self) -> dict[str, str]:
        """Of rows with one name the last counts; `error` says so before."""
        return {self.named(name): value for name, value in self._filled()}

    @property
    def error(self) -> str:
        """The first thing that is wrong, empty when nothing is."""
        return next((error for error in map(self.error_in, range(len(self.rows))) if error), "")

    def error_in(self, row: int) -> str:
        name, value = self.rows[row]
        if not name and not value:
            return ""
        names = Counter(self.named(each) for each, _ in self._filled())
        flaw = self.flaw(name, value)
        if flaw is None and names[self.named(name)] > 1:
            flaw = Flaw.TWICE
        return "" if flaw is None else self.flaw_text(flaw).format(name=name, value=value)

    @property
    def room(self) -> str:
        """How much of what a store takes is taken."""
        raise NotImplementedError

    def named(self, name: str) -> str:
        return name

    def flaw(self, name: str, value: str) -> Flaw | None:
        raise NotImplementedError

    def flaw_text(self, flaw: Flaw) -> str:
        raise NotImplementedError

    def _filled(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.rows if name or value]


class MetadataRows(PairRows):
    """Metadata: names are headers and have no upper case, values are any text on one line."""

    def named(self, name: str) -> str:
        return name.lower()

    def flaw(self, name: str, value: str) -> Flaw | None:
        return metadata_flaw(name, value)

    def flaw_text(self, flaw: Flaw) -> str:
        return {
            Flaw.EMPTY: tr("“{value}” has no name."),
            Flaw.CHARACTER: tr(
                "“{name}”: a name has only letters a–z, digits, hyphens and such; a value is any"
                " text on one line."
            ),
            Flaw.BLANK_ENDS: tr("“{name}”: blanks at the ends of a value get lost on the way."),
            Flaw.TWICE: tr("“{name}” is there twice; upper and lower case are the same here."),
        }[flaw]

    @property
    def error(self) -> str:
        found = super().error
        if not found and metadata_bytes(self.pairs) > MAX_METADATA_BYTES:
            return tr("Names and values together are larger than {most} bytes.").format(
                most=format_count(MAX_METADATA_BYTES)
            )
        return found

    @property
    def room(self) -> str:
        return tr("{taken} of {most} bytes").format(
            taken=format_count(metadata_bytes(self.pairs)), most=format_count(MAX_METADATA_BYTES)
        )


class TagRows(PairRows):
    """Tags: ten at most, of letters, digits, blanks and some marks."""

    def flaw(self, name: str, value: str) -> Flaw | None:
        return tag_flaw(name, value)

    def flaw_text(self, flaw: Flaw) -> str:
        return {
            Flaw.EMPTY: tr("“{value}” has no name."),
            Flaw.CHARACTER: tr(
                "“{name}”: a tag has only letters, digits, blanks, and the marks + - = . _ : / @"
            ),
            Flaw.LONG: tr(
                "“{name}”: a name has at most {name_length} characters, a value {value_length}."
            )
            .replace("{name_length}", str(MAX_TAG_NAME))
            .replace("{value_length}", str(MAX_TAG_VALUE)),
            Flaw.RESERVED: tr("“{name}”: names that begin with aws: belong to AWS."),
            Flaw.TWICE: tr("“{name}” is there twice."),
        }[flaw]

    @property
    def error(self) -> str:
        found = super().error
        if not found and len(self.pairs) > MAX_TAGS:
            return tr("An object has at most {most} tags.").format(most=MAX_TAGS)
        return found

    @property
    def room(self) -> str:
        return tr("{taken} of {most} tags").format(taken=len(self.pairs), most=MAX_TAGS)
