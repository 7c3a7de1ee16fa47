"""The contracts live in modules that are no tests themselves: let their asserts explain."""

from __future__ import annotations

import pytest

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
