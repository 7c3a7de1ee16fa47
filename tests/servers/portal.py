"""A portal to sign in at, on loopback: device codes, tokens, keys of roles, and STS beside it.

It speaks what the SSO, SSO OIDC and STS API references describe, as far as clients use it.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.servers.process import LOOPBACK

CODE = "123456"
USER_CODE = "QWER-TYUI"
PENDING, SLOW_DOWN = "AuthorizationPendingException", "SlowDownException"
DENIED, EXPIRED = "AccessDeniedException", "ExpiredTokenException"
_STS = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleResult><Credentials><AccessKeyId>{id}</AccessKeyId>
<SecretAccessKey>role-secret-{id}</SecretAccessKey><SessionToken>role-token-{id}</SessionToken>
<Expiration>{end}</Expiration></Credentials><AssumedRoleUser>
<Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn><AssumedRoleId>A:s</AssumedRoleId>
</AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"""
_STS_ERROR = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>
<Type>Sender</Type><Code>AccessDenied</Code><Message>{message}</Message></Error></ErrorResponse>"""


@dataclass
class Portal:
    """What it answers is set by tests. `answers` come before the token, one for each poll.

    `tokens` and `keys` count what it gave; the numbers are part of them. `life` is how long keys
    last, `token_life` tokens. With the keys of the number `revokes_after` the token ends too. Used
    codes are refused the second time, as AWS does.
    """

    answers: list[str] = field(default_factory=list)
    life: timedelta = timedelta(hours=1)
    token_life: timedelta = timedelta(hours=8)
    code_life_s: int = 600
    has_role: bool = True
    gives_refresh: bool = True
    asked: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    tokens: int = 0
    keys: int = 0
    used_codes: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    revokes_after: int = 0

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"of": self})
        self._server = ThreadingHTTPServer((LOOPBACK, 0), handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What leads botocore here."""
        names = ("SSO", "SSO_OIDC", "STS")
        return {f"AWS_ENDPOINT_URL_{name}": self.url for name in names}

    def _end(self) -> datetime:
        return (datetime.now(UTC) + self.life).replace(microsecond=0)

    def register(self) -> dict[str, Any]:
        end = datetime.now(UTC) + timedelta(days=90)
        return {
            "clientId": "client",
            "clientSecret": "client-secret",
            "clientSecretExpiresAt": int(end.timestamp()),
        }

    def authorize(self) -> dict[str, Any]:
        return {
            "deviceCode": "device-code-secret",
            "userCode": USER_CODE,
            "verificationUri": f"{self.url}/device",
            "verificationUriComplete": f"{self.url}/device?user_code={USER_CODE}",
            "expiresIn": self.code_life_s,
            "interval": 1,
        }

    def token(self) -> dict[str, Any]:
        self.tokens += 1
        refresh = {"refreshToken": f"refresh-{self.tokens}"} if self.gives_refresh else {}
        return {
            "accessToken": f"access-{self.tokens}",
            "expiresIn": int(self.token_life.total_seconds()),
            **refresh,
        }

    def role(self) -> dict[str, Any]:
        self.keys += 1
        if self.keys == self.revokes_after:
            self.revoked.add(f"access-{self.tokens}")
        return {
            "roleCredentials": {
                "accessKeyId": f"portal-{self.keys}",
                "secretAccessKey": f"portal-secret-{self.keys}",
                "sessionToken": f"portal-token-{self.keys}",
                "expiration": int(self._end().timestamp() * 1000),
            }
        }

    def assume(self, form: dict[str, str]) -> tuple[int, str]:
        """Status and document; with a serial number only the right code will do, and once."""
        code = form.get("TokenCode", "")
        if "SerialNumber" in form and (code != CODE or code in self.used_codes):
            message = "MultiFactorAuthentication failed with invalid MFA one time pass code."
            return 403, _STS_ERROR.format(message=message)
        if not self.has_role:
            return 403, _STS_ERROR.format(message="User: me is not authorized to perform that")
        self.used_codes.add(code)
        self.keys += 1
        return 200, _STS.format(id=f"role-{self.keys}", end=self._end().isoformat())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    of: Portal

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.of.asked.append(self.path)
        if self.path == "/":
            status, document = self.of.assume({k: v[0] for k, v in parse_qs(body).items()})
            self._send(status, document, "text/xml")
            return
        self.of.bodies.append(json.loads(body))
        if self.path == "/client/register":
            self._json(self.of.register())
        elif self.path == "/device_authorization":
            self._json(self.of.authorize())
        elif self.path == "/token":
            refresh = json.loads(body).get("refreshToken", "")
            if refresh in self.of.revoked:
                self._error(400, "InvalidGrantException")
            elif not refresh and self.of.answers:
                self._error(400, self.of.answers.pop(0))
            else:
                self._json(self.of.token())

    def do_GET(self) -> None:
        self.of.asked.append(urlsplit(self.path).path)
        token = self.headers.get("x-amz-sso_bearer_token", "")
        if not token.startswith("access-") or token in self.of.revoked:
            self._error(401, "UnauthorizedException")
        elif not self.of.has_role:
            self._error(403, "ForbiddenException")
        else:
            self._json(self.of.role())

    def _json(self, body: dict[str, Any]) -> None:
        self._send(200, json.dumps(body), "application/json")

    def _error(self, status: int, code: str) -> None:
        body = json.dumps({"error": code, "message": "no"})
        self._send(status, body, "application/json", {"x-amzn-ErrorType": code})

    def _send(
        self, status: int, text: str, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing about each request."""
