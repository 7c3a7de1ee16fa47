"""What every test of s4desk starts from."""

from __future__ import annotations

import os

# Before anything imports Qt or keyring: no window on the user's screen, no look into their keyring.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

pytest_plugins = ("tests.guards", "tests.servers.fixtures")
