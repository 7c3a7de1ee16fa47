"""Random rules, random objects, and Ceph: what it does to each of them, day after day, is what the
evaluator of the store said, of each day and of some days ahead.

Days are some seconds long. Each seed is a round; S4DESK_ORACLE_ROUNDS asks for more of them.
"""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from s4desk.core.domain.lifecycle.candidates import Versioning
from tests.lifecycle.oracle_life import Life
from tests.lifecycle.oracle_worlds import Case, clear, meeting_case, prepare, random_case
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from tests.servers.ceph import Ceph
    from tests.servers.endpoint import Endpoint

# Read at import, because the tests run without the variables of s4desk.
SEEDS: Final = range(1, 1 + int(os.environ.get("S4DESK_ORACLE_ROUNDS", "1")))
KINDS: Final = (
    (Versioning.OFF, False),
    (Versioning.OFF, False),
    (Versioning.OFF, False),
    (Versioning.ENABLED, False),
    (Versioning.ENABLED, False),
    (Versioning.ENABLED, False),
    (Versioning.SUSPENDED, False),
    (Versioning.SUSPENDED, False),
    (Versioning.ENABLED, True),
    (Versioning.ENABLED, True),
)
SLOWNESS: Final = (1, 2)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed-{seed}")
def test_ceph_does_what_was_said(ceph_server: Ceph, ceph: Endpoint, seed: int) -> None:
    for slowness in SLOWNESS:
        life = _life(ceph_server, ceph, seed, slowness)
        assert not life.runs.wrong, "\n".join(life.runs.wrong)
        assert not life.ahead.wrong, "\n".join(life.ahead.wrong)
        if life.is_clear:
            break
    assert life.is_clear
    assert life.runs.done > life.runs.keys / 20
    assert life.runs.contested
    assert life.uploads[True]
    assert life.runs.excused.total() < 0.2 * life.runs.keys
    assert life.ahead.excused.total() < 0.3 * life.ahead.keys


def _life(server: Ceph, endpoint: Endpoint, seed: int, slowness: int) -> Life:
    with s3_client(endpoint) as client:
        cases = prepare(client, server, _cases(seed))
        try:
            life = Life(client, server, cases, slowness)
            life.live(seed)
            return life
        finally:
            clear(client, cases)


def _cases(seed: int) -> list[Case]:
    kinds = enumerate(KINDS)
    return [
        *(
            random_case(Random(f"rules {seed}.{at}"), f"{seed}.{at}: {kept}", kept, has_locks=locks)
            for at, (kept, locks) in kinds
        ),
        meeting_case("now", Versioning.OFF),
        meeting_case("old", Versioning.ENABLED),
    ]
