"""`s4desk connections sign-in`: on the page of a portal, or by a one-time code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli.one_time_code import by_code
from s4desk.app.cli.places import UsageError, find_connection
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.signing_in import PageSignIn, key_life, sign_in, sign_in_need
from s4desk.viewmodels.sign_in_text import life_text, page_text

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.sign_in import SignInNeed
    from s4desk.core.store.secrets import SecretReader


async def sign_in_to(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Tell where to confirm which code, and wait for it; or ask for a one-time code."""
    connection = find_connection(arguments.name, desk.connections)
    need = await sign_in_need(connection)
    if need is None:
        raise UsageError(
            tr("The keys of {name} need no sign-in.").format(name=connection.name),
        )
    if not await sign_in(connection, _Terminal(console, desk.secrets), need, desk.secrets):
        console.fail(tr("Nobody has signed in."))
        return
    life = await key_life(connection, desk.secrets)
    ends_at = life.ends_at if life is not None else None
    told = life_text(life, SystemClock().now()) if life is not None else ""
    sentence = tr("Signed in for {name}. {life}").format(name=connection.name, life=told)
    console.record(
        {
            "type": "signed-in",
            "connection": connection.name,
            "keys_end": None if ends_at is None else ends_at.isoformat(),
        },
        sentence.strip(),
    )


class _Terminal:
    def __init__(self, console: Console, secrets: SecretReader) -> None:
        self._console = console
        self._secrets = secrets

    async def on_page(self, connection: Connection, _need: SignInNeed) -> bool:
        attempt = PageSignIn(connection, self._secrets)
        code = await attempt.begin()
        self._console.record(
            {
                "type": "code",
                "connection": connection.name,
                "page": code.page,
                "page_with_code": code.page_with_code,
                "code": code.code,
                "ends": code.ends_at.isoformat(),
            },
            page_text(code),
        )
        # Whoever reads a pipe has to see it before there is more.
        self._console.flush()
        await attempt.confirmed()
        return True

    async def by_code(self, connection: Connection, need: SignInNeed) -> bool:
        return await by_code(connection, need, self._console, self._secrets)
