"""The passphrase of the file with the secrets, for verbs: from a file, or typed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from s4desk.app.cli import prompt
from s4desk.app.cli.places import UsageError
from s4desk.core.domain.errors import CredentialsError, LocalFileError
from s4desk.core.persist.private_file import exposure_notice
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.persist.secrets import AskPassphrase, Keychain

VARIABLE: Final = "S4DESK_PASSPHRASE_FILE"
_TRIES: Final = 3


def passphrase_asker() -> AskPassphrase:
    """Takes what `S4DESK_PASSPHRASE_FILE` names, and else asks who is there, three times."""
    tries = 0

    async def ask(problem: str) -> str | None:
        nonlocal tries
        tries += 1
        given = await given_passphrase()
        if given is not None:
            if problem:
                said = tr("The passphrase in {file} does not open the file with the secrets.")
                raise CredentialsError(said.format(file=os.environ[VARIABLE]))
            return given
        if not prompt.is_somebody_there() or tries > _TRIES:
            return None
        question = tr("Passphrase of the file with the secrets: ")
        return await prompt.ask_secret(f"{problem} {question}".lstrip()) or None

    return ask


def passphrase_notice() -> str:
    """A sentence when others may read the file that the environment names."""
    name = os.environ.get(VARIABLE, "")
    return exposure_notice(_path(name)) if name else ""


async def given_passphrase() -> str | None:
    """The one in the file that the environment names. Raises LocalFileError, UsageError."""
    name = os.environ.get(VARIABLE, "")
    return await in_thread(_read, name) if name else None


async def ready_to_keep(secrets: Keychain) -> None:
    """Where no keyring is, make the file for secrets, if a passphrase for it is given or typed."""
    state = await secrets.state()
    if state.usable:
        return
    passphrase = await given_passphrase()
    if passphrase is None and prompt.is_somebody_there():
        passphrase = await _chosen(state.reason)
    if passphrase:
        await secrets.make_file(passphrase)


async def change(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Let another passphrase open the file: that in a file, or one that is typed twice."""
    old = await given_passphrase()
    if old is None:
        _refuse_nobody()
        old = await prompt.ask_secret(tr("Passphrase of the file with the secrets: "))
    if arguments.new_file:
        new = await in_thread(_read, arguments.new_file)
    else:
        _refuse_nobody()
        new = await prompt.ask_secret(tr("New passphrase: "))
        if not new or await prompt.ask_secret(tr("Once more: ")) != new:
            raise UsageError(tr("The two are not the same; nothing was changed."))
    await desk.secrets.change_passphrase(old, new)
    console.say(tr("The passphrase was changed."))


def _refuse_nobody() -> None:
    if not prompt.is_somebody_there():
        said = tr("Nobody is there to type; name files in {variable} and --new-file.")
        raise UsageError(said.format(variable=VARIABLE))


async def _chosen(reason: str) -> str:
    question = tr("{reason} Passphrase for a file that keeps secrets (empty for none): ")
    passphrase = await prompt.ask_secret(question.format(reason=reason))
    if passphrase and await prompt.ask_secret(tr("Once more: ")) != passphrase:
        raise UsageError(tr("The two are not the same; nothing was kept."))
    return passphrase


def _read(name: str) -> str:
    path = _path(name)
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise LocalFileError(path, error) from error
    passphrase = text.rstrip("\r\n")
    if not passphrase:
        raise UsageError(tr("{file} holds no passphrase.").format(file=path))
    return passphrase


def _path(name: str) -> Path:
    return Path(name).expanduser()
