"""One member of a failover group: what buckets are called there, and what it may be used for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.failover import UsageLimits
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_tables import ConfigColumn, ConfigRow, ConfigTable
from s4desk.viewmodels.forms import Field, Form
from s4desk.viewmodels.quantities import count_between, parse_size, size_words

if TYPE_CHECKING:
    from s4desk.core.domain.failover import Backend

MOST_REQUESTS: Final = 10**12


class BucketNames(ConfigTable):
    """What buckets of the group are called at a member. Those that have one name need no row."""

    def __init__(self, backend: Backend) -> None:
        columns = (
            ConfigColumn(tr("In the group"), parse_bucket),
            ConfigColumn(tr("At this member"), parse_bucket),
        )
        super().__init__({}, columns, [ConfigRow(list(pair)) for pair in backend.buckets])

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Once nothing is wrong."""
        found = [(here.strip(), there.strip()) for here, there in self._texts]
        return tuple((here, there) for here, there in found if here != there)

    def error(self, at: int, column: int) -> str:
        """What is wrong with a cell, whoever wrote it."""
        text = self.rows[at].texts[column]
        try:
            name = self.columns[column].parse(text)
        except ValidationError as error:
            return str(error)
        names = Counter(row.texts[column].strip() for row in self.rows)
        if names[name] < 2:
            return ""
        said = (
            tr("“{bucket}” is there twice: a bucket of the group has one name at a member.")
            if column == 0
            else tr("“{bucket}” is there twice: two buckets of the group cannot be one here.")
        )
        return said.format(bucket=name)

    @property
    def _texts(self) -> list[tuple[str, str]]:
        return [(row.texts[0], row.texts[1]) for row in self.rows]


class MemberForm(Form):
    """Edits one member. `errors` has those of the table under “buckets”."""

    def __init__(self, backend: Backend, name: str) -> None:
        self._backend = backend
        self.buckets = BucketNames(backend)
        limits = backend.limits
        super().__init__(
            tr("Member “{name}”").format(name=name),
            requests=Field(
                tr("Requests"),
                str(limits.requests or ""),
                count_between(1, MOST_REQUESTS, empty=0),
                placeholder=tr("no limit"),
            ),
            egress=_size(tr("Bytes out of it"), limits.egress),
            ingress=_size(tr("Bytes into it"), limits.ingress),
        )

    @property
    def errors(self) -> dict[str, str]:
        found = super().errors
        if self.buckets.problem:
            found["buckets"] = self.buckets.problem
        return found

    def result(self) -> Backend:
        """Raises ValidationError as long as there are errors."""
        for error in self.errors.values():
            raise ValidationError(error)
        limits = UsageLimits(**{name: field.value for name, field in self.fields.items()})
        return replace(self._backend, buckets=self.buckets.pairs, limits=limits)


def parse_bucket(text: str) -> str:
    """The name of a bucket that exists, by rules older than today's. Raises ValidationError."""
    name = text.strip()
    if not name:
        raise ValidationError(tr("Enter the name of a bucket."))
    if "/" in name or any(character.isspace() for character in name):
        raise ValidationError(tr("A bucket name has no spaces and no “/”."))
    return name


def parse_limit(text: str) -> int:
    """Bytes; nothing is 0, which means no limit. Raises ValidationError."""
    if not text.strip():
        return 0
    size = parse_size(text)
    if not size:
        raise ValidationError(tr("Enter nothing for no limit."))
    return size


def names_text(backend: Backend) -> str:
    """“photos is backup there”, or nothing where all buckets have one name."""
    return ", ".join(
        tr("{bucket} is {name} there").format(bucket=here, name=there)
        for here, there in backend.buckets
    )


def _size(label: str, limit: int) -> Field[Any]:
    words = size_words(limit) if limit else ""
    return Field(label, words, parse_limit, placeholder=tr("no limit; or such as 100 GB"))
