"""Whether a file of secrets is open to others."""

from __future__ import annotations

import os

import pytest

from s4desk.core.persist.private_file import exposure_notice
from s4desk.core.persist.secret_file import SecretFile
from s4desk.core.persist.secrets import Keychain, no_keyring

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no modes")


@pytest.mark.parametrize(
    ("mode", "is_told"), [(0o600, False), (0o400, False), (0o644, True), (0o640, True)]
)
def test_what_others_may_read_is_told_with_its_remedy(tmp_path, mode, is_told):
    path = tmp_path / "a word"
    path.write_text("x")
    path.chmod(mode)
    said = exposure_notice(path)
    assert (f"chmod 600 '{path}'" in said) is is_told
    assert bool(said) is is_told


def test_a_keychain_tells_it_of_its_file_alone(tmp_path):
    path = tmp_path / "secrets.json"
    keychain = Keychain(no_keyring("none"), SecretFile(path, cost=2**10))
    assert keychain.notice == ""
    SecretFile(path, cost=2**10).create("word")
    assert keychain.notice == ""
    path.chmod(0o644)
    assert str(path) in keychain.notice
    assert Keychain(no_keyring("none")).notice == ""
