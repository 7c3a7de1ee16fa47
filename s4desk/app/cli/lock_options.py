"""The options of `s4desk lock`. Imports nothing heavy: the window starts through here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli.verb_parser import with_json
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from s4desk.app.cli.verb_parser import VerbParser


def fill_lock(lock: VerbParser) -> None:
    actions = lock.add_subparsers(dest="action", metavar="ACTION", required=True)
    text = tr("the lock of an object, or what a bucket locks new ones with")
    with_json(actions, "show", text, _fill_show)
    with_json(actions, "set", tr("set a retention or a legal hold"), _fill_set)


def _fill_show(show: ArgumentParser) -> None:
    show.add_argument("place", metavar="NAME:BUCKET[/KEY]")
    show.add_argument("--version-id", metavar="ID", default="", help=tr("not the newest, but this"))


def _fill_set(change: ArgumentParser) -> None:
    change.add_argument("place", metavar="NAME:BUCKET/KEY")
    change.add_argument(
        "--version-id", metavar="ID", default="", help=tr("not the newest, but this")
    )
    change.add_argument(
        "-r", "--recursive", action="store_true", help=tr("all objects below a folder or bucket")
    )
    change.add_argument(
        "--all-versions", action="store_true", help=tr("with -r, old versions as well")
    )
    change.add_argument(
        "--mode",
        choices=["governance", "compliance", "none"],
        type=str.lower,
        help=tr("none takes a retention away, where governance may be bypassed"),
    )
    change.add_argument(
        "--until",
        metavar="DATE",
        default="",
        help=tr("2027-11-20, 2027-11-20T22:00, or 30d from now"),
    )
    change.add_argument("--legal-hold", choices=["on", "off"])
    change.add_argument(
        "--bypass",
        action="store_true",
        help=tr("bypass governance; takes the permission s3:BypassGovernanceRetention"),
    )
    change.add_argument("--dry-run", action="store_true", help=tr("tell what would be done"))
    change.add_argument("--yes", action="store_true", help=tr("do not ask"))
    change.epilog = tr(
        "What COMPLIANCE retains nobody can delete before its time, not even the owner of the"
        " account: it asks first. What the lock of a version does not allow is refused before the"
        " store is asked."
    )
