"""The form that makes or edits a failover group: its members in order, and how it reads."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.connection import group_connection
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.failover import MOST_BACKENDS, Backend, FailoverGroup
from s4desk.core.runtime.i18n import decimal_mark, tr
from s4desk.viewmodels.forms import TICKED, Field, FieldKind, Form, choice, is_ticked
from s4desk.viewmodels.group_limits_text import limits_text
from s4desk.viewmodels.group_member_form import MemberForm, names_text
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.quantities import count_between
from s4desk.viewmodels.replication_rule_text import connection_text
from s4desk.viewmodels.validation import parse_connection_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId

LEAST_TIMEOUT_S: Final = 0.1
MOST_TIMEOUT_S: Final = 600.0
POLICY: Final = ("timeout", "degraded", "broadcast", "parallel")


class Broadcast(StrEnum):
    """How members are asked where nobody knows which has an object."""

    SEQUENTIAL = "sequential"
    PARALLEL = "parallel"


class GroupForm(Form):
    """Edits one group, whose members stand in the order in which they are read.

    `errors` has what is wrong with them under “members”. `connections` are all that are kept.
    """

    def __init__(
        self,
        id_: ConnectionId,
        connections: Sequence[Connection],
        name: str = "",
        group: FailoverGroup | None = None,
    ) -> None:
        group = group or FailoverGroup(())
        self.id = id_
        self._connections = {each.id: each for each in connections if each.id != id_}
        self._taken = {each.name.casefold() for each in self._connections.values()}
        self.members: list[Backend] = list(group.backends)
        is_parallel = group.parallel > 1
        self._name = Field(tr("Name"), name, self._parse_name)
        self._degraded = Field(
            tr("Degraded reads"),
            TICKED if group.degraded_reads else "",
            is_ticked,
            kind=FieldKind.TICK,
            hint=tr(
                "While nobody knows who holds what, all members are asked. Without it reads fail"
                " then."
            ),
        )
        self._broadcast = Field(
            tr("They are asked"),
            (Broadcast.PARALLEL if is_parallel else Broadcast.SEQUENTIAL).value,
            choice(Broadcast),
            kind=FieldKind.CHOICE,
            choices=[
                (Broadcast.SEQUENTIAL.value, tr("One after the other")),
                (Broadcast.PARALLEL.value, tr("Several at once")),
            ],
        )
        self._parallel = Field(
            tr("At most at once"),
            str(group.parallel) if is_parallel else "2",
            count_between(2, MOST_BACKENDS),
        )
        self._timeout = Field(
            tr("Timeout in seconds"),
            seconds_words(group.timeout_s),
            parse_seconds,
            hint=tr("A member from which no byte came for so long has failed."),
        )
        super().__init__(
            tr("Failover Group"),
            name=self._name,
            timeout=self._timeout,
            degraded=self._degraded,
            broadcast=self._broadcast,
            parallel=self._parallel,
        )

    def is_shown(self, name: str) -> bool:
        if name == "broadcast":
            return is_ticked(self._degraded.text)
        if name == "parallel":
            is_parallel = self._broadcast.value is Broadcast.PARALLEL
            return self.is_shown("broadcast") and is_parallel
        return super().is_shown(name)

    @property
    def errors(self) -> dict[str, str]:
        found = super().errors
        if problem := self._members_problem():
            found["members"] = problem
        return found

    def result(self) -> Connection:
        """Raises ValidationError as long as there are errors."""
        for error in self.errors.values():
            raise ValidationError(error)
        group = FailoverGroup(
            tuple(self.members),
            self._degraded.value,
            self._parallel.value if self.is_shown("parallel") else 1,
            self._timeout.value,
        )
        return group_connection(self.id, self._name.value, group)

    # Members

    @property
    def candidates(self) -> list[Connection]:
        """What can still be a member: no group, and none that is one already."""
        members = {each.connection for each in self.members}
        return [
            each
            for each in self._connections.values()
            if each.group is None and each.id not in members
        ]

    def member_name(self, at: int) -> str:
        return printable(connection_text(self.members[at].connection, self._name_of))

    def member_text(self, at: int) -> str:
        """What is said of a member: its names and its limits, which nobody else knows and which are
        not to be cut off, and whether it is written to."""
        member = self.members[at]
        home, other = tr("read first, and written to"), tr("read when those before it are down")
        parts = [names_text(member), limits_text(member.limits), other if at else home]
        return "; ".join(part for part in parts if part)

    def member_form(self, at: int) -> MemberForm:
        return MemberForm(self.members[at], self.member_name(at))

    def add_member(self, connection: ConnectionId) -> None:
        """At the end."""
        self.members.append(Backend(connection))

    def put_member(self, at: int, member: Backend) -> None:
        self.members[at] = member

    def remove_member(self, at: int) -> None:
        del self.members[at]

    def move_member(self, at: int, to: int) -> None:
        """To the place that it shall have among all of them."""
        self.members.insert(to, self.members.pop(at))

    def _members_problem(self) -> str:
        if not self.members:
            return tr("Add the connection that is written to, then those that are read instead.")
        if len(self.members) > MOST_BACKENDS:
            return tr("A group has at most {most} members.").format(most=MOST_BACKENDS)
        if any(each.connection not in self._connections for each in self.members):
            return tr("Take the removed connection out of the group.")
        return ""

    def _name_of(self, connection: ConnectionId) -> str:
        found = self._connections.get(connection)
        return "" if found is None else found.name

    def _parse_name(self, text: str) -> str:
        name = parse_connection_name(text)
        if name.casefold() in self._taken:
            raise ValidationError(
                tr("There is a connection named “{name}” already.").format(name=name)
            )
        return name


def parse_seconds(text: str) -> float:
    """Raises ValidationError."""
    try:
        seconds = float(text.strip().replace(",", "."))
    except ValueError:
        seconds = 0.0
    if not LEAST_TIMEOUT_S <= seconds <= MOST_TIMEOUT_S:
        said = tr("Enter a number from {least} to {most}.")
        least, most = seconds_words(LEAST_TIMEOUT_S), seconds_words(MOST_TIMEOUT_S)
        raise ValidationError(said.format(least=least, most=most))
    return seconds


def seconds_words(seconds: float) -> str:
    """As `parse_seconds` reads it."""
    return f"{seconds:g}".replace(".", decimal_mark())


def groups_of(connection: ConnectionId, connections: Sequence[Connection]) -> list[str]:
    """The names of the groups that a connection is a member of."""
    return [
        each.name for each in connections if each.group is not None and connection in each.group.ids
    ]


def leaving_text(groups: Sequence[str]) -> str:
    """What becomes of groups when a connection is removed that is a member of them."""
    if not groups:
        return ""
    said = tr("It is a member of the group {groups}, which cannot read from it any more.")
    return said.format(groups=", ".join(f"“{printable(each)}”" for each in groups))
