"""The contracts live in modules that are no tests themselves: let their asserts explain."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.store.contract", "tests.store.bucket_contract")
