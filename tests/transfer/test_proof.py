"""What proves that a transfer has been carried out already, and what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.transfer import Direction, TransferSpec
from s4desk.core.transfer.proof import holds_already, proved_by
from tests.transfer.specs import at, download_spec, upload_spec

if TYPE_CHECKING:
    from tests.transfer.world import World


@pytest.mark.parametrize("kind", ["up", "down", "within"])
@pytest.mark.parametrize(("there", "proof"), [(b"hello", "md5"), (b"jello", None), (None, None)])
async def test_the_algorithm_that_proves_it_is_told(
    world: World, kind: str, there: bytes | None, proof: str | None
) -> None:
    file = world.file(b"hello")
    await world.object("from", b"hello")
    if there is not None:
        await world.object("to", there)
        (world.folder / "to").write_bytes(there)
    specs = {
        "up": upload_spec(file, "to", size=5),
        "down": download_spec("from", world.folder / "to", size=5),
        "within": TransferSpec(Direction.COPY, at("from"), at("to"), 5),
    }
    store_of = world.context().store_of
    assert await proved_by(specs[kind], store_of) == proof
    assert await holds_already(specs[kind], store_of) is (proof is not None)


async def test_a_folder_is_proved_by_nothing_but_that_it_is_there(world: World) -> None:
    spec = replace(upload_spec(world.folder, "dir/"), is_folder=True)
    store_of = world.context().store_of
    assert await proved_by(spec, store_of) is None
    await world.object("dir/", b"")
    assert await proved_by(spec, store_of) == ""
