"""Where keys come from, and what is said when there are none."""

from __future__ import annotations

import errno
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
    Credentials,
)
from s4desk.core.domain.errors import CredentialsError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.sign_in import KeyLife
from s4desk.core.runtime import logs
from s4desk.core.runtime.logs import redacted
from s4desk.core.store.credential_process import run_process
from s4desk.core.store.credentials import completed, credential_source, life_of
from s4desk.core.store.secrets import GivenSecrets

NOBODY = GivenSecrets(None)
NO_FILE = os.strerror(errno.ENOENT)


@pytest.fixture(autouse=True)
def fresh_secrets(monkeypatch):
    monkeypatch.setattr(logs, "_secrets", logs._Secrets())


def connection(kind, profile="", **fields):
    return Connection(
        ConnectionId("c"), "home", credentials=CredentialReference(kind, profile), **fields
    )


@pytest.fixture
def aws_config():
    """Write the shared AWS configuration of the test's own home."""

    def write(config="", credentials=""):
        for name, text in (
            ("AWS_CONFIG_FILE", config),
            ("AWS_SHARED_CREDENTIALS_FILE", credentials),
        ):
            with open(os.environ[name], "w", encoding="utf-8") as file:
                file.write(text)

    return write


async def source_of(kind, profile=""):
    return await credential_source(connection(kind, profile), NOBODY)


async def test_the_keyring_is_read_for_its_connection():
    kept = Credentials("id", "keyring-secret", "keyring-token")
    asked = []

    class Keyring:
        async def credentials(self, connection):
            asked.append(connection)
            return kept

    source = await credential_source(connection(CredentialKind.KEYRING), Keyring())
    assert (source(), source(), asked) == (kept, kept, [ConnectionId("c")])
    assert redacted("keyring-secret keyring-token") == f"{logs.BLOT} {logs.BLOT}"


async def test_an_empty_keyring_says_what_to_do():
    with pytest.raises(CredentialsError, match=r"home.*Edit the connection"):
        await source_of(CredentialKind.KEYRING)


async def test_anonymous_is_no_key():
    assert (await source_of(CredentialKind.ANONYMOUS))() is None


