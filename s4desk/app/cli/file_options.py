"""The command line of `s4desk connections import|export`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    import argparse


def add_import_options(verb: argparse.ArgumentParser) -> None:
    source = verb.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--aws", action="store_true", help=tr("the profiles of the AWS configuration; no key moves")
    )
    source.add_argument(
        "--rclone", metavar="FILE", help=tr("the S3 remotes of an rclone.conf, keys to the keyring")
    )
    source.add_argument("--file", metavar="FILE", help=tr("what “export” has written"))
    verb.add_argument("names", metavar="NAME", nargs="*", help=tr("only these; default: all new"))
    verb.add_argument("--dry-run", action="store_true", help=tr("tell what there is"))


def add_export_options(verb: argparse.ArgumentParser) -> None:
    verb.set_defaults(json=False)
    verb.add_argument("file", metavar="FILE", help=tr("“-” for standard output"))
    verb.add_argument("names", metavar="NAME", nargs="*", help=tr("only these"))
