"""The options of `s4desk share`. Imports nothing heavy: the window starts through here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser


def fill_share(share: ArgumentParser) -> None:
    share.add_argument("place", metavar="NAME:BUCKET/KEY")
    share.add_argument(
        "--expires", metavar="SPAN", default="1h", help=tr("30m, 12h or at most 7d (default: 1h)")
    )
    share.add_argument("--method", choices=["GET", "PUT", "HEAD"], type=str.upper, default="GET")
    share.add_argument("-r", "--recursive", action="store_true", help=tr("each object below"))
    share.add_argument(
        "--version-id", metavar="ID", default="", help=tr("not the newest, but this")
    )
    share.add_argument(
        "--download-as", metavar="NAME", default="", help=tr("the name a browser saves it under")
    )
    share.add_argument(
        "--response-content-disposition", metavar="VALUE", default="", help=tr("such as inline")
    )
    share.add_argument(
        "--content-type",
        "--response-content-type",
        metavar="TYPE",
        default="",
        help=tr("what a browser takes it for"),
    )
    share.add_argument(
        "--unchecked", action="store_true", help=tr("sign without asking whether it is there")
    )
    share.epilog = tr(
        "Whoever has the link needs no keys. With temporary keys it ends when they do; that is"
        " said. It cannot be taken back, but by taking the keys away that signed it."
    )
