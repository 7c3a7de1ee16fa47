"""The options of `s4desk group`. Imports nothing heavy: the window starts through here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli.verb_parser import with_json
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from s4desk.app.cli.verb_parser import VerbParser


def fill_group(group: VerbParser) -> None:
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    text = tr("make one connection of several that hold the same objects")
    with_json(actions, "add", text, _fill_add)
    with_json(actions, "edit", tr("change a group; what is not named stays"), _fill_edit)
    with_json(actions, "status", tr("how each backend is, and what it was used for"), _fill_status)
    text = tr("show or change what a backend may be used for in a month")
    with_json(actions, "limits", text, _fill_limits)
    text = tr("which backend holds what, and what differs; nothing is changed")
    with_json(actions, "compare", text, _fill_compare)


def _fill_add(add: ArgumentParser) -> None:
    add.add_argument("name", metavar="NAME")
    _add_wishes(add, is_needed=True)


def _fill_edit(edit: ArgumentParser) -> None:
    edit.add_argument("name", metavar="NAME")
    edit.add_argument("--name", dest="new_name", metavar="NEW", default=None)
    _add_wishes(edit, is_needed=False)


def _add_wishes(verb: ArgumentParser, *, is_needed: bool) -> None:
    verb.add_argument(
        "--backend",
        dest="backends",
        metavar="A[:BUCKETMAP]",
        action="append",
        required=is_needed,
        help=tr("a connection, once for each, in the order in which they are read"),
    )
    verb.add_argument(
        "--degraded-reads",
        choices=("on", "off"),
        default=None,
        help=tr("whether all are asked while nobody knows who holds what; on unless it is said"),
    )
    verb.add_argument(
        "--parallel",
        metavar="N",
        type=int,
        default=None,
        help=tr("so many are asked at once then; 1 unless it is said"),
    )
    verb.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=None,
        help=tr("a backend from which nothing comes for so long has failed; 10 unless it is said"),
    )
    verb.epilog = tr(
        "The first backend is the only one that is written to. BUCKETMAP is HERE=THERE[,…] for"
        " buckets that have another name at a backend; a single name is the bucket at that backend,"
        " which the group calls as the first one does."
    )


def _fill_status(status: ArgumentParser) -> None:
    status.add_argument("name", metavar="NAME")
    status.epilog = tr("Each backend is asked once, for its buckets.")


def _fill_limits(limits: ArgumentParser) -> None:
    limits.add_argument("name", metavar="NAME")
    limits.add_argument("backend", metavar="A")
    limits.add_argument("--api", metavar="N", default=None, help=tr("requests in a month"))
    limits.add_argument(
        "--egress", metavar="BYTES", default=None, help=tr("bytes out of it, such as 100GB")
    )
    limits.add_argument("--ingress", metavar="BYTES", default=None, help=tr("bytes into it"))
    limits.epilog = tr(
        "0 is no limit. Months are those of UTC. Deletions are let through beyond a limit, but not"
        " the look at what is to be deleted."
    )


def _fill_compare(compare: ArgumentParser) -> None:
    compare.add_argument("place", metavar="NAME:BUCKET[/PREFIX]")
    compare.add_argument(
        "--all", dest="with_equal", action="store_true", help=tr("what is the same everywhere too")
    )
