"""`s4desk connections test`: what is wrong in a sentence, and the change that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.app.cli.places import find_connection
from s4desk.core.persist.certificates import keep_certificate
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.check import TRIAL_ATTEMPTS, ConnectionOutcome, try_connection
from s4desk.viewmodels.connection_outcome import describe_outcome
from s4desk.viewmodels.diagnosis_text import describe_diagnosis

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.store.diagnosis import Diagnosis

FIXES: Final = 4
"""How many things may be wrong one behind the other before a person has to look."""


async def test(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Try a connection; with `--fix` the change that mends it is saved and tried in turn."""
    connection = find_connection(arguments.name, desk.connections)
    mended = 0
    while True:
        found = await try_connection(
            lambda changed: desk.stores.open(changed, desk.secrets, attempts=TRIAL_ATTEMPTS),
            connection,
            desk.secrets,
        )
        if isinstance(found, ConnectionOutcome):
            _tell_outcome(console, connection, found)
            return
        changed = await _mended(desk, connection, found, arguments) if mended < FIXES else None
        _tell_diagnosis(console, connection, found, changed)
        if changed is None:
            return
        await desk.connections.edit(changed)
        connection = changed
        mended += 1


async def _mended(
    desk: Desk, connection: Connection, found: Diagnosis, arguments: Namespace
) -> Connection | None:
    """The connection with the fix, None where there is none or nobody allowed it.

    A certificate is only trusted by its fingerprint: whoever could put another one there could
    be listening now.
    """
    fix = found.fix
    if fix is None or not arguments.fix:
        return None
    if fix.certificate is None:
        return fix.applied_to(connection)
    if not fix.certificate.has_fingerprint(arguments.trust):
        return None
    kept = await in_thread(
        keep_certificate, desk.folders.config, fix.certificate, connection.ca_file
    )
    return fix.applied_to(connection, str(kept))


def _tell_outcome(console: Console, connection: Connection, outcome: ConnectionOutcome) -> None:
    record = {
        "type": "test",
        "connection": connection.name,
        "count": outcome.count,
        "seconds": round(outcome.seconds, 6),
    }
    console.record(record, f"{connection.name}: {describe_outcome(outcome)}")


def _tell_diagnosis(
    console: Console, connection: Connection, found: Diagnosis, changed: Connection | None
) -> None:
    """A record for programs, sentences for people; what was mended is no failure."""
    text = describe_diagnosis(found, connection)
    record = {
        "type": "diagnosis",
        "connection": connection.name,
        "problem": found.problem.value,
        "sentence": text.sentence,
        "advice": text.advice,
        "fix": text.fix,
        "changes": _changes(found),
        "certificate": _certificate(found),
        "is_fixed": changed is not None,
    }
    if console.as_json:
        console.record(record, "")
    if changed is not None:
        console.say(f"{connection.name}: {text.sentence} {tr('Mended:')} {text.fix}.")
        return
    console.fail(text.whole, connection.name)
    for label, value in text.certificate:
        console.say(f"  {label}: {value}")
    if text.fix:
        console.say(f"  {_how_to_mend(found, text.fix)}")


def _how_to_mend(found: Diagnosis, fix: str) -> str:
    if found.certificate is not None and found.fix is not None and found.fix.certificate:
        said = tr("To trust it: --fix --trust {fingerprint}")
        return said.format(fingerprint=found.certificate.fingerprint)
    return tr("With --fix: {fix}").format(fix=fix)


def _changes(found: Diagnosis) -> dict[str, str]:
    changes = found.fix.changes if found.fix is not None else {}
    return {name: str(value) for name, value in changes.items()}


def _certificate(found: Diagnosis) -> dict[str, object] | None:
    certificate = found.certificate
    if certificate is None:
        return None
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "names": list(certificate.names),
        "begins": certificate.begins.isoformat(),
        "ends": certificate.ends.isoformat(),
        "sha256": certificate.fingerprint,
    }
