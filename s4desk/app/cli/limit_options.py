"""The options that say how fast one run may move things. Imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser


def add_limit_options(verb: ArgumentParser) -> None:
    """What `limits_of` reads. None is what the settings say."""
    limits = verb.add_argument_group(
        tr("limits of this run"),
        tr("In place of the settings, which stay. Those of a connection hold as well."),
    )
    limits.add_argument(
        "--limit-rate",
        metavar="RATE|UP:DOWN",
        help=tr("such as 5MB/s for each direction, or 2MB/s:off; off is no limit"),
    )
    limits.add_argument(
        "--jobs",
        metavar="N",
        help=tr("transfers at once; of small ones up to four times as many, unless N is 1"),
    )
    limits.add_argument("--parts", metavar="N", help=tr("parts at once, of all transfers together"))
    limits.add_argument(
        "--part-size",
        metavar="SIZE",
        help=tr("such as 32MiB; what goes on keeps to the size it was begun with"),
    )
