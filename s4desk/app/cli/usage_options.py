"""The options of `s4desk du`. Imports nothing heavy: the window starts through here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser


def fill_du(du: ArgumentParser) -> None:
    du.add_argument("place", metavar="NAME:BUCKET[/PREFIX]")
    du.add_argument(
        "--depth",
        metavar="N",
        type=int,
        default=1,
        help=tr("folders so many levels below the place (default: 1)"),
    )
    du.add_argument(
        "--versions", action="store_true", help=tr("old versions as well, which cost as much")
    )
