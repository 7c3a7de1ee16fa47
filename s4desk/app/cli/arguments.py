"""The command line of s4desk, all of it. Imports nothing heavy: the window starts through here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from s4desk.app.cli.argparse_words import let_argparse_speak
from s4desk.app.cli.config_options import fill_config
from s4desk.app.cli.find_options import add_find_options
from s4desk.app.cli.group_options import fill_group
from s4desk.app.cli.lifecycle_options import fill_lifecycle
from s4desk.app.cli.limit_options import add_limit_options
from s4desk.app.cli.lock_options import fill_lock
from s4desk.app.cli.property_options import fill_set, fill_unarchive
from s4desk.app.cli.replication_options import fill_replication
from s4desk.app.cli.share_options import fill_share
from s4desk.app.cli.usage_options import fill_du
from s4desk.app.cli.verb_parser import VerbParser, with_json
from s4desk.app.cli.version_options import fill_restore, fill_versions
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from s4desk.app.cli.verb_parser import Verbs


def build_parser() -> argparse.ArgumentParser:
    """Without a verb the window opens; `verb` in the result is then None."""
    let_argparse_speak()
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
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=VerbParser)
    text = tr("add, edit, list, test, sign in to, probe or remove connections")
    verbs.add_parser("connections", help=text, fill=_fill_connections)
    text = tr("read several stores that hold the same objects as one")
    verbs.add_parser("group", help=text, description=text, fill=fill_group)
    _add_listings(verbs)
    _add_transfers(verbs)
    _add_unfinished(verbs)
    with_json(verbs, "du", tr("tell how much lies where"), fill_du)
    with_json(verbs, "share", tr("sign links for people without keys"), fill_share)
    with_json(verbs, "versions", tr("list all versions of one object"), fill_versions)
    with_json(verbs, "restore", tr("make a folder what it was at a moment"), fill_restore)
    text = tr("show or change what protects objects from deletion")
    verbs.add_parser("lock", help=text, description=text, fill=fill_lock)
    text = tr("change headers, metadata, tags, storage class or permissions of objects")
    with_json(verbs, "set", text, fill_set)
    text = tr("ask for readable copies of archived objects")
    with_json(verbs, "unarchive", text, fill_unarchive)
    text = tr("show or change what a bucket is told: versioning, policy, CORS and the others")
    verbs.add_parser("config", help=text, description=text, fill=fill_config)
    text = tr("show or save lifecycle rules, see what they will do, or do it")
    verbs.add_parser("lifecycle", help=text, description=text, fill=fill_lifecycle)
    text = tr("replicate between any two stores, and see what has arrived")
    verbs.add_parser("replication", help=text, description=text, fill=fill_replication)
    _add_buckets(verbs)
    text = tr("what belongs into a report, without secrets")
    with_json(verbs, "diagnostics", text, _fill_diagnostics)
    return parser


def _fill_connections(connections: VerbParser) -> None:
    # The table of providers is large, and no other verb needs it.
    from s4desk.app.cli.connection_options import add_connection_actions  # noqa: PLC0415

    add_connection_actions(connections)


def _add_listings(verbs: Verbs) -> None:
    with_json(verbs, "ls", tr("list buckets or objects"), _fill_ls)
    text = tr("find keys by name, size, age and storage class")
    with_json(verbs, "find", text, add_find_options)
    with_json(verbs, "stat", tr("show everything about one object"), _fill_stat)


def _fill_ls(ls: ArgumentParser) -> None:
    ls.add_argument("place", metavar="NAME:[BUCKET[/PREFIX]]")
    ls.add_argument("-r", "--recursive", action="store_true", help=tr("all keys below"))
    ls.add_argument("--versions", action="store_true", help=tr("old versions and markers too"))


def _fill_stat(stat: ArgumentParser) -> None:
    stat.add_argument("place", metavar="NAME:BUCKET/KEY")


def _add_transfers(verbs: Verbs) -> None:
    with_json(verbs, "cp", tr("copy files and objects"), _fill_copy)
    text = tr("move or rename: copy, verify, and only then delete the source")
    with_json(verbs, "mv", text, _fill_copy)
    with_json(verbs, "sync", tr("make one folder like another, one way"), _fill_sync)
    text = tr("read objects again and compare every byte")
    with_json(verbs, "verify", text, _fill_verify)


def _fill_copy(copy: ArgumentParser) -> None:
    _add_sides(copy)
    copy.epilog = _how_sides_are_read()
    _add_moving(copy)


def _add_moving(verb: ArgumentParser) -> None:
    verb.add_argument(
        "--verify-reads",
        action="store_true",
        help=tr("read both ends again where the store compares nothing"),
    )
    add_limit_options(verb)


def _fill_sync(sync: ArgumentParser) -> None:
    sync.add_argument("source", metavar="SRC")
    sync.add_argument("target", metavar="DST")
    sync.add_argument(
        "--delete", action="store_true", help=tr("then delete what only DST has, if all went well")
    )
    sync.add_argument(
        "--yes", action="store_true", help=tr("delete even if that is most of what DST has")
    )
    sync.epilog = tr(
        "The content of SRC becomes the content of DST. --delete deletes only after everything was"
        " moved. It asks first where nothing that DST has would stay, or where more than half of it"
        " would go and that is more than 10 things; where nobody can be asked it deletes nothing"
        " then, unless --yes is given. checksum asks the store for each object and reads local"
        " files, etag reads local files; both prove content."
    )
    sync.add_argument("--dry-run", action="store_true", help=tr("tell what would be done"))
    sync.add_argument(
        "--compare",
        choices=["size+mtime", "checksum", "etag", "size"],
        default="size+mtime",
        help=tr("what makes two things of one size the same (default: the source is not newer)"),
    )
    _add_moving(sync)


def _fill_verify(verify: ArgumentParser) -> None:
    verify.add_argument("place", metavar="NAME:BUCKET/KEY")
    verify.add_argument(
        "local",
        metavar="LOCAL",
        nargs="?",
        help=tr("a local copy; without one, the checksum that the store keeps"),
    )
    verify.add_argument("-r", "--recursive", action="store_true", help=tr("all below a folder"))
    add_limit_options(verify)


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


def _add_sides(cp: ArgumentParser) -> None:
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
    text = tr("list, resume or cancel unfinished transfers; tell of ended ones")
    verbs.add_parser("transfers", help=text, fill=_fill_transfers)
    text = tr("list, abort or adopt unfinished multipart uploads at a store")
    verbs.add_parser("uploads", help=text, description=text, fill=_fill_uploads)


def _fill_transfers(transfers: VerbParser) -> None:
    actions = transfers.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = with_json(actions, "list", tr("list what is unfinished, here and in the window"))
    listed.add_argument(
        "--finished", action="store_true", help=tr("what has ended instead, newest first")
    )
    listed.add_argument(
        "--changes",
        action="store_true",
        help=tr("what was deleted, undeleted or given other properties instead, newest first"),
    )
    listed.add_argument("--each", action="store_true", help=tr("each transfer, not only each run"))
    listed.add_argument("ids", metavar="ID", nargs="*", help=tr("only these, each transfer"))
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
    resume = with_json(actions, "resume", tr("go on with transfers that were cut off"))
    add_limit_options(resume)
    resume.epilog = tr(
        "A window that is open goes on with what is its own, with limits of its own."
    )
    resume.add_argument(
        "--same-store",
        action="store_true",
        help=tr("the connections lead to the same stores as before, by other endpoints"),
    )
    retry = with_json(actions, "retry", tr("try again what has failed, and nothing else"))
    add_limit_options(retry)
    retry.add_argument("ids", metavar="ID", nargs="*", help=tr("as “transfers list” has them"))
    cancel = with_json(actions, "cancel", tr("undo unfinished transfers, here and at the store"))
    cancel.add_argument(
        "--forget",
        action="store_true",
        help=tr("also what cannot be undone: its connection is gone, or leads elsewhere"),
    )
    for verb in (resume, cancel):
        verb.add_argument("ids", metavar="ID", nargs="*", help=tr("as “transfers list” has them"))
        verb.add_argument("--all", action="store_true", help=tr("all that no process carries out"))


def _fill_uploads(uploads: VerbParser) -> None:
    actions = uploads.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = with_json(actions, "list", tr("list them: key, age, size so far, and whose they are"))
    listed.add_argument("place", metavar="NAME:BUCKET[/PREFIX]")
    abort = with_json(actions, "abort", tr("abort what no transfer here needs"))
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
    adopt = with_json(actions, "adopt", tr("complete one with a local file"))
    adopt.add_argument("place", metavar="NAME:BUCKET/KEY")
    adopt.add_argument("file", metavar="FILE")
    adopt.add_argument("--upload", metavar="ID", default="", help=tr("of several the one to adopt"))
    adopt.add_argument("--overwrite", action="store_true", help=tr("replace an object that exists"))
    add_limit_options(adopt)


def _add_buckets(verbs: Verbs) -> None:
    with_json(verbs, "rm", tr("delete objects"), _fill_rm)
    with_json(verbs, "mb", tr("make a bucket"), _fill_bucket)
    with_json(verbs, "rb", tr("remove an empty bucket"), _fill_bucket)


def _fill_rm(rm: ArgumentParser) -> None:
    rm.add_argument("place", metavar="NAME:BUCKET/KEY")
    rm.add_argument("-r", "--recursive", action="store_true", help=tr("the folder and all below"))
    rm.add_argument("--yes", action="store_true", help=tr("do not ask"))
    rm.add_argument(
        "--version-id", metavar="ID", default="", help=tr("this version or delete marker, for good")
    )
    rm.add_argument(
        "--bypass-governance",
        action="store_true",
        help=tr("also a version in GOVERNANCE mode; takes s3:BypassGovernanceRetention"),
    )
    rm.epilog = tr(
        "What is counted are the keys that the store says are gone: it says so too of what somebody"
        " else deletes at the same moment."
    )


def _fill_bucket(verb: ArgumentParser) -> None:
    verb.add_argument("place", metavar="NAME:BUCKET")


def _fill_diagnostics(told: ArgumentParser) -> None:
    told.add_argument(
        "--names",
        action="store_true",
        help=tr("with names of connections, hosts, buckets, keys and files"),
    )
