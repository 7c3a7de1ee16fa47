from decimal import Decimal

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.prices import Prices
from s4desk.core.persist.price_file import PriceFile

HERE, THERE = ConnectionId("1"), ConnectionId("2")


async def test_prices_are_those_of_a_connection(tmp_path):
    file = PriceFile(tmp_path / "prices.toml")
    assert await file.of(HERE) == Prices()
    prices = Prices("EUR", {"STANDARD": Decimal("0.0230"), "": Decimal(1)})
    await file.change(HERE, prices)
    await file.change(THERE, Prices("$"))
    again = PriceFile(tmp_path / "prices.toml")
    assert await again.of(HERE) == prices == await file.of(HERE)
    assert await again.of(THERE) == Prices("$")
    assert again.notice == ""


async def test_what_is_none_is_nothing(tmp_path):
    path = tmp_path / "prices.toml"
    path.write_text(
        'version = 1\n[connections.1]\ngib_month = 3\n[connections.2.gib_month]\nA="x"\n'
    )
    file = PriceFile(path)
    assert await file.of(HERE) == await file.of(THERE) == Prices()
