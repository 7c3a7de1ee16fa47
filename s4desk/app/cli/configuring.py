"""`s4desk config`: what a bucket is told, read and written without losing anything."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from s4desk.app.cli.config_files import content_of, document_of
from s4desk.app.cli.lifecycle_document import rules_document
from s4desk.app.cli.places import UsageError, parse_bucket
from s4desk.core.domain.bucket_config import FACTS, BucketDocument, ConfigKind
from s4desk.core.domain.config_command import cli_command
from s4desk.core.domain.config_json import as_json, is_set
from s4desk.core.domain.errors import NotSupportedError, PermissionDeniedError, StoreError
from s4desk.core.domain.public_access import exposures
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.configuration import WriteOutcome, save
from s4desk.core.store.policy_context import policy_context
from s4desk.viewmodels.config_diff import Sign, unified
from s4desk.viewmodels.config_save_text import (
    exposure_sentences,
    is_suspended,
    lost_text,
    saved_text,
)
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.lock_default_text import compliance_text, refuse_far
from s4desk.viewmodels.lock_out_text import shut_out_sentence, unread_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.store.configuration import ConfigReport
    from s4desk.core.store.protocol import Store

_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Subject:
    """One configuration of one bucket."""

    remote: Remote
    kind: ConfigKind
    id: str

    @property
    def bucket(self) -> str:
        return self.remote.bucket

    def record(self, type: str) -> dict[str, object]:
        record: dict[str, object] = {"type": type, "bucket": self.bucket, "kind": self.kind}
        return record | ({"id": self.id} if self.id else {})


@dataclass(frozen=True, slots=True)
class _Dangers:
    """What is said before a configuration is saved; `retains` and `shuts_out` may be empty."""

    opens: list[str]
    retains: str
    shuts_out: str


async def get(desk: Desk, arguments: Namespace, console: Console) -> None:
    """One configuration: as JSON, as the store sent it, or as a command."""
    subject = _subject(desk, arguments)
    store = await desk.stores.get(subject.remote.connection.id)
    if FACTS[subject.kind].has_ids and not subject.id:
        for id in await store.list_document_ids(subject.bucket, subject.kind):
            console.record(subject.record("config") | {"id": id}, console.name(id))
        return
    document = await _read(store, subject)
    value = as_json(document)
    if console.as_json:
        console.record(subject.record("config") | {"set": is_set(document), "value": value}, "")
    elif document is None or (arguments.command and not is_set(document)):
        console.say(tr("The bucket has none."))
    elif arguments.raw:
        console.document(document.body.decode("utf-8", "surrogateescape"))
    elif arguments.command:
        endpoint = subject.remote.connection.endpoint
        console.document(_command(subject, value, endpoint) + "\n")
    else:
        console.document(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


async def put(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Write a configuration over the present one."""
    subject = _subject(desk, arguments)
    _need_id(subject)
    text = await in_thread(content_of, arguments.file)
    store = await desk.stores.get(subject.remote.connection.id)
    before = await _read(store, subject)
    if subject.kind is ConfigKind.LIFECYCLE:
        after, _ = rules_document(arguments.file, text, before)
    else:
        after = document_of(subject.kind, text, before, id=subject.id)
    await _change(store, subject, before, after, arguments, console)


