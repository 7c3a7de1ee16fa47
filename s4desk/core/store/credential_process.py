"""Keys that a program of the user prints: `credential_process` in the AWS configuration.

"Sourcing credentials with an external process" in the AWS CLI user guide.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from typing import Any, Final

from botocore.compat import compat_shell_split

from s4desk.core.domain.errors import CredentialsError
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.logs import redact, redacted

TIMEOUT_S: Final = 60.0
_MOST: Final = 200


def run_process(command: str, timeout_s: float = TIMEOUT_S) -> dict[str, str | None]:
    """What the program says, in botocore's words. Raises CredentialsError."""
    printed = _printed(command, timeout_s)
    try:
        said: dict[str, Any] = json.loads(printed)
        if said["Version"] != 1:
            raise ValueError(said["Version"])
        found = {
            "access_key": str(said["AccessKeyId"]),
            "secret_key": str(said["SecretAccessKey"]),
            "token": said.get("SessionToken") or None,
            "expiry_time": said.get("Expiration") or None,
            "account_id": said.get("AccountId") or None,
        }
    except (ValueError, KeyError, TypeError) as error:
        # Nothing of what it printed: there may be a secret in it.
        sentence = tr("The program that gives the keys, {program}, printed something else.")
        raise CredentialsError(sentence.format(program=_program(command))) from error
    redact(str(found["secret_key"]))
    redact(found["token"] or "")
    return found


def _printed(command: str, timeout_s: float) -> str:
    program = _program(command)
    try:
        process = subprocess.Popen(
            compat_shell_split(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
        sentence = tr("The program that gives the keys, {program}, cannot be started: {reason}.")
        raise CredentialsError(sentence.format(program=program, reason=reason)) from error
    with process:
        try:
            printed, complaint = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            _end(process)
            sentence = tr("The program that gives the keys, {program}, did not end within {time}s.")
            raise CredentialsError(
                sentence.format(program=program, time=round(timeout_s))
            ) from error
    if process.returncode:
        sentence = tr("The program that gives the keys, {program}, failed: {reason}")
        raise CredentialsError(
            sentence.format(program=program, reason=_first_line(complaint, process.returncode))
        )
    return printed.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and what it has started, which may hold its output open."""
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.communicate()


def _program(command: str) -> str:
    """Its name alone: arguments may hold secrets."""
    words = compat_shell_split(command) if command.strip() else []
    return os.path.basename(words[0]) if words else command


def _first_line(complaint: bytes, code: int) -> str:
    for line in complaint.decode("utf-8", "replace").splitlines():
        if line.strip():
            return redacted(line.strip())[:_MOST]
    return tr("exit code {code}").format(code=code)
