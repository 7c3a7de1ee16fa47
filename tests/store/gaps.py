"""What the servers of the suite are known not to do; each entry is a test that must fail there."""

from __future__ import annotations

import pytest

Gaps = dict[str, str]

MEMORY: Gaps = {}
CEPH: Gaps = {}
LOCALSTACK: Gaps = {}
MOTO: Gaps = {}

OF_SERVER = {"ceph": CEPH, "localstack": LOCALSTACK, "moto": MOTO}


def expect_gap(request: pytest.FixtureRequest, gaps: Gaps) -> None:
    """Mark the running test as failing if it is a known gap; that it passes is then an error.

    A gap is named by the test's own name, or with its parameters: `test_x[a-b]`.
    """
    for name in (request.node.name, request.node.originalname):
        if name in gaps:
            request.node.add_marker(pytest.mark.xfail(reason=gaps[name], strict=True))
            return
