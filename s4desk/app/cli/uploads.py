"""`s4desk uploads`: multipart uploads that were begun and never completed, ours and others'."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli import copying, transfers
from s4desk.app.cli.locked import tell_covered
from s4desk.app.cli.places import UsageError, parse_object, parse_remote
from s4desk.core.domain.errors import NotFoundError, S4DeskError, TargetExistsError
from s4desk.core.domain.identity import Address, Location, UploadId
from s4desk.core.domain.transfer import BatchId, ConflictPolicy
from s4desk.core.persist.database import DatabaseInUseError
from s4desk.core.persist.peek import Command
from s4desk.core.persist.runs import upload_owners
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.adoption import plan_adoption
from s4desk.core.transfer.leftovers import abort_for_good, find_leftovers, held_parts
from s4desk.core.transfer.whereabouts import endpoints_of
from s4desk.viewmodels.moments import age_from
from s4desk.viewmodels.rows import format_count, format_duration, format_size

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import timedelta

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.domain.objects import Upload
    from s4desk.core.persist.runs import RunView
    from s4desk.core.transfer.leftovers import Leftover
    from s4desk.core.transfer.owners import Owners


async def show_all(desk: Desk, arguments: Namespace, console: Console) -> None:
    """List unfinished uploads, and for ours the transfer that needs them."""
    place = _place(desk, arguments.place)
    now = datetime.now(UTC)
    leftovers = await _leftovers(desk, place, console)
    for leftover in leftovers:
        console.record(_record(leftover, now), _line(leftover, now, console))
    if not leftovers:
        console.say(tr("There is no unfinished upload."))


async def abort(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Abort uploads until the store says that they are gone.

    What a transfer of ours still needs is only aborted when it is named by its upload id.
    """
    if arguments.upload:
        await _abort_named(desk, arguments, console)
        return
    is_bulk = bool(arguments.older_than)
    place = (_place if is_bulk else _object)(desk, arguments.place)
    limit = age_from(arguments.older_than) if is_bulk else None
    found = [
        leftover
        for leftover in await _leftovers(desk, place, console)
        if is_bulk or leftover.upload.location == place.location
    ]
    if console.failures:
        console.fail(tr("Nothing was aborted: it is not certain what is still needed."))
        return
    chosen = [each for each in found if limit is None or _is_older(each, limit)]
    for leftover in chosen:
        if leftover.owner:
            _tell_needed(place, leftover, console)
    free = [each for each in chosen if not each.owner]
    if not chosen:
        console.say(tr("There is no such unfinished upload."))
    needs_word = bool(free) and (is_bulk or len(free) > 1) and not arguments.yes
    if needs_word and not await _agrees(free, place, console, is_bulk=is_bulk):
        console.fail(tr("Nothing was aborted."))
        return
    for leftover in free:
        await _abort(desk, place, leftover.upload.location.key, leftover.upload.upload, console)


