"""One replication rule of ours as a form, and how often its bucket is looked at."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.replication.rules import MAX_ID, Destination, Filter, Kept, Rule
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.forms import TICKED, Field, FieldKind, Form, choice, is_ticked
from s4desk.viewmodels.lifecycle_form_tables import RuleTagTable
from s4desk.viewmodels.replication_rule_text import rule_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    NameOf = Callable[[ConnectionId], str]
    SayOf = Callable[[Rule], Sequence[str]]

LEAST_S: Final = 5
LONGEST_S: Final = 7 * 24 * 3600
_PRIORITY: Final = re.compile(r"-?\d{1,9}")
_SPAN: Final = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}


class ReplicationRuleForm(Form):
    """Every field is checked as it is typed; `tags` is a table beside the fields."""

    def __init__(
        self,
        rule: Rule,
        connections: Sequence[tuple[ConnectionId, str]],
        taken: Collection[str] = (),
        *,
        is_new: bool = False,
        say_of: SayOf = lambda _: (),
    ) -> None:
        """`connections` are ids and names, `taken` the ids of the other rules; `say_of` knows what
        is wrong with a rule beside them."""
        self.is_new = is_new
        self._names = dict(connections)
        self._taken = taken
        self._say_of = say_of
        self.tags = RuleTagTable(
            {"Filter": {"And": {"Tags": [{"Key": k, "Value": v} for k, v in rule.filter.tags]}}}
        )
        to = rule.destination
        known = [(str(id_), name) for id_, name in connections]
        if to.connection not in self._names and to.bucket:
            gone = tr("{id} (not there any more)").format(id=to.connection)
            known.append((str(to.connection), gone))
        super().__init__(
            tr("New Rule") if is_new else tr("Edit Rule"),
            id=Field(tr("Id"), rule.id, self._parse_id),
            is_on=Field(tr("On"), TICKED if rule.is_enabled else "", is_ticked, FieldKind.TICK),
            priority=Field(
                tr("Priority"),
                str(rule.priority),
                _parse_priority,
                hint=tr("Of rules about one object the highest decides, of equal ones the first."),
            ),
            prefix=Field(
                tr("Prefix"), rule.filter.prefix, str, placeholder=tr("all objects of the bucket")
            ),
            connection=Field(
                tr("Connection"),
                str(to.connection),
                self._parse_connection,
                FieldKind.CHOICE,
                known,
            ),
            bucket=Field(tr("Bucket"), to.bucket, _parse_bucket),
            to_prefix=Field(
                tr("Put before keys"),
                to.prefix,
                str,
                placeholder=tr("nothing: they keep their names"),
            ),
            storage_class=Field(
                tr("Storage class"),
                rule.storage_class,
                _parse_class,
                placeholder=tr("as the destination has it"),
            ),
            versions=Field(
                tr("Versions"),
                str(rule.versions),
                choice(Kept),
                FieldKind.CHOICE,
                [
                    (str(Kept.LATEST), tr("What a key has now")),
                    (str(Kept.ALL), tr("All versions, in their order")),
                ],
            ),
            markers=Field(
                tr("Delete markers, too"),
                TICKED if rule.delete_markers else "",
                is_ticked,
                FieldKind.TICK,
                hint=tr(
                    "What is deleted is hidden at the destination; versions are never deleted."
                ),
            ),
        )

    @property
    def groups(self) -> Sequence[tuple[str, Sequence[str]]]:
        """Which fields stand together, below which title; the tags come after the second."""
        return (
            ("", ("id", "is_on", "priority")),
            (tr("Which objects"), ("prefix",)),
            (tr("Where replicas go"), ("connection", "bucket", "to_prefix", "storage_class")),
            (tr("What of them"), ("versions", "markers")),
        )

    @property
    def summary(self) -> str:
        """What the rule does, in a sentence; nothing as long as it cannot be said."""
        return "" if self.errors else rule_text(self.result(), self._name_of)

    @property
    def remarks(self) -> Sequence[str]:
        """What is wrong, or odd, with it beside the other rules."""
        return () if self.errors else self._say_of(self.result())

    def result(self) -> Rule:
        """Raises ValidationError as long as there are errors."""
        value: dict[str, Any] = {name: field.value for name, field in self.fields.items()}
        return Rule(
            id=value["id"],
            destination=Destination(value["connection"], value["bucket"], value["to_prefix"]),
            priority=value["priority"],
            is_enabled=value["is_on"],
            filter=Filter(value["prefix"], self.tags.tags),
            storage_class=value["storage_class"],
            versions=value["versions"],
            delete_markers=value["markers"],
        )

    @property
    def errors(self) -> dict[str, str]:
        found = super().errors
        if problem := self.tags.problem or self._twice():
            found["tags"] = problem
        return found

    def _twice(self) -> str:
        names = [name for name, _ in self.tags.tags]
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is None:
            return ""
        return tr("The tag “{name}” is there twice.").format(name=repeated)

    def _parse_id(self, text: str) -> str:
        id_ = text.strip()
        if not id_:
            raise ValidationError(tr("A rule needs an id."))
        if len(id_) > MAX_ID:
            raise ValidationError(tr("At most {most} characters.").format(most=MAX_ID))
        if id_ in self._taken:
            raise ValidationError(tr("Another rule has this id."))
        return id_

    def _parse_connection(self, text: str) -> ConnectionId:
        if ConnectionId(text) not in self._names:
            raise ValidationError(tr("Choose a connection."))
        return ConnectionId(text)

    def _name_of(self, connection: ConnectionId) -> str:
        return self._names.get(connection, str(connection))


class IntervalForm(Form):
    """How often the bucket is looked at, for what others have written."""

    def __init__(self, every: timedelta, *, is_elsewhere: bool = False) -> None:
        """`is_elsewhere`: another process replicates, which does not see what this one writes."""
        at_once = tr("30s, 5m, 1h or 1d. What s4desk writes itself is replicated at once.")
        later = tr(
            "30s, 5m, 1h or 1d. Another process of s4desk replicates: what this one writes is seen"
            " then too."
        )
        self._every = Field(
            tr("Look at the bucket every"),
            every_words(every),
            every_from,
            hint=later if is_elsewhere else at_once,
        )
        super().__init__(tr("Interval"), every=self._every)

    def result(self) -> timedelta:
        return self._every.value


def every_from(text: str) -> timedelta:
    """A span such as 30s, 5m, 1h or 1d. Raises ValidationError."""
    found = _SPAN.fullmatch(text.strip())
    seconds = int(found[1]) * _UNITS[found[2]] if found is not None else 0
    if not LEAST_S <= seconds <= LONGEST_S:
        raise ValidationError(tr("A number and a unit, from 5s to 7d: 30s, 5m, 1h or 1d."))
    return timedelta(seconds=seconds)


def every_words(every: timedelta) -> str:
    """As `every_from` reads it."""
    seconds = int(every.total_seconds())
    unit = next(each for each in "dhms" if seconds % _UNITS[each] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def _parse_priority(text: str) -> int:
    stripped = text.strip()
    if not _PRIORITY.fullmatch(stripped):
        raise ValidationError(tr("Enter a whole number."))
    return int(stripped)


def _parse_bucket(text: str) -> str:
    name = text.strip()
    if not name or "/" in name:
        raise ValidationError(tr("Name a bucket."))
    return name


def _parse_class(text: str) -> str:
    name = text.strip()
    if any(each.isspace() for each in name):
        raise ValidationError(tr("A storage class is one word, such as STANDARD_IA."))
    return name
