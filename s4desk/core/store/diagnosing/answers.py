"""What is wrong where something answers: keys, clock, region, bucket, or no S3 at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from s4desk.core.domain.connection import Addressing, CredentialKind
from s4desk.core.domain.errors import (
    ClockSkewError,
    CredentialsError,
    InvalidRequestError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    RefusedOnTheWayError,
    StoreError,
    UnauthenticatedError,
    WrongRegionError,
)
from s4desk.core.domain.keys import encode_key
from s4desk.core.domain.provider import recognise
from s4desk.core.store.diagnosing.case import at_port, without_path
from s4desk.core.store.diagnosing.way import TOLERATED_SKEW_S, in_region
from s4desk.core.store.diagnosis import Diagnosis, Problem, fixed_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.store.diagnosing.case import Case
    from s4desk.core.store.diagnosis import Fix
    from s4desk.core.store.looks import Greeting

_OF_KEYS: Final = {
    "InvalidAccessKeyId": Problem.KEY_ID,
    "InvalidClientTokenId": Problem.KEY_ID,
    "UnrecognizedClientException": Problem.KEY_ID,
    "SignatureDoesNotMatch": Problem.SECRET,
    "ExpiredToken": Problem.EXPIRED_TOKEN,
    "TokenRefreshRequired": Problem.EXPIRED_TOKEN,
    "InvalidToken": Problem.TOKEN,
}
_FIELDS: Final = {
    Problem.SECRET: "secret",
    Problem.EXPIRED_TOKEN: "token",
    Problem.TOKEN: "token",
}
_OF_ANOTHER_PLACE: Final = (NotFoundError, PermissionDeniedError, MalformedReplyError)
"""What comes of asking a bucket, or an object, for the list of buckets."""
_MAY_NOT: Final = "AccessDenied"
"""The one refusal that proves the keys right."""
_WANTS_HOSTS: Final = ("SecondLevelDomainForbidden", "VirtualHostDomainRequired")


async def explain(case: Case, error: Exception) -> Diagnosis:
    """Always something; OTHER where nothing better is known."""
    if isinstance(error, CredentialsError):
        return _keys(case, Problem.NO_KEY, error)
    if not isinstance(error, StoreError):
        return case.found(Problem.OTHER, error)
    named = _bucket_in_endpoint(case, error) or await _bucket_in_path(case, error)
    return named or await _store_error(case, error)


async def _store_error(case: Case, error: StoreError) -> Diagnosis:
    match error:
        case ClockSkewError():
            return case.found(Problem.CLOCK, error, ahead=error.seconds)
        case WrongRegionError():
            return await _region(case, error)
        case UnauthenticatedError() | PermissionDeniedError():
            return await _refused(case, error)
        case NotFoundError():
            return await _not_found(case, error)
        case MalformedReplyError() | InvalidRequestError():
            return await _in_path(case, error) or await _odd(case, error)
    return case.found(Problem.OTHER, error)


def _bucket_in_endpoint(case: Case, error: StoreError) -> Diagnosis | None:
    """An address copied from a page about one bucket names it; an endpoint does not."""
    found = recognise(case.connection.endpoint, case.providers)
    bucket = found.bucket if found is not None else ""
    if found is None or not bucket or case.connection.start_bucket not in ("", bucket):
        return None
    region = found.region or case.connection.region
    endpoint = found.provider.endpoint(region, found.account)
    fix = fixed_by(endpoint=endpoint, region=region, start_bucket=bucket)
    return case.found(Problem.BUCKET_IN_ENDPOINT, error, fix, facts={"bucket": bucket})


async def _bucket_in_path(case: Case, error: StoreError) -> Diagnosis | None:
    """The same at stores whose addresses nobody knows: without what comes after the host it works.

    A part of the path may belong to the store, so that is tried, with the same keys.
    """
    path = unquote(urlsplit(case.connection.endpoint).path).strip("/")
    if not path or not isinstance(error, _OF_ANOTHER_PLACE):
        return None
    bucket, _, prefix = path.partition("/")
    changes = {"endpoint": without_path(case.url)}
    inside = changes | {"start_bucket": bucket} | ({"start_prefix": prefix} if prefix else {})
    wanted = [changes] if case.connection.start_bucket else [inside, changes]
    for each in wanted:
        fix = fixed_by(**each)
        if await case.attempt(fix.applied_to(case.connection)):
            return await _named_too(case, error, fix, bucket)
    return None


async def _named_too(case: Case, error: StoreError, fix: Fix, bucket: str) -> Diagnosis:
    """A bucket that is not there may be one that was meant; a page never was."""
    greeting = await case.looks.greeting(case.url)
    if greeting is not None and not greeting.is_s3:
        return _not_s3(case, error, greeting, fix)
    return case.found(Problem.BUCKET_IN_ENDPOINT, error, fix, facts={"bucket": bucket})


async def _region(case: Case, error: WrongRegionError) -> Diagnosis:
    asked = case.connection.region
    region = error.region or await _region_of_bucket(case)
    facts = {"region": region, "asked": asked}
    if not region:
        return case.found(Problem.REGION, error, wanted="region", facts=facts)
    return case.found(Problem.REGION, error, in_region(case, asked, region), facts=facts)


async def _region_of_bucket(case: Case) -> str:
    """It stands in the reply to a HEAD, even where that is a refusal."""
    bucket = case.connection.start_bucket
    if not bucket:
        return ""
    path = f"{urlsplit(case.url).path.rstrip('/')}/{encode_key(bucket)}"
    greeting = await case.looks.greeting(case.url, method="HEAD", path=path)
    return greeting.region if greeting is not None else ""


async def _refused(case: Case, error: UnauthenticatedError | PermissionDeniedError) -> Diagnosis:
    greeting = await case.looks.greeting(case.asked_url)
    if greeting is not None and abs(greeting.ahead or 0.0) > TOLERATED_SKEW_S:
        return case.found(Problem.CLOCK, error, ahead=greeting.ahead)
    if error.code in _WANTS_HOSTS:
        return case.found(Problem.ADDRESSING, error, fixed_by(addressing=Addressing.VIRTUAL))
    if isinstance(error, UnauthenticatedError):
        return _keys(case, _OF_KEYS.get(error.code, Problem.KEYS), error)
    if error.code != _MAY_NOT:
        return await _refused_otherwise(case, error)
    if not case.connection.start_bucket:
        return case.found(Problem.NO_LIST, error, wanted="start_bucket")
    return case.found(Problem.NO_ACCESS, error, facts={"bucket": case.connection.start_bucket})


async def _refused_otherwise(case: Case, error: PermissionDeniedError) -> Diagnosis:
    """The store tells of the account, or it was somebody who does not speak S3."""
    if error.code:
        return case.found(Problem.ACCOUNT, error)
    greeting = await case.looks.greeting(case.asked_url)
    is_foreign = greeting is not None and not greeting.is_s3
    if greeting is not None and is_foreign and (fix := await _s3_beside(case)):
        return _not_s3(case, error, greeting, fix)
    page = error.page if isinstance(error, RefusedOnTheWayError) else ""
    if greeting is not None and is_foreign:
        page = page or greeting.title
    is_page = isinstance(error, RefusedOnTheWayError) or (is_foreign and bool(page))
    facts = {"title": page, "kind": "page" if is_page else ""}
    return case.found(Problem.IN_BETWEEN, error, wanted="proxy", facts=facts)


def _keys(case: Case, problem: Problem, error: Exception) -> Diagnosis:
    """A person can only enter what the connection itself keeps."""
    wanted = ""
    if case.connection.credentials.kind is CredentialKind.KEYRING:
        has_id = problem is Problem.NO_KEY and case.connection.key_id
        wanted = "secret" if has_id else _FIELDS.get(problem, "key_id")
    return case.found(problem, error, wanted=wanted)


async def _not_found(case: Case, error: NotFoundError) -> Diagnosis:
    connection = case.connection
    if found := await _in_path(case, error):
        return found
    if not connection.start_bucket:
        return await _odd(case, error)
    facts = {"bucket": connection.start_bucket}
    return case.found(Problem.NO_BUCKET, error, wanted="start_bucket", facts=facts)


async def _in_path(case: Case, error: StoreError) -> Diagnosis | None:
    """Where it works once buckets are in the path, they are no hosts."""
    in_path = replace(case.connection, addressing=Addressing.PATH)
    if case.connection.addressing is not Addressing.VIRTUAL or not await case.attempt(in_path):
        return None
    fix = fixed_by(addressing=Addressing.PATH)
    return case.found(Problem.ADDRESSING, error, fix, host=case.asked_host)


async def _odd(case: Case, error: StoreError) -> Diagnosis:
    """Something answers, and not as S3 does."""
    greeting = await case.looks.greeting(case.url)
    if greeting is None or greeting.is_s3:
        return case.found(Problem.OTHER, error)
    return _not_s3(case, error, greeting, await _s3_beside(case))


async def _s3_beside(case: Case) -> Fix | None:
    for url in _beside(case):
        there = await case.looks.greeting(url)
        if there is not None and there.is_s3:
            return fixed_by(endpoint=url)
    return None


def _beside(case: Case) -> Iterator[str]:
    """Where S3 may be instead: at the port behind a console's, or without a page's path."""
    for provider in case.providers.values():
        if case.port in provider.wrong_ports:
            yield at_port(case.url, provider.wrong_ports[case.port])
    if urlsplit(case.url).path.strip("/"):
        yield without_path(case.url)


def _not_s3(case: Case, error: StoreError, greeting: Greeting, fix: Fix | None = None) -> Diagnosis:
    facts = {"title": greeting.title, "server": greeting.server}
    facts["kind"] = "page" if greeting.is_page else ""
    return case.found(Problem.NOT_S3, error, fix, facts=facts)
