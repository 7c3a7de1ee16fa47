"""What storage costs at each connection, as somebody has typed it: `prices.toml`."""

from __future__ import annotations

import asyncio
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from s4desk.core.domain.prices import Prices
from s4desk.core.persist.toml_file import Document, TomlFile
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.domain.identity import ConnectionId

_TABLE = "connections"


class PriceFile:
    """Read when it is first asked for. Prices are texts in it: TOML's numbers are no decimals."""

    def __init__(self, path: Path) -> None:
        self._file = TomlFile(path)
        self._changing = asyncio.Lock()
        self._document: Document | None = None

    @property
    def notice(self) -> str:
        """What the user should know about the file, empty when all is well."""
        return self._file.notice

    async def of(self, connection: ConnectionId) -> Prices:
        """None of a connection for which nobody has typed any."""
        async with self._changing:
            if self._document is None:
                self._document = await in_thread(self._file.load)
        return _prices_in(self._document, connection)

    async def change(self, connection: ConnectionId, prices: Prices) -> None:
        """Raises LocalFileError."""
        table = {name: str(price) for name, price in prices.per_class.items()}

        def change(document: Document) -> None:
            kept = document.setdefault(_TABLE, {})
            kept[connection] = {"currency": prices.currency, "gib_month": table}

        async with self._changing:
            self._document = await in_thread(self._file.change, change)


def _prices_in(document: Document, connection: ConnectionId) -> Prices:
    try:
        entry = document[_TABLE][connection]
        table = entry["gib_month"].items()
        prices = {str(name): Decimal(str(price)) for name, price in table}
        return Prices(str(entry.get("currency", "")), prices)
    except (KeyError, TypeError, AttributeError, InvalidOperation):
        return Prices()