async def delete(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Take a configuration away."""
    subject = _subject(desk, arguments)
    _need_id(subject)
    store = await desk.stores.get(subject.remote.connection.id)
    before = await _read(store, subject)
    if before is None:
        console.say(tr("The bucket has none."))
        return
    await _change(store, subject, before, None, arguments, console)


async def show_all(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Which configurations a bucket has, in the order of `ConfigKind`."""
    remote = parse_bucket(arguments.place, desk.connections)
    store = await desk.stores.get(remote.connection.id)
    await store.head_bucket(remote.bucket)
    found: dict[ConfigKind, dict[str, object]] = {}

    async def look(kind: ConfigKind) -> None:
        found[kind] = await _look(store, Subject(remote, kind, ""))

    await run_bounded((look(kind) for kind in ConfigKind), _AT_ONCE)
    width = max(map(len, ConfigKind))
    for kind in ConfigKind:
        record = found[kind]
        if record["state"] == "failed":
            console.failures += 1
        console.record(record, f"{_shown(kind):<{width}}  {_state_text(record)}")


async def _look(store: Store, subject: Subject) -> dict[str, object]:
    """What there is of a kind, or why that is not known."""
    record = subject.record("config")
    try:
        if FACTS[subject.kind].has_ids:
            ids = await store.list_document_ids(subject.bucket, subject.kind)
            return record | {"state": "set" if ids else "none", "ids": ids}
        is_there = is_set(await _read(store, subject))
    except NotSupportedError as error:
        return record | {"state": "unsupported", "reason": describe(error)}
    except PermissionDeniedError as error:
        return record | {"state": "denied", "reason": describe(error)}
    except StoreError as error:
        return record | {"state": "failed", "reason": describe(error)}
    return record | {"state": "set" if is_there else "none"}


def _state_text(record: Mapping[str, Any]) -> str:
    match record["state"]:
        case "set":
            ids = record.get("ids")
            return tr("set: {names}").format(names=", ".join(ids)) if ids else tr("set")
        case "none":
            return tr("not set")
        case "unsupported":
            return tr("not at this store")
    return str(record["reason"])


async def _change(
    store: Store,
    subject: Subject,
    before: BucketDocument | None,
    after: BucketDocument | None,
    arguments: Namespace,
    console: Console,
) -> None:
    opened = exposures(subject.kind, before, after, await _context(store, subject))
    shut_out = await _lock_out(store, subject, before, after)
    retains = _retains(subject, before, after)
    if arguments.dry_run:
        dangers = _Dangers(exposure_sentences(opened), retains, shut_out)
        _show_difference(subject, before, after, dangers, console)
        return
    if opened and arguments.make_public != subject.bucket:
        for sentence in exposure_sentences(opened):
            console.say(sentence)
        raise UsageError(
            tr("This lets strangers into “{bucket}”. Add --make-public {bucket} to agree.").format(
                bucket=subject.bucket
            )
        )
    if shut_out and not arguments.yes:
        console.say(shut_out)
        raise UsageError(tr("Nothing was changed. Add --yes to save it all the same."))
    if retains and not arguments.yes and not await _is_agreed(retains, console):
        console.fail(tr("Nothing was changed."))
        return
    is_insisting = getattr(arguments, "insist", False)
    report = await save(
        store, subject.bucket, subject.kind, before, after, id=subject.id, insist=is_insisting
    )
    tell_saved(subject, report, console, is_removal=after is None)


def _retains(subject: Subject, before: BucketDocument | None, after: BucketDocument | None) -> str:
    """What nobody can undo, empty for nothing. Raises ValidationError for what stores cannot count
    up to."""
    if subject.kind is not ConfigKind.OBJECT_LOCK:
        return ""
    was, shall = as_json(before), as_json(after)
    refuse_far(was, shall)
    return compliance_text(was, shall)


async def _lock_out(
    store: Store, subject: Subject, before: BucketDocument | None, after: BucketDocument | None
) -> str:
    """That a policy or an ACL shuts its author out, empty when it does not."""
    if after is None:
        return ""
    context = None
    if subject.kind is ConfigKind.POLICY:
        context = await policy_context(store, subject.remote.connection, subject.bucket)
    return shut_out_sentence(subject.kind, before, after, context)


async def _is_agreed(sentence: str, console: Console) -> bool:
    """COMPLIANCE is for ever, as far as anybody can tell: a person types yes."""
    if not console.can_ask:
        console.say(sentence)
        raise UsageError(
            tr("COMPLIANCE cannot be undone, and nobody is there to be asked: add --yes.")
        )
    return await console.agrees(tr("{sentence} Type “yes”: ").format(sentence=sentence))


async def _context(store: Store, subject: Subject) -> dict[ConfigKind, BucketDocument]:
    """What stands behind a block of public access, as far as one may know."""
    found: dict[ConfigKind, BucketDocument] = {}
    if subject.kind is not ConfigKind.PUBLIC_ACCESS_BLOCK:
        return found
    for kind in (ConfigKind.POLICY, ConfigKind.ACL):
        with contextlib.suppress(StoreError):
            document = await store.get_document(subject.bucket, kind)
            found[kind] = document or BucketDocument(kind, b"")
    return found


def _show_difference(
    subject: Subject,
    before: BucketDocument | None,
    after: BucketDocument | None,
    dangers: _Dangers,
    console: Console,
) -> None:
    lines = unified(as_json(before) or None, as_json(after) or None)
    shown = [
        f"{line.text}" if line.sign is Sign.GAP else f"{line.sign}{line.text}" for line in lines
    ]
    record = subject.record("config_difference")
    record |= {"changed": bool(lines), "difference": shown, "opens": dangers.opens}
    if dangers.retains:
        record |= {"retains": dangers.retains}
    if dangers.shuts_out:
        record |= {"shuts_out": dangers.shuts_out}
    text = "\n".join(map(console.name, shown)) if lines else tr("Nothing would be changed.")
    console.record(record, text)
    if not console.as_json:
        for sentence in filter(None, (*dangers.opens, dangers.retains, dangers.shuts_out)):
            console.say(sentence)


def tell_saved(
    subject: Subject, report: ConfigReport, console: Console, *, is_removal: bool
) -> None:
    """Tell how it ended."""
    differences = [
        {"path": each.path, "wanted": each.wanted, "found": each.found}
        for each in report.differences
    ]
    record = subject.record("config_saved")
    record |= {"outcome": report.outcome, "differences": differences}
    paths = [each.path for each in report.differences]
    match report.outcome:
        case WriteOutcome.WRITTEN:
            console.record(record, saved_text(is_removal=is_removal, kind=subject.kind))
            return
        case WriteOutcome.INSISTED:
            sentence = tr("Saved. The store does not keep all of it, and has not: {fields}.")
            console.record(record, sentence.format(fields=", ".join(paths)))
            return
    if console.as_json:
        console.record(record, "")
    if report.outcome is WriteOutcome.UNREAD:
        console.fail(unread_text(is_removal=is_removal))
        return
    is_restored = report.outcome is WriteOutcome.RESTORED
    was_none = is_suspended(subject.kind, as_json(report.before))
    console.fail(lost_text(paths, is_restored=is_restored, is_suspended=was_none))
    if report.restore_error is not None:
        console.say(describe(report.restore_error))


async def _read(store: Store, subject: Subject) -> BucketDocument | None:
    return await store.get_document(subject.bucket, subject.kind, id=subject.id)


def _subject(desk: Desk, arguments: Namespace) -> Subject:
    remote = parse_bucket(arguments.place, desk.connections)
    kind = _kind(arguments.kind)
    if arguments.id and not FACTS[kind].has_ids:
        raise UsageError(
            tr("--id is for what is there several times: {kinds}.").format(
                kinds=", ".join(_shown(each) for each in ConfigKind if FACTS[each].has_ids)
            )
        )
    return Subject(remote, kind, arguments.id)


def _kind(word: str) -> ConfigKind:
    try:
        return ConfigKind(word.lower().replace("-", "_"))
    except ValueError:
        kinds = ", ".join(map(_shown, ConfigKind))
        raise UsageError(
            tr("There is no configuration “{word}”. There are: {kinds}.").format(
                word=word, kinds=kinds
            )
        ) from None


def _shown(kind: ConfigKind) -> str:
    return kind.replace("_", "-")


def _need_id(subject: Subject) -> None:
    if FACTS[subject.kind].has_ids and not subject.id:
        raise UsageError(tr("There may be several: say which one with --id."))


def _command(subject: Subject, value: Mapping[str, Any], endpoint: str) -> str:
    return cli_command(subject.kind, subject.bucket, value, id=subject.id, endpoint=endpoint)
