"""`s4desk set` and `s4desk unarchive`: what belongs to objects beside their bytes."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from s4desk.app.cli.places import UsageError, parse_object, parse_remote
from s4desk.core.domain.access import Audience, CannedAcl, audience
from s4desk.core.domain.archive import ARCHIVES, TIERED, Tier
from s4desk.core.domain.past_change import ChangeKind, PastChange
from s4desk.core.domain.properties import CONTENT_FIELDS, Pairs, PropertyChange
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.editing import edit, edit_many, locations_in
from s4desk.core.transfer.past_changes import edit_of
from s4desk.core.transfer.selection import tally
from s4desk.core.transfer.unarchiving import (
    Unarchived,
    UnarchiveOutcome,
    unarchive,
    unarchive_many,
)
from s4desk.viewmodels.archive_text import ArchiveForm, result_text, unarchive_report
from s4desk.viewmodels.pairs import MetadataRows, TagRows
from s4desk.viewmodels.properties_form import GeneralForm
from s4desk.viewmodels.properties_text import outcome_text, preview_text, report_text
from s4desk.viewmodels.publishing_text import publishing_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.identity import Location
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.editing import EditOutcome
    from s4desk.viewmodels.pairs import PairRows


async def change(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Change one object, or all below a folder."""
    wanted, is_dry = _wanted(arguments), arguments.dry_run
    remote, now = _place(desk, arguments), datetime.now(UTC)
    store = await desk.stores.get(remote.connection.id)
    if not await _may_publish(store, remote, wanted, arguments, console):
        console.fail(tr("Nothing was changed."))
        return
    if not arguments.recursive:
        outcome = await edit(store, remote.location, wanted, now, is_dry=is_dry)
        _tell_edit(outcome, remote, console, is_dry=is_dry)
        if not is_dry:
            await desk.note(edit_of(outcome, remote.connection.id, remote.location))
        return
    counts: Counter[str] = Counter()

    def told(outcome: EditOutcome) -> None:
        kind = "changed" if outcome.changed else "unchanged"
        counts["failed" if outcome.error is not None else kind] += 1
        _tell_edit(outcome, remote, console, is_dry=is_dry)

    try:
        async with aclosing(locations_in(store, [remote.folder])) as pages:
            await edit_many(store, pages, wanted, now, told, is_dry=is_dry)
    finally:
        if not is_dry:
            await desk.note(_changes_of_many(remote, counts))
    numbers = (counts["changed"], counts["unchanged"], counts["failed"])
    said = preview_text(*numbers) if is_dry else report_text(*numbers)
    names = ("would_change" if is_dry else "changed", "unchanged", "failed")
    console.record({"event": "done", **dict(zip(names, numbers, strict=True))}, said)


def _changes_of_many(remote: Remote, counts: Counter[str]) -> PastChange:
    where, kind = (remote.bucket, remote.folder.prefix), ChangeKind.PROPERTIES
    return PastChange(kind, remote.connection.id, *where, counts["changed"], counts["failed"])


async def _may_publish(
    store: Store, remote: Remote, wanted: PropertyChange, arguments: Namespace, console: Console
) -> bool:
    """Whether nothing is opened to strangers, or somebody agrees to it. Raises UsageError."""
    opened = audience(wanted.acl)
    if opened is Audience.NOBODY or (arguments.yes and not arguments.dry_run):
        return True
    count = 1
    if arguments.recursive:
        async for counted in tally(store, [remote.folder]):
            count = counted.objects
    sentence = publishing_text(opened, count)
    if arguments.dry_run:
        console.say(sentence)
        return True
    if not console.can_ask:
        raise UsageError(tr("{sentence} Add --yes to agree.").format(sentence=sentence))
    return await console.agrees(tr("{sentence} Type “yes”: ").format(sentence=sentence))


