"""What every ObjectStore promises, spelled out from the docstrings of `store/protocol`.

A subclass provides the fixtures `store` and `bucket` (an empty one of its own).
"""

from __future__ import annotations

from tests.store.listing_contract import ListingContract, VersionContract
from tests.store.multipart_contract import MultipartContract
from tests.store.object_contract import ConditionContract, ObjectContract
from tests.store.property_contract import PropertyContract
from tests.store.samples import ODD_KEYS, TWINS

__all__ = ["ODD_KEYS", "TWINS", "ObjectStoreContract"]


class ObjectStoreContract(
    ObjectContract,
    ConditionContract,
    PropertyContract,
    ListingContract,
    VersionContract,
    MultipartContract,
):
    """All that an ObjectStore promises."""
