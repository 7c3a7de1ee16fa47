"""The form for what a provider charges: nothing is known of that but what somebody types."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.prices import Prices
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.forms import Field, Form
from s4desk.viewmodels.usage_rows import class_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

DEAREST = Decimal(1_000_000)


class PriceForm(Form):
    """Asks for the price of each storage class that was found, and of those with one already."""

    def __init__(self, prices: Prices, classes: Iterable[str]) -> None:
        self._names = sorted({*classes, *prices.per_class})
        fields: Mapping[str, Field[Any]] = {
            f"class-{at}": Field(
                class_name(name),
                _text(prices.per_class.get(name)),
                _parse_price,
                placeholder=tr("no price"),
            )
            for at, name in enumerate(self._names)
        }
        self._currency = Field(
            tr("Currency"),
            prices.currency,
            str.strip,
            placeholder=tr("such as EUR"),
            hint=tr("Prices are for one GiB kept for one month, as your provider's list has them."),
        )
        super().__init__(tr("Your Prices"), **fields, currency=self._currency)

    def result(self) -> Prices:
        """Raises ValidationError as long as there are errors."""
        found = {name: self.fields[f"class-{at}"].value for at, name in enumerate(self._names)}
        priced = {name: price for name, price in found.items() if price is not None}
        return Prices(self._currency.value, priced)


def _text(price: Decimal | None) -> str:
    return "" if price is None else f"{price:f}"


def _parse_price(text: str) -> Decimal | None:
    """None for nothing."""
    written = text.strip().replace(",", ".")
    if not written:
        return None
    try:
        price = Decimal(written)
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or not 0 <= price <= DEAREST:
        raise ValidationError(tr("Enter a price such as 0.023, or nothing."))
    return price
