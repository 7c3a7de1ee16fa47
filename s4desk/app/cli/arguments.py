"""The command line of s4desk, all of it. Imports nothing heavy: the window starts through here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from s4desk.app.cli.file_options import add_export_options, add_import_options
from s4desk.app.cli.find_options import add_find_options
from s4desk.app.cli.limit_options import add_limit_options
from s4desk.core.domain.connection import Addressing
from s4desk.core.domain.providers import PROVIDERS
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no other name

OTHER_PROVIDER = "other"
_CREDENTIALS = "env|keyring|anonymous|profile:P"


def build_parser() -> argparse.ArgumentParser:
    """Without a verb the window opens; `verb` in the result is then None."""
    parser = argparse.ArgumentParser(
        prog="s4desk",
        description=tr(
            "A desktop manager for S3 object storage. Without a verb, the window opens."
        ),
        epilog=tr(
            "NAME: is a connection. S4DESK_HOME=DIR puts configuration, data, cache and logs into"
            " DIR. Exit codes: 0 ok, 1 something failed, 2 usage, 130 interrupted."
        ),
    )
    parser.add_argument("--version", action="store_true", help=tr("print the version and exit"))
    parser.add_argument(
        "--demo", action="store_true", help=tr("open the window on a demo server of its own")
    )
    parser.add_argument(
        "--self-test", action="store_true", help=tr("check this installation without a window")
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    _add_connections(verbs)
    _add_listings(verbs)
    _add_transfers(verbs)
    _add_unfinished(verbs)
    _add_uploads(verbs)
    _add_buckets(verbs)
    told = _verb(verbs, "diagnostics", tr("what belongs into a report, without secrets"))
    told.add_argument(
        "--names",
        action="store_true",
        help=tr("with names of connections, hosts, buckets, keys and files"),
    )
    return parser


def _verb(verbs: Verbs, name: str, text: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=text, description=text)
    parser.add_argument(
        "--json", action="store_true", help=tr("one JSON object per line on standard output")
    )
    return parser


def _add_connections(verbs: Verbs) -> None:
    connections = verbs.add_parser(
        "connections", help=tr("add, edit, list, test, sign in to, probe or remove connections")
    )
    actions = connections.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = _verb(actions, "add", tr("add a connection"))
    add.add_argument("name", metavar="NAME")
    _add_connection_options(add, is_new=True)
    edit = _verb(actions, "edit", tr("change a connection; what is not named stays"))
    edit.add_argument("name", metavar="NAME")
    edit.add_argument("--name", metavar="NEW", dest="new_name", help=tr("another name for it"))
    _add_connection_options(edit, is_new=False)
    _verb(actions, "list", tr("list connections"))
    _add_connection_test(_verb(actions, "test", tr("try a connection, and find what is wrong")))
    sign_in = _verb(actions, "sign-in", tr("sign in for keys that end: on a page, or by a code"))
    sign_in.add_argument("name", metavar="NAME")
    _verb(actions, "remove", tr("remove a connection and its secret")).add_argument(
        "name", metavar="NAME"
    )
    add_import_options(_verb(actions, "import", tr("take over connections of other programs")))
    text = tr("write connections into a file, without secrets")
    add_export_options(actions.add_parser("export", help=text, description=text))
    _add_probe(actions)


def _add_probe(actions: Verbs) -> None:
    probe = _verb(actions, "probe", tr("find out what a store can do, and why not"))
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


def _add_connection_test(verb: argparse.ArgumentParser) -> None:
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


def _add_connection_options(verb: argparse.ArgumentParser, *, is_new: bool) -> None:
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


def _add_way_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--proxy",
        metavar="system|none|URL",
        help=tr("http://[USER@]HOST:PORT; the password is asked for, or the next line of stdin"),
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


def _add_listings(verbs: Verbs) -> None:
    ls = _verb(verbs, "ls", tr("list buckets or objects"))
    ls.add_argument("place", metavar="NAME:[BUCKET[/PREFIX]]")
    ls.add_argument("-r", "--recursive", action="store_true", help=tr("all keys below"))
    ls.add_argument("--versions", action="store_true", help=tr("old versions and markers too"))
    add_find_options(_verb(verbs, "find", tr("find keys by name, size, age and storage class")))
    stat = _verb(verbs, "stat", tr("show everything about one object"))
    stat.add_argument("place", metavar="NAME:BUCKET/KEY")


def _add_transfers(verbs: Verbs) -> None:
    copy = _verb(verbs, "cp", tr("copy files and objects"))
    move = _verb(verbs, "mv", tr("move or rename: copy, verify, and only then delete the source"))
    for verb in (copy, move):
        _add_sides(verb)
        verb.epilog = _how_sides_are_read()
    sync = _verb(verbs, "sync", tr("make one folder like another, one way"))
    sync.add_argument("source", metavar="SRC")
    sync.add_argument("target", metavar="DST")
    sync.add_argument(
        "--delete", action="store_true", help=tr("then delete what only DST has, if all went well")
    )
    sync.add_argument(
        "--yes", action="store_true", help=tr("delete even if that is most of what DST has")
    )
    sync.epilog = tr(
        "The content of SRC becomes the content of DST. --delete does not ask, unless more than"
        " half of what DST has would go; it deletes only after everything was moved. checksum asks"
        " the store for each object and reads local files, etag reads local files; both prove"
        " content."
    )
    sync.add_argument("--dry-run", action="store_true", help=tr("tell what would be done"))
    sync.add_argument(
        "--compare",
        choices=["size+mtime", "checksum", "etag", "size"],
        default="size+mtime",
        help=tr("what makes two things of one size the same (default: the source is not newer)"),
    )
    for verb in (copy, move, sync):
        verb.add_argument(
            "--verify-reads",
            action="store_true",
            help=tr("read both ends again where the store compares nothing"),
        )
        add_limit_options(verb)
    verify = _verb(verbs, "verify", tr("read objects again and compare every byte"))
    verify.add_argument("place", metavar="NAME:BUCKET/KEY")
    verify.add_argument(
        "local",
        metavar="LOCAL",
        nargs="?",
        help=tr("a local copy; without one, the checksum that the store keeps"),
    )
    verify.add_argument("-r", "--recursive", action="store_true", help=tr("all below a folder"))


def _how_sides_are_read() -> str:
    return tr(
        "SRC and DST are paths or NAME:BUCKET[/KEY]. A single file goes, under its own name, into a"
        " DST that ends with a slash, is a bucket or is a local folder; any other DST is its new"
        " name. With -r the content of SRC becomes the content of DST, whatever slashes they end"
        " with: “cp -r photos T:b/2024” puts photos/a.jpg at 2024/a.jpg. Without a flag what exists"
        " is left as it is and counts as a failure. --if-different compares content by the"
        " checksum, or the ETag, that the store keeps, never by size or time alone: where these"
        " prove nothing, what exists is replaced."
    )


def _add_sides(cp: argparse.ArgumentParser) -> None:
    cp.add_argument("source", metavar="SRC")
    cp.add_argument("target", metavar="DST")
    cp.add_argument("-r", "--recursive", action="store_true", help=tr("a folder with all in it"))
    conflict = cp.add_mutually_exclusive_group()
    for policy, text in (
        ("overwrite", tr("replace what exists")),
        ("skip", tr("leave what exists")),
        ("if-different", tr("replace what exists and differs")),
    ):
        conflict.add_argument(
            f"--{policy}", action="store_const", const=policy, dest="on_conflict", help=text
        )


def _add_unfinished(verbs: Verbs) -> None:
    transfers = verbs.add_parser(
        "transfers", help=tr("list, resume or cancel unfinished transfers; tell of ended ones")
    )
    actions = transfers.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = _verb(actions, "list", tr("list what is unfinished, here and in the window"))
    listed.add_argument(
        "--finished", action="store_true", help=tr("what has ended instead, newest first")
    )
    text = tr("write what became of transfers that have ended, as CSV")
    report = actions.add_parser("report", help=text, description=text)
    report.set_defaults(json=False)
    report.add_argument("file", metavar="FILE", help=tr("“-” for standard output"))
    report.add_argument("--overwrite", action="store_true", help=tr("replace FILE if it exists"))
    for verb in (listed, report):
        verb.add_argument(
            "--since",
            metavar="DATE",
            default="",
            help=tr("2026-11-20, 2026-11-20T22:00, 12h or 7d"),
        )
    resume = _verb(actions, "resume", tr("go on with transfers that were cut off"))
    add_limit_options(resume)
    resume.epilog = tr(
        "A window that is open goes on with what is its own, with limits of its own."
    )
    cancel = _verb(actions, "cancel", tr("undo unfinished transfers, here and at the store"))
    for verb in (resume, cancel):
        verb.add_argument("ids", metavar="ID", nargs="*", help=tr("as “transfers list” has them"))
        verb.add_argument("--all", action="store_true", help=tr("all that no process carries out"))


def _add_uploads(verbs: Verbs) -> None:
    text = tr("list, abort or adopt unfinished multipart uploads at a store")
    uploads = verbs.add_parser("uploads", help=text, description=text)
    actions = uploads.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = _verb(actions, "list", tr("list them: key, age, size so far, and whose they are"))
    listed.add_argument("place", metavar="NAME:BUCKET[/PREFIX]")
    abort = _verb(actions, "abort", tr("abort what no transfer here needs"))
    abort.add_argument("place", metavar="NAME:BUCKET/KEY")
    which = abort.add_mutually_exclusive_group()
    which.add_argument("--upload", metavar="ID", default="", help=tr("this one, whoever needs it"))
    which.add_argument(
        "--older-than",
        metavar="AGE",
        default="",
        help=tr("all below NAME:BUCKET[/PREFIX] older than 30m, 12h, 7d or 2w"),
    )
    abort.add_argument("--yes", action="store_true", help=tr("do not ask"))
    adopt = _verb(actions, "adopt", tr("complete one with a local file"))
    adopt.add_argument("place", metavar="NAME:BUCKET/KEY")
    adopt.add_argument("file", metavar="FILE")
    adopt.add_argument("--upload", metavar="ID", default="", help=tr("of several the one to adopt"))
    adopt.add_argument("--overwrite", action="store_true", help=tr("replace an object that exists"))


def _add_buckets(verbs: Verbs) -> None:
    rm = _verb(verbs, "rm", tr("delete objects"))
    rm.add_argument("place", metavar="NAME:BUCKET/KEY")
    rm.add_argument("-r", "--recursive", action="store_true", help=tr("the folder and all below"))
    rm.add_argument("--yes", action="store_true", help=tr("do not ask"))
    _verb(verbs, "mb", tr("make a bucket")).add_argument("place", metavar="NAME:BUCKET")
    _verb(verbs, "rb", tr("remove an empty bucket")).add_argument("place", metavar="NAME:BUCKET")
