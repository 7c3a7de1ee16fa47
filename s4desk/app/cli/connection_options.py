"""The command line of `s4desk connections`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli.file_options import add_export_options, add_import_options
from s4desk.app.cli.verb_parser import with_json
from s4desk.core.domain.connection import Addressing
from s4desk.core.domain.providers import PROVIDERS
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from s4desk.app.cli.verb_parser import VerbParser, Verbs

OTHER_PROVIDER = "other"
_CREDENTIALS = "env|keyring|anonymous|profile:P"


def add_connection_actions(connections: VerbParser) -> None:
    """All that `s4desk connections` does."""
    actions = connections.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = with_json(actions, "add", tr("add a connection"))
    add.add_argument("name", metavar="NAME")
    _add_connection_options(add, is_new=True)
    edit = with_json(actions, "edit", tr("change a connection; what is not named stays"))
    edit.add_argument("name", metavar="NAME")
    edit.add_argument("--name", metavar="NEW", dest="new_name", help=tr("another name for it"))
    _add_connection_options(edit, is_new=False)
    with_json(actions, "list", tr("list connections"))
    _add_connection_test(with_json(actions, "test", tr("try a connection, and find what is wrong")))
    sign_in = with_json(
        actions, "sign-in", tr("sign in for keys that end: on a page, or by a code")
    )
    sign_in.add_argument("name", metavar="NAME")
    with_json(actions, "remove", tr("remove a connection and its secret")).add_argument(
        "name", metavar="NAME"
    )
    add_import_options(with_json(actions, "import", tr("take over connections of other programs")))
    text = tr("write connections into a file, without secrets")
    add_export_options(actions.add_parser("export", help=text, description=text))
    passphrase = with_json(actions, "passphrase", tr("change that of the file with the secrets"))
    passphrase.add_argument(
        "--new-file", metavar="FILE", default="", help=tr("holds the new one; else it is typed")
    )
    _add_probe(actions)


def _add_probe(actions: Verbs) -> None:
    probe = with_json(actions, "probe", tr("find out what a store can do, and why not"))
    probe.add_argument("place", metavar="NAME[:BUCKET[/PREFIX]]")
    probe.add_argument(
        "--read-only", action="store_true", help=tr("write nothing; then less can be told")
    )
    probe.add_argument(
        "--refresh", action="store_true", help=tr("try again what is known from before")
    )
    probe.epilog = tr(
        "A few tiny objects are written below the place, or where the connection starts, and"
        " removed again. What was found is kept for the endpoint and its version, and told without"
        " asking again."
    )


def _add_connection_test(verb: ArgumentParser) -> None:
    verb.add_argument("name", metavar="NAME")
    verb.add_argument(
        "--fix", action="store_true", help=tr("save the change that mends it, and try again")
    )
    verb.add_argument(
        "--trust",
        metavar="SHA256",
        default="",
        help=tr("with --fix, trust the store's certificate if it has this fingerprint"),
    )


def _add_connection_options(verb: ArgumentParser, *, is_new: bool) -> None:
    """Of a new connection nothing is left open; of one that is there None says: as it is."""
    empty = "" if is_new else None
    verb.add_argument(
        "--provider",
        metavar="P",
        choices=[each or OTHER_PROVIDER for each in PROVIDERS],
        help=tr("whose store it is: {words}").format(words=", ".join(filter(None, PROVIDERS))),
    )
    verb.add_argument(
        "--account", metavar="ID", default="", help=tr("for providers whose endpoint names it")
    )
    verb.add_argument(
        "--endpoint", metavar="URL", help=tr("empty for AWS; not needed where P has one")
    )
    verb.add_argument("--region", metavar="R")
    verb.add_argument("--addressing", choices=[each.value for each in Addressing])
    verb.add_argument(
        "--credentials",
        metavar=_CREDENTIALS,
        required=is_new,
        help=tr("for keyring, key id, secret and token are asked for, or read as lines of stdin"),
    )
    verb.add_argument("--ca", metavar="FILE", default=empty, help=tr("PEM file to trust as well"))
    verb.add_argument(
        "--start", metavar="BUCKET[/PREFIX]", default=empty, help=tr("where to begin")
    )
    _add_way_options(verb)


def _add_way_options(verb: ArgumentParser) -> None:
    verb.add_argument(
        "--proxy",
        metavar="system|none|URL",
        help=tr(
            "http://, socks5:// or socks5h://[USER@]HOST:PORT; the password is asked for, or the"
            " next line of stdin"
        ),
    )
    verb.add_argument(
        "--client-cert", metavar="FILE", help=tr("PEM file that tells the store who you are")
    )
    verb.add_argument("--client-key", metavar="FILE", help=tr("its key, if in a file of its own"))
    verb.add_argument(
        "--verify",
        choices=["on", "off"],
        help=tr("off takes any certificate: anybody on the way can then be the store"),
    )
