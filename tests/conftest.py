"""What every test of s4desk starts from."""

from __future__ import annotations

import os
import signal

# Before anything imports Qt or keyring: no window on the user's screen, no look into their keyring.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["LANGUAGE"] = "C"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

import pytest
from hypothesis import HealthCheck, settings

# A shell's background job, and nohup, ignore these, and so would every program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# The contracts live in modules that are no tests themselves: let their asserts explain.
pytest.register_assert_rewrite(
    *(
        f"tests.store.{name}"
        for name in (
            "bucket_contract",
            "listing_contract",
            "multipart_contract",
            "object_contract",
            "samples",
        )
    )
)

pytest_plugins = ("tests.guards", "tests.servers.fixtures", "tests.catalogues")

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("s4desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("s4desk")
