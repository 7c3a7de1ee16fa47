"""What was probed is there at the next start, for whom it concerns, whoever else writes."""

from __future__ import annotations

import asyncio
import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from s4desk.core.domain.capability import (
    NOT_TRIED,
    Answer,
    Capability,
    CapabilityReport,
    Finding,
    Reason,
    renewed,
)
from s4desk.core.domain.identity import Prefix
from s4desk.core.persist.capability_file import CapabilityFile

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ONE, TWO = "key:one", "key:two"
HERE = "https://store.test"
YES = Finding(Answer.YES, Reason.WORKED, at=AT)
NO = Finding(Answer.NO, Reason.REFUSED, "501 \x01 \udc80 “no”\n", at=AT)
OF_OTHER = replace(YES, is_of_other_key=True)
DENIED = Finding(Answer.DENIED, Reason.FORBIDDEN, at=AT)
UNKNOWN = Finding(Answer.UNKNOWN, Reason.NEEDS_WRITING, at=AT)


def report(endpoint=HERE, server="store/1", **findings):
    return CapabilityReport(
        endpoint,
        server,
        Prefix("bucket", "a/b\udc80"),
        {Capability[name]: finding for name, finding in findings.items()},
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "capabilities.toml"


async def test_a_report_is_there_at_the_next_start(path):
    among = replace(YES, among_versions=True)
    await CapabilityFile(path).keep(report(COPY=YES, CORS=NO, PUT_IF_MATCH=among), ONE, [HERE])
    found = await CapabilityFile(path).load(HERE, ONE)
    assert found.findings[Capability.COPY] == YES
    assert found.findings[Capability.PUT_IF_MATCH] == among
    assert found.findings[Capability.CORS].detail == "501 \x01 ? “no”\n"
    assert (found.server, found.place.bucket, found.at) == ("store/1", "bucket", AT)


async def test_another_endpoint_knows_nothing_of_it(path):
    await CapabilityFile(path).keep(report(COPY=YES), ONE, [HERE])
    assert await CapabilityFile(path).load("https://other.test", ONE) is None


async def test_what_one_key_may_not_is_nobody_elses_concern(path):
    file = CapabilityFile(path)
    await file.keep(report(COPY=YES, CORS=DENIED), ONE, [HERE])
    assert (await file.load(HERE, ONE))[Capability.CORS].answer is Answer.DENIED
    other = await file.load(HERE, TWO)
    assert other[Capability.COPY] == OF_OTHER
    assert other[Capability.CORS].answer is Answer.UNKNOWN


async def test_each_answer_remembers_which_key_was_asked(path):
    file = CapabilityFile(path)
    await file.keep(report(COPY=YES, CORS=NO, POLICY=DENIED), ONE, [HERE])
    kept = await file.keep(report(COPY=UNKNOWN, CORS=YES, POLICY=UNKNOWN), TWO, [HERE])
    assert (kept[Capability.COPY], kept[Capability.CORS]) == (OF_OTHER, YES)
    assert kept[Capability.POLICY] == UNKNOWN
    assert kept.has_other_keys
    seen = await file.load(HERE, TWO)
    assert (seen[Capability.COPY], seen[Capability.CORS]) == (OF_OTHER, YES)
    first = await file.load(HERE, ONE)
    assert (first[Capability.COPY], first[Capability.CORS]) == (YES, OF_OTHER)
    again = await file.keep(report(COPY=YES), TWO, [HERE])
    assert not again.has_other_keys


async def test_a_look_that_tells_less_takes_nothing_away(path):
    file = CapabilityFile(path)
    await file.keep(report(COPY=YES, CORS=NO), ONE, [HERE])
    kept = await file.keep(report(COPY=UNKNOWN, CORS=YES), ONE, [HERE])
    assert (kept[Capability.COPY], kept[Capability.CORS]) == (YES, YES)
    assert (await file.load(HERE, ONE))[Capability.COPY] == YES


async def test_another_version_is_another_store(path):
    file = CapabilityFile(path)
    await file.keep(report(COPY=YES), ONE, [HERE])
    kept = await file.keep(report(server="store/2", CORS=YES), ONE, [HERE])
    assert kept[Capability.COPY].answer is Answer.UNKNOWN


async def test_stores_that_nobody_has_a_connection_to_are_forgotten(path):
    file = CapabilityFile(path)
    await file.keep(report(COPY=YES), ONE, [HERE])
    await file.keep(report("https://new.test", COPY=YES), ONE, ["https://new.test"])
    assert await file.load(HERE, ONE) is None


@pytest.mark.parametrize(
    "text",
    [
        "no toml [",
        "version = 1\nstores = 3",
        f'version = 1\n[stores."{HERE}"]\nserver = 1',
        f'version = 1\n[stores."{HERE}"]\nserver = ""\nbucket = ""\nprefix = ""\n'
        f'[stores."{HERE}".findings.copy]\nanswer = "perhaps"\nreason = "worked"',
        f'version = 1\n[stores."{HERE}"]\nserver = ""\nbucket = ""\nprefix = ""\n'
        f'[stores."{HERE}".findings.copy]\nanswer = "yes"\nreason = "worked"\nat = "today"',
    ],
)
async def test_what_cannot_be_read_is_as_good_as_nothing(path, text, expected_logs):
    path.write_text(text)
    file = CapabilityFile(path)
    assert await file.load(HERE, ONE) is None
    await file.keep(report(COPY=YES), ONE, [HERE])
    assert (await file.load(HERE, ONE))[Capability.COPY] == YES


async def test_what_a_newer_program_knows_is_passed_over(path):
    path.write_text(
        f'version = 1\n[stores."{HERE}"]\nserver = ""\nbucket = ""\nprefix = ""\n'
        f'[stores."{HERE}".findings.telepathy]\nanswer = "yes"\nreason = "worked"\n'
        f'[stores."{HERE}".findings.copy]\nanswer = "yes"\nreason = "worked"\n'
    )
    found = await CapabilityFile(path).load(HERE, ONE)
    assert set(found.findings) == {Capability.COPY}


def keep_many(path, mine, everybodys):
    async def keep():
        for endpoint in mine:
            await CapabilityFile(path).keep(report(endpoint, COPY=YES), ONE, everybodys)

    asyncio.run(keep())


async def test_several_processes_lose_nothing(path):
    sets = [[f"https://{process}-{n}.test" for n in range(5)] for process in range(3)]
    everybodys = [endpoint for each in sets for endpoint in each]
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=keep_many, args=(path, each, everybodys)) for each in sets]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        process.close()
    for endpoint in everybodys:
        assert await CapabilityFile(path).load(endpoint, ONE) is not None


def test_of_an_old_report_only_what_is_new_counts():
    old, new = report(COPY=YES, CORS=UNKNOWN), report(COPY=NO, CORS=UNKNOWN)
    assert renewed(old, new)[Capability.COPY] == NO
    assert renewed(report(COPY=YES), report(COPY=UNKNOWN))[Capability.COPY] == YES
    assert renewed(report(COPY=DENIED), report(COPY=UNKNOWN))[Capability.COPY] == UNKNOWN
    assert renewed(report(COPY=DENIED), report())[Capability.COPY] == NOT_TRIED
    assert renewed(None, new) is new
    assert renewed(report("https://other.test", LIFECYCLE=YES), new) is new