async def test_the_environment_is_read_each_time(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "env-secret")
    source = await source_of(CredentialKind.ENVIRONMENT)
    assert source() == Credentials("id", "env-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "env-token")
    assert source() == Credentials("id", "env-secret", "env-token")
    assert redacted("env-secret env-token") == f"{logs.BLOT} {logs.BLOT}"


@pytest.mark.parametrize("present", [{}, {"AWS_ACCESS_KEY_ID": "id"}])
async def test_an_environment_without_keys_says_which(monkeypatch, present):
    for name, value in present.items():
        monkeypatch.setenv(name, value)
    source = await source_of(CredentialKind.ENVIRONMENT)
    with pytest.raises(CredentialsError, match="AWS_SECRET_ACCESS_KEY"):
        source()


async def test_a_profile_gives_its_keys(aws_config):
    aws_config(
        credentials="[work]\naws_access_key_id = id\naws_secret_access_key = profile-secret\n"
        "aws_session_token = profile-token\n"
    )
    source = await source_of(CredentialKind.PROFILE, "work")
    assert source() == Credentials("id", "profile-secret", "profile-token")
    assert redacted("profile-secret") == logs.BLOT


async def test_the_keys_of_the_environment_are_not_those_of_a_profile(aws_config, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "env-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "env-secret")
    aws_config(credentials="[work]\naws_access_key_id = id\naws_secret_access_key = secret\n")
    assert (await source_of(CredentialKind.PROFILE, "work"))().key_id == "id"


def process(tmp_path, text):
    script = tmp_path / "keys.sh"
    script.write_text(text)
    return f"[profile work]\ncredential_process = sh {script} --token argument-secret\n"


def keys_until(end):
    return (
        f'{{"Version":1,"AccessKeyId":"id","SecretAccessKey":"process-secret",'
        f'"SessionToken":"process-token","Expiration":"{end}"}}'
    )


async def test_a_profile_may_ask_a_process(aws_config, tmp_path):
    aws_config(process(tmp_path, f"echo '{keys_until('2126-01-01T00:00:00Z')}'"))
    source = await source_of(CredentialKind.PROFILE, "work")
    assert life_of(source) is None
    assert source() == Credentials("id", "process-secret", "process-token")
    assert life_of(source) == KeyLife(datetime(2126, 1, 1, tzinfo=UTC))
    assert redacted("process-secret process-token") == f"{logs.BLOT} {logs.BLOT}"


async def test_keys_that_have_ended_when_they_come_are_told(aws_config, tmp_path):
    aws_config(process(tmp_path, f"echo '{keys_until('2020-01-01T00:00:00Z')}'"))
    with pytest.raises(CredentialsError, match="had ended already"):
        (await source_of(CredentialKind.PROFILE, "work"))()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("echo >&2; echo No card in the reader >&2; echo more >&2; exit 3", "failed: No card in "),
        ("exit 3", "failed: exit code 3"),
        ("echo SecretAccessKey=leaked-secret >&2; exit 1", r"SecretAccessKey=\[redacted\]"),
        ("echo leaked-secret", "sh, printed something else"),
        ("echo '{\"Version\":2}'", "sh, printed something else"),
    ],
)
async def test_a_process_that_gives_no_keys_is_told(aws_config, tmp_path, text, sentence):
    aws_config(process(tmp_path, text))
    with pytest.raises(CredentialsError, match=sentence) as caught:
        (await source_of(CredentialKind.PROFILE, "work"))()
    for word in ("leaked-secret", "more", "argument-secret"):
        assert word not in str(caught.value)


async def test_a_process_that_is_not_there_is_told(aws_config):
    aws_config("[profile work]\ncredential_process = /nowhere/keys\n")
    with pytest.raises(CredentialsError, match=rf"keys, cannot be started: {NO_FILE}"):
        (await source_of(CredentialKind.PROFILE, "work"))()


def test_a_process_that_hangs_is_ended_with_what_it_started(tmp_path):
    told = tmp_path / "pid"
    command = f"sh -c 'sleep 600 & echo $! >{told}; wait'"
    with pytest.raises(CredentialsError, match=r"sh, did not end within 1s"):
        run_process(command, timeout_s=1)
    assert is_gone(told.read_text().strip())


