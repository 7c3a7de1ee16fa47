"""What is wrong before S3 is spoken at all: names, ports, proxies, certificates."""

from __future__ import annotations

import difflib
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from s4desk.core.domain.connection import Addressing, is_loopback
from s4desk.core.domain.errors import (
    ProxyFailedError,
    ProxyRefusedError,
    ProxyUnreachableError,
    StoreError,
    TlsError,
    UnavailableError,
)
from s4desk.core.domain.provider import recognise
from s4desk.core.domain.proxies import DIRECT, PASSWORD_WANTED, ProxyChoice, choice_of
from s4desk.core.store.causes import (
    CertificateFault,
    certificate_fault,
    is_caused_by,
    is_plain_http,
    may_speak_tls,
)
from s4desk.core.store.diagnosing.case import at_port, with_host, with_scheme
from s4desk.core.store.diagnosis import Fix, Problem, fixed_by
from s4desk.core.store.looks import Looks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.store.diagnosing.case import Case
    from s4desk.core.store.diagnosis import Diagnosis
    from s4desk.core.store.looks import Greeting

TOLERATED_SKEW_S: Final = 300.0
"""Stores allow five to fifteen minutes."""

_PROXY: Final = (ProxyUnreachableError, ProxyRefusedError, ProxyFailedError)


async def explain(case: Case, error: Exception) -> Diagnosis | None:
    """None for an error of the store itself."""
    if isinstance(error, _PROXY):
        return await _proxy(case, error)
    if isinstance(error, TlsError):
        return await _tls(case, error)
    if may_speak_tls(error) and (found := await _needs_tls(case, error)):
        return found
    if isinstance(error, UnavailableError) and not error.status:
        return await _unreachable(case, error)
    return None


async def _proxy(
    case: Case, error: ProxyUnreachableError | ProxyRefusedError | ProxyFailedError
) -> Diagnosis:
    """It is only left out where the store answers without it."""
    direct = Looks(replace(case.connection, proxy=DIRECT), case.secrets)
    is_there = await direct.greeting(case.url) is not None
    fix = fixed_by(proxy=DIRECT) if is_there else None
    return case.found(Problem.PROXY, error, fix, wanted=_wanted_of_proxy(case, error))


def _wanted_of_proxy(case: Case, error: StoreError) -> str:
    """What a person can say otherwise: who asks, or which proxy."""
    if isinstance(error, ProxyFailedError):
        return ""
    if choice_of(case.connection.proxy) is not ProxyChoice.OWN:
        return "proxy"
    if error.status not in PASSWORD_WANTED:
        return "proxy_address"
    return "proxy_password" if "@" in case.connection.proxy else "proxy_user"


async def _unreachable(case: Case, error: UnavailableError) -> Diagnosis:
    if is_caused_by(error, socket.gaierror):
        return await _no_address(case, error)
    if is_caused_by(error, ConnectionRefusedError):
        return case.found(Problem.REFUSED, error, await _other_port(case))
    if is_caused_by(error, TimeoutError):
        return case.found(Problem.NO_ANSWER, error)
    return case.found(Problem.BROKEN, error)


async def _no_address(case: Case, error: UnavailableError) -> Diagnosis:
    if case.asked_host != case.host and await case.looks.addresses(case.host):
        fix = fixed_by(addressing=Addressing.PATH)
        return case.found(Problem.ADDRESSING, error, fix, host=case.asked_host)
    found = recognise(case.url, case.providers)
    if found is None or not found.region or found.region in found.provider.regions:
        return case.found(Problem.NO_ADDRESS, error)
    near = difflib.get_close_matches(found.region, found.provider.regions, 1)
    return case.found(
        Problem.NO_REGION,
        error,
        in_region(case, found.region, near[0]) if near else None,
        facts={"region": found.region, "provider": found.provider.name},
    )


def in_region(case: Case, wrong: str, right: str) -> Fix:
    """The region, and the endpoint where that names it."""
    endpoint = case.connection.endpoint
    if not wrong or wrong not in case.host.split("."):
        return fixed_by(region=right)
    return fixed_by(region=right, endpoint=endpoint.replace(wrong, right))


