"""The options of `s4desk set` and `s4desk unarchive`. Imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser

# The words of the domain, which would have to be loaded for every start.
FIELDS = (
    "content_type",
    "cache_control",
    "content_disposition",
    "content_encoding",
    "content_language",
    "expires",
    "website_redirect",
)
TIERS = ("expedited", "standard", "bulk")
ACLS = (
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
)


def fill_set(change: ArgumentParser) -> None:
    _add_place(change)
    for name in FIELDS:
        change.add_argument(
            f"--{name.replace('_', '-')}", metavar="TEXT", help=tr("an empty text takes it away")
        )
    change.add_argument("--storage-class", metavar="CLASS", default="")
    pair = tr("may be given several times")
    change.add_argument("--meta", metavar="NAME=VALUE", action="append", default=[], help=pair)
    change.add_argument("--remove-meta", metavar="NAME", action="append", default=[], help=pair)
    change.add_argument("--tag", metavar="NAME=VALUE", action="append", default=[], help=pair)
    change.add_argument("--remove-tag", metavar="NAME", action="append", default=[], help=pair)
    change.add_argument("--acl", choices=ACLS)
    change.add_argument(
        "--yes", action="store_true", help=tr("do not ask before strangers are let in")
    )
    change.epilog = tr(
        "Headers, metadata and storage class are changed by a copy in place, which keeps all the"
        " rest; in a bucket with versions that is a new one. What is so already is not written."
    )


def fill_unarchive(ask: ArgumentParser) -> None:
    _add_place(ask)
    ask.add_argument(
        "--days", metavar="N", default="7", help=tr("for so long it can be read; 7 if not told")
    )
    ask.add_argument(
        "--tier",
        choices=TIERS,
        type=str.lower,
        default="standard",
        help=tr("how quickly, and at what price"),
    )
    ask.epilog = tr(
        "With -r, what the listing tells to be in no archive is passed over. `s4desk stat` tells"
        " when an object can be read."
    )


def _add_place(verb: ArgumentParser) -> None:
    verb.add_argument("place", metavar="NAME:BUCKET/KEY")
    verb.add_argument(
        "-r", "--recursive", action="store_true", help=tr("all objects below a folder or bucket")
    )
    verb.add_argument("--dry-run", action="store_true", help=tr("tell what would be done"))
