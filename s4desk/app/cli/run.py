"""Runs one verb and turns its end into an exit code."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from s4desk.app.cli.console import Console
from s4desk.app.cli.interrupts import INTERRUPTED, Interrupts
from s4desk.app.cli.limiting import limits_of
from s4desk.app.cli.one_time_code import code_asker
from s4desk.app.cli.passphrase import passphrase_asker, passphrase_notice
from s4desk.app.cli.places import UsageError, connection_at
from s4desk.app.cli.served import Served
from s4desk.app.excepthook import LastNet
from s4desk.app.paths import find_folders
from s4desk.app.wiring import build_desk
from s4desk.core.domain.errors import S4DeskError, ValidationError
from s4desk.core.runtime import logs
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.group_usage_text import usage_lost_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Awaitable, Callable

    from s4desk.core.desk import Desk

    Verb = Callable[[Desk, Namespace, Console], Awaitable[None]]

log = logging.getLogger(__name__)

OK, FAILED, USAGE = 0, 1, 2

ASKING = ("ls", "find", "stat", "versions", "du", "lifecycle preview", "replication status")
"""Verbs that only tell: they end when nobody reads on. The others finish what they began."""

TRANSFERRING = ("cp", "mv", "sync", "transfers")
"""Verbs of which each transfer tells by itself who gave its bytes."""

VERBS = {
    "connections add": ("connections", "add"),
    "connections edit": ("connections", "edit"),
    "connections list": ("connections", "show_all"),
    "connections test": ("trying", "test"),
    "connections sign-in": ("signing_in", "sign_in_to"),
    "connections remove": ("connections", "remove"),
    "connections import": ("connection_files", "take_in"),
    "connections export": ("connection_files", "write_out"),
    "connections passphrase": ("passphrase", "change"),
    "connections probe": ("probing", "probe"),
    "group add": ("grouping", "add"),
    "group edit": ("grouping", "edit"),
    "group status": ("grouping", "status"),
    "group limits": ("grouping", "limits"),
    "group compare": ("group_comparing", "compare"),
    "ls": ("listings", "ls"),
    "find": ("finding", "find"),
    "stat": ("listings", "stat"),
    "cp": ("copying", "cp"),
    "mv": ("copying", "cp"),
    "rm": ("removing", "rm"),
    "transfers list": ("transfers", "show_all"),
    "transfers report": ("past", "report"),
    "transfers resume": ("transfers", "resume"),
    "transfers retry": ("transfers", "retry"),
    "transfers cancel": ("transfers", "cancel"),
    "uploads list": ("uploads", "show_all"),
    "uploads abort": ("uploads", "abort"),
    "uploads adopt": ("uploads", "adopt"),
    "sync": ("syncing", "sync"),
    "verify": ("verifying", "verify"),
    "du": ("measuring", "du"),
    "share": ("sharing", "share"),
    "versions": ("restoring", "versions"),
    "restore": ("restoring", "restore"),
    "lock show": ("locking", "show"),
    "lock set": ("locking", "change"),
    "set": ("properties", "change"),
    "unarchive": ("properties", "restore_archived"),
    "config list": ("configuring", "show_all"),
    "config get": ("configuring", "get"),
    "config put": ("configuring", "put"),
    "config delete": ("configuring", "delete"),
    "lifecycle show": ("lifecycle_rules", "show"),
    "lifecycle set": ("lifecycle_rules", "change"),
    "lifecycle delete": ("lifecycle_rules", "delete"),
    "lifecycle apply": ("lifecycle_apply", "apply"),
    "lifecycle preview": ("lifecycle_preview", "preview"),
    "lifecycle schedule": ("lifecycle_schedule", "schedule"),
    "replication rules": ("replication_rules", "rules"),
    "replication run": ("replication_run", "replicate"),
    "replication status": ("replication_status", "status"),
    "replication compare": ("replication_compare", "compare"),
    "replication retry": ("replication_status", "retry"),
    "mb": ("buckets", "mb"),
    "rb": ("buckets", "rb"),
    "diagnostics": ("diagnosing", "diagnostics"),
}
"""The module and the function of each verb; a module is loaded when its verb is asked for."""


def run(arguments: Namespace) -> int:
    """Carry out the verb of a parsed command line; returns the exit code."""
    console = Console(as_json=arguments.json, needs_reader=_verb(arguments) in ASKING)
    LastNet(console.fail).install()
    try:
        code = _prepared(arguments, console)
        console.flush()
    except BrokenPipeError:
        return FAILED
    return code or (FAILED if console.failures else OK)


def _prepared(arguments: Namespace, console: Console) -> int:
    try:
        limits = limits_of(arguments)
        folders = find_folders()
    except UsageError as error:
        console.fail(str(error))
        return USAGE
    except OSError as error:
        console.fail(error)
        return FAILED
    # What is logged is for the file; stderr belongs to sentences.
    logs.configure(folders.logs, stderr_level=logging.CRITICAL + 1)
    desk = build_desk(folders, for_now=limits)
    words = tuple(vars(arguments).values())
    console.connection_at = partial(connection_at, words, desk.connections)
    desk.secrets.let_ask(passphrase_asker())
    desk.stores.let_sign_in(code_asker(console, desk.secrets))
    ours = (desk.settings.notice, desk.connections.notice, desk.secrets.notice)
    for notice in filter(None, (*ours, passphrase_notice())):
        console.say(notice)
    return _run(desk, arguments, console)


def _run(desk: Desk, arguments: Namespace, console: Console) -> int:
    interrupts = Interrupts(console)
    try:
        with interrupts.caught():
            asyncio.run(_carry_out(desk, arguments, console, interrupts))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.say(tr("Interrupted."))
        return INTERRUPTED
    except (UsageError, ValidationError) as error:
        console.fail(str(error))
        return USAGE
    except S4DeskError as error:
        log.info("%s failed: %s", arguments.verb, error)
        console.fail(error)
    return FAILED if console.failures else OK


async def _carry_out(
    desk: Desk, arguments: Namespace, console: Console, interrupts: Interrupts
) -> None:
    interrupts.cancel_this()
    served = Served(desk)
    try:
        if arguments.verb in TRANSFERRING:
            # Two connections may lead to one place, be it by a profile.
            await desk.stores.look_up()
        await _loaded(_verb(arguments))(desk, arguments, console)
        if arguments.verb in TRANSFERRING:
            served.tell_of_plan(console)
        else:
            served.tell(console)
    finally:
        try:
            await desk.stores.aclose()
        finally:
            # What was used and seen of groups is put down.
            await desk.groups.aclose()
            lost = desk.groups.usage_lost
            if lost is not None and lost.is_news:
                console.say(usage_lost_text(lost))


def _verb(arguments: Namespace) -> str:
    """With its action, where it has some."""
    return " ".join(filter(None, (arguments.verb, getattr(arguments, "action", ""))))


def _loaded(verb: str) -> Verb:
    module, function = VERBS[verb]
    carry_out: Verb = getattr(import_module(f"s4desk.app.cli.{module}"), function)
    return carry_out
