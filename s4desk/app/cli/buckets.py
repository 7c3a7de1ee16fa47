"""`s4desk mb` and `s4desk rb`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli.places import parse_bucket
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.validation import parse_bucket_name

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk


async def mb(desk: Desk, arguments: Namespace, console: Console) -> None:
    remote = parse_bucket(arguments.place, desk.connections)
    name = parse_bucket_name(remote.bucket)
    store = await desk.stores.get(remote.connection.id)
    await store.create_bucket(name)
    console.record({"type": "created", "bucket": name}, tr("Made {name}.").format(name=name))


async def rb(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Only an empty bucket goes; what is in one is deleted with `rm -r` first."""
    remote = parse_bucket(arguments.place, desk.connections)
    store = await desk.stores.get(remote.connection.id)
    await store.delete_bucket(remote.bucket)
    console.record(
        {"type": "removed", "bucket": remote.bucket},
        tr("Removed {name}.").format(name=console.name(remote.bucket)),
    )
