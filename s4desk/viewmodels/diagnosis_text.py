"""What a person reads when a connection was tried and did not work: one sentence, and the fix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.connection import Addressing, CredentialKind
from s4desk.core.domain.errors import ClockSkewError, PermissionDeniedError
from s4desk.core.domain.providers import OTHER, PROVIDERS
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.diagnosis import Problem
from s4desk.viewmodels.access_error_text import (
    account_problem,
    on_the_way_problem,
    unknown_refusal,
)
from s4desk.viewmodels.connection_error_text import clock_problem
from s4desk.viewmodels.connection_preset import keys_are_made
from s4desk.viewmodels.error_text import explain
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from s4desk.core.domain.certificate import PeerCertificate
    from s4desk.core.domain.connection import Connection
    from s4desk.core.store.diagnosis import Diagnosis


@dataclass(frozen=True, slots=True)
class DiagnosisText:
    """`sentence` says what is wrong, `advice` what a person can do, `fix` what s4desk can do.

    `fix` is empty where it can do nothing; `certificate` has a line for each thing to compare.
    """

    sentence: str
    advice: str = ""
    fix: str = ""
    certificate: tuple[tuple[str, str], ...] = ()

    @property
    def whole(self) -> str:
        return f"{self.sentence} {self.advice}".strip()


def describe_diagnosis(diagnosis: Diagnosis, connection: Connection) -> DiagnosisText:
    sentence, advice = _problem(diagnosis, connection)
    certificate = diagnosis.certificate
    return DiagnosisText(
        printable(sentence),
        printable(advice),
        printable(_fix(diagnosis)),
        () if certificate is None else certificate_lines(certificate),
    )


def certificate_lines(certificate: PeerCertificate) -> tuple[tuple[str, str], ...]:
    """What a certificate says, as label and text."""
    signer = tr("itself") if certificate.is_self_signed else certificate.issuer
    return tuple(
        (label, printable(text))
        for label, text in (
            (tr("Issued to"), certificate.subject),
            (tr("Signed by"), signer),
            (tr("For"), ", ".join(certificate.names) or tr("no host at all")),
            (tr("Valid"), _validity(certificate)),
            (tr("SHA-256"), certificate.fingerprint),
        )
    )


def _validity(certificate: PeerCertificate) -> str:
    return tr("{begins} to {ends}").format(
        begins=f"{certificate.begins:%Y-%m-%d}", ends=f"{certificate.ends:%Y-%m-%d}"
    )


def _problem(diagnosis: Diagnosis, connection: Connection) -> tuple[str, str]:
    """Sentence and advice. What an error says of itself well enough is not said again here."""
    special = _special(diagnosis, connection)
    if special is not None:
        return special
    found = _sentences().get(diagnosis.problem)
    if found is None:
        said = explain(diagnosis.error)
        return said.problem, said.advice
    facts = {"host": diagnosis.host, "port": diagnosis.port, **diagnosis.facts}
    sentence, advice = (text.format(**facts) for text in found)
    is_advised = diagnosis.fix is None or diagnosis.problem in _ALWAYS_ADVISED
    return sentence, advice if is_advised else ""


def _special(diagnosis: Diagnosis, connection: Connection) -> tuple[str, str] | None:
    """What depends on more than the problem."""
    match diagnosis.problem:
        case Problem.CLOCK:
            return clock_problem(ClockSkewError("", seconds=diagnosis.ahead))
        case Problem.NO_LIST | Problem.KEY_ID | Problem.KEYS:
            return _keys(diagnosis, connection)
        case Problem.ACCOUNT | Problem.IN_BETWEEN | Problem.NO_ACCESS:
            return _refusal(diagnosis, connection)
        case Problem.NOT_S3 | Problem.REGION:
            return (_not_s3 if diagnosis.problem is Problem.NOT_S3 else _region)(diagnosis)
        case Problem.WRONG_HOST | Problem.EXPIRED if diagnosis.certificate is not None:
            return _certificate_problem(diagnosis, diagnosis.certificate)
    return None


def _keys(diagnosis: Diagnosis, connection: Connection) -> tuple[str, str]:
    """What the provider's own pages say of its keys goes along."""
    provider = PROVIDERS.get(connection.provider, OTHER)
    said = explain(diagnosis.error)
    if diagnosis.problem is not Problem.NO_LIST:
        return said.problem, f"{said.advice} {keys_are_made(provider)}"
    if connection.credentials.kind is CredentialKind.ANONYMOUS:
        return said.problem, said.advice
    advice = (
        tr("Type the name of a bucket that they may use as the start bucket."),
        *(tr(note) for note in provider.list_notes),
    )
    return tr("The keys are right, but may not list buckets."), " ".join(advice)


def _refusal(diagnosis: Diagnosis, connection: Connection) -> tuple[str, str] | None:
    """A refusal that proves nothing of what the keys may do; None for one that does."""
    error = diagnosis.error
    if isinstance(error, PermissionDeniedError):
        if diagnosis.problem is Problem.IN_BETWEEN:
            facts = diagnosis.facts
            page, is_foreign = facts.get("title", ""), bool(facts.get("kind"))
            return on_the_way_problem(page, diagnosis.host, is_foreign=is_foreign)
        if diagnosis.problem is Problem.ACCOUNT:
            return account_problem(error) or unknown_refusal(error)
    if connection.credentials.kind is not CredentialKind.ANONYMOUS:
        return None
    said = explain(error)
    return said.problem, said.advice