async def _other_port(case: Case) -> Fix | None:
    """Where S3 answers at the same host, among the ports that are usual for it."""
    for port in _usual_ports(case):
        url = at_port(case.url, port)
        greeting = await case.looks.greeting(url)
        if greeting is not None and greeting.is_s3:
            return fixed_by(endpoint=url)
    return None


def _usual_ports(case: Case) -> Iterator[int]:
    """Those of the chosen program; on this computer those of all."""
    chosen = case.providers.get(case.connection.provider)
    programs = list(case.providers.values()) if is_loopback(case.host) else []
    if chosen is not None:
        programs.insert(0, chosen)
    local = [site for each in programs if not each.is_hosted for site in each.sites]
    ports = [urlsplit(site.url).port for site in local] + [443, 80]
    yield from (port for port in dict.fromkeys(ports) if port and port != case.port)


async def _tls(case: Case, error: TlsError) -> Diagnosis:
    if is_plain_http(error):
        plain = with_scheme(case.url, "http")
        is_there = await case.looks.greeting(plain) is not None
        return case.found(Problem.NO_TLS, error, fixed_by(endpoint=plain) if is_there else None)
    greeting = await case.looks.greeting(case.asked_url)
    fault = certificate_fault(error)
    if fault is None or greeting is None or greeting.certificate is None:
        return case.found(Problem.TLS, error)
    if fault is CertificateFault.WRONG_HOST:
        return await _wrong_host(case, error, greeting)
    if fault is CertificateFault.UNTRUSTED:
        return _untrusted(case, error, greeting)
    if abs(greeting.ahead or 0.0) > TOLERATED_SKEW_S:
        return case.found(Problem.CLOCK, error, ahead=greeting.ahead)
    return _about_certificate(case, Problem.EXPIRED, error, greeting)


def _untrusted(case: Case, error: TlsError, greeting: Greeting) -> Diagnosis:
    """To trust one that has expired would not help."""
    if _has_ended(greeting):
        found = _about_certificate(case, Problem.EXPIRED, error, greeting)
        return replace(found, facts={"untrusted": "too"})
    fix = Fix(certificate=greeting.certificate)
    return _about_certificate(case, Problem.UNTRUSTED, error, greeting, fix)


def _has_ended(greeting: Greeting) -> bool:
    """By the store's clock, where it told the time: ours may be wrong."""
    now = datetime.now(UTC) + timedelta(seconds=greeting.ahead or 0.0)
    return greeting.certificate is not None and greeting.certificate.ends <= now


async def _wrong_host(case: Case, error: TlsError, greeting: Greeting) -> Diagnosis:
    names = greeting.certificate.names if greeting.certificate else ()
    fix = None
    if case.asked_host != case.host and greeting.covers(case.host):
        fix = fixed_by(addressing=Addressing.PATH)
    elif name := await _meant_name(case, names):
        fix = fixed_by(endpoint=with_host(case.url, name))
    return _about_certificate(case, Problem.WRONG_HOST, error, greeting, fix)


async def _meant_name(case: Case, names: tuple[str, ...]) -> str:
    """The name of the certificate that leads to the address that was asked."""
    meant = await case.looks.addresses(case.host)
    for name in names:
        if not name.startswith("*.") and meant & await case.looks.addresses(name):
            return name
    return ""


def _about_certificate(
    case: Case, problem: Problem, error: TlsError, greeting: Greeting, fix: Fix | None = None
) -> Diagnosis:
    return case.found(problem, error, fix, host=case.asked_host, certificate=greeting.certificate)


async def _needs_tls(case: Case, error: Exception) -> Diagnosis | None:
    secure = with_scheme(case.url, "https")
    greeting = await case.looks.greeting(secure)
    if greeting is None or greeting.certificate is None:
        return None
    return case.found(Problem.NEEDS_TLS, error, fixed_by(endpoint=secure))
