"""What is written to the log, and what never is."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import sys
import warnings
from pathlib import Path
from urllib.parse import quote

import pytest

from s4desk.core.runtime import logs
from s4desk.core.runtime.logs import BLOT, FILE_NAME, configure, redact, redacted

SIGNATURE = "5f0c8cd6a1b2c3d4e5f60718293a4b5c6d7e8f905f0c8cd6a1b2c3d4e5f60718"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////token+with/odd=="


@pytest.fixture(autouse=True)
def fresh_secrets(monkeypatch):
    monkeypatch.setattr(logs, "_secrets", logs._Secrets())


@pytest.fixture
def folder(tmp_path):
    undo = configure(tmp_path / "log", level=logging.DEBUG, stderr_level=logging.CRITICAL)
    yield tmp_path / "log"
    undo()


def written(folder):
    return (folder / FILE_NAME).read_text("utf-8")


@pytest.mark.parametrize(
    "line",
    [
        f"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/x, Signature={SIGNATURE}",
        f"{{'Authorization': b'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/x, Signature={SIGNATURE}'}}",
        f"[('authorization', 'AWS AKIDEXAMPLE:{SIGNATURE}')]",
        f"Proxy-Authorization: Basic {SIGNATURE}",
        f"GET /b/k?X-Amz-Credential=AKIDEXAMPLE%2F2026&X-Amz-Signature={SIGNATURE}&x=1",
        f"x-amz-security-token:{SIGNATURE}\nx-amz-date:20261120",
        f"Signature:\n{SIGNATURE}",
        f"headers {{'X-Amz-Security-Token': '{SIGNATURE}'}}",
        f"aws_secret_access_key = {SIGNATURE}",
        f"aws_session_token={SIGNATURE}",
        f"?AWSAccessKeyId=AKIDEXAMPLE&Signature={SIGNATURE}&Expires=1",
        f"x-amz-server-side-encryption-customer-key: {SIGNATURE}",
        f"via http://AKIDEXAMPLE:{SIGNATURE}@proxy.example:3128",
    ],
)
def test_what_signs_is_blotted_out(line):
    safe = redacted(line)
    assert SIGNATURE not in safe
    assert BLOT in safe
    if "proxy.example" not in line:
        assert "AKIDEXAMPLE" not in safe


@pytest.mark.parametrize(
    "line",
    [
        "put s3://bucket/signature of the author.txt 200 12 ms",
        "get s3://bucket/a=b&c=d 404 NoSuchKey",
        "http://127.0.0.1:9000/bucket/key@2x.png",
        "s3://bucket/credentials/authorization.md",
    ],
)
def test_what_signs_nothing_stays(line):
    assert redacted(line) == line


def test_a_known_secret_is_blotted_out_however_it_is_written():
    redact(TOKEN)
    redact(SECRET)
    for secret in (TOKEN, SECRET):
        for spelled in (secret, quote(secret), quote(secret, safe="")):
            assert redacted(f"<{spelled}>") == f"<{BLOT}>"


def test_a_short_value_is_no_secret():
    redact("test")
    redact("")
    assert redacted("the latest test") == "the latest test"


def test_arguments_and_tracebacks_are_blotted_out(folder):
    redact(SECRET)
    try:
        raise ValueError(f"cannot use {SECRET}")
    except ValueError:
        logging.getLogger("s4desk.x").info("with %s", {"secret": SECRET}, exc_info=True)
    text = written(folder)
    assert "Traceback" in text
    assert SECRET not in text
    assert text.count(BLOT) == 2


async def test_other_libraries_are_blotted_out_too(folder):
    redact(SECRET)
    for name in ("botocore.auth", "aiobotocore.x", "urllib3.connectionpool"):
        logging.getLogger(name).debug("%s", SECRET)
    asyncio.get_running_loop().call_exception_handler(
        {"message": "oops", "exception": RuntimeError(SECRET)}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"careless {SECRET}", UserWarning, stacklevel=1)
    text = written(folder)
    assert text.count(BLOT) >= 5
    assert SECRET not in text


def test_a_key_that_is_no_utf8_can_be_logged(folder):
    logging.getLogger("s4desk.x").info("head %s", b"caf\xe9".decode("utf-8", "surrogateescape"))
    assert "caf\\udce9" in written(folder)


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX")
def test_only_the_owner_reads_the_log(folder):
    logging.getLogger("s4desk.x").info("hello")
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600


def test_the_file_rotates(folder, monkeypatch):
    (handler,) = (
        each
        for each in logging.getLogger().handlers
        if str(getattr(each, "baseFilename", "")).startswith(str(folder))
    )
    monkeypatch.setattr(handler, "maxBytes", 200)
    for number in range(30):
        logging.getLogger("s4desk.x").info("line %d", number)
    assert len(list(folder.iterdir())) == 1 + logs.BACKUPS


def test_a_folder_that_cannot_be_made_costs_only_the_file(tmp_path, capsys, expected_logs):
    (tmp_path / "file").write_text("")
    undo = configure(tmp_path / "file")
    logging.getLogger("s4desk.x").error("still here")
    undo()
    said = capsys.readouterr().err
    assert "no log file" in said
    assert "still here" in said
    assert len(expected_logs) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device is always full here")
def test_a_full_disk_costs_records_and_no_words(tmp_path, capsys):
    (tmp_path / FILE_NAME).symlink_to("/dev/full")
    undo = configure(tmp_path, stderr_level=logging.CRITICAL)
    try:
        for _ in range(3):
            logging.getLogger("x").warning("lost")
        (tmp_path / FILE_NAME).unlink()
        logging.getLogger("x").warning("there is space again")
    finally:
        undo()
    assert capsys.readouterr().err == ""
    assert "there is space again" in written(tmp_path)


def test_a_stderr_that_is_gone_is_not_mourned(tmp_path, monkeypatch):
    with open(tmp_path / "gone", "w") as gone:
        monkeypatch.setattr(sys, "stderr", gone)
        undo = configure(tmp_path)
    try:
        logging.getLogger("x").warning("nobody hears this")
    finally:
        undo()
    assert "nobody hears this" in written(tmp_path)


def test_undo_leaves_no_handler(tmp_path):
    before = (list(logging.getLogger().handlers), logging.getLogger().level)
    configure(tmp_path)()
    assert (list(logging.getLogger().handlers), logging.getLogger().level) == before