async def adopt(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Complete an upload with a local file; parts that hold its bytes are not sent again.

    Nothing is touched when one of them does not, or when an object would be replaced unasked.
    """
    place = _object(desk, arguments.place)
    file = await in_thread(Path(arguments.file).absolute)
    policy = [ConflictPolicy.OVERWRITE.value] if arguments.overwrite else []
    target = Address(place.connection.id, place.location)
    endpoints = endpoints_of((target,), desk.connections.get)
    begun = Command(copying.ADOPT, file, target, (arguments.upload, *policy), endpoints)
    if (earlier := await _earlier(desk, begun, console)) is not None:
        await _go_on(desk, earlier, console)
        return
    store = await desk.stores.get(place.connection.id)
    upload = await _upload_at(desk, place, arguments.upload, console)
    if console.failures:
        console.fail(tr("Nothing was adopted: it is not certain what is still needed."))
        return
    console.say(tr("Comparing the file with what has arrived."))
    try:
        adoption = await plan_adoption(
            store,
            place.connection.id,
            upload,
            file,
            desk.settings.current.sizes.part,
            may_replace=arguments.overwrite,
        )
    except TargetExistsError:
        console.fail(tr("It exists already: add --overwrite."), str(place))
        return
    if arguments.overwrite:
        await tell_covered(desk, file, place, console, is_recursive=False)
    run = await desk.runs.begin(replace(begun, flags=(upload.upload, *policy)))
    await run.journal.open()
    is_new = not await run.journal.unfinished()
    if is_new:
        inheritance = adoption.inheritance(BatchId(run.id), overwrites=arguments.overwrite)
        await run.journal.inherit([inheritance])
    await run.set_planned(is_planned=True)
    await copying.batch_of(desk, run, console).carry_out(None, goes_on=not is_new)


async def _earlier(desk: Desk, begun: Command, console: Console) -> RunView | None:
    """A run of the same command, whichever upload it is about when none is named now."""
    upload, *policy = begun.flags
    for view in await transfers.look(desk, console):
        command = view.journal.command
        if command is None or not view.journal.unfinished:
            continue
        if replace(begun, flags=command.flags).continues(command):
            theirs, *their_policy = command.flags
            if their_policy == policy and upload in ("", theirs):
                return view
    return None


async def _go_on(desk: Desk, earlier: RunView, console: Console) -> None:
    """What has arrived was compared then."""
    try:
        run = await desk.runs.open(earlier.id)
    except DatabaseInUseError:
        console.fail(tr("another process carries it out now"), earlier.id)
        return
    await copying.batch_of(desk, run, console).carry_out(None)


async def _upload_at(desk: Desk, place: Remote, id_: str, console: Console) -> Upload:
    """The upload that is meant: there is only one, or it is named. Raises UsageError."""
    found = [
        each
        for each in await _leftovers(desk, place, console)
        if each.upload.location == place.location and id_ in ("", each.upload.upload)
    ]
    if not found:
        raise NotFoundError("no such upload", location=place.location, code="NoSuchUpload")
    if len(found) > 1:
        raise UsageError(tr("There are several uploads of this key: say which with --upload."))
    if found[0].owner:
        sentence = tr("A transfer here still needs it: “s4desk transfers resume {transfer}”.")
        raise UsageError(sentence.format(transfer=found[0].owner))
    return found[0].upload


async def _abort_named(desk: Desk, arguments: Namespace, console: Console) -> None:
    place, upload = _object(desk, arguments.place), UploadId(arguments.upload)
    store = await desk.stores.get(place.connection.id)
    if await held_parts(store, place.location, upload) is None:
        raise NotFoundError("no such upload", location=place.location, code="NoSuchUpload")
    await _abort(desk, place, place.key, upload, console)


async def _abort(desk: Desk, place: Remote, key: str, upload: UploadId, console: Console) -> None:
    name = f"{place.connection.name}:{place.bucket}/{key}"
    store = await desk.stores.get(place.connection.id)
    try:
        await abort_for_good(store, Location(place.bucket, key), upload)
    except S4DeskError as error:
        console.fail(error, name)
        return
    record = {"type": "aborted", "bucket": place.bucket, "key": key, "upload": upload}
    line = tr("aborted {place}, upload {upload}: the store does not know it any more")
    console.record(record, line.format(place=console.name(name), upload=upload))


async def _leftovers(desk: Desk, place: Remote, console: Console) -> list[Leftover]:
    async def owners() -> Owners:
        return upload_owners(await transfers.look(desk, console))

    store = await desk.stores.get(place.connection.id)
    return await find_leftovers(store, place.prefix, owners)


def _place(desk: Desk, word: str) -> Remote:
    place = parse_remote(word, desk.connections)
    if not place.bucket:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET[/PREFIX]."))
    return place


def _object(desk: Desk, word: str) -> Remote:
    return parse_object(word, desk.connections)


def _is_older(leftover: Leftover, limit: timedelta) -> bool:
    """What does not say how old it is, is not."""
    age = leftover.age(datetime.now(UTC))
    return age is not None and age > limit


async def _agrees(
    free: Sequence[Leftover], place: Remote, console: Console, *, is_bulk: bool
) -> bool:
    if not console.can_ask:
        if is_bulk:
            raise UsageError(tr("uploads abort --older-than asks first: add --yes."))
        sentence = tr(
            "There are several uploads of this key: say which with --upload, or add --yes to abort"
            " all of them."
        )
        raise UsageError(sentence)
    question = tr_n(
        "Abort {count} unfinished upload ({size}) in {place}? What was sent of it is lost."
        " Type “yes”: ",
        "Abort {count} unfinished uploads ({size}) in {place}? What was sent of them is lost."
        " Type “yes”: ",
        len(free),
    ).format(
        count=format_count(len(free)),
        size=format_size(sum(each.size or 0 for each in free)),
        place=console.name(str(place)),
    )
    return await console.agrees(question)


def _tell_needed(place: Remote, leftover: Leftover, console: Console) -> None:
    sentence = tr(
        "a transfer here still needs it: “s4desk transfers cancel {transfer}” undoes it,"
        " --upload {upload} aborts it all the same"
    ).format(transfer=leftover.owner, upload=leftover.upload.upload)
    key = leftover.upload.location.key
    console.fail(sentence, f"{place.connection.name}:{place.bucket}/{key}")


def _record(leftover: Leftover, now: datetime) -> dict[str, object]:
    upload, age = leftover.upload, leftover.age(now)
    return {
        "type": "upload",
        "bucket": upload.location.bucket,
        "key": upload.location.key,
        "upload": upload.upload,
        "initiated": upload.initiated.isoformat() if upload.initiated else None,
        "age_seconds": None if age is None else int(age.total_seconds()),
        "size": leftover.size,
        "parts": leftover.parts,
        "ours": bool(leftover.owner),
        "transfer": leftover.owner,
    }


def _line(leftover: Leftover, now: datetime, console: Console) -> str:
    age = leftover.age(now)
    facts = [
        console.name(leftover.upload.location.key),
        "?" if leftover.size is None else format_size(leftover.size),
        "?" if age is None else format_duration(age.total_seconds()),
        leftover.owner or tr("not ours"),
        leftover.upload.upload,
    ]
    return "  ".join(facts)
