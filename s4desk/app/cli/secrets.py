"""The secrets of a connection, as a verb asks for them and keeps them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from s4desk.app.cli.answers import Answers
from s4desk.app.cli.passphrase import ready_to_keep
from s4desk.app.cli.places import UsageError
from s4desk.app.cli.way_options import read_way_secrets
from s4desk.core.domain.connection import CredentialKind, Credentials, WaySecrets
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.connection_form import parse_end
from s4desk.viewmodels.validation import parse_key

if TYPE_CHECKING:
    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection

Asked = tuple[Credentials | None, WaySecrets | None]
"""The key, and what the way to the store needs; None for what was not asked for."""

NOTHING: Final[Asked] = (None, None)


async def ask_secrets(before: Connection, connection: Connection, *, wants_key: bool) -> Asked:
    """Ask for the key, then for what the changed way needs. Raises UsageError."""
    answers = Answers()
    key = await _read_credentials(answers) if wants_key else None
    return key, await read_way_secrets(before, connection, answers)


def with_key_id(connection: Connection, asked: Asked) -> Connection:
    """With the id of its key, which is no secret: by that a new key is told from the one before."""
    key, _ = asked
    if key is not None:
        return replace(connection, key_id=key.key_id)
    is_kept = connection.credentials.kind is CredentialKind.KEYRING
    return connection if is_kept else replace(connection, key_id="")


async def keep_secrets(desk: Desk, connection: Connection, asked: Asked, console: Console) -> bool:
    """Keep what was asked for. This process ends now, so only a keyring or a file helps."""
    key, way = asked
    if key is not None or way:
        await ready_to_keep(desk.secrets)
    states = []
    if key is not None:
        states.append(await desk.secrets.keep(connection.id, key))
    if way is not None:
        states.append(await desk.secrets.keep_way(connection.id, way))
    for state in states:
        if not state.usable:
            console.fail(
                tr(
                    "{reason} Nothing was kept, for the secret would be lost. Use"
                    " --credentials env or profile:NAME instead, or keep secrets in a file: put a"
                    " passphrase for it into a file and name that in S4DESK_PASSPHRASE_FILE."
                ).format(reason=state.reason)
            )
            return False
    return True


async def _read_credentials(answers: Answers) -> Credentials:
    key_id = await answers.text(tr("Key id: "))
    secret = await answers.secret(tr("Secret key: "))
    token = await answers.secret(tr("Session token (empty for none): "))
    ends = await answers.text(tr("When the session ends (empty if not known): ")) if token else ""
    credentials = Credentials(
        parse_key(key_id), parse_key(secret), parse_key(token), parse_end(ends)
    )
    if not credentials.key_id or not credentials.secret:
        raise UsageError(tr("Key id and secret are needed: two lines on standard input."))
    return credentials
