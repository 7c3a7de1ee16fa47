"""The options of `s4desk lifecycle`. Imports nothing heavy: the window starts through here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli.verb_parser import with_json
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from s4desk.app.cli.verb_parser import VerbParser


def fill_lifecycle(lifecycle: VerbParser) -> None:
    actions = lifecycle.add_subparsers(dest="action", metavar="ACTION", required=True)
    with_json(actions, "show", tr("the rules that a bucket has, in words"), _fill_show)
    with_json(actions, "set", tr("save rules to the store, and read them back"), _fill_set)
    with_json(actions, "delete", tr("take all rules of a bucket away"), _fill_delete)
    text = tr("do what is due by rules, for stores that do not, or at once")
    with_json(actions, "apply", text, _fill_apply)
    text = tr("what rules will do to a bucket, object by object; nothing is changed")
    with_json(actions, "preview", text, _fill_preview)
    text = tr("have an open window apply rules again and again, or see what it did")
    with_json(actions, "schedule", text, _fill_schedule)


def add_rules(verb: ArgumentParser, *, is_needed: bool = True) -> None:
    verb.add_argument(
        "--rules",
        metavar="FILE",
        default="",
        required=is_needed,
        help=tr("JSON as “aws s3api get-bucket-lifecycle-configuration” prints it, or XML"),
    )


def _fill_show(show: ArgumentParser) -> None:
    show.add_argument("place", metavar="NAME:BUCKET")
    show.add_argument(
        "--xml", action="store_true", help=tr("byte for byte as the store has it instead")
    )
    show.epilog = tr("What --json and --xml print is a file of rules for the other actions.")


def _fill_set(change: ArgumentParser) -> None:
    change.add_argument("place", metavar="NAME:BUCKET")
    add_rules(change)
    change.add_argument("--yes", action="store_true", help=tr("do not ask"))
    change.epilog = tr(
        "The store acts on them from then on. What is changed is shown and asked for; what the"
        " store does not keep is told, and the rules that were there are put back."
    )


def _fill_delete(delete: ArgumentParser) -> None:
    delete.add_argument("place", metavar="NAME:BUCKET")
    delete.add_argument("--yes", action="store_true", help=tr("do not ask"))


def _fill_schedule(schedule: ArgumentParser) -> None:
    schedule.add_argument("place", metavar="NAME:BUCKET")
    switch = schedule.add_mutually_exclusive_group()
    switch.add_argument("--on", action="store_true", help=tr("switch it on, or change it"))
    switch.add_argument("--off", action="store_true", help=tr("switch it off"))
    schedule.add_argument(
        "--every", metavar="HOURS", type=int, default=None, help=tr("24 unless it is said")
    )
    schedule.add_argument(
        "--rules",
        metavar="FILE",
        default="",
        help=tr(
            "by these, for stores that keep none: they are kept until the next --on; else by those"
            " that the bucket has then"
        ),
    )
    schedule.add_argument("--yes", action="store_true", help=tr("do not ask"))
    schedule.epilog = tr(
        "Without --on and --off it tells how it is, and what was done to the bucket so far. Nothing"
        " is applied by this command: that happens while a window of s4desk is open, and only then."
        " To apply rules without one, have the system run “s4desk lifecycle apply --yes” by its"
        " clock."
    )


def _fill_preview(preview: ArgumentParser) -> None:
    preview.add_argument("place", metavar="NAME:BUCKET[/PREFIX]", nargs="?", default="")
    preview.add_argument(
        "--inventory",
        metavar="FILE",
        nargs="+",
        default=[],
        help=tr("look at an S3 Inventory report instead: its files, or its manifest.json"),
    )
    preview.add_argument(
        "--versioning",
        choices=["enabled", "suspended"],
        default="",
        help=tr("whether the bucket of the report still keeps versions, where it cannot be asked"),
    )
    add_rules(preview, is_needed=False)
    preview.add_argument(
        "--now",
        metavar="DATE",
        default="",
        help=tr(
            "look from there on: 2026-11-20 or 2026-11-20T22:00, in UTC; or so long ago: 7d, 12h"
        ),
    )
    preview.add_argument(
        "--days", metavar="N", type=int, default=30, help=tr("how far ahead; 0 for what is due now")
    )
    preview.add_argument(
        "--evaluator",
        choices=["aws", "first-match"],
        default="aws",
        help=tr("as the store does it (default), or as “apply” does"),
    )
    preview.epilog = tr(
        "Without --rules those that the bucket has. Tags and locks are asked for only where they"
        " decide. Files of a report are paths or NAME:BUCKET/KEY: CSV or Parquet; objects of a"
        " report come in no order."
    )


def _fill_apply(apply: ArgumentParser) -> None:
    apply.add_argument("place", metavar="NAME:BUCKET")
    add_rules(apply)
    apply.add_argument("--yes", action="store_true", help=tr("do not ask"))
    add_evaluator(apply, default="first-match")
    apply.add_argument(
        "--report", metavar="FILE", default="", help=tr("write what was done: CSV, or else JSON")
    )
    apply.add_argument(
        "--manifest",
        metavar="DIR",
        default="",
        help=tr("do nothing; write what is due as manifests for S3 Batch Operations"),
    )
    apply.epilog = tr(
        "What is locked is never touched. Right before an object is deleted or copied it is looked"
        " at again: what was replaced, locked or tagged otherwise meanwhile stays. Stopped with"
        " Ctrl-C, the same command goes on. A rule that s4desk does not wholly understand is left"
        " out."
    )


def add_evaluator(verb: ArgumentParser, *, default: str) -> None:
    verb.add_argument(
        "--evaluator",
        choices=["first-match", "aws"],
        default=default,
        help=tr("the first rule that fires decides, or all rules as AWS weighs them"),
    )
    verb.add_argument(
        "--now",
        metavar="DATE",
        default="",
        help=tr("as if it were then: 2026-11-20T22:00, in UTC; or so long ago: 7d, 12h"),
    )
