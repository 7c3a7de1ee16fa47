"""Replication rules, what is wrong with them and what stands in their way, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.replication.problems import ProblemKind
from s4desk.core.domain.replication.rules import Kept
from s4desk.core.replication.checking import ConcernKind
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.replication.problems import Problem
    from s4desk.core.domain.replication.rules import Destination, Rule
    from s4desk.core.replication.checking import Concern

    NameOf = Callable[[ConnectionId], str]


def connection_text(connection: ConnectionId, name_of: NameOf) -> str:
    """Its name, also of one that was removed while rules still lead there."""
    return name_of(connection) or tr("(removed connection)")


def destination_text(to: Destination, name_of: NameOf) -> str:
    """NAME:BUCKET/PREFIX, as a file of rules says it."""
    place = f"{connection_text(to.connection, name_of)}:{to.bucket}"
    return f"{place}/{to.prefix}" if to.prefix else place


def rule_text(rule: Rule, name_of: NameOf) -> str:
    """One sentence: “objects under logs/ tagged keep=yes go to B:copies, all versions”."""
    parts = [_objects_text(rule)]
    if rule.versions is Kept.ALL:
        parts.append(tr("all versions"))
    if rule.delete_markers:
        parts.append(tr("delete markers too"))
    if rule.storage_class:
        parts.append(tr("as {storage_class}").format(storage_class=rule.storage_class))
    text = tr("{objects} go to {destination}").format(
        objects=parts[0], destination=destination_text(rule.destination, name_of)
    )
    text = ", ".join([text, *parts[1:]])
    return text if rule.is_enabled else tr("{rule} (switched off)").format(rule=text)


def problem_text(problem: Problem, name_of: NameOf) -> str:
    if problem.place is None:
        return _problems()[problem.kind].format(rule=problem.rule, other=problem.other)
    connection, bucket = problem.place
    said = tr(
        "Replicas of “{rule}” and of “{other}” in {bucket} may get the same keys: of two objects"
        " the one that is replicated last replaces the other."
    )
    place = f"{connection_text(connection, name_of)}:{bucket}"
    return said.format(rule=problem.rule, other=problem.other, bucket=place)


def removal_text(count: int) -> str:
    """What becomes of so many rules when the connection is removed that they lead to or from."""
    if not count:
        return ""
    said = tr_n(
        "{count} replication rule leads to it or from it: nothing is replicated by that any more.",
        "{count} replication rules lead to it or from it: nothing is replicated by them any more.",
        count,
    )
    return said.format(count=format_count(count))


def concern_text(concern: Concern, describe: Callable[[BaseException], str]) -> str:
    """With what was answered, if somebody did."""
    text = _concerns()[concern.kind].format(rule=concern.rule)
    return text if concern.error is None else f"{text} {describe(concern.error)}"


def _objects_text(rule: Rule) -> str:
    tags = ", ".join(f"{name}={value}" for name, value in rule.filter.tags)
    prefix = rule.filter.prefix
    if prefix and tags:
        return tr("Objects under “{prefix}” tagged {tags}").format(prefix=prefix, tags=tags)
    if prefix:
        return tr("Objects under “{prefix}”").format(prefix=prefix)
    if tags:
        return tr("Objects tagged {tags}").format(tags=tags)
    return tr("All objects")


def _problems() -> dict[ProblemKind, str]:
    return {
        ProblemKind.ONTO_ITSELF: tr(
            "“{rule}” leads to the same bucket: give it another prefix there."
        ),
        ProblemKind.WITHIN: tr(
            "The replicas of “{rule}” come to lie among the objects it is about."
        ),
        ProblemKind.EQUAL: tr(
            "“{rule}” and “{other}” are about the same objects, with one priority."
        ),
        ProblemKind.SHADOWED: tr("“{rule}” never decides: “{other}” is about all of its objects."),
        ProblemKind.MARKERS: tr("“{rule}” asks for tags, which delete markers do not have."),
        ProblemKind.FACING: tr(
            "The destination of “{rule}” has a rule that leads back. Replicas are not replicated"
            " again; of what is written at both ends, what was written last replaces the other."
            " What somebody writes there in the same moment as a replica is kept where the store"
            " heeds If-Match or the bucket keeps versions; elsewhere it may be lost."
        ),
        ProblemKind.MEETING: tr(
            "Replicas of “{rule}” and of “{other}” may get the same keys: of two objects the one"
            " that is replicated last replaces the other."
        ),
        ProblemKind.GROUP: tr(
            "“{rule}” names a failover group: replicate between the stores that it is made of."
        ),
    }


def _concerns() -> dict[ConcernKind, str]:
    return {
        ConcernKind.SOURCE: tr("The bucket cannot be listed."),
        ConcernKind.UNREACHABLE: tr("The destination of “{rule}” is not there."),
        ConcernKind.NOT_WRITABLE: tr("The destination of “{rule}” may not be written to."),
        ConcernKind.NOT_VERSIONED: tr(
            "The destination of “{rule}” keeps no versions: delete markers cannot go there."
        ),
        ConcernKind.KEYS_FOR_VERSIONS: tr(
            "The destination of “{rule}” keeps no versions: each gets a key of its own."
        ),
        ConcernKind.NO_VERSIONS: tr("The bucket keeps no versions: “{rule}” has only the newest."),
        ConcernKind.NO_LOCKS: tr(
            "The destination of “{rule}” has no Object Lock: locks stay behind."
        ),
        ConcernKind.HIDDEN: tr(
            "Whether the destination of “{rule}” keeps versions or locks may not be asked: what it"
            " does not keep is told of each object."
        ),
    }
