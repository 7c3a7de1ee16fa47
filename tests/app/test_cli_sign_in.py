"""`s4desk connections sign-in`, and what the other verbs do without it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.parts import MIB
from tests.servers.client import temporary_bucket
from tests.servers.portal import CODE, DENIED, PENDING, USER_CODE, Portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

SSO = (
    "[profile work]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 1\n"
    "sso_role_name = reader\n[sso-session corp]\nsso_start_url = https://corp.test/start\n"
    "sso_region = eu-west-1\n"
)
ROLE = (
    "[profile work]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n"
    "mfa_serial = arn:aws:iam::1:mfa/me\n"
    "[profile base]\naws_access_key_id = base-id\naws_secret_access_key = base-secret\n"
)


@pytest.fixture
def portal(terminal: Terminal) -> Iterator[Portal]:
    with Portal() as portal:
        terminal.environment.update(portal.environment)
        yield portal


def configure(terminal: Terminal, text: str, url: str) -> None:
    with open(os.environ["AWS_CONFIG_FILE"], "w", encoding="utf-8") as file:
        file.write(text)
    terminal.ok(
        *("connections", "add", "At Work", "--endpoint", url, "--addressing", "path"),
        *("--credentials", "profile:work"),
    )


def test_a_page_signs_in_for_all_verbs(terminal: Terminal, portal: Portal, moto: Endpoint):
    configure(terminal, SSO, moto.url)
    refused = terminal.run("ls", "At Work:")
    assert refused.code == 1
    assert "s4desk connections sign-in 'At Work'" in refused.err
    portal.answers = [PENDING]
    code, done = terminal.ok("connections", "sign-in", "At Work", "--json").records
    assert (code["type"], code["code"]) == ("code", USER_CODE)
    assert code["page_with_code"] == f"{portal.url}/device?user_code={USER_CODE}"
    assert done["type"] == "signed-in"
    assert done["keys_end"]
    assert terminal.ok("ls", "At Work:").code == 0
    assert portal.keys == 1
    log = "".join(each.read_text() for each in terminal.home.rglob("*.log*"))
    for secret in ("access-1", "refresh-1", "portal-secret-1", "client-secret"):
        assert secret not in log


def test_a_page_that_is_declined_is_a_failure(terminal: Terminal, portal: Portal):
    configure(terminal, SSO, "http://127.0.0.1:9")
    portal.answers = [DENIED]
    ended = terminal.run("connections", "sign-in", "At Work")
    assert ended.code == 1
    assert f"Open {portal.url}/device?user_code={USER_CODE} and confirm" in ended.out.decode()
    assert "declined" in ended.err


def test_keys_that_nobody_signs_in_for(terminal: Terminal):
    terminal.ok("connections", "add", "N", "--credentials", "anonymous", "--provider", "aws")
    ended = terminal.run("connections", "sign-in", "N")
    assert (ended.code, "need no sign-in" in ended.err) == (2, True)


def test_nobody_is_asked_for_a_code_where_nobody_is(
    terminal: Terminal, portal: Portal, moto: Endpoint
):
    configure(terminal, ROLE, moto.url)
    ended = terminal.run("ls", "At Work:")
    assert ended.code == 1
    assert "sign-in 'At Work'" in ended.err
    assert portal.asked == []


def test_a_code_is_asked_for_at_a_terminal(terminal: Terminal, portal: Portal, moto: Endpoint):
    configure(terminal, ROLE, moto.url)
    leader, follower = pty.openpty()
    with subprocess.Popen(
        terminal.command("ls", "At Work:", "--json"),
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=terminal.variables,
    ) as process:
        os.close(follower)
        os.write(leader, f"12\n654321\n{CODE}\n".encode())
        _, told = process.communicate(timeout=60)
    os.close(leader)
    assert process.returncode == 0, told
    said = told.decode()
    assert said.count("One-time code of arn:aws:iam::1:mfa/me for “At Work”") == 3
    assert "Enter the six digits" in said
    assert "not accepted" in said
    assert CODE not in said
    # The keys are kept for the next verb, where nobody has to be.
    assert terminal.ok("ls", "At Work:").code == 0
    assert portal.keys == 1
    assert json.loads(terminal.ok("connections", "list", "--json").out)["name"] == "At Work"


def test_a_copy_whose_keys_end_says_so_and_is_gone_on_with(
    terminal: Terminal, portal: Portal, moto: Endpoint, tmp_path: Path
):
    configure(terminal, SSO, moto.url)
    file = tmp_path / "large"
    file.write_bytes(os.urandom(70 * MIB))
    portal.life = timedelta(seconds=11)
    terminal.ok("connections", "sign-in", "At Work")
    portal.revokes_after = portal.keys + 1
    with temporary_bucket(moto) as bucket:
        copy = ("cp", str(file), f"At Work:{bucket}/large", "--json")
        refused = terminal.run(*copy, "--limit-rate", "10MB/s:off", "--parts", "1")
        assert refused.code == 1
        assert "s4desk connections sign-in 'At Work'" in refused.err
        assert refused.records[-1]["state"] == "failed"
        portal.life = timedelta(hours=1)
        terminal.ok("connections", "sign-in", "At Work")
        done = terminal.ok(*copy).records[-1]
        assert done["state"] == "completed"
        assert done["bytes_reused"] > 0
