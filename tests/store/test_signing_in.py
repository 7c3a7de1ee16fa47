"""Signing in at a portal and with one-time codes, against a portal and an STS on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import (
    Connection,
    CredentialKind,
    CredentialReference,
    Credentials,
    WaySecrets,
)
from s4desk.core.domain.errors import CredentialsError, SignInNeededError, ValidationError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.sign_in import SignInKind
from s4desk.core.runtime.logs import redacted
from s4desk.core.store.credentials import credential_source, life_of
from s4desk.core.store.profile_session import with_own_authorities
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.signing_in import (
    PageSignIn,
    key_life,
    sign_in_need,
    sign_in_with_code,
)
from tests.servers.portal import CODE, DENIED, EXPIRED, PENDING, SLOW_DOWN, USER_CODE, Portal
from tests.servers.web_proxy import TinyProxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.endpoint import Endpoint

WORK = Connection(
    ConnectionId("c"),
    "Work",
    credentials=CredentialReference(CredentialKind.PROFILE, "work"),
)
SESSION = (
    "[profile work]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = reader\n"
    "[sso-session corp]\nsso_start_url = https://corp.test/start\nsso_region = eu-west-1\n"
)
LEGACY = (
    "[profile work]\nsso_start_url = https://corp.test/start\nsso_region = eu-west-1\n"
    "sso_account_id = 1\nsso_role_name = reader\n"
)
ROLE = (
    "[profile work]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n"
    "mfa_serial = arn:aws:iam::1:mfa/me\n"
    "[profile base]\naws_access_key_id = base-id\naws_secret_access_key = base-secret\n"
)


NONE = GivenSecrets(None)


class QuickClock:
    """Sleeps are over at once, and written down."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    with Portal() as portal:
        for name, value in portal.environment.items():
            monkeypatch.setenv(name, value)
        yield portal


def configure(text: str) -> None:
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(text, "utf-8")


async def source():
    return await credential_source(WORK, GivenSecrets(None))


async def signed_in(clock: QuickClock | None = None) -> None:
    attempt = PageSignIn(WORK, NONE, clock or QuickClock())
    await attempt.begin()
    await attempt.confirmed()


def cached(folder: str) -> list[Path]:
    return sorted(Path.home().joinpath(".aws", folder, "cache").glob("*"))


@pytest.mark.parametrize("text", [SESSION, LEGACY])
async def test_without_a_token_a_person_is_needed(portal: Portal, text: str):
    configure(text)
    with pytest.raises(SignInNeededError, match=r"not signed in for “Work”.*work") as caught:
        await source()
    assert caught.value.need.kind is SignInKind.PAGE
    assert caught.value.need.portal == "https://corp.test/start"
    assert await sign_in_need(WORK) == caught.value.need
    assert portal.asked == []


@pytest.mark.parametrize("text", [SESSION, LEGACY])
async def test_signing_in_gives_keys_that_end(portal: Portal, text: str):
    configure(text)
    clock = QuickClock()
    portal.answers = [PENDING, SLOW_DOWN, PENDING]
    attempt = PageSignIn(WORK, NONE, clock)
    code = await attempt.begin()
    assert (code.code, code.page) == (USER_CODE, f"{portal.url}/device")
    assert code.page_with_code.endswith(USER_CODE)
    assert timedelta(minutes=9) < code.ends_at - datetime.now(UTC) < timedelta(minutes=11)
    await attempt.confirmed()
    assert clock.slept == [1, 1, 6, 6]
    keys = await source()
    assert keys() == Credentials("portal-1", "portal-secret-1", "portal-token-1")
    life = life_of(keys)
    assert life is not None
    assert life.ends_at is not None
    assert abs(life.ends_at - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=1)
    assert redacted("access-1 portal-secret-1 client-secret device-code-secret") == " ".join(
        ["[redacted]"] * 4
    )


async def test_the_token_is_where_the_aws_command_line_looks_for_it(portal: Portal):
    configure(SESSION)
    await signed_in()
    (file,) = cached("sso")
    assert file.name == f"{hashlib.sha1(b'corp').hexdigest()}.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    token = json.loads(file.read_text())
    assert (token["accessToken"], token["refreshToken"]) == ("access-1", "refresh-1")
    assert token["expiresAt"].endswith("Z")
    assert token["startUrl"] == "https://corp.test/start"
    assert portal.bodies[0]["scopes"] == ["sso:account:access"]
    (await source())()
    (keys,) = cached("cli")
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    # Whoever comes next is not asked, and asks nobody.
    before = list(portal.asked)
    assert (await source())().key_id == "portal-1"
    assert portal.asked == before


async def test_a_token_is_renewed_without_a_person(portal: Portal):
    configure(SESSION)
    portal.token_life, portal.life = timedelta(minutes=5), timedelta(minutes=10)
    await signed_in()
    portal.token_life = timedelta(hours=8)
    assert (await source())().key_id == "portal-1"
    assert portal.tokens == 2
    assert json.loads(cached("sso")[0].read_text())["accessToken"] == "access-2"


async def test_a_token_that_cannot_be_renewed_needs_a_person(portal: Portal):
    configure(SESSION)
    portal.token_life, portal.life = timedelta(seconds=-1), timedelta(minutes=10)
    await signed_in()
    portal.revoked.add("refresh-1")
    with pytest.raises(SignInNeededError):
        await source()


async def test_a_token_that_was_revoked_needs_a_person(portal: Portal):
    configure(LEGACY)
    await signed_in()
    portal.revoked.add("access-1")
    with pytest.raises(SignInNeededError):
        await source()


