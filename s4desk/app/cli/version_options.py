"""The options of the verbs about versions. Imports nothing heavy: the window starts here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser


def fill_versions(versions: ArgumentParser) -> None:
    versions.add_argument("place", metavar="NAME:BUCKET/KEY")
    versions.add_argument(
        "--locks", action="store_true", help=tr("what protects each; two more requests for each")
    )


def fill_restore(restore: ArgumentParser) -> None:
    restore.add_argument(
        "place",
        metavar="NAME:BUCKET[/FOLDER]",
        help=tr("a folder, with or without a slash at its end, or one object"),
    )
    restore.add_argument(
        "--as-of",
        metavar="DATE",
        required=True,
        help=tr("as it was at 2026-11-20, 2026-11-20T22:00, or 12h or 7d ago"),
    )
    restore.add_argument(
        "--hide-newer",
        action="store_true",
        help=tr("hide what was not there then, under delete markers"),
    )
    restore.add_argument("--dry-run", action="store_true", help=tr("tell what would be done"))
    restore.epilog = tr(
        "For a bucket that keeps versions. What was deleted since comes back by removing its delete"
        " marker, what was changed since by a copy of its old version. No version is deleted, so"
        " this can be undone the same way."
    )
