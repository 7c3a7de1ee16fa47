"""`s4desk lifecycle show`, `set` and `delete`: the rules that a store has of a bucket."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.app.cli.config_files import content_of
from s4desk.app.cli.configuring import Subject, tell_saved
from s4desk.app.cli.lifecycle_document import rules_document
from s4desk.app.cli.places import UsageError, parse_bucket
from s4desk.core.domain.bucket_config import MINIMUM_SIZE_HEADER, ConfigKind
from s4desk.core.domain.config_json import as_json
from s4desk.core.domain.lifecycle.rules import MinimumSize
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.configuration import is_same, read_config, save
from s4desk.viewmodels.config_diff import Sign, unified
from s4desk.viewmodels.lifecycle_problems import conflict_texts, warned_problem
from s4desk.viewmodels.lifecycle_reason import no_rules_text
from s4desk.viewmodels.lifecycle_summary import named_summary

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.bucket_config import BucketDocument

_KIND = ConfigKind.LIFECYCLE


async def show(desk: Desk, arguments: Namespace, console: Console) -> None:
    """The rules in words; as JSON or XML they are a file of rules."""
    subject = _subject(desk, arguments)
    store = await desk.stores.get(subject.remote.connection.id)
    if arguments.xml:
        document = await store.get_document(subject.bucket, _KIND)
        if document is not None:
            console.document(document.body.decode("utf-8", "surrogateescape"))
        return
    value = await read_config(store, subject.bucket, _KIND)
    if console.as_json:
        console.record({"Rules": []} | value, "")
        return
    rules = value.get("Rules", [])
    if nothing := no_rules_text(rules):
        console.say(nothing)
    for at, rule in enumerate(rules):
        console.record({}, named_summary(rule, at))


async def change(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Save rules: what is changed is shown and agreed to, and the store is asked what it keeps."""
    subject = _subject(desk, arguments)
    text = await in_thread(content_of, arguments.rules)
    store = await desk.stores.get(subject.remote.connection.id)
    before = await store.get_document(subject.bucket, _KIND)
    after, problems = rules_document(arguments.rules, text, before)
    if is_same(_spoken(before), _spoken(after)):
        record = subject.record("config_saved") | {"outcome": "written", "differences": []}
        console.record(record, tr("The bucket has these rules already."))
        return
    rules = as_json(after).get("Rules", [])
    for sentence in (*(warned_problem(each, rules) for each in problems), *conflict_texts(rules)):
        console.say(tr("s4desk: warning: {text}").format(text=sentence))
    if await _is_agreed(before, after, arguments, console):
        report = await save(store, subject.bucket, _KIND, before, after)
        tell_saved(subject, report, console, is_removal=False)


async def delete(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Take all rules away."""
    subject = _subject(desk, arguments)
    store = await desk.stores.get(subject.remote.connection.id)
    before = await store.get_document(subject.bucket, _KIND)
    if nothing := no_rules_text(as_json(before).get("Rules", [])):
        console.say(nothing)
        return
    if await _is_agreed(before, None, arguments, console):
        report = await save(store, subject.bucket, _KIND, before, None)
        tell_saved(subject, report, console, is_removal=True)


async def _is_agreed(
    before: BucketDocument | None,
    after: BucketDocument | None,
    arguments: Namespace,
    console: Console,
) -> bool:
    """The difference goes to standard error: it is no result."""
    for line in unified(as_json(_spoken(before)) or None, as_json(_spoken(after)) or None):
        console.say(line.text if line.sign is Sign.GAP else f"{line.sign}{line.text}")
    if arguments.yes:
        return True
    if not console.can_ask:
        raise UsageError(
            tr("All rules would be taken away, and nobody is there to be asked: add --yes.")
            if after is None
            else tr("The store deletes by these rules, and nobody is there to be asked: add --yes.")
        )
    question = (
        tr("Take these rules away? The store then deletes nothing by them. Type “yes”: ")
        if after is None
        else tr("Save this? The store acts on it. Type “yes”: ")
    )
    if await console.agrees(question):
        return True
    console.fail(tr("Nothing was changed."))
    return False


def _spoken(document: BucketDocument | None) -> BucketDocument | None:
    """Without what is so unless something else is said: some stores say it all the same."""
    if document is None or document.headers.get(MINIMUM_SIZE_HEADER) != MinimumSize.ALL_CLASSES:
        return document
    headers = {name: text for name, text in document.headers.items() if name != MINIMUM_SIZE_HEADER}
    return replace(document, headers=headers)


def _subject(desk: Desk, arguments: Namespace) -> Subject:
    return Subject(parse_bucket(arguments.place, desk.connections), _KIND, "")