@pytest.mark.parametrize(
    ("answer", "sentence"), [(DENIED, "declined"), (EXPIRED, "not confirmed in time")]
)
async def test_what_comes_to_nothing_is_said(portal: Portal, answer: str, sentence: str):
    configure(SESSION)
    portal.answers = [PENDING, answer]
    with pytest.raises(CredentialsError, match=sentence):
        await signed_in()
    assert cached("sso") == []


async def test_a_portal_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch):
    configure(SESSION)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:9")
    with pytest.raises(CredentialsError, match=r"https://corp\.test/start cannot be asked"):
        await signed_in()


async def test_a_portal_without_the_role_says_which(portal: Portal):
    configure(SESSION)
    await signed_in()
    portal.has_role = False
    keys = await source()
    with pytest.raises(CredentialsError, match="no role reader in the account 1") as caught:
        keys()
    assert not isinstance(caught.value, SignInNeededError)


async def test_a_role_needs_a_one_time_code(portal: Portal):
    configure(ROLE)
    with pytest.raises(SignInNeededError, match="“Work” needs a one-time code") as caught:
        await source()
    need = caught.value.need
    assert (need.kind, need.device, need.role) == (
        SignInKind.CODE,
        "arn:aws:iam::1:mfa/me",
        "arn:aws:iam::1:role/r",
    )
    assert await sign_in_need(WORK) == need
    with pytest.raises(ValidationError, match="not accepted"):
        await sign_in_with_code(WORK, "654321", NONE)
    life = await sign_in_with_code(WORK, CODE, NONE)
    assert life.ends_at is not None
    assert (await source())().key_id == "role-1"
    (keys,) = cached("cli")
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert await key_life(WORK, NONE) == life


async def test_a_real_sts_gives_keys_too(moto: Endpoint, monkeypatch: pytest.MonkeyPatch):
    configure(ROLE.replace("arn:aws:iam::1:", "arn:aws:iam::123456789012:"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", moto.url)
    life = await sign_in_with_code(WORK, CODE, NONE)
    assert life.ends_at is not None
    assert timedelta(minutes=55) < life.ends_at - datetime.now(UTC) < timedelta(minutes=65)
    keys = (await source())()
    assert keys.key_id.startswith("ASIA")
    assert keys.token


async def test_a_code_gives_new_keys_before_the_old_ones_end(portal: Portal):
    configure(ROLE)
    await sign_in_with_code(WORK, CODE, NONE)
    portal.used_codes.clear()
    await sign_in_with_code(WORK, CODE, NONE)
    assert (await source())().key_id == "role-2"


async def test_a_role_that_may_not_be_assumed_says_why(portal: Portal):
    configure(ROLE)
    portal.has_role = False
    with pytest.raises(CredentialsError, match=r"role/r cannot be assumed: .*not authorized"):
        await sign_in_with_code(WORK, CODE, NONE)


async def test_a_role_without_a_code_is_just_assumed(portal: Portal):
    configure(ROLE.replace("mfa_serial = arn:aws:iam::1:mfa/me\n", ""))
    assert (await source())().key_id == "role-1"
    assert await sign_in_need(WORK) is None


async def test_a_role_below_a_portal_takes_both_steps(portal: Portal):
    configure(
        "[profile work]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n"
        "mfa_serial = arn:aws:iam::1:mfa/me\n" + SESSION.replace("profile work", "profile base")
    )
    need = await sign_in_need(WORK)
    assert need is not None
    assert need.kind is SignInKind.PAGE
    await signed_in()
    need = await sign_in_need(WORK)
    assert need is not None
    assert need.kind is SignInKind.CODE
    await sign_in_with_code(WORK, CODE, NONE)
    assert (await source())().key_id.startswith("role-")


async def test_a_role_gets_its_source_from_a_process(portal: Portal, tmp_path: Path):
    script = tmp_path / "keys"
    script.write_text(
        'echo \'{"Version":1,"AccessKeyId":"p","SecretAccessKey":"process-secret"}\'\n'
    )
    configure(
        "[profile work]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n"
        f"[profile base]\ncredential_process = sh {script}\n"
    )
    assert (await source())().key_id == "role-1"


# The way there


async def test_a_portal_is_asked_through_the_connections_own_proxy(portal: Portal):
    configure(SESSION)
    proxy = TinyProxy(user="ada", password="pass-w")
    if (why := proxy.available()) is not None:
        pytest.skip(why)
    proxy.start()
    try:
        work = replace(WORK, proxy=proxy.address)
        secrets = GivenSecrets(None, WaySecrets(proxy_password="pass-w"))
        attempt = PageSignIn(work, secrets, QuickClock())
        await attempt.begin()
        await attempt.confirmed()
        keys = await credential_source(work, secrets)
        assert keys() == Credentials("portal-1", "portal-secret-1", "portal-token-1")
        assert proxy.log.count(portal.url) >= 4
        wrong = GivenSecrets(None, WaySecrets(proxy_password="wrong"))
        with pytest.raises(CredentialsError):
            await PageSignIn(work, wrong, QuickClock()).begin()
    finally:
        proxy.stop()


async def test_without_a_proxy_that_of_the_system_is_not_asked(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
):
    configure(SESSION)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(CredentialsError):
        await PageSignIn(WORK, NONE, QuickClock()).begin()
    await PageSignIn(replace(WORK, proxy="none"), NONE, QuickClock()).begin()


def test_own_authorities_are_trusted_beside_the_usual_ones(tmp_path: Path):
    own = tmp_path / "own.pem"
    own.write_text("OWN AUTHORITY")
    bundle = Path(with_own_authorities(str(own))).read_text()
    assert bundle.endswith("OWN AUTHORITY")
    assert bundle.count("BEGIN CERTIFICATE") > 20
    assert with_own_authorities("") == ""
    assert with_own_authorities(str(tmp_path / "none")) == str(tmp_path / "none")
