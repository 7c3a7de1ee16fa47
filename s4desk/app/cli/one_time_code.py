"""The one-time code that a role takes, typed at a terminal while a verb runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.app.cli import prompt
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.sign_in import SignInKind
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.signing_in import sign_in_with_code
from s4desk.viewmodels.sign_in_text import parse_code

if TYPE_CHECKING:
    from s4desk.app.cli.console import Console
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.sign_in import SignInNeed
    from s4desk.core.store.registry import AskToSignIn
    from s4desk.core.store.secrets import SecretReader

_TRIES: Final = 3


def code_asker(console: Console, secrets: SecretReader) -> AskToSignIn:
    """Asks where a code will do and somebody is there; a page takes a verb of its own."""

    async def ask(connection: Connection, need: SignInNeed) -> bool:
        if need.kind is not SignInKind.CODE or not prompt.is_somebody_there():
            return False
        return await by_code(connection, need, console, secrets)

    return ask


async def by_code(
    connection: Connection, need: SignInNeed, console: Console, secrets: SecretReader
) -> bool:
    """Ask three times; False for an empty answer."""
    question = tr("One-time code of {device} for “{name}”: ")
    for last in (False,) * (_TRIES - 1) + (True,):
        typed = await prompt.ask(question.format(device=need.device, name=connection.name))
        if not typed.strip():
            return False
        try:
            await sign_in_with_code(connection, parse_code(typed), secrets)
        except ValidationError as error:
            if last:
                raise
            console.say(str(error))
        else:
            return True
    return False
