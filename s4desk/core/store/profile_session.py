"""A session of botocore that knows one AWS profile, and what that refers to."""

from __future__ import annotations

import atexit
import json
import os
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from botocore.config import Config
from botocore.credentials import (
    AssumeRoleProvider,
    CanonicalNameCredentialSourcer,
    ConfigProvider,
    ContainerProvider,
    EnvProvider,
    InstanceMetadataProvider,
    ProcessProvider,
    ProfileProviderBuilder,
    SharedCredentialProvider,
    SSOProvider,
)
from botocore.exceptions import BotoCoreError, ConfigParseError, TokenRetrievalError
from botocore.httpsession import where
from botocore.session import Session
from botocore.tokens import FrozenAuthToken, SSOTokenProvider
from botocore.utils import InstanceMetadataFetcher, JSONFileCache

from s4desk.core.domain.errors import CredentialsError
from s4desk.core.domain.proxies import ProxyChoice, choice_of
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.logs import redact
from s4desk.core.store.aws_profiles import UnreadableFileError, configuration_of
from s4desk.core.store.botocore_errors import credentials_error
from s4desk.core.store.credential_process import run_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s4desk.core.store.way import Way

_NO_FILES: Final = {
    # What is needed of them has been read; botocore would read all of them again, and again.
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
_NO_KEYS: Final = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
_USUAL_REGION: Final = "us-east-1"
_TIMES: Final = Config(connect_timeout=10, read_timeout=20, retries={"total_max_attempts": 2})


class ProfileSession(Session):  # type: ignore[misc]
    """Its clients sign with the keys they are given, and with none else."""

    def __init__(self, profile: str, way: Way | None = None) -> None:
        super().__init__(profile=profile, session_vars=_NO_FILES)
        self._of_profile = configuration_of(profile)
        self.name = profile
        self.set_default_client_config(_TIMES.merge(_proxied(way)))
        self._bundle = with_own_authorities(way.connection.ca_file if way is not None else "")

    @property
    def full_config(self) -> dict[str, Any]:
        return self._of_profile

    def chain(self) -> Iterator[dict[str, Any]]:
        """The values of the profile, of its source, and so on."""
        name: str | None = self.name
        seen: set[str] = set()
        while name is not None and name not in seen:
            seen.add(name)
            values = self._of_profile["profiles"].get(name, {})
            yield values
            name = values.get("source_profile")

    def create_client(self, service_name: str, *arguments: Any, **named: Any) -> Any:
        """Without keys botocore would look for some, to ask for those that are looked for."""
        trusted = {"verify": self._bundle} if self._bundle else {}
        return super().create_client(service_name, *arguments, **(_NO_KEYS | trusted | named))

    def sts_client(self, service_name: str, **named: Any) -> Any:
        region = self.get_config_variable("region") or _USUAL_REGION
        return self.create_client(service_name, region_name=region, **named)


def open_session(profile: str, way: Way | None = None) -> ProfileSession:
    """An unknown profile is an error here and now. Raises CredentialsError."""
    try:
        session = ProfileSession(profile, way)
        session.get_scoped_config()
    except UnreadableFileError as error:
        path, _, reason = str(error).partition(": ")
        raise credentials_error(ConfigParseError(path=path, error=reason), profile) from error
    except BotoCoreError as error:
        raise credentials_error(error, profile) from error
    return session


def _proxied(way: Way | None) -> Config:
    """The proxy of the connection itself; what the system says botocore finds by itself."""
    if way is None or choice_of(way.connection.proxy) is ProxyChoice.SYSTEM:
        return Config()
    proxy = way.proxy_of("https", "", 443)
    if proxy is None:
        return Config(proxies={})
    if proxy.is_socks:
        said = tr("A portal cannot be asked through the SOCKS proxy {proxy}; choose another one.")
        raise CredentialsError(said.format(proxy=proxy.name))
    user = f"{quote(proxy.user, safe='')}:{quote(proxy.password, safe='')}@" if proxy.user else ""
    address = f"http://{user}{proxy.name}"
    redact(address)
    return Config(proxies={"http": address, "https": address})


@cache
def with_own_authorities(ca_file: str) -> str:
    """A file with the authorities that botocore trusts, and beside them those in `ca_file`.

    Empty for none; for one that cannot be read it is that file, and the request says so.
    """
    if not ca_file:
        return ""
    try:
        own = Path(ca_file).read_bytes()
        usual = Path(where()).read_bytes()
    except OSError:
        return ca_file
    handle, name = tempfile.mkstemp(prefix="s4desk-", suffix=".pem")
    atexit.register(Path(name).unlink, missing_ok=True)
    with os.fdopen(handle, "wb") as file:
        file.write(usual + b"\n" + own)
    return name


def token_cache() -> JSONFileCache:
    """What signing in at a portal gave, where the AWS command line keeps it too."""
    return JSONFileCache(os.path.expanduser("~/.aws/sso/cache"), dumps_func=_dumped)


def key_cache() -> JSONFileCache:
    """Keys of roles for as long as they live, where the AWS command line keeps them too."""
    return JSONFileCache(os.path.expanduser("~/.aws/cli/cache"))


def fresh_key_cache() -> JSONFileCache:
    """The same, for keys that are asked for although there may be some."""
    return _AskingAnew(os.path.expanduser("~/.aws/cli/cache"))


def portal_provider(session: ProfileSession, profile: str, keys: JSONFileCache) -> SSOProvider:
    """The keys that a portal has for a profile; the token is renewed where that is possible."""
    return SSOProvider(
        load_config=lambda: session.full_config,
        client_creator=session.create_client,
        profile_name=profile,
        cache=keys,
        token_cache=token_cache(),
        token_provider=_Tokens(session, cache=token_cache(), profile_name=profile),
    )


def role_provider(
    session: ProfileSession, keys: JSONFileCache, ask: Callable[[str], str]
) -> AssumeRoleProvider:
    """The keys of a role; `ask` returns the one-time code."""
    metadata = InstanceMetadataProvider(
        InstanceMetadataFetcher(
            timeout=session.get_config_variable("metadata_service_timeout"),
            num_attempts=session.get_config_variable("metadata_service_num_attempts"),
            user_agent=session.user_agent(),
        )
    )
    return AssumeRoleProvider(
        load_config=lambda: session.full_config,
        client_creator=session.sts_client,
        cache=keys,
        profile_name=session.name,
        prompter=ask,
        credential_sourcer=CanonicalNameCredentialSourcer(
            [EnvProvider(), ContainerProvider(), metadata]
        ),
        profile_provider_builder=_Sources(session, keys),
    )


class _Tokens(SSOTokenProvider):  # type: ignore[misc]
    """The token of a portal, read at each call: botocore would log each time that there is none."""

    def load_token(self, **_: Any) -> _Tokens:
        return self

    def get_frozen_token(self) -> FrozenAuthToken:
        token: FrozenAuthToken = self._refresher()
        if token.expiration <= datetime.now(UTC):
            raise TokenRetrievalError(provider=self.METHOD, error_msg="it has ended")
        return token


class _AskingAnew(JSONFileCache):  # type: ignore[misc]
    def __contains__(self, cache_key: str) -> bool:
        return False


class _Process(ProcessProvider):  # type: ignore[misc]
    def _retrieve_credentials_using(self, credential_process: str) -> dict[str, str | None]:
        return run_process(credential_process)


class _Sources(ProfileProviderBuilder):  # type: ignore[misc]
    """Where the source of a role has its keys: files are read already, programs are watched."""

    def __init__(self, session: ProfileSession, keys: JSONFileCache) -> None:
        super().__init__(session, cache=keys, sso_token_cache=token_cache())
        self._of = session
        self._keys = keys

    def _create_process_provider(self, profile_name: str) -> ProcessProvider:
        return _Process(profile_name, lambda: self._of.full_config)

    def _create_shared_credential_provider(self, profile_name: str) -> SharedCredentialProvider:
        profiles = self._of.full_config["profiles"]
        return SharedCredentialProvider("", profile_name, ini_parser=lambda _: profiles)

    def _create_config_provider(self, profile_name: str) -> ConfigProvider:
        return ConfigProvider("", profile_name, config_parser=lambda _: self._of.full_config)

    def _create_sso_provider(self, profile_name: str) -> SSOProvider:
        return portal_provider(self._of, profile_name, self._keys)


def _dumped(token: dict[str, Any]) -> str:
    """Times as the AWS command line writes them here."""
    return json.dumps(token, default=lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ"))
