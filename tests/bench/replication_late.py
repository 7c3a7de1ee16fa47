"""One pass of replication on a loop that a window would share; how late it makes that.

S4DESK_HOME has the rules; `tests.bench.replication` runs it.
"""

from __future__ import annotations

import asyncio

from s4desk.app.paths import find_folders
from s4desk.app.wiring import build_desk
from tests.bench.measure import LateLoop


async def replicate() -> str:
    desk = build_desk(find_folders())
    engine = await desk.replication.open_engine(watches=False)
    if engine is None:
        raise SystemExit("another process replicates")
    late = LateLoop()
    for each in await desk.replication.all_ruled():
        await engine.look(each.source)
    await engine.replicator.idle()
    said = late.told()
    await desk.replication.aclose()
    await desk.stores.aclose()
    return said


if __name__ == "__main__":
    print(asyncio.run(replicate()))
