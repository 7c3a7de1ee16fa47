"""The options of `s4desk replication`. Imports nothing heavy: the window starts through here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli.verb_parser import with_json
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from s4desk.app.cli.verb_parser import VerbParser


def fill_replication(replication: VerbParser) -> None:
    actions = replication.add_subparsers(dest="action", metavar="ACTION", required=True)
    with_json(actions, "rules", tr("show or save where the objects of a bucket go"), _fill_rules)
    with_json(actions, "run", tr("replicate by all rules, until it is stopped"), _fill_run)
    text = tr("whether each object has arrived")
    with_json(actions, "status", text, _fill_status)
    text = tr("what destinations lack, or have otherwise; nothing is changed")
    with_json(actions, "compare", text, _fill_compare)
    with_json(actions, "retry", tr("try again what has failed"), _fill_retry)


def _fill_rules(rules: ArgumentParser) -> None:
    rules.add_argument("place", metavar="NAME:BUCKET")
    rules.add_argument(
        "--set",
        dest="file",
        metavar="FILE",
        default="",
        help=tr("save these instead; “-” reads them from standard input, no rules end it"),
    )
    rules.add_argument(
        "--every",
        metavar="SECONDS",
        type=int,
        default=None,
        help=tr("so often the bucket is listed to see what others wrote; 300 unless it is said"),
    )
    rules.add_argument(
        "--unchecked",
        action="store_true",
        help=tr("save them though a destination does not answer, or refuses"),
    )
    rules.add_argument(
        "--native",
        metavar="ROLE",
        default="",
        help=tr("print them as the store's own replication instead, by the role with this ARN"),
    )
    rules.epilog = tr(
        'FILE is {"rules": [{"id", "priority", "enabled", "filter": {"prefix", "tags": {}},'
        ' "destination": "NAME:BUCKET[/PREFIX]", "storage_class", "versions": "latest|all",'
        ' "delete_markers": false}]}, as --json prints it. An open window of s4desk replicates by'
        " them, or “s4desk replication run”. What --native prints is for “s4desk config put”."
    )


def _fill_run(run: ArgumentParser) -> None:
    _add_rule(run)
    run.add_argument(
        "--once",
        action="store_true",
        help=tr("look at each bucket once, replicate what is new or has failed, and end"),
    )
    run.add_argument(
        "--thorough",
        action="store_true",
        help=tr("list destinations too, and send again what they have lost or have otherwise"),
    )
    run.epilog = tr(
        "One s4desk replicates at a time: not while a window does. What is interrupted goes on with"
        " the next run."
    )


def _fill_status(status: ArgumentParser) -> None:
    status.add_argument("place", metavar="NAME:BUCKET[/PREFIX]")
    status.epilog = tr("What no rule has been about so far has no line.")


def _fill_compare(compare: ArgumentParser) -> None:
    compare.add_argument("place", metavar="NAME:BUCKET")
    _add_rule(compare)
    compare.add_argument(
        "--manifest",
        metavar="FILE",
        default="",
        help=tr("write what is missing or different as a manifest for S3 Batch Replication"),
    )
    compare.add_argument(
        "--attributes",
        action="store_true",
        help=tr(
            "compare headers, metadata, tags, storage classes and locks, too: four requests each"
        ),
    )
    compare.add_argument(
        "--rate",
        metavar="N",
        type=int,
        default=None,
        help=tr("with --attributes: at most so many requests a second; 500 unless it is said"),
    )
    compare.epilog = tr(
        "Both ends are listed, the newest versions only. “unproved” is of one size, and no sum says"
        " whether the bytes are the same; “attributes” has the same bytes, and “differs” names what"
        " is another one. Nothing is ever deleted at a destination."
    )


def _fill_retry(retry: ArgumentParser) -> None:
    retry.add_argument("place", metavar="NAME:BUCKET")
    _add_rule(retry)


def _add_rule(verb: ArgumentParser) -> None:
    verb.add_argument("--rule", metavar="ID", default="", help=tr("only by this rule"))