def _not_s3(diagnosis: Diagnosis) -> tuple[str, str]:
    title, server = diagnosis.facts.get("title", ""), diagnosis.facts.get("server", "")
    if title:
        said = tr("Port {port} of {host} has a web page, “{title}”, not S3.")
    elif diagnosis.facts.get("kind") == "page":
        said = tr("Port {port} of {host} has a web page, not S3.")
    elif server:
        said = tr("Port {port} of {host} has another server ({server}), not S3.")
    else:
        said = tr("Port {port} of {host} has something that is not S3.")
    sentence = said.format(port=diagnosis.port, host=diagnosis.host, title=title, server=server)
    if diagnosis.fix is not None:
        return sentence, ""
    return sentence, tr(
        "S3 often has another port or host than a console: whoever runs the store calls it the"
        " endpoint."
    )


def _region(diagnosis: Diagnosis) -> tuple[str, str]:
    region, asked = diagnosis.facts.get("region", ""), diagnosis.facts.get("asked", "")
    if not region:
        return (
            tr("The store has another region than the connection."),
            tr("Enter the region that whoever runs the store tells you."),
        )
    if not asked:
        return tr("The store is in the region {region}.").format(region=region), ""
    said = tr("The store is in the region {region}, not in {asked}.")
    return said.format(region=region, asked=asked), ""


def _certificate_problem(diagnosis: Diagnosis, certificate: PeerCertificate) -> tuple[str, str]:
    if diagnosis.problem is Problem.EXPIRED:
        said = tr("The certificate of {host} has expired on {day}.")
        if diagnosis.facts.get("untrusted"):
            said = tr(
                "The certificate of {host} has expired on {day}, and nobody whom this computer"
                " trusts has signed it."
            )
        return said.format(host=diagnosis.host, day=f"{certificate.ends:%Y-%m-%d}"), tr(
            "Whoever runs the store has to renew it."
        )
    names = ", ".join(certificate.names[:3]) or tr("no host at all")
    said = tr("The certificate is for {names}, not for {host}.")
    advice = "" if diagnosis.fix else tr("Use a name that the certificate is for as the endpoint.")
    return said.format(names=names, host=diagnosis.host), advice


_ALWAYS_ADVISED = (Problem.UNTRUSTED, Problem.NO_TLS)


def _sentences() -> dict[Problem, tuple[str, str]]:
    """By problem: what is wrong, and what to do where s4desk has nothing to offer."""
    return {
        Problem.NO_ADDRESS: (
            tr("There is no host named {host}."),
            tr("Check the endpoint's spelling and your network, or switch on your VPN."),
        ),
        Problem.NO_REGION: (
            tr("{provider} has no region “{region}”."),
            tr("Choose one of those that the region's field offers."),
        ),
        Problem.REFUSED: (
            tr("Nothing listens on port {port} of {host}."),
            tr("Check the port, and that the store is running."),
        ),
        Problem.NO_ANSWER: (
            tr("{host} does not answer on port {port}."),
            tr("Check the endpoint, your network, a VPN or a firewall."),
        ),
        Problem.UNTRUSTED: (
            tr("Nobody whom this computer trusts has signed the certificate of {host}."),
            tr(
                "Trust it only if whoever runs the store tells you the same fingerprint; otherwise"
                " somebody may be listening in."
            ),
        ),
        Problem.NO_TLS: (
            tr("Port {port} of {host} speaks plain http, not https."),
            tr("Over http everybody on the way can read along."),
        ),
        Problem.NEEDS_TLS: (tr("Port {port} of {host} speaks https, not plain http."), ""),
        Problem.ADDRESSING: (tr("Buckets are not reached as {host} here."), ""),
        Problem.BUCKET_IN_ENDPOINT: (
            tr("The endpoint names the bucket “{bucket}” too; it should name the store alone."),
            "",
        ),
        Problem.NO_BUCKET: (
            tr("The store has no bucket “{bucket}”."),
            tr("Check its spelling."),
        ),
        Problem.NO_ACCESS: (
            tr("The keys are right, but may not look into the bucket “{bucket}”."),
            tr("Ask the owner of the bucket, or use another key."),
        ),
    }


def _fix(diagnosis: Diagnosis) -> str:
    """What the fix is called, from what it changes."""
    fix = diagnosis.fix
    if fix is None:
        return ""
    if fix.certificate is not None:
        return tr("Trust this certificate")
    words = {
        "start_bucket": tr("Start in the bucket {start_bucket}"),
        "region": tr("Use region {region}"),
        "endpoint": tr("Use {endpoint}"),
        "proxy": tr("Connect without the proxy"),
    }
    found = next((text for name, text in words.items() if name in fix.changes), "")
    if not found:
        in_host = fix.changes.get("addressing") is Addressing.VIRTUAL
        found = tr("Put buckets in the host name") if in_host else tr("Put buckets in the path")
    return found.format(**fix.changes)


def wanted_text(field: str) -> str:
    """What a person is asked to type, empty for a field without a word of its own."""
    return {
        "start_bucket": tr("Type a bucket"),
        "key_id": tr("Check the keys"),
        "secret": tr("Type the secret key again"),
        "token": tr("Type the session token again"),
        "region": tr("Type the region"),
        "proxy": tr("Choose another proxy"),
        "proxy_address": tr("Check the proxy"),
        "proxy_user": tr("Type the proxy's user"),
        "proxy_password": tr("Type the proxy's password again"),
    }.get(field, "")
