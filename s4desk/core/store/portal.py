"""Signing in at the portal of an organisation: AWS IAM Identity Center. Everything here blocks.

"Device authorization grant" (RFC 8628), as the SSO OIDC API reference has it. The token goes where
the AWS command line keeps it, so that both know of one sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.utils import SSOTokenLoader

from s4desk.core.domain.errors import CredentialsError
from s4desk.core.domain.sign_in import DeviceCode
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.logs import redact
from s4desk.core.store.profile_session import token_cache
from s4desk.core.store.temporary_keys import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.store.profile_session import ProfileSession

_CLIENT: Final = "s4desk"
_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_SCOPE: Final = "sso:account:access"
_PAUSE_S: Final = 5
_MORE_S: Final = 5
"""So much slower, each time the portal asks for it (RFC 8628, section 3.5)."""
_SOON: Final = timedelta(minutes=1)
_TO_RENEW: Final = ("refreshToken", "clientId", "clientSecret", "registrationExpiresAt")


@dataclass(frozen=True, slots=True)
class Portal:
    """`session` is the name that profiles share it by; none for profiles of the old kind."""

    start_url: str
    region: str
    session: str = ""
    scopes: tuple[str, ...] = ()


def portal_of(session: ProfileSession) -> Portal | None:
    """Where the keys of a profile come from in the end, None when that is no portal."""
    sessions = session.full_config["sso_sessions"]
    return next(filter(None, (_portal(each, sessions) for each in session.chain())), None)


def _portal(values: dict[str, Any], sessions: dict[str, Any]) -> Portal | None:
    name = values.get("sso_session", "")
    said = values | sessions.get(name, {})
    if "sso_start_url" not in said or "sso_region" not in said:
        return None
    scopes = said.get("sso_registration_scopes", _SCOPE) if name else ""
    return Portal(
        said["sso_start_url"],
        said["sso_region"],
        name,
        tuple(filter(None, (scope.strip() for scope in scopes.split(",")))),
    )


def is_signed_in(portal: Portal, now: datetime) -> bool:
    """Whether there is a token that is good, or can be renewed."""
    token = _kept(portal)
    if token is None:
        return False
    if parse_time(token["expiresAt"]) > now + _SOON:
        return True
    if not all(token.get(each) for each in _TO_RENEW):
        return False
    return parse_time(token["registrationExpiresAt"]) > now


class DeviceSignIn:
    """One attempt to sign in: `begin` it, show the code, and `poll` until it says yes."""

    def __init__(
        self,
        session: ProfileSession,
        portal: Portal,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._portal = portal
        self._now = now
        config = Config(region_name=portal.region, signature_version=UNSIGNED)
        self._client = session.create_client("sso-oidc", config=config)
        self._registered: dict[str, Any] = {}
        self._device_code = ""
        self.pause_s = _PAUSE_S

    def begin(self) -> DeviceCode:
        """Raises CredentialsError."""
        try:
            self._registered = self._register()
            begun = self._client.start_device_authorization(
                clientId=self._registered["clientId"],
                clientSecret=self._registered["clientSecret"],
                startUrl=self._portal.start_url,
            )
        except (BotoCoreError, ClientError) as error:
            raise self._failed(error) from error
        redact(begun["deviceCode"])
        self._device_code = begun["deviceCode"]
        self.pause_s = begun.get("interval") or _PAUSE_S
        return DeviceCode(
            begun["userCode"],
            begun["verificationUri"],
            begun.get("verificationUriComplete") or begun["verificationUri"],
            self._now() + timedelta(seconds=begun["expiresIn"]),
        )

    def poll(self) -> bool:
        """Whether the person has confirmed by now; the token is kept then.

        Wait for `pause_s` before each call. Raises CredentialsError when it comes to nothing.
        """
        try:
            token = self._client.create_token(
                grantType=_GRANT,
                deviceCode=self._device_code,
                clientId=self._registered["clientId"],
                clientSecret=self._registered["clientSecret"],
            )
        except self._client.exceptions.AuthorizationPendingException:
            return False
        except self._client.exceptions.SlowDownException:
            self.pause_s += _MORE_S
            return False
        except (BotoCoreError, ClientError) as error:
            raise self._failed(error) from error
        self._keep(token)
        return True

    def _register(self) -> dict[str, Any]:
        scopes = {"scopes": list(self._portal.scopes)} if self._portal.scopes else {}
        told: dict[str, Any] = self._client.register_client(
            clientName=_CLIENT, clientType="public", **scopes
        )
        redact(told["clientSecret"])
        return told

    def _keep(self, token: dict[str, Any]) -> None:
        ends = datetime.fromtimestamp(self._registered["clientSecretExpiresAt"], UTC)
        kept = {
            "startUrl": self._portal.start_url,
            "region": self._portal.region,
            "accessToken": token["accessToken"],
            "expiresAt": self._now() + timedelta(seconds=token["expiresIn"]),
            "clientId": self._registered["clientId"],
            "clientSecret": self._registered["clientSecret"],
            "registrationExpiresAt": ends,
        }
        if token.get("refreshToken"):
            kept["refreshToken"] = token["refreshToken"]
        for secret in (token["accessToken"], token.get("refreshToken") or ""):
            redact(secret)
        SSOTokenLoader(token_cache()).save_token(
            self._portal.start_url, kept, session_name=self._portal.session or None
        )

    def _failed(self, error: Exception) -> CredentialsError:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        said = {
            "AccessDeniedException": tr("The sign-in was declined on the page of the portal."),
            "ExpiredTokenException": tr("The code was not confirmed in time. Ask for a new one."),
            "InvalidRequestException": tr(
                "The portal {portal} refuses to sign in; check sso_start_url and sso_region."
            ),
        }.get(code, tr("The portal {portal} cannot be asked to sign in: {reason}"))
        return CredentialsError(said.format(portal=self._portal.start_url, reason=error))


def _kept(portal: Portal) -> dict[str, Any] | None:
    try:
        token = SSOTokenLoader(token_cache())(portal.start_url, portal.session or None)
        parse_time(token["expiresAt"])
    except (BotoCoreError, ValueError, KeyError, TypeError):
        return None
    found: dict[str, Any] = token
    return found