def is_gone(pid):
    """The init of a container may be slow to bury it: a zombie is as good as gone."""
    stat = Path("/proc", pid, "stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


async def test_a_source_may_be_asked_by_many_threads(aws_config):
    aws_config(credentials="[work]\naws_access_key_id = id\naws_secret_access_key = secret\n")
    source = await source_of(CredentialKind.PROFILE, "work")
    got = []
    threads = [threading.Thread(target=lambda: got.append(source().key_id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["id"] * 8


async def test_an_unknown_profile_is_named(aws_config):
    aws_config("[profile other]\nregion = x\n")
    with pytest.raises(CredentialsError, match=r"no AWS profile named nowhere"):
        await source_of(CredentialKind.PROFILE, "nowhere")
    with pytest.raises(CredentialsError, match=r"nowhere"):
        await completed(connection(CredentialKind.PROFILE, "nowhere"))


async def test_a_profile_without_keys_says_how_to_set_them(aws_config):
    aws_config("[profile work]\nregion = x\n")
    with pytest.raises(CredentialsError, match=r"aws configure --profile work"):
        await source_of(CredentialKind.PROFILE, "work")


async def test_a_broken_configuration_is_told(aws_config):
    aws_config("this is no configuration\n[")
    with pytest.raises(CredentialsError, match="configuration"):
        await source_of(CredentialKind.PROFILE, "work")


async def test_half_a_key_is_told(aws_config):
    aws_config(credentials="[work]\naws_access_key_id = id\n")
    with pytest.raises(CredentialsError, match="aws_secret_access_key"):
        await source_of(CredentialKind.PROFILE, "work")


async def test_a_role_takes_the_keys_of_its_source(aws_config):
    aws_config(
        "[profile work]\nrole_arn = arn:x\nsource_profile = base\n",
        "[base]\naws_access_key_id = id\n",
    )
    with pytest.raises(CredentialsError, match="aws_secret_access_key"):
        (await source_of(CredentialKind.PROFILE, "work"))()


@pytest.mark.parametrize("token", ["", "some-token"])
async def test_nobody_knows_when_typed_keys_end(monkeypatch, token):
    class Keyring:
        async def credentials(self, _connection):
            return Credentials("id", "some-secret", token)

    life = KeyLife() if token else None
    source = await credential_source(connection(CredentialKind.KEYRING), Keyring())
    assert life_of(source) == life
    monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    assert life_of(await source_of(CredentialKind.ENVIRONMENT)) == life


async def test_typed_keys_end_when_somebody_said_so():
    ends = datetime(2126, 1, 1, tzinfo=UTC)

    class Keyring:
        async def credentials(self, _connection):
            return Credentials("id", "some-secret", "some-token", ends)

    source = await credential_source(connection(CredentialKind.KEYRING), Keyring())
    assert life_of(source) == KeyLife(ends)


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        ("2126-01-01T00:00:00+00:00", datetime(2126, 1, 1, tzinfo=UTC)),
        ("2126-01-01T00:00:00Z", datetime(2126, 1, 1, tzinfo=UTC)),
        ("", None),
        ("soon", None),
    ],
)
async def test_the_environment_may_say_when_its_keys_end(monkeypatch, told, ends):
    source = await source_of(CredentialKind.ENVIRONMENT)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", told)
    assert life_of(source) is None
    monkeypatch.setenv("AWS_SESSION_TOKEN", "some-token")
    assert life_of(source) == KeyLife(ends)


async def test_a_profile_fills_in_what_the_connection_leaves_open(aws_config, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://of.somebody.test")
    aws_config(
        "[profile work]\nregion = eu-west-3\nendpoint_url = https://store.test\n"
        "ca_bundle = /etc/ca.pem\ns3 =\n    addressing_style = virtual\n"
    )
    given = connection(CredentialKind.PROFILE, "work")
    filled = await completed(given)
    assert filled == replace(
        given,
        region="eu-west-3",
        endpoint="https://store.test",
        ca_file="/etc/ca.pem",
        addressing=Addressing.VIRTUAL,
    )


async def test_an_endpoint_for_s3_alone_comes_first(aws_config):
    aws_config(
        "[profile work]\nendpoint_url = https://all.test\nservices = mine\n"
        "[services mine]\ns3 =\n    endpoint_url = https://s3.test\n"
    )
    assert (
        await completed(connection(CredentialKind.PROFILE, "work"))
    ).endpoint == "https://s3.test"


async def test_what_the_connection_says_comes_first(aws_config):
    aws_config(
        "[profile work]\nregion = eu-west-3\nendpoint_url = https://store.test\n"
        "ca_bundle = /etc/ca.pem\ns3 =\n    addressing_style = virtual\n"
    )
    given = connection(
        CredentialKind.PROFILE,
        "work",
        region="mine",
        endpoint="https://mine.test",
        ca_file="/my/ca.pem",
        addressing=Addressing.PATH,
    )
    assert await completed(given) == given


async def test_only_a_profile_fills_anything_in(aws_config, monkeypatch):
    aws_config("[default]\nregion = eu-west-3\nendpoint_url = https://store.test\n")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    for kind in (CredentialKind.KEYRING, CredentialKind.ENVIRONMENT, CredentialKind.ANONYMOUS):
        given = connection(kind)
        assert await completed(given) == given
