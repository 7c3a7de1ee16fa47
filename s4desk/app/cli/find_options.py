"""The options of `s4desk find`. Imports nothing heavy: the window starts through here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser


def add_find_options(find: ArgumentParser) -> None:
    """What to look for, and where."""
    find.add_argument("place", metavar="NAME:[BUCKET[/PREFIX]]")
    name = find.add_mutually_exclusive_group()
    name.add_argument(
        "--name",
        metavar="TEXT",
        help=tr("letters in the name or a folder's, or a glob with * or ?"),
    )
    name.add_argument("--glob", metavar="GLOB", help=tr("with *, ?, [a-z], and ** across slashes"))
    name.add_argument("--regex", metavar="REGEX", help=tr("a regular expression of Python's kind"))
    find.add_argument("--match-case", action="store_true", help=tr("“A” is not “a”"))
    find.add_argument("--larger", metavar="SIZE", help=tr("at least, such as 16MiB"))
    find.add_argument("--smaller", metavar="SIZE", help=tr("at most"))
    moment = tr("2026-11-20, 2026-11-20T22:00, 12h or 7d")
    find.add_argument("--newer", metavar="DATE", default="", help=moment)
    find.add_argument("--older", metavar="DATE", default="", help=moment)
    find.add_argument(
        "--class", metavar="CLASS", action="append", default=[], dest="classes", help=tr("GLACIER…")
    )
    find.epilog = tr(
        "A pattern with a slash is compared with the path below the folder of the search, any"
        " other with the last name of a key. With NAME: alone, every bucket is searched."
    )