async def restore_archived(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Ask for a readable copy of one object, or of all archived ones below a folder."""
    form = ArchiveForm()
    form.edit("days", arguments.days)
    if error := form.errors.get("days"):
        raise UsageError(error)
    tier = Tier(arguments.tier.capitalize())
    remote, now = _place(desk, arguments), datetime.now(UTC)
    store = await desk.stores.get(remote.connection.id)
    if not arguments.recursive:
        location, is_dry = remote.location, arguments.dry_run
        result = await unarchive(store, location, form.days, tier, now, is_dry=is_dry)
        _tell_result(UnarchiveOutcome(location, result), remote, console, is_dry=is_dry)
        return
    counts: Counter[Unarchived | None] = Counter()

    def told(outcome: UnarchiveOutcome) -> None:
        counts[outcome.result] += 1
        _tell_result(outcome, remote, console, is_dry=arguments.dry_run)

    classes = {*ARCHIVES, TIERED}
    async with aclosing(locations_in(store, [remote.folder], classes)) as pages:
        await unarchive_many(store, pages, form.days, tier, now, told, is_dry=arguments.dry_run)
    record = {each.value.replace(" ", "_"): counts[each] for each in Unarchived}
    record |= {"failed": counts[None]}
    record |= {"dry_run": True} if arguments.dry_run else {}
    said = unarchive_report(counts, is_dry=arguments.dry_run)
    console.record({"event": "done", **record}, said)


def _place(desk: Desk, arguments: Namespace) -> Remote:
    if not arguments.recursive:
        return parse_object(arguments.place, desk.connections)
    remote = parse_remote(arguments.place, desk.connections)
    if not remote.bucket:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET[/PREFIX]."))
    return remote


def _wanted(arguments: Namespace) -> PropertyChange:
    """Raises UsageError for what no store takes, before one is asked."""
    told = {name: getattr(arguments, name) for name in CONTENT_FIELDS}
    fields = {name: text for name, text in told.items() if text is not None}
    form = GeneralForm({}, "", is_many=True)
    for name, text in fields.items():
        form.edit(name, text)
    if form.errors:
        raise UsageError(next(iter(form.errors.values())))
    metadata = _pairs(arguments.meta, MetadataRows({}))
    tags = _pairs(arguments.tag, TagRows({}))
    change = PropertyChange(
        fields,
        Pairs(metadata.pairs, frozenset(name.lower() for name in arguments.remove_meta)),
        Pairs(tags.pairs, frozenset(arguments.remove_tag)),
        arguments.storage_class,
        CannedAcl(arguments.acl) if arguments.acl else None,
    )
    if not change:
        raise UsageError(tr("Say what to change, such as --content-type or --tag NAME=VALUE."))
    return change


def _pairs(texts: Sequence[str], rows: PairRows) -> PairRows:
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark:
            raise UsageError(tr("NAME=VALUE is expected, not “{text}”.").format(text=text))
        rows.rows.append([name, value])
    if rows.error:
        raise UsageError(rows.error)
    return rows


def _tell_edit(outcome: EditOutcome, remote: Remote, console: Console, *, is_dry: bool) -> None:
    where = _named(outcome.location, remote)
    record = _record("properties", outcome.location)
    if outcome.error is not None:
        _tell_failure(record, outcome.error, where, console)
        return
    changed = list(outcome.changed)
    record |= {"would_change" if is_dry else "changed": changed, "version": outcome.version}
    if outcome.has_unseen_acl:
        record |= {"unseen": ["acl"]}
    console.record(record, f"{console.name(where)}: {outcome_text(outcome)}")


def _tell_result(
    outcome: UnarchiveOutcome, remote: Remote, console: Console, *, is_dry: bool
) -> None:
    where, record = _named(outcome.location, remote), _record("unarchive", outcome.location)
    if outcome.error is not None:
        _tell_failure(record, outcome.error, where, console)
        return
    console.record(
        record | {"result": outcome.result},
        f"{console.name(where)}: {result_text(outcome, is_dry=is_dry)}",
    )


def _tell_failure(
    record: dict[str, object], error: S4DeskError, where: str, console: Console
) -> None:
    console.fail(error, where)
    if console.as_json:
        console.record(record | {"type": "failed", "error": type(error).__name__}, "")


def _record(kind: str, location: Location) -> dict[str, object]:
    return {"type": kind, "bucket": location.bucket, "key": location.key}


def _named(location: Location, remote: Remote) -> str:
    return f"{remote.connection.name}:{location.bucket}/{location.key}"
