"""`s4desk group`: failover groups, which are connections made of others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from s4desk.app.cli.places import UsageError, find_connection
from s4desk.core.domain.connection import group_connection
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.failover import MOST_BACKENDS, Backend, FailoverGroup
from s4desk.core.persist.connections import new_connection_id
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.error_text import sentences
from s4desk.viewmodels.group_limits_text import of_limit, used_size
from s4desk.viewmodels.group_usage_text import counted_since_text
from s4desk.viewmodels.quantities import parse_size, size_words
from s4desk.viewmodels.rows import format_count, format_duration
from s4desk.viewmodels.validation import parse_connection_name

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.failover.service import BackendStatus, GroupStatus

LONGEST_S = 600.0


async def add(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Make a group of connections that are there."""
    name = parse_connection_name(arguments.name)
    group = _changed(desk, FailoverGroup(()), arguments)
    await desk.connections.add(group_connection(new_connection_id(), name, group))
    console.record(_record(desk, name, group), tr("Added {name}.").format(name=name))


async def edit(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Change what is named; backends keep their limits."""
    before, group = find_group(desk, arguments.name)
    name = before.name if arguments.new_name is None else parse_connection_name(arguments.new_name)
    changed = _changed(desk, group, arguments)
    if (name, changed) == (before.name, group):
        raise UsageError(tr("Nothing is to be changed: name what, for example --backend."))
    await desk.connections.edit(group_connection(before.id, name, changed))
    console.record(_record(desk, name, changed), tr("Changed {name}.").format(name=name))


async def status(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Ask each backend whether it is there; one that is not is told as a failure."""
    connection, _ = find_group(desk, arguments.name)
    found = await desk.groups.look(connection.id)
    assert found is not None, "it is a group"
    console.record(_status_record(connection.name, found), _status_line(connection.name, found))
    for position, each in enumerate(found.backends):
        record = _backend_record(connection.name, position, each, found.month)
        console.record(record, _backend_line(each, is_home=position == 0))
    for each in found.backends:
        if each.health.error is not None:
            console.fail(sentences(each.health.error), each.name)


async def limits(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Show the limits of a backend, or change those that are named."""
    connection, group = find_group(desk, arguments.name)
    wanted = find_connection(arguments.backend, desk.connections).id
    if all(each.connection != wanted for each in group.backends):
        said = tr("“{backend}” is no backend of “{name}”.")
        raise UsageError(said.format(backend=arguments.backend, name=connection.name))
    changes = {
        name: _amount(option, word)
        for name, option, word in (
            ("requests", "--api", arguments.api),
            ("egress", "--egress", arguments.egress),
            ("ingress", "--ingress", arguments.ingress),
        )
        if word is not None
    }
    backends = tuple(
        replace(each, limits=replace(each.limits, **changes)) if each.connection == wanted else each
        for each in group.backends
    )
    if changes:
        changed = replace(group, backends=backends)
        await desk.connections.edit(group_connection(connection.id, connection.name, changed))
    told = next(each.limits for each in backends if each.connection == wanted)
    record = {
        "type": "limits",
        "group": connection.name,
        "backend": arguments.backend,
        "requests": told.requests,
        "egress": told.egress,
        "ingress": told.ingress,
    }
    line = tr_n(
        "{backend}: {requests} request, {egress} out, {ingress} in, a month",
        "{backend}: {requests} requests, {egress} out, {ingress} in, a month",
        told.requests,
    ).format(
        backend=console.name(arguments.backend),
        requests=format_count(told.requests) if told.requests else tr("any number of"),
        egress=_bytes(told.egress),
        ingress=_bytes(told.ingress),
    )
    console.record(record, line)


def find_group(desk: Desk, name: str) -> tuple[Connection, FailoverGroup]:
    """Raises UsageError for what is no group."""
    connection = find_connection(name, desk.connections)
    if connection.group is None:
        said = tr("“{name}” is no group; make one with “s4desk group add”.")
        raise UsageError(said.format(name=connection.name))
    return connection, connection.group


def _changed(desk: Desk, group: FailoverGroup, arguments: Namespace) -> FailoverGroup:
    changes: dict[str, Any] = {}
    if arguments.backends:
        changes["backends"] = _backends(desk, group, arguments.backends)
    if arguments.degraded_reads is not None:
        changes["degraded_reads"] = arguments.degraded_reads == "on"
    if arguments.parallel is not None:
        if not 0 < arguments.parallel <= MOST_BACKENDS:
            said = tr("--parallel is a number from 1 to {most}.")
            raise UsageError(said.format(most=MOST_BACKENDS))
        changes["parallel"] = arguments.parallel
    if arguments.timeout is not None:
        if not 0 < arguments.timeout <= LONGEST_S:
            said = tr("--timeout is a number of seconds, {most} at most.")
            raise UsageError(said.format(most=round(LONGEST_S)))
        changes["timeout_s"] = arguments.timeout
    return replace(group, **changes)


def _backends(desk: Desk, group: FailoverGroup, words: list[str]) -> tuple[Backend, ...]:
    """Raises UsageError for what can be no group."""
    if len(words) > MOST_BACKENDS:
        raise UsageError(tr("A group has at most {most} backends.").format(most=MOST_BACKENDS))
    limits = {each.connection: each.limits for each in group.backends}
    found: list[Backend] = []
    first = ""
    for word in words:
        name, colon, told = word.partition(":")
        connection = find_connection(name, desk.connections)
        if connection.group is not None:
            said = tr("“{name}” is a group itself, and cannot be a backend of one.")
            raise UsageError(said.format(name=connection.name))
        if any(each.connection == connection.id for each in found):
            raise UsageError(tr("“{name}” is named twice.").format(name=connection.name))
        if colon and "=" not in told:
            first = first or told
            told = f"{first}={told}"
        pairs = _pairs(told) if colon else ()
        backend = Backend(connection.id, pairs)
        found.append(replace(backend, limits=limits.get(connection.id, backend.limits)))
    return tuple(found)


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """What buckets are called here and there. Those with one name need no pair."""
    pairs = [each.partition("=") for each in text.split(",")]
    here, there = [each[0] for each in pairs], [each[2] for each in pairs]
    if not all(here) or not all(there) or any("/" in each for each in (*here, *there)):
        raise UsageError(tr("A bucket map is HERE=THERE[,HERE=THERE…]."))
    if len(set(here)) < len(here) or len(set(there)) < len(there):
        raise UsageError(tr("A bucket map names each bucket once."))
    return tuple((one, two) for one, two in zip(here, there, strict=True) if one != two)


def _amount(option: str, word: str) -> int:
    try:
        if word.strip().isdecimal():
            return int(word)
        if option == "--api":
            raise ValidationError(tr("a whole number is needed"))
        return parse_size(word)
    except ValidationError as error:
        raise UsageError(f"{option}: {error}") from error


def _bytes(limit: int) -> str:
    return size_words(limit) if limit else tr("any amount")


def _record(desk: Desk, name: str, group: FailoverGroup) -> dict[str, object]:
    return {
        "type": "group",
        "name": name,
        "backends": [
            {"backend": desk.connections.name_of(each.connection), "buckets": dict(each.buckets)}
            for each in group.backends
        ],
        "degraded_reads": group.degraded_reads,
        "parallel": group.parallel,
        "timeout_s": group.timeout_s,
    }


def _status_record(name: str, found: GroupStatus) -> dict[str, object]:
    lost = found.usage_lost
    return {
        "type": "group",
        "name": name,
        "degraded": found.is_degraded,
        "index": found.has_index,
        "month": found.month,
        "usage_lost": None if lost is None else {"at": lost.at.isoformat(), "aside": lost.aside},
    }


def _status_line(name: str, found: GroupStatus) -> str:
    well = sum(each.health.error is None for each in found.backends)
    said = tr("{name}: {well} of {count} backends answer").format(
        name=name, well=well, count=len(found.backends)
    )
    if not found.has_index:
        said = f"{said}; {tr('the location index cannot be read')}"
    if found.usage_lost is not None:
        said = f"{said}; {counted_since_text(found.usage_lost)}"
    return said


def _backend_record(
    group: str, position: int, each: BackendStatus, month: str
) -> dict[str, object]:
    limits = each.backend.limits
    return {
        "type": "backend",
        "group": group,
        "backend": each.name,
        "position": position,
        "writes": position == 0,
        "buckets": dict(each.backend.buckets),
        "breaker": each.health.state.value,
        "answers": each.health.error is None,
        "probe_in_seconds": round(each.health.probe_in_s, 1),
        "error": "" if each.health.error is None else str(each.health.error),
        "month": month,
        "requests": each.used.requests,
        "egress": each.used.egress,
        "ingress": each.used.ingress,
        "limits": {
            "requests": limits.requests,
            "egress": limits.egress,
            "ingress": limits.ingress,
        },
    }


def _backend_line(each: BackendStatus, *, is_home: bool) -> str:
    limits = each.backend.limits
    health = tr("answers") if each.health.error is None else tr("does not answer")
    if each.health.probe_in_s:
        wait = format_duration(each.health.probe_in_s)
        health = tr("{health}; left alone for {time}").format(health=health, time=wait)
    used = tr_n(
        "{requests} request, {egress} out, {ingress} in this month",
        "{requests} requests, {egress} out, {ingress} in this month",
        limits.requests or each.used.requests,
    ).format(
        requests=_of_count(each.used.requests, limits.requests),
        egress=_of_size(each.used.egress, limits.egress),
        ingress=_of_size(each.used.ingress, limits.ingress),
    )
    role = f" ({tr('written to')})" if is_home else ""
    return f"  {each.name}{role}: {health}; {used}"


def _of_count(used: int, limit: int) -> str:
    return of_limit(format_count(used), format_count(limit) if limit else "")


def _of_size(used: int, limit: int) -> str:
    return of_limit(used_size(used, limit), size_words(limit) if limit else "")
