"""`s4desk connections import|export`: what other programs and computers have, and for them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli.passphrase import ready_to_keep
from s4desk.app.cli.places import UsageError, find_connection
from s4desk.core.domain.errors import LocalFileError
from s4desk.core.persist.aws_offers import aws_offers
from s4desk.core.persist.connection_export import exported, file_offers
from s4desk.core.persist.offers import fitted, looked_up, take_over
from s4desk.core.persist.rclone_offers import rclone_offers
from s4desk.core.persist.toml_file import write_atomically
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.aws_profiles import profile_names
from s4desk.viewmodels.offer_text import address_text, keys_text, remark_text, taken_over_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.persist.offers import Offer
    from s4desk.core.persist.secrets import KeyringState


async def take_in(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Import those that are named, or all that are not here yet and could work."""
    offers = fitted(await in_thread(_read, arguments), desk.connections.all())
    chosen, spared = _chosen(offers, arguments.names)
    secrets = desk.secrets
    _tell_spared(spared, console)
    if arguments.dry_run:
        state = await secrets.state()
        for offer in chosen:
            console.record(_record(offer, is_taken=False), console.name(_line(offer, state)))
        return
    if any(offer.credentials is not None for offer in chosen):
        await ready_to_keep(secrets)
    state = await secrets.state()
    taken = []
    for offer in chosen:
        if offer.connection is None:
            console.fail(f"{offer.source}: {offer.problem}")
        elif offer.credentials is not None and not state.usable:
            said = tr("{name}: {reason} It was left out, for its key would be lost.")
            console.fail(said.format(name=offer.source, reason=state.reason))
        else:
            taken.append(offer)
    await take_over(taken, desk.connections, secrets)
    for offer in taken:
        console.record(_record(offer, is_taken=True), console.name(_line(offer, state)))
    console.say(taken_over_text(len(taken)))


async def write_out(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Write connections, without any secret, into a file or to standard output."""
    named = [find_connection(name, desk.connections) for name in arguments.names]
    chosen = named or desk.connections.all()
    if any(each.group is not None for each in chosen):
        console.say(tr("Failover groups stay here: make them anew elsewhere."))
    content = exported(chosen)
    if arguments.file == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    path = Path(arguments.file)
    try:
        await in_thread(write_atomically, path, content)
    except OSError as error:
        raise LocalFileError(path, error) from error
    console.say(tr("Written to {file}, without secrets.").format(file=path))


def _read(arguments: Namespace) -> list[Offer]:
    if arguments.rclone:
        return looked_up(rclone_offers(Path(arguments.rclone)))
    if arguments.file:
        return looked_up(file_offers(Path(arguments.file)))
    return looked_up(aws_offers(profile_names()))


def _tell_spared(offers: Sequence[Offer], console: Console) -> None:
    """Who names one of these takes it all the same: its fault may be mended later."""
    for offer in offers:
        if console.as_json:
            console.record(_record(offer, is_taken=False), "")
        else:
            said = tr("{name}: {reason} It was left out; name it to import it all the same.")
            console.say(said.format(name=console.name(offer.source), reason=offer.fault))


def _chosen(offers: Sequence[Offer], names: Sequence[str]) -> tuple[list[Offer], list[Offer]]:
    """Which are taken over, and which would be if they could work."""
    if not names:
        new = [offer for offer in offers if not offer.known]
        return [each for each in new if not each.fault], [each for each in new if each.fault]
    by_source = {offer.source: offer for offer in offers}
    unknown = [name for name in names if name not in by_source]
    if unknown:
        raise UsageError(tr("There is no “{name}” to import.").format(name=unknown[0]))
    return [by_source[name] for name in names], []


def _line(offer: Offer, keyring: KeyringState) -> str:
    name = offer.connection.name if offer.connection is not None else offer.source
    told = (name, address_text(offer), keys_text(offer, keyring), remark_text(offer))
    return "\t".join(told).rstrip()


def _record(offer: Offer, *, is_taken: bool) -> dict[str, object]:
    connection = offer.connection
    return {
        "type": "import",
        "source": offer.source,
        "name": connection.name if connection is not None else "",
        "endpoint": connection.endpoint if connection is not None else "",
        "credentials": str(connection.credentials) if connection is not None else "",
        "imported": is_taken,
        "left_out": list(offer.left_out),
        "problem": offer.problem,
        "fault": offer.fault,
        "known": offer.known,
    }
