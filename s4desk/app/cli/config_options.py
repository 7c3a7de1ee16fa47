"""The options of `s4desk config`. Imports nothing heavy: the window starts through here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli.verb_parser import with_json
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from s4desk.app.cli.verb_parser import VerbParser


def fill_config(config: VerbParser) -> None:
    actions = config.add_subparsers(dest="action", metavar="ACTION", required=True)
    with_json(actions, "list", tr("which configurations a bucket has"), _fill_list)
    with_json(actions, "get", tr("show one configuration, as “put” takes it"), _fill_get)
    with_json(actions, "put", tr("write one configuration, and read it back"), _fill_put)
    with_json(actions, "delete", tr("take one configuration away"), _fill_delete)


def _fill_list(listing: ArgumentParser) -> None:
    listing.add_argument("place", metavar="NAME:BUCKET")


def _fill_get(get: ArgumentParser) -> None:
    _add_what(get)
    forms = get.add_mutually_exclusive_group()
    forms.add_argument(
        "--raw", action="store_true", help=tr("byte for byte as the store has it: XML, mostly")
    )
    forms.add_argument(
        "--command", action="store_true", help=tr("as the command of the AWS CLI that writes it")
    )


def _fill_put(put: ArgumentParser) -> None:
    _add_what(put)
    put.add_argument(
        "file", metavar="FILE", nargs="?", default="-", help=tr("JSON or XML (default: typed in)")
    )
    put.add_argument(
        "--insist",
        action="store_true",
        help=tr("leave what the store made of it, even if that is less"),
    )
    put.add_argument(
        "--yes",
        action="store_true",
        help=tr("agree to COMPLIANCE as the default, and to a policy or an ACL that locks you out"),
    )
    _add_changing(put)
    put.epilog = tr(
        "JSON is changed into what is there, so that what only the store knows stays; XML is sent"
        " as it is. What the store does not keep is told and taken back."
    )


def _fill_delete(delete: ArgumentParser) -> None:
    _add_what(delete)
    _add_changing(delete)
    delete.epilog = tr(
        "S3 removes not all: versioning is suspended, Object Lock loses its default retention, and"
        " of an ACL only the owner stays."
    )


def _add_what(verb: ArgumentParser) -> None:
    verb.add_argument("place", metavar="NAME:BUCKET")
    verb.add_argument("kind", metavar="KIND", help=tr("versioning, policy, cors, …"))
    verb.add_argument(
        "--id", default="", help=tr("which one, of a kind that is there several times")
    )


def _add_changing(verb: ArgumentParser) -> None:
    verb.add_argument("--dry-run", action="store_true", help=tr("show what would be changed"))
    verb.add_argument(
        "--make-public",
        metavar="BUCKET",
        default="",
        help=tr("agree that strangers get into this bucket; nothing public is saved otherwise"),
    )
